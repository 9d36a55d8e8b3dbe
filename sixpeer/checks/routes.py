"""Checks of a router's forwarding table: load-balancer addresses by ECMP, and the way to the NAT64 gateway."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from netaddr import IPAddress, IPNetwork

from sixpeer.checks.expected import Expected
from sixpeer.checks.router_state import RouterState
from sixpeer.checks.verdict import Status, Verdict
from sixpeer.intent import Cluster

LOAD_BALANCER = "load-balancer"
NAT64_ROUTE = "nat64-route"
NAT64_GATEWAY = "nat64-gateway"


def judge_load_balancers(router: str, expected: Expected, state: RouterState) -> Iterator[Verdict]:
    """Each service's address: as many next hops as nodes that announce it to this router."""
    peers = {session.node for session in expected.sessions_of(router)}
    for service, reason in sorted(expected.pending.items()):
        # Without a pool it waits for us; whatever else LB-IPAM refuses is between it and the service.
        waits = reason in ("", "no_pool")
        yield Verdict(
            LOAD_BALANCER,
            (router,),
            f"address of service {service}",
            Status.FAILURE if waits else Status.SKIPPED,
            "an address",
            "none yet" if waits else f"LB-IPAM gives {service} no address: {reason}",
        )
    for address, nodes in sorted(expected.services.items()):
        wanted = {node_address for node, node_address in nodes.items() if node in peers}
        if not wanted:  # announced to other routers, if at all
            continue
        hint = "sessions that are down or `maximum-paths` leave next hops out"
        yield _next_hops(LOAD_BALANCER, router, IPNetwork(f"{address}/128"), wanted, state, hint)


def judge_nat64(router: str, cluster: Cluster, state: RouterState) -> Iterator[Verdict]:
    """The NAT64 prefix: in the FIB with its gateways as next hops, and each of them answers."""
    if cluster.nat64 is None:
        return
    wanted = frozenset(cluster.nat64.gateways)
    hint = "a next hop counts only while the router has a route to it"
    yield _next_hops(NAT64_ROUTE, router, cluster.nat64.prefix, wanted, state, hint)
    for gateway in sorted(wanted):
        answered = state.gateways.get(gateway)
        yield Verdict(
            NAT64_GATEWAY,
            (router,),
            f"NAT64 gateway {gateway}",
            Status.SUCCESS if answered else Status.ERROR if answered is None else Status.FAILURE,
            "answers a ping",
            "answers" if answered else "was not tried" if answered is None else "no answer",
            "" if answered else "is the gateway up, and on a network of this router?",
        )


def _next_hops(
    check: str, router: str, prefix: IPNetwork, wanted: Collection[IPAddress], state: RouterState, hint: str
) -> Verdict:
    """Whether the router forwards this prefix to these next hops and to no others."""
    route = state.fib.get(prefix)
    hops = route.next_hops if route else frozenset()
    good = hops == set(wanted)
    return Verdict(
        check,
        (router,),
        f"next hops of {prefix}",
        Status.SUCCESS if good else Status.FAILURE,
        _listed(wanted),
        _listed(hops),
        "" if good else hint,
    )


def _listed(addresses: Iterable[IPAddress]) -> str:
    return ", ".join(map(str, sorted(addresses))) or "none"
