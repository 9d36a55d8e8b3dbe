"""The checks: each holds on a network as it should be, and fails for its own reason on one that is not."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from netaddr import IPAddress, IPNetwork

from sixpeer.checks import probes, router_state
from sixpeer.checks.expected import expect, probes_of
from sixpeer.checks.judge import Observation, judge
from sixpeer.checks.probes import Answer, Kind, Probe
from sixpeer.checks.router_state import Route, RouterSession, RouterState
from sixpeer.checks.verdict import Status, holds
from sixpeer.cilium import ClusterState, Condition, NodeState, PeerState, ServiceState
from sixpeer.errors import DeviceError
from sixpeer.intent import load

ROOT = Path(__file__).parents[2]
SAMPLES = ROOT.parent / "shared/data/frr-samples"
INTENT = load(ROOT / "inventory", "SIXPEER", ROOT)
NODES = INTENT.clusters["lab"].nodes
SESSIONS = [s for name, node in NODES.items() for s in INTENT.sessions("lab", node.subnet, name, node.address)]
VIP = IPAddress("2001:db8:0:6400::80")
GATEWAY = IPAddress("2001:db8:0:ff00::64")
NAT64 = IPNetwork("64:ff9b::/96")
PODS = {name: IPNetwork(f"2001:db8:0:420{index}::/64") for index, name in enumerate(NODES)}
POD = {name: IPAddress(prefix.first + 16, 6) for name, prefix in PODS.items()}


def healthy_cluster() -> ClusterState:
    peers: dict[str, tuple[PeerState, ...]] = {}
    for session in SESSIONS:
        peer = PeerState(64513, 64512, session.router_address, "established", "2026-11-22T00:00:00Z", 9, 2)
        peers[session.node] = (*peers.get(session.node, ()), peer)
    return ClusterState(
        nodes={
            name: NodeState(dict(node.labels), True, (node.address,), (PODS[name],)) for name, node in NODES.items()
        },
        peers=peers,
        services=(ServiceState("default", "web", (VIP,), False, {name: (pod,) for name, pod in POD.items()}),),
        conditions=(),
    )


def healthy_router(name: str) -> RouterState:
    sessions = [session for session in SESSIONS if session.router == name]
    nodes = frozenset(session.node_address for session in sessions)
    return RouterState(
        sessions={
            s.node_address: RouterSession("Established", s.router_address, s.node_address, 64512, 64513, 9, 60, 2)
            for s in sessions
        },
        accepted={s.node_address: frozenset({PODS[s.node], IPNetwork(f"{VIP}/128")}) for s in sessions},
        fib={
            **{PODS[s.node]: Route("bgp", frozenset({s.node_address})) for s in sessions},
            IPNetwork(f"{VIP}/128"): Route("bgp", nodes),
            NAT64: Route("static", frozenset({GATEWAY})),
        },
        gateways={GATEWAY: True},
    )


def healthy() -> Observation:
    cluster = healthy_cluster()
    answers = tuple(Answer(node, probe, 0) for node in NODES for probe in probes_of(INTENT, "lab", cluster, node))
    return Observation(cluster, {name: healthy_router(name) for name in ("r1", "r2")}, {}, answers)


def verdicts(seen: Observation):
    return judge(INTENT, "lab", frozenset({"r1", "r2"}), seen)


def failing(seen: Observation) -> set[str]:
    return {verdict.check for verdict in verdicts(seen) if verdict.status in (Status.FAILURE, Status.ERROR)}


def with_r1(seen: Observation, **changed) -> Observation:
    return replace(seen, routers={**seen.routers, "r1": replace(seen.routers["r1"], **changed)})


def with_session(seen: Observation, **changed) -> Observation:
    sessions = dict(seen.routers["r1"].sessions)
    address = NODES["worker1"].address
    sessions[address] = replace(sessions[address], **changed)
    return with_r1(seen, sessions=sessions)


def with_peer(seen: Observation, **changed) -> Observation:
    first, *others = seen.cluster.peers["worker1"]
    peers = {**seen.cluster.peers, "worker1": (replace(first, **changed), *others)}
    return replace(seen, cluster=replace(seen.cluster, peers=peers))


def without(prefix: IPNetwork) -> dict[IPAddress, frozenset[IPNetwork]]:
    return {peer: prefixes - {prefix} for peer, prefixes in healthy_router("r1").accepted.items()}


def with_fib(seen: Observation, prefix: IPNetwork, route: Route | None) -> Observation:
    fib = {key: value for key, value in {**seen.routers["r1"].fib, prefix: route}.items() if value}
    return with_r1(seen, fib=fib)


def with_answers(seen: Observation, kind: Kind) -> Observation:
    return replace(seen, answers=tuple(replace(a, status=1) if a.probe.kind is kind else a for a in seen.answers or ()))


def test_a_network_as_described_holds():
    found = verdicts(healthy())
    assert holds(found)
    assert {verdict.status for verdict in found} == {Status.SUCCESS}
    assert {verdict.check for verdict in found} == {
        "session-router", "session-cluster", "session-agreement", "prefix-count", "prefixes", "prefixes-fib",
        "load-balancer", "nat64-route", "nat64-gateway", "cilium-conditions", "pod-ping", "nat64-http",
    }  # fmt: skip


VIP_ROUTE = IPNetwork(f"{VIP}/128")


@pytest.mark.parametrize(
    ("spoiled", "checks"),
    [
        (with_session(healthy(), state="Active", uptime=None, hold_time=None), {"session-router"}),
        (with_r1(healthy(), sessions={}), {"session-router"}),
        (with_peer(healthy(), state="active"), {"session-cluster"}),
        (with_peer(healthy(), state=None), {"session-cluster"}),
        (with_peer(healthy(), peer_address=IPAddress("2001:db8::99")), {"session-cluster"}),
        (with_session(healthy(), hold_time=180), {"session-agreement"}),
        (with_peer(healthy(), hold_time=180), {"session-agreement"}),
        (with_session(healthy(), local_address=IPAddress("2001:db8::77")), {"session-agreement"}),
        (with_peer(healthy(), local_asn=64777), {"session-agreement"}),
        (with_session(healthy(), remote_asn=64777), {"session-agreement"}),
        (with_r1(with_session(healthy(), accepted=1), accepted=without(PODS["worker1"])), {"prefix-count", "prefixes"}),
        (with_r1(healthy(), accepted={}), {"prefixes"}),
        (with_fib(healthy(), PODS["worker1"], None), {"prefixes-fib"}),
        (
            with_fib(healthy(), PODS["worker1"], Route("static", frozenset({NODES["worker1"].address}))),
            {"prefixes-fib"},
        ),
        (
            with_fib(healthy(), VIP_ROUTE, Route("bgp", frozenset({NODES["worker1"].address}))),
            {"load-balancer"},
        ),
        (with_fib(healthy(), NAT64, None), {"nat64-route"}),
        (with_fib(healthy(), NAT64, Route("static", frozenset({IPAddress("2001:db8::99")}))), {"nat64-route"}),
        (with_r1(healthy(), gateways={GATEWAY: False}), {"nat64-gateway"}),
        (with_r1(healthy(), gateways={}), {"nat64-gateway"}),
        (with_answers(healthy(), Kind.POD_PING), {"pod-ping"}),
        (with_answers(healthy(), Kind.NAT64_HTTP), {"nat64-http"}),
        (replace(healthy(), unseen={"r2": "no route to host"}, routers={"r1": healthy_router("r1")}), {"observed"}),
    ],
)
def test_each_fault_fails_its_own_check(spoiled, checks):
    assert failing(spoiled) == checks
    assert not holds(verdicts(spoiled))


def test_a_count_that_cilium_has_not_renewed_is_not_a_failure():
    """Cilium does not count again when it announces more or less on a session that is up."""
    found = [v for v in verdicts(with_peer(healthy(), advertised=1)) if v.check == "prefix-count"]
    assert sorted(v.status for v in found) == [Status.SKIPPED, *[Status.SUCCESS] * 5]
    assert holds(verdicts(with_peer(healthy(), advertised=1)))


def test_a_bad_condition_of_ours_fails_and_a_stranger_s_does_not():
    ours = Condition("CiliumBGPPeerConfig", "sixpeer-lab", "cilium.io/MissingAuthSecret", "no secret")
    theirs = replace(ours, name="someone-else")
    assert failing(replace(healthy(), cluster=replace(healthy_cluster(), conditions=(ours,)))) == {"cilium-conditions"}
    assert failing(replace(healthy(), cluster=replace(healthy_cluster(), conditions=(theirs,)))) == set()
    of_a_node = Condition("CiliumBGPNodeConfig", "worker1", "cilium.io/BGPReconcileError", "no router ID")
    seen = replace(healthy(), cluster=replace(healthy_cluster(), conditions=(of_a_node,)))
    assert failing(seen) == {"cilium-conditions"}


def test_what_needs_the_session_is_skipped_while_it_is_down():
    found = verdicts(with_session(healthy(), state="Active"))
    skipped = {verdict.check for verdict in found if verdict.status is Status.SKIPPED}
    assert skipped == {"session-agreement", "prefix-count", "prefixes", "prefixes-fib"}


def test_a_node_that_is_not_ready_is_skipped_and_said():
    cluster = healthy_cluster()
    nodes = {**cluster.nodes, "worker2": replace(cluster.nodes["worker2"], ready=False)}
    found = verdicts(replace(healthy(), cluster=replace(cluster, nodes=nodes)))
    said = [verdict.actual for verdict in found if verdict.check == "node-selected"]
    assert said == ["the node is not Ready"]
    assert not any("lab/worker2" in v.hosts for v in found if v.check.startswith("session"))


def test_a_node_of_a_listen_range_needs_no_description():
    cluster = healthy_cluster()
    new = NodeState({}, True, (IPAddress("2001:db8:0:1::c"),), (IPNetwork("2001:db8:0:4203::/64"),))
    expected = expect(INTENT, "lab", replace(cluster, nodes={**cluster.nodes, "worker3": new}))
    assert [str(s.node_address) for s in expected.sessions if s.node == "worker3"] == ["2001:db8:0:1::c"] * 2


def test_a_service_of_local_policy_is_announced_by_nodes_with_endpoints_only():
    cluster = healthy_cluster()
    local = replace(cluster.services[0], local_only=True, endpoints={"worker1": (POD["worker1"],)})
    expected = expect(INTENT, "lab", replace(cluster, services=(local,)))
    assert set(expected.services[VIP]) == {"worker1"}
    assert IPNetwork(f"{VIP}/128") not in expected.prefixes["worker2"]


@pytest.mark.parametrize(
    ("refused", "status"), [("", Status.FAILURE), ("no_pool", Status.FAILURE), ("out_of_ips", Status.SKIPPED)]
)
def test_a_service_without_an_address_waits_for_a_pool(refused, status):
    cluster = healthy_cluster()
    waiting = replace(cluster.services[0], addresses=(), refused=refused)
    found = verdicts(replace(healthy(), cluster=replace(cluster, services=(waiting,))))
    assert {v.status for v in found if v.check == "load-balancer"} == {status}


def test_a_node_without_a_pod_prefix_is_an_error():
    cluster = healthy_cluster()
    nodes = {**cluster.nodes, "worker2": replace(cluster.nodes["worker2"], pod_prefixes=())}
    found = verdicts(replace(healthy(), cluster=replace(cluster, nodes=nodes)))
    assert [v.hosts for v in found if v.check == "prefixes" and v.status is Status.ERROR] == [("lab/worker2",)]


def test_what_was_not_tried_from_a_node_is_skipped_and_said():
    answered = tuple(a for a in healthy().answers or () if a.probe.kind is Kind.NAT64_HTTP)
    found = [v for v in verdicts(replace(healthy(), answers=answered)) if v.check == "pod-ping"]
    assert {(v.status, v.actual) for v in found} == {(Status.SKIPPED, "no service has a pod on another node")}


def test_an_address_that_only_other_routers_learn_is_not_judged():
    cluster = healthy_cluster()
    local = replace(cluster.services[0], local_only=True, endpoints={"gone": ()})
    found = verdicts(replace(healthy(), cluster=replace(cluster, services=(local,))))
    assert not [v for v in found if v.check == "load-balancer"]


def test_without_any_session_nothing_holds():
    cluster = replace(healthy_cluster(), nodes={})
    assert "observed" in failing(replace(healthy(), cluster=cluster))


def test_nobody_is_asked_from_the_nodes_when_drift_is_looked_for():
    found = verdicts(replace(healthy(), answers=None))
    assert not {"pod-ping", "nat64-http"} & {verdict.check for verdict in found}


def test_probes_answer_in_the_order_they_end():
    tried = (Probe(Kind.POD_PING, POD["worker1"], "worker1"), Probe(Kind.NAT64_HTTP, GATEWAY))
    answered = probes.answers("control1", tried, "1 0\n0 2\n")
    assert [answer.status for answer in answered] == [2, 0]
    with pytest.raises(DeviceError, match="control1"):
        probes.answers("control1", tried, "1 0\n")


@pytest.mark.skipif(not SAMPLES.is_dir(), reason="the samples of FRR's output are not here")
@pytest.mark.parametrize("version", ["8.4.4", "10.3", "10.7.1"])
def test_the_json_of_each_frr_version_is_read(version):
    folder = SAMPLES / f"frr-{version}"
    files = {
        router_state.NEIGHBORS: "neighbors.json",
        router_state.PATHS: "routes.json",
        router_state.ROUTES: "rib.json",
    }
    outputs = {command: (folder / name).read_text() for command, name in files.items()}
    state = router_state.parse(outputs, {})
    session = state.sessions[IPAddress("2001:db8:0:1::a")]
    assert (session.state, session.hold_time, session.remote_asn) == ("Established", 9, 64513)
    assert session.accepted == len(state.accepted[session.remote_address]) == 2
    assert state.fib[NAT64] == Route("static", frozenset({IPAddress("2001:db8:0:1::64")}))
    assert not state.sessions[IPAddress("2001:db8:0:1::c")].established


def test_a_router_without_bgp_has_no_sessions():
    outputs = {
        router_state.NEIGHBORS: "% No BGP neighbors found\n",
        router_state.PATHS: "{}",
        router_state.ROUTES: "{}",
    }
    assert router_state.parse(outputs, {}).sessions == {}


@pytest.mark.parametrize("text", ["nonsense", "[]", json.dumps({"2001:db8::1": {"bgpState": "Established"}})])
def test_json_that_is_not_as_known_is_an_error(text):
    with pytest.raises(DeviceError, match="not as known"):
        router_state.parse({router_state.NEIGHBORS: text, router_state.PATHS: "{}", router_state.ROUTES: "{}"}, {})
