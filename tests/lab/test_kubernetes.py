"""The verbs of the Kubernetes connection, on a real API server with Cilium's operator behind it.

Under an owner of their own and for nodes that do not exist: the lab's sessions take no notice.
"""

from __future__ import annotations

import base64
import dataclasses
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from cilium_intents import intents, on_cilium, shipped
from hypothesis import given, settings
from lightkube import ApiError, Client, KubeConfig
from lightkube.models.authentication_v1 import TokenRequest, TokenRequestSpec
from lightkube.models.meta_v1 import ObjectMeta
from lightkube.resources.core_v1 import ServiceAccount, ServiceAccountToken
from ruamel.yaml import YAML

from lab.poll import wait_for
from sixpeer.cilium import Key, Manifest, Resource, ResourceChange, build, differences, foreign_fields, plan
from sixpeer.cilium.manifest import content
from sixpeer.errors import DeviceError, PlanError, Unreachable
from sixpeer.intent import Intent, LabelSelector, Secret
from sixpeer.plugins.kubernetes import Kubernetes, KubernetesAPI, _class_of

pytestmark = pytest.mark.lab

OWNER = "KTEST"
PASSWORD = Secret("lab-bgp-password", "Tr0ub4dor&3")
ENCODED = base64.b64encode(PASSWORD.reveal().encode()).decode()
NOBODY = LabelSelector(matchLabels={"sixpeer.dev/test": "no-node-has-this"})

Connect = Callable[..., KubernetesAPI]


@pytest.fixture
def connect(kubeconfig: Path, tmp_path: Path) -> Iterator[Connect]:
    """`connect(token=…, server=…)`: the plugin's connection, as the lab's kubeconfig has it or with that changed."""
    opened = []

    def start(token: str | None = None, server: str | None = None) -> KubernetesAPI:
        config = YAML(typ="safe").load(kubeconfig)
        if token:
            config["users"][0]["user"] = {"token": token}
        if server:
            config["clusters"][0]["cluster"]["server"] = server
        path = tmp_path / f"kubeconfig-{len(opened)}"
        with path.open("w") as file:
            YAML(typ="safe").dump(config, file)
        plugin = Kubernetes()
        opened.append(plugin)
        plugin.open("lab", None, None, None, None, {"kubeconfig": str(path)})
        return plugin.connection

    yield start
    for plugin in opened:
        plugin.close()


@pytest.fixture
def api(connect: Connect) -> Iterator[KubernetesAPI]:
    """The connection, with nothing of ours there before and after."""
    api = connect()
    _remove(api)
    yield api
    _remove(api)


@pytest.fixture
def client(kubeconfig: Path) -> Iterator[Any]:
    """Somebody else's client."""
    client = Client(KubeConfig.from_file(kubeconfig).get(), trust_env=False)
    yield client
    client.close()


@pytest.fixture
def nobody(client: Any, connect: Connect) -> Iterator[KubernetesAPI]:
    """The connection as a service account without any role."""
    metadata = ObjectMeta(name="ktest", namespace="default")
    client.create(ServiceAccount(metadata=metadata))
    request = TokenRequest(metadata=metadata, spec=TokenRequestSpec(audiences=[]))
    answer = client.create(ServiceAccountToken.from_dict(request.to_dict()), "ktest", namespace="default")
    yield connect(token=answer.status.token)
    client.delete(ServiceAccount, "ktest", namespace="default")


@pytest.fixture
def kubectl(client: Any) -> Callable[[Key, Callable[[Manifest], Any]], None]:
    """`kubectl(key, change)`: somebody edits the object, as `kubectl edit` does."""

    def edit(key: Key, change: Callable[[Manifest], Any]) -> None:
        for attempt in range(10):
            live = client.get(_class_of(key), key.name, namespace=key.namespace)
            change(live)
            try:
                client.replace(live, field_manager="kubectl-edit")
            except ApiError as error:
                if error.status.code != 409 or attempt == 9:  # the operator has just written a status
                    raise
            else:
                return

    return edit


def _remove(api: KubernetesAPI) -> None:
    for key, _ in sorted(api.owned(OWNER, "lab"), key=lambda found: found[0], reverse=True):
        api.delete(key)


