"""Differences between an object and the one wanted, for a person to read."""

from __future__ import annotations

import base64
import copy

from cilium_intents import intents, shipped
from hypothesis import given, settings
from hypothesis import strategies as st

from sixpeer.cilium import build, differences, unified
from sixpeer.intent import Secret

PASSWORD = Secret("lab-bgp-password", "Tr0ub4dor&3")


def manifests(password: Secret | None = PASSWORD) -> dict[str, dict]:
    return {str(resource.key): resource.manifest() for resource in build(shipped(), "lab", password)}


def changed(name: str, change) -> tuple[str, ...]:
    live = manifests()[name]
    wanted = copy.deepcopy(live)
    change(wanted)
    return differences(live, wanted)


def test_a_value_that_changes_is_named_by_its_path():
    def change(wanted):
        wanted["spec"]["timers"]["holdTimeSeconds"] = 30
        del wanted["spec"]["gracefulRestart"]

    assert changed("CiliumBGPPeerConfig sixpeer-lab", change) == (
        "~ spec.timers.holdTimeSeconds: 9 → 30",
        "- spec.gracefulRestart.enabled: true",
        "- spec.gracefulRestart.restartTimeSeconds: 60",
    )


def test_an_element_of_a_list_is_named_by_what_tells_it_apart():
    def change(wanted):
        peers = wanted["spec"]["bgpInstances"][0]["peers"]
        peers[0]["peerASN"] = 64599
        peers[1]["name"] = "r3"

    assert changed("CiliumBGPClusterConfig sixpeer-lab-workers", change) == (
        "~ spec.bgpInstances[as64513].peers[r1].peerASN: 64512 → 64599",
        "- spec.bgpInstances[as64513].peers[r2].name: r2",
        "- spec.bgpInstances[as64513].peers[r2].peerASN: 64512",
        '- spec.bgpInstances[as64513].peers[r2].peerAddress: "2001:db8:0:1::2"',
        "- spec.bgpInstances[as64513].peers[r2].peerConfigRef.name: sixpeer-lab",
        "+ spec.bgpInstances[as64513].peers[r3].name: r3",
        "+ spec.bgpInstances[as64513].peers[r3].peerASN: 64512",
        '+ spec.bgpInstances[as64513].peers[r3].peerAddress: "2001:db8:0:1::2"',
        "+ spec.bgpInstances[as64513].peers[r3].peerConfigRef.name: sixpeer-lab",
    )


def test_the_order_of_a_list_is_no_difference():
    def change(wanted):
        wanted["spec"]["bgpInstances"][0]["peers"].reverse()

    assert changed("CiliumBGPClusterConfig sixpeer-lab-workers", change) == ()


def test_elements_that_nothing_tells_apart_are_compared_as_a_set():
    live = {"metadata": {"name": "x"}, "spec": {"values": ["a", "b", "b"], "blocks": [{"start": "1"}]}}
    wanted = {"metadata": {"name": "x"}, "spec": {"values": ["b", "c", "a"], "blocks": [{"start": "2"}]}}
    assert differences(live, wanted) == (
        "- spec.values: b",
        "+ spec.values: c",
        '- spec.blocks: {"start": "1"}',
        '+ spec.blocks: {"start": "2"}',
    )


def test_what_the_api_server_adds_is_no_difference():
    def change(live):
        live["metadata"] |= {"uid": "1", "resourceVersion": "7", "generation": 2, "managedFields": [{}]}
        live["metadata"]["creationTimestamp"] = "2026-01-01T00:00:00Z"
        live["status"] = {"conditions": [{"type": "cilium.io/NoMatchingNode"}]}

    assert changed("CiliumBGPClusterConfig sixpeer-lab-workers", change) == ()


def test_a_label_that_is_gone_is_a_difference():
    def change(wanted):
        del wanted["metadata"]["labels"]["sixpeer.dev/owner"]

    assert changed("CiliumBGPPeerConfig sixpeer-lab", change) == ("- metadata.labels.sixpeer.dev/owner: sixpeer",)


