"""Checks of one session, by what its router and its node's CiliumBGPNodeConfig say of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from netaddr import IPNetwork

from sixpeer.checks.router_state import RouterSession, RouterState
from sixpeer.checks.verdict import Status, Verdict
from sixpeer.cilium.status import PeerState
from sixpeer.intent import Session

ROUTER_SIDE = "session-router"
CLUSTER_SIDE = "session-cluster"
AGREEMENT = "session-agreement"
COUNT = "prefix-count"
PREFIXES = "prefixes"
FIB = "prefixes-fib"


def judge_session(
    session: Session,
    router: RouterState,
    peer: PeerState | None,
    prefixes: frozenset[IPNetwork],
    shared: frozenset[IPNetwork] = frozenset(),
) -> Iterator[Verdict]:
    """The verdicts on one expected session; what needs it up is skipped while it is down.

    `prefixes` are what the node should announce; those in `shared` other nodes announce too.
    """
    seen = router.sessions.get(session.node_address)
    router_up = seen is not None and seen.established
    cluster_up = peer is not None and peer.state == "established"
    yield _router_side(session, seen)
    yield _cluster_side(session, peer)
    if seen is None or peer is None or not (router_up and cluster_up):
        for check in (AGREEMENT, COUNT, PREFIXES, FIB):
            yield _verdict(check, session, Status.SKIPPED, "session is not up on both sides")
        return
    yield _agreement(session, seen, peer)
    yield _count(session, seen, peer, router.accepted.get(session.node_address) == prefixes)
    yield _accepted(session, router, prefixes)
    accepted = router.accepted.get(session.node_address, frozenset())
    yield _installed(session, router, prefixes & accepted, shared)


def _verdict(
    check: str, session: Session, status: Status, subject: str, expected: str = "", actual: str = "", hint: str = ""
) -> Verdict:
    hosts = (session.router, f"{session.cluster}/{session.node}")
    return Verdict(check, hosts, subject, status, expected, actual, hint)


def _outcome(
    check: str, session: Session, subject: str, good: bool, expected: str, actual: str, hint: str = ""
) -> Verdict:
    status = Status.SUCCESS if good else Status.FAILURE
    return _verdict(check, session, status, subject, expected, actual, "" if good else hint)


def _router_side(session: Session, seen: RouterSession | None) -> Verdict:
    subject = f"session with {session.node_address} on {session.router}"
    actual = seen.state if seen else "no such session"
    hint = "wrong password, wrong address or a node that is away look alike here: see the cluster's side"
    if seen is None:
        hint = "a dynamic neighbour is not shown until its node has connected"
    return _outcome(ROUTER_SIDE, session, subject, seen is not None and seen.established, "Established", actual, hint)


def _cluster_side(session: Session, peer: PeerState | None) -> Verdict:
    subject = f"peer {session.router_address} in the CiliumBGPNodeConfig of {session.node}"
    if peer is None:
        hint = "is the node selected by the CiliumBGPClusterConfig, and is the operator running?"
        return _outcome(CLUSTER_SIDE, session, subject, False, "established", "no such peer", hint)
    if peer.state is None:
        hint = "Cilium leaves the state out if the PeerConfig is missing or the address is not spelled as in RFC 5952"
        return _verdict(CLUSTER_SIDE, session, Status.ERROR, subject, "established", "unknown: no peeringState", hint)
    hint = "see the agent's log on the node (subsys bgp-control-plane)"
    return _outcome(CLUSTER_SIDE, session, subject, peer.state == "established", "established", peer.state, hint)


def _agreement(session: Session, seen: RouterSession, peer: PeerState) -> Verdict:
    """Addresses, ASNs and hold time: as described, on both sides."""
    wanted: dict[str, tuple[object, set[Any]]] = {
        "router address": (session.router_address, {seen.local_address, peer.peer_address}),
        "node address": (session.node_address, {seen.remote_address}),
        "router AS": (session.router_asn, {seen.local_asn, peer.peer_asn}),
        "node AS": (session.node_asn, {seen.remote_asn, peer.local_asn}),
        "hold time": (session.hold_time, {seen.hold_time, peer.hold_time}),
    }
    wrong = {name: (value, actual) for name, (value, actual) in wanted.items() if actual != {value}}
    shown = wrong or {name: (value, {value}) for name, (value, _) in wanted.items()}
    expected = ", ".join(f"{name} {value}" for name, (value, _) in shown.items())
    actual = ", ".join(f"{name} {' and '.join(sorted(map(str, values)))}" for name, (_, values) in shown.items())
    return _outcome(AGREEMENT, session, "both sides as described", not wrong, expected, actual)


def _count(session: Session, seen: RouterSession, peer: PeerState, as_expected: bool) -> Verdict:
    """As many accepted as advertised.

    Cilium counts when a session changes its state or a route comes in, not when it announces more or
    less itself (seen with 1.20.2; pkg/bgp/gobgp/server.go). So where the router has accepted just what
    is expected, another count is an old one, and says nothing.
    """
    subject = f"prefixes accepted by {session.router} and advertised by {session.node}"
    same = peer.advertised == seen.accepted
    if as_expected and not same:
        stale = f"Cilium's count of {peer.advertised} is of its session's last change; what is accepted is as expected"
        return _verdict(COUNT, session, Status.SKIPPED, subject, actual=stale)
    hint = f"the router's policy for {session.node_address} filters, or the node has announced less since it counted"
    return _outcome(
        COUNT, session, subject, same, f"{peer.advertised} as advertised", f"{seen.accepted} accepted", hint
    )


def _accepted(session: Session, router: RouterState, prefixes: frozenset[IPNetwork]) -> Verdict:
    accepted = router.accepted.get(session.node_address, frozenset())
    return _outcome(
        PREFIXES,
        session,
        f"what {session.router} accepts from {session.node}",
        accepted == prefixes,
        _listed(prefixes),
        _listed(accepted),
        "compare the node's pod prefixes and services with pods and load_balancers of the inventory",
    )


def _installed(
    session: Session, router: RouterState, prefixes: frozenset[IPNetwork], shared: frozenset[IPNetwork]
) -> Verdict:
    """Every expected prefix that was accepted is in the FIB, by BGP; what this node alone announces by way of it."""
    missing = frozenset(
        prefix
        for prefix in prefixes
        if (route := router.fib.get(prefix)) is None
        or route.protocol != "bgp"
        or (prefix not in shared and session.node_address not in route.next_hops)
    )
    return _outcome(
        FIB,
        session,
        f"prefixes of {session.node} in the forwarding table of {session.router}",
        not missing,
        f"{_listed(prefixes)} via {session.node_address}",
        "all installed" if not missing else f"not via {session.node_address}: {_listed(missing)}",
        "see `show ipv6 route`; another route may be preferred, or zebra filters BGP's routes",
    )


def _listed(prefixes: frozenset[IPNetwork]) -> str:
    return ", ".join(str(prefix) for prefix in sorted(prefixes)) or "none"