def wanted(password: Secret | None = PASSWORD, without: str = "-") -> tuple[Resource, ...]:
    """The shipped intent's resources, under our owner, for no node."""
    intent = shipped()
    cluster = intent.clusters["lab"]
    subnets = {
        name: subnet if subnet.reserved else subnet.model_copy(update={"node_selector": NOBODY})
        for name, subnet in cluster.subnets.items()
        if name != without
    }
    pools = {"default": cluster.load_balancers["default"].model_copy(update={"prefix": "2001:db8:0:64ff::/112"})}
    cluster = cluster.model_copy(update={"subnets": subnets, "load_balancers": pools})
    return build(Intent(OWNER, intent.folder, intent.routers, {"lab": cluster}), "lab", password)


def planned(api: KubernetesAPI, resources: tuple[Resource, ...]) -> tuple[ResourceChange, ...]:
    live = api.snapshot(resource.key for resource in resources)
    tried = {resource.key: api.dry_run(resource) for resource in resources}
    return plan(resources, live, tried, api.owned(OWNER, "lab"))


def carry_out(api: KubernetesAPI, changes: tuple[ResourceChange, ...]) -> None:
    for change in changes:
        if change.resource is None:
            api.delete(change.key)
        else:
            api.apply(change.resource)


def changed(resource: Resource, change: Callable[[Manifest], Any]) -> Resource:
    body = resource.manifest()
    change(body)
    return dataclasses.replace(resource, body=body)


def peer_config() -> Resource:
    return next(resource for resource in wanted() if resource.key.kind == "CiliumBGPPeerConfig")


def cluster_config() -> Resource:
    return next(resource for resource in wanted() if resource.key.name == "ktest-lab-workers")


def test_a_dry_run_writes_nothing(api):
    assert [change.verb for change in planned(api, wanted())] == ["create"] * 6
    assert api.owned(OWNER, "lab") == []


def test_what_was_applied_is_there_and_not_written_again(api):
    carry_out(api, planned(api, wanted()))
    there = dict(api.owned(OWNER, "lab"))
    assert there.keys() == {resource.key for resource in wanted()}
    secret = there[wanted()[0].key]
    assert base64.b64decode(secret["data"]["password"]).decode() == PASSWORD.reveal()
    assert planned(api, wanted()) == ()
    written = _versions_of_content(api)
    for resource in wanted():
        api.apply(resource)
    assert _versions_of_content(api) == written


def _versions_of_content(api: KubernetesAPI) -> dict[Key, Any]:
    """What changes when we write: the generation and when; a resourceVersion is also a status' of the operator."""
    return {
        key: (
            manifest["metadata"].get("generation"),
            [entry for entry in manifest["metadata"]["managedFields"] if not entry.get("subresource")],
            None if manifest.get("status") else manifest["metadata"]["resourceVersion"],
        )
        for key, manifest in api.owned(OWNER, "lab")
    }


def test_a_changed_value_is_planned_and_applied(api):
    carry_out(api, planned(api, wanted()))
    slower = tuple(
        changed(each, lambda body: body["spec"]["timers"].update(holdTimeSeconds=30)) if each == peer_config() else each
        for each in wanted(Secret("lab-bgp-password", "another"))
    )
    changes = planned(api, slower)
    assert [(str(change), change.lines) for change in changes] == [
        ("update Secret kube-system/ktest-lab-bgp-password", ("~ data.password: differs",)),
        ("update CiliumBGPPeerConfig ktest-lab", ("~ spec.timers.holdTimeSeconds: 9 → 30",)),
    ]
    carry_out(api, changes)
    assert planned(api, slower) == ()


def test_a_conflict_names_the_other_manager_and_the_field_and_changes_nothing(api, kubectl):
    carry_out(api, planned(api, wanted()))
    key = peer_config().key
    kubectl(key, lambda live: live["spec"]["timers"].update(holdTimeSeconds=77))
    for verb in (api.dry_run, api.apply):
        with pytest.raises(PlanError, match=r'\.spec\.timers\.holdTimeSeconds: conflict with "kubectl-edit"'):
            verb(peer_config())
    live = api.get(key)
    assert live["spec"]["timers"]["holdTimeSeconds"] == 77
    lines = differences(live, api.dry_run(peer_config(), take_over=True))
    assert lines == ("~ spec.timers.holdTimeSeconds: 77 → 9",)
    api.apply(peer_config(), take_over=True)
    assert planned(api, wanted()) == ()