def test_a_password_that_differs_is_said_to_and_not_shown():
    live, wanted = (manifests(Secret("lab-bgp-password", value)) for value in ("old-one", "new-one"))
    lines = differences(*(each["Secret kube-system/sixpeer-lab-bgp-password"] for each in (live, wanted)))
    assert lines == ("~ data.password: differs",)


def test_nothing_of_a_secret_is_in_any_difference():
    name = "Secret kube-system/sixpeer-lab-bgp-password"
    value = base64.b64encode(b"Tr0ub4dor&3").decode()

    def change(wanted):
        wanted["metadata"]["annotations"] = {"kubectl.kubernetes.io/last-applied-configuration": value}
        wanted["data"] = {"other": value}
        wanted["immutable"] = True

    secret = manifests()[name]
    lines = changed(name, change)
    assert lines == (
        "- data.password: <secret>",
        "+ data.other: <secret>",
        "~ metadata.annotations.kubectl.kubernetes.io/last-applied-configuration: differs",
        "+ immutable: true",
    )
    for text in (*lines, *differences(None, secret), *differences(secret, None), *unified(secret, None, [PASSWORD])):
        assert value not in text
        assert "Tr0ub4dor&3" not in text


def test_a_secret_in_another_object_is_not_shown_either():
    def change(wanted):
        wanted["metadata"]["annotations"] = {"note": "the password is Tr0ub4dor&3"}

    live = manifests()["CiliumBGPPeerConfig sixpeer-lab"]
    wanted = copy.deepcopy(live)
    change(wanted)
    (line,) = differences(live, wanted, [PASSWORD])
    assert line == '+ metadata.annotations.note: "the password is <secret:lab-bgp-password>"'


def test_what_comes_or_goes_is_shown_whole(golden):
    live = manifests()
    created = [line for manifest in live.values() for line in differences(None, manifest, [PASSWORD])]
    golden("cilium/created.diff", "\n".join(created) + "\n")
    deleted = [line for manifest in live.values() for line in differences(manifest, None, [PASSWORD])]
    assert [f"-{line[1:]}" for line in created] == deleted


def test_neither_there_nor_wanted_is_no_difference():
    assert differences(None, None) == ()


_values = st.recursive(
    st.integers(0, 3) | st.sampled_from(["a", "b", "No"]),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["name", "cidr", "x"]), inner, max_size=3)
    ),
    max_leaves=8,
)


def _without_order(value):
    if isinstance(value, dict):
        return {key: _without_order(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return sorted((_without_order(item) for item in value), key=repr)
    return value


@settings(max_examples=200, deadline=None)
@given(_values, _values)
def test_there_is_a_difference_exactly_where_the_contents_differ(left, right):
    live, wanted = ({"metadata": {"name": "x"}, "spec": value} for value in (left, right))
    assert (differences(live, wanted) == ()) == (left == right or _without_order(left) == _without_order(right))


@settings(max_examples=30, deadline=None)
@given(intents(), intents())
def test_each_difference_has_its_opposite_on_the_way_back(one, other):
    def turned(line: str) -> str:
        sign, _, rest = line.partition(" ")
        path, colon, values = rest.partition(": ")
        if sign == "~":
            old, _, new = values.partition(" → ")
            values = f"{new} → {old}"
        return f"{ {'+': '-', '-': '+', '~': '~'}[sign] } {path}{colon}{values}"

    first, second = ({each.key.kind: each.body for each in build(intent, "any", None)} for intent in (one, other))
    for kind in first.keys() & second.keys():
        there, back = differences(first[kind], second[kind]), differences(second[kind], first[kind])
        assert sorted(map(turned, there)) == sorted(back)


def test_the_order_of_a_list_in_a_list_is_no_difference():
    live, wanted = (
        {"metadata": {}, "spec": [["a", "b"], {"values": [1, 2]}]},
        {"metadata": {}, "spec": [{"values": [2, 1]}, ["b", "a"]]},
    )
    assert differences(live, wanted) == ()
