"""All verdicts on one cluster: expectations from the description and its state, held against what was seen."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from netaddr import IPNetwork

from sixpeer.checks.expected import Expected, expect
from sixpeer.checks.probes import Answer, Kind
from sixpeer.checks.router_state import RouterState
from sixpeer.checks.routes import judge_load_balancers, judge_nat64
from sixpeer.checks.sessions import PREFIXES, judge_session
from sixpeer.checks.verdict import Status, Verdict
from sixpeer.cilium.resources import kubernetes_name
from sixpeer.cilium.status import ClusterState, PeerState
from sixpeer.intent import Intent, Session

CONDITIONS = "cilium-conditions"
NODE = "node-selected"
OBSERVED = "observed"


@dataclass(frozen=True, slots=True)
class Observation:
    """What was seen of one cluster and its routers at one time.

    `unseen`: hosts that could not be asked, with the reason. `answers`: from the nodes' shells;
    None where nobody logged in (drift).
    """

    cluster: ClusterState | None
    routers: Mapping[str, RouterState]
    unseen: Mapping[str, str]
    answers: tuple[Answer, ...] | None = None


def blind(verdicts: Iterable[Verdict]) -> tuple[Verdict, ...]:
    """Those that say that something could not be asked: nothing can be told then."""
    return tuple(verdict for verdict in verdicts if verdict.check == OBSERVED and verdict.status is Status.ERROR)


def judge(intent: Intent, cluster: str, routers: frozenset[str], seen: Observation) -> tuple[Verdict, ...]:
    """The verdicts on the sessions and routes between a cluster and `routers`."""
    return tuple(_verdicts(intent, cluster, routers, seen))


def _verdicts(intent: Intent, cluster: str, routers: frozenset[str], seen: Observation) -> Iterator[Verdict]:
    for host, reason in sorted(seen.unseen.items()):
        yield Verdict(OBSERVED, (host,), "could be asked", Status.ERROR, "an answer", reason)
    if seen.cluster is None:
        return
    expected = expect(intent, cluster, seen.cluster)
    for node, reason in sorted(expected.absent.items()):
        yield Verdict(NODE, (f"{cluster}/{node}",), "no session expected", Status.SKIPPED, actual=reason)
    shared = frozenset(IPNetwork(f"{address}/128") for address in expected.services)
    for session in expected.sessions:
        if session.router in routers and session.router in seen.routers:
            peer = peer_of(seen.cluster, session)
            state, prefixes = seen.routers[session.router], expected.prefixes[session.node]
            yield from judge_session(session, state, peer, prefixes, shared)
    for node in sorted(expected.without_pods):
        subject, hint = "its pod prefix", "does the IPAM mode give nodes prefixes (kubernetes, cluster-pool)?"
        yield Verdict(PREFIXES, (f"{cluster}/{node}",), subject, Status.ERROR, "one in its CiliumNode", "none", hint)
    if not expected.sessions:
        yield Verdict(OBSERVED, (cluster,), "sessions", Status.ERROR, "at least one", "no node is selected and Ready")
    for router in sorted(routers & set(seen.routers)):
        yield from judge_load_balancers(router, expected, seen.routers[router])
        yield from judge_nat64(router, intent.clusters[cluster], seen.routers[router])
    yield from _conditions(intent, expected, seen.cluster)
    yield from _from_nodes(intent, expected, seen)


def peer_of(state: ClusterState, session: Session) -> PeerState | None:
    """The node's peer with the router's address, as its CiliumBGPNodeConfig has it."""
    for peer in state.peers.get(session.node, ()):
        if peer.peer_address == session.router_address:
            return peer
    return None


def _conditions(intent: Intent, expected: Expected, state: ClusterState) -> Iterator[Verdict]:
    """Of our resources, and of what Cilium made of them for the nodes."""
    cluster = expected.cluster
    prefix, nodes = kubernetes_name(intent.owner, cluster), {session.node for session in expected.sessions}
    bad = [
        condition
        for condition in state.conditions
        if condition.name == prefix or condition.name.startswith(f"{prefix}-") or condition.name in nodes
    ]
    for condition in bad:
        subject = f"{condition.kind} {condition.name}"
        yield Verdict(CONDITIONS, (cluster,), subject, Status.FAILURE, f"no {condition.type}", condition.message)
    if not bad:
        yield Verdict(CONDITIONS, (cluster,), "conditions of our resources", Status.SUCCESS, "none bad", "none bad")


_HINTS = {
    Kind.POD_PING: "the routes are there if the checks above say so: look at the pod and at packet filters",
    Kind.NAT64_HTTP: "the route is there if nat64-route says so: look at the gateway's translation and its IPv4 side",
}
_NOTHING = {
    Kind.POD_PING: "no service has a pod on another node",
    Kind.NAT64_HTTP: "the inventory has no NAT64 gateway with names to try",
}


def _from_nodes(intent: Intent, expected: Expected, seen: Observation) -> Iterator[Verdict]:
    if seen.answers is None:
        return
    for answer in seen.answers:
        good, probe = answer.status == 0, answer.probe
        yield Verdict(
            probe.kind,
            (f"{expected.cluster}/{answer.node}",),
            f"{probe.name} at {probe.target}" if probe.name else str(probe.target),
            Status.SUCCESS if good else Status.FAILURE,
            "an answer",
            "answered" if good else f"no answer (exit status {answer.status})",
            "" if good else _HINTS[probe.kind],
        )
    asked = {(answer.node, answer.probe.kind) for answer in seen.answers}
    for node in sorted({session.node for session in expected.sessions}):
        host, described = f"{expected.cluster}/{node}", intent.clusters[expected.cluster].nodes.get(node)
        login = described is not None and described.login
        for kind in Kind:
            if (node, kind) not in asked and host not in seen.unseen:
                reason = _NOTHING[kind] if login else "the inventory gives it no login"
                yield Verdict(kind, (host,), "from its shell", Status.SKIPPED, actual=reason)