def test_what_others_add_to_our_objects_is_named(api, kubectl):
    carry_out(api, planned(api, wanted()))
    key = cluster_config().key
    peer = {"name": "r9", "peerASN": 64599, "peerAddress": "2001:db8:0:1::9"}
    kubectl(key, lambda live: live["spec"]["bgpInstances"][0]["peers"].append(peer))
    assert planned(api, wanted()) == ()  # server-side apply leaves it alone
    assert "spec.bgpInstances[as64513].peers[r9].peerASN: set by kubectl-edit" in foreign_fields(api.get(key))


def test_what_was_changed_or_deleted_is_put_back_with_who_manages_it(api):
    carry_out(api, planned(api, wanted()))
    before = api.snapshot(resource.key for resource in wanted())
    api.apply(changed(peer_config(), lambda body: body["spec"].pop("gracefulRestart")))
    api.apply(wanted(Secret("lab-bgp-password", "another"))[0])
    api.delete(cluster_config().key)
    for key, manifest in before.items():
        api.restore(key, manifest)
    after = api.snapshot(before)
    assert {key: content(manifest) for key, manifest in after.items()} == {
        key: content(manifest) for key, manifest in before.items()
    }
    assert planned(api, wanted()) == ()
    # And the next apply may take a field away, in no conflict with the restore.
    shorter = changed(peer_config(), lambda body: body["spec"].pop("gracefulRestart"))
    api.apply(shorter)
    assert "gracefulRestart" not in api.get(peer_config().key)["spec"]


def test_what_somebody_else_had_made_is_put_back_as_theirs(api, kubectl):
    api.apply(peer_config())
    kubectl(peer_config().key, lambda live: live["spec"].update(ebgpMultihop=3))
    before = api.get(peer_config().key)
    api.apply(changed(peer_config(), lambda body: body["spec"].update(ebgpMultihop=7)), take_over=True)
    api.restore(peer_config().key, before)
    after = api.get(peer_config().key)
    assert content(after) == content(before)
    assert foreign_fields(after) == foreign_fields(before) == ("spec.ebgpMultihop: set by kubectl-edit",)


def test_what_was_not_there_is_gone_again(api):
    before = api.snapshot(resource.key for resource in wanted())
    assert set(before.values()) == {None}
    carry_out(api, planned(api, wanted()))
    for key in reversed(before):
        api.restore(key, before[key])
    assert api.owned(OWNER, "lab") == []


def test_what_is_no_longer_wanted_is_pruned_and_nothing_else(api):
    carry_out(api, planned(api, wanted()))
    foreign = Resource(
        Key("cilium.io/v2", "CiliumBGPAdvertisement", "ktest-foreign"),
        {
            "apiVersion": "cilium.io/v2",
            "kind": "CiliumBGPAdvertisement",
            "metadata": {"name": "ktest-foreign", "labels": {"sixpeer.dev/owner": "ktest"}},
            "spec": {"advertisements": [{"advertisementType": "PodCIDR"}]},
        },
    )
    api.apply(foreign)
    try:
        fewer = wanted(None, without="workers")
        changes = planned(api, fewer)
        assert [str(change) for change in changes] == [
            "update CiliumBGPPeerConfig ktest-lab",
            "delete CiliumBGPClusterConfig ktest-lab-workers",
            "delete Secret kube-system/ktest-lab-bgp-password",
        ]
        carry_out(api, changes)
        assert {key for key, _ in api.owned(OWNER, "lab")} == {resource.key for resource in fewer}
        assert api.get(foreign.key) is not None
    finally:
        api.delete(foreign.key)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda body: body["spec"].update(nonsense=1), r"\.spec\.nonsense: field not declared in schema"),
        (lambda body: body["spec"]["timers"].update(holdTimeSeconds="9"), r"\.spec\.timers\.holdTimeSeconds: expected"),
        (
            lambda body: body["spec"]["timers"].update(holdTimeSeconds=1),
            r"spec\.timers\.holdTimeSeconds: Invalid value: 1",
        ),
        (
            lambda body: body["spec"]["timers"].update(keepAliveTimeSeconds=30),
            r"spec\.timers: .* can not be larger than",
        ),
        (lambda body: body["spec"]["families"][0].update(afi="ipx"), r"spec\.families\[0\]\.afi: Unsupported value"),
    ],
)
def test_a_wrong_field_is_named_by_its_path(api, change, said):
    for verb in (api.dry_run, api.apply):
        with pytest.raises(PlanError, match=said):
            verb(changed(peer_config(), change))
    assert api.get(peer_config().key) is None


