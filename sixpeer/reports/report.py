"""What a run has to say, whatever the format: changes, sessions, routes, verdicts, times and how it ended."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from sixpeer.change.plan import Plan
from sixpeer.checks.expected import Expected, expect
from sixpeer.checks.judge import Observation, peer_of
from sixpeer.checks.router_state import RouterState
from sixpeer.checks.verdict import Verdict
from sixpeer.errors import ExitCode
from sixpeer.intent import Intent


@dataclass(frozen=True, slots=True)
class SessionChange:
    """What a change does to a session. `peer`: an address, an interface, or the prefix of a listen range."""

    vrf: str
    peer: str
    effect: str
    why: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class HostChange:
    """What changes on a host, as lines that begin with + or -, what to know besides, and what it does, in words.

    `sessions`: those that it may interrupt, soft-reconfigure or reach later, the one by one that `impacts` sums up.
    """

    host: str
    lines: tuple[str, ...]
    notes: tuple[str, ...] = ()
    impacts: tuple[str, ...] = ()
    sessions: tuple[SessionChange, ...] = ()


@dataclass(frozen=True, slots=True)
class SessionRow:
    """One expected session, as both ends see it. `uptime` in seconds, None while it is down."""

    router: str
    node: str
    router_asn: int
    node_asn: int
    router_state: str
    cluster_state: str
    accepted: int | None
    advertised: int | None
    uptime: int | None


@dataclass(frozen=True, slots=True)
class RouteRow:
    """One route that matters, in a router's forwarding table."""

    router: str
    what: str
    prefix: str
    next_hops: tuple[str, ...]


@dataclass
class Report:
    """A run, filled as it goes. `seconds`: how long each phase took."""

    command: str
    exit_code: ExitCode = ExitCode.OK
    summary: str = ""
    changes: tuple[HostChange, ...] = ()
    sessions: tuple[SessionRow, ...] = ()
    routes: tuple[RouteRow, ...] = ()
    verdicts: tuple[Verdict, ...] = ()
    seconds: Mapping[str, float] = field(default_factory=dict)


def host_changes(plan: Plan) -> tuple[HostChange, ...]:
    """The plan's changes and notes, host by host; hosts without any are left out."""
    routers = (
        HostChange(
            host,
            _diff_lines(part.diff),
            (*part.notes, *(f"missing for a deploy: {what}" for what in part.lacks)),
            part.impacts.lines,
            tuple(SessionChange(it.vrf, it.peer, str(it.effect), it.why) for it in part.impacts.sessions),
        )
        for host, part in plan.routers.items()
        if part.changes or part.notes
    )
    clusters = (
        HostChange(host, tuple(line for change in part.resources for line in (str(change), *change.lines)), part.notes)
        for host, part in plan.clusters.items()
        if part.changes or part.notes
    )
    return (*routers, *clusters)


def _diff_lines(diff: str) -> tuple[str, ...]:
    """NAPALM's diffs come without the blanks before the first line."""
    return tuple(line if line[:1] in "+- " else f"  {line}" for line in diff.splitlines())


def session_rows(intent: Intent, observations: Mapping[str, Observation]) -> tuple[SessionRow, ...]:
    """The expected sessions of the routers that were seen."""
    return tuple(
        row
        for cluster, seen in sorted(observations.items())
        if seen.cluster is not None
        for row in _sessions(expect(intent, cluster, seen.cluster), seen)
    )


def _sessions(expected: Expected, seen: Observation) -> Iterator[SessionRow]:
    for session in expected.sessions:
        if session.router not in seen.routers or seen.cluster is None:
            continue
        there = seen.routers[session.router].sessions.get(session.node_address)
        peer = peer_of(seen.cluster, session)
        yield SessionRow(
            router=session.router,
            node=f"{session.cluster}/{session.node}",
            router_asn=session.router_asn,
            node_asn=session.node_asn,
            router_state=there.state if there else "absent",
            cluster_state=(peer.state or "unknown") if peer else "absent",
            accepted=there.accepted if there else None,
            advertised=peer.advertised if peer else None,
            uptime=there.uptime if there else None,
        )


def route_rows(intent: Intent, observations: Mapping[str, Observation]) -> tuple[RouteRow, ...]:
    """Per router: the pod prefixes, the load-balancer addresses and the NAT64 prefix."""
    rows = []
    for cluster, seen in sorted(observations.items()):
        if seen.cluster is None:
            continue
        expected = expect(intent, cluster, seen.cluster)
        wanted = {f"{address}/128": "load balancer" for address in sorted(expected.services)}
        for node, prefixes in sorted(expected.prefixes.items()):
            pods = {str(prefix): f"pods of {node}" for prefix in sorted(prefixes) if str(prefix) not in wanted}
            wanted = {**pods, **wanted}
        nat64 = intent.clusters[cluster].nat64
        wanted |= {str(nat64.prefix): "NAT64"} if nat64 else {}
        rows += [row for name, state in sorted(seen.routers.items()) for row in _routes(name, state, wanted)]
    return tuple(rows)


def _routes(router: str, state: RouterState, wanted: Mapping[str, str]) -> Iterator[RouteRow]:
    fib = {str(prefix): route for prefix, route in state.fib.items()}
    for prefix, what in sorted(wanted.items(), key=lambda item: (item[1], item[0])):
        hops = sorted(fib[prefix].next_hops) if prefix in fib else ()
        yield RouteRow(router, what, prefix, tuple(map(str, hops)))
