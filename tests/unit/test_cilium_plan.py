"""What has to change, in which order."""

from __future__ import annotations

import base64
import copy

import pytest
from cilium_intents import intents, on_cilium, shipped
from hypothesis import given, settings
from hypothesis import strategies as st

from sixpeer.cilium import Key, build, plan
from sixpeer.cilium.plan import resets
from sixpeer.intent import Secret

PASSWORD = Secret("lab-bgp-password", "Tr0ub4dor&3")


def planned(wanted, live=None, owned=()):
    """The plan where a dry run gives just what is wanted."""
    there = {resource.key: (live or {}).get(resource.key) for resource in wanted}
    return plan(wanted, there, {resource.key: resource.manifest() for resource in wanted}, owned)


def test_a_new_cluster_gets_everything_the_secret_first():
    wanted = build(shipped(), "lab", PASSWORD)
    changes = planned(wanted[::-1])
    assert [change.key for change in changes] == [resource.key for resource in wanted]
    assert {change.verb for change in changes} == {"create"}
    assert [change.resource for change in changes] == list(wanted)


def test_what_is_equal_is_left_out():
    wanted = build(shipped(), "lab", PASSWORD)
    live = {resource.key: resource.manifest() for resource in wanted}
    assert planned(wanted, live, owned=live.items()) == ()
    live[wanted[1].key]["spec"]["timers"]["holdTimeSeconds"] = 90
    (change,) = planned(wanted, live, owned=live.items())
    assert (str(change), change.lines) == (
        "update CiliumBGPPeerConfig sixpeer-lab",
        ("~ spec.timers.holdTimeSeconds: 90 → 9",),
    )


def test_what_is_ours_and_no_longer_wanted_is_deleted_last_and_backwards():
    before = build(shipped(), "lab", PASSWORD)
    live = {resource.key: resource.manifest() for resource in before}
    wanted = [resource for resource in build(shipped(), "lab", None) if "workers" not in resource.key.name]
    changes = planned(wanted, live, owned=live.items())
    assert [str(change) for change in changes] == [
        "update CiliumBGPPeerConfig sixpeer-lab",  # no longer refers to the Secret
        "delete CiliumBGPClusterConfig sixpeer-lab-workers",
        "delete Secret kube-system/sixpeer-lab-bgp-password",
    ]
    assert changes[-1].resource is None
    assert '-   password: "<secret>"' in changes[-1].lines


def test_an_object_seen_through_another_api_version_is_the_same_object():
    wanted = build(on_cilium("1.17.6"), "lab", None)
    live = {resource.key: resource.manifest() for resource in wanted}
    owned = []
    for key, manifest in live.items():
        newer = Key("cilium.io/v2", key.kind, key.name)
        owned.append((newer, copy.deepcopy(manifest) | {"apiVersion": "cilium.io/v2"}))
    assert planned(wanted, live, owned) == ()


def test_a_change_shows_no_secret():
    wanted = build(shipped(), "lab", PASSWORD)
    live = {resource.key: resource.manifest() for resource in build(shipped(), "lab", Secret("old", "another-one"))}
    created, updated, deleted = planned(wanted), planned(wanted, live), planned((), owned=live.items())
    assert (len(created), len(updated), len(deleted)) == (6, 1, 6)
    for change in (*created, *updated, *deleted):
        for text in (repr(change), str(change), *change.lines):
            for value in ("Tr0ub4dor&3", "another-one"):
                assert value not in text
                assert base64.b64encode(value.encode()).decode() not in text


@settings(max_examples=30, deadline=None)
@given(intents(), intents(), st.booleans())
def test_a_plan_that_is_carried_out_leaves_nothing_to_plan(first, second, with_password):
    password = PASSWORD if with_password else None
    live = {resource.key: resource.manifest() for resource in build(first, "any", PASSWORD)}
    wanted = build(second, "any", password)
    known = {key.identity: manifest for key, manifest in live.items()}
    there = {resource.key: known.get(resource.key.identity) for resource in wanted}
    changes = plan(wanted, there, {resource.key: resource.manifest() for resource in wanted}, live.items())
    for change in changes:
        live = {key: manifest for key, manifest in live.items() if key.identity != change.key.identity}
        if change.after is not None:
            live[change.key] = change.after
    assert planned(wanted, live, live.items()) == ()
    assert live.keys() == {resource.key for resource in wanted} or not changes


@pytest.mark.parametrize(
    ("path", "said"),
    [
        (("timers", "holdTimeSeconds"), "will reset, on all routers at once: spec.timers.holdTimeSeconds"),
        (("gracefulRestart", "restartTimeSeconds"), "will reset, on all routers at once: spec.gracefulRestart"),
        (("transport", "peerPort"), "may reset, on all routers at once: spec.transport"),
        (("timers", "connectRetryTimeSeconds"), ""),
    ],
)
def test_what_resets_sessions_from_the_nodes_end_is_said(path, said):
    wanted = build(shipped(), "lab", PASSWORD)
    live = {resource.key: resource.manifest() for resource in wanted}
    spec = live[wanted[1].key]["spec"]
    spec.setdefault(path[0], {})[path[1]] = 77
    found = resets(planned(wanted, live, owned=live.items()))
    assert len(found) == (1 if said else 0)
    assert said in "".join(found)
    assert all(line.startswith("all sessions by sixpeer-lab ") for line in found)


def test_a_peer_configuration_that_comes_or_goes_resets_nothing_that_is_there():
    wanted = build(shipped(), "lab", PASSWORD)
    assert resets(planned(wanted)) == ()