@pytest.mark.parametrize("value", [{"Tr0ub4dor&3": "Tr0ub4dor&3"}, "Tr0ub4dor&3", ["Tr0ub4dor&3"]])
def test_no_error_quotes_the_password(api, value):
    secret = changed(wanted()[0], lambda body: body["data"].update(password=value))
    for verb in (api.dry_run, api.apply):
        with pytest.raises((PlanError, DeviceError)) as caught:
            verb(secret)
        for text in (str(caught.value), repr(caught.value), repr(secret)):
            assert "Tr0ub4dor" not in text
            assert ENCODED not in text


def test_no_text_of_a_plan_shows_the_password(api):
    for _ in range(2):
        changes = planned(api, wanted())
        text = "\n".join([repr(changes), *map(str, changes), *(line for change in changes for line in change.lines)])
        assert PASSWORD.reveal() not in text
        assert ENCODED not in text
        carry_out(api, changes[:1])


def test_a_version_that_is_not_served_is_named(api):
    with pytest.raises(PlanError, match=r"CiliumBGPPeerConfig is not served as cilium\.io/v2alpha0"):
        api.get(Key("cilium.io/v2alpha0", "CiliumBGPPeerConfig", "ktest-lab"))


def test_who_may_nothing_is_told_what(nobody):
    key = peer_config().key
    for verb, name in (
        (lambda: nobody.get(key), "get ciliumbgppeerconfigs"),
        (lambda: nobody.dry_run(peer_config()), "patch ciliumbgppeerconfigs"),
        (lambda: nobody.delete(key), "delete ciliumbgppeerconfigs"),
        (lambda: nobody.owned(OWNER, "lab"), "list secrets"),
        (nobody.read_state, "list nodes"),
    ):
        with pytest.raises(DeviceError, match=f"not allowed: system:serviceaccount:default:ktest may not {name}"):
            verb()


def test_a_token_that_is_not_known_is_not_allowed(connect):
    with pytest.raises(DeviceError, match="not allowed: Unauthorized"):
        connect(token="wrong").read_state()  # noqa: S106


def test_an_api_server_that_is_not_there_is_unreachable(connect, kubeconfig):
    server = YAML(typ="safe").load(kubeconfig)["clusters"][0]["cluster"]["server"]
    gone = connect(server=server.rpartition(":")[0] + ":1")
    for verb in (gone.read_state, lambda: gone.owned(OWNER, "lab"), lambda: gone.apply(peer_config())):
        with pytest.raises(Unreachable, match="lab: "):
            verb()


def test_the_state_is_that_of_the_described_nodes(api):
    state = api.read_state()
    cluster = shipped().clusters["lab"]
    assert state.nodes.keys() == cluster.nodes.keys()
    for name, node in cluster.nodes.items():
        found = state.nodes[name]
        assert found.ready
        assert found.internal_addresses == (node.address,)
        assert [prefix.prefixlen for prefix in found.pod_prefixes] == [cluster.pods.node_prefix_length]
        assert node.labels.items() <= found.labels.items()
    for name, subnet in cluster.node_subnets.items():
        selected = {node for node, found in state.nodes.items() if subnet.node_selector.matches(found.labels)}
        assert selected == cluster.nodes_of(name).keys()
    (web,) = [service for service in state.services if service.name == "web"]
    assert web.endpoint_nodes == cluster.nodes.keys()


def test_a_fault_that_cilium_reports_is_in_the_state(api):
    carry_out(api, planned(api, wanted()))
    unselected = {("ktest-lab-control", "cilium.io/NoMatchingNode"), ("ktest-lab-workers", "cilium.io/NoMatchingNode")}

    def reported() -> set[tuple[str, str]]:
        return {(fault.name, fault.type) for fault in api.read_state().conditions if fault.name.startswith("ktest")}

    wait_for("conditions", lambda: reported() == unselected, 10)
    api.delete(wanted()[0].key)
    wait_for("a missing secret", lambda: reported() == unselected | {("ktest-lab", "cilium.io/MissingAuthSecret")}, 10)


def test_any_valid_intent_gives_resources_that_the_api_server_takes(api):
    @settings(max_examples=15, deadline=None)
    @given(intents())
    def holds(intent):
        for resource in build(on_cilium("1.20.2", intent), "any", PASSWORD):
            api.dry_run(resource)

    holds()
