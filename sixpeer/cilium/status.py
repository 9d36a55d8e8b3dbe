"""What a cluster says about itself: raw objects of the API as one value, without a judgement.

IPv6 only: addresses and prefixes of IPv4 are left out. Nothing here fails on an object that is
half filled in, which is what an object looks like before its controller has come to it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from typing import Any

from netaddr import AddrFormatError, IPAddress, IPNetwork

Manifest = Mapping[str, Any]

BGP_CLASS = "io.cilium/bgp-control-plane"
BAD_WHEN_TRUE = {
    "CiliumBGPClusterConfig": (
        "cilium.io/NoMatchingNode",
        "cilium.io/MissingPeerConfigs",
        "cilium.io/ConflictingClusterConfig",
    ),
    "CiliumBGPPeerConfig": ("cilium.io/MissingAuthSecret",),
    "CiliumBGPNodeConfig": ("cilium.io/BGPReconcileError",),
    "CiliumLoadBalancerIPPool": ("cilium.io/PoolConflict",),
}
"""Conditions that tell of a fault by status True. Their message stays the same when they are False."""


@dataclass(frozen=True, slots=True)
class NodeState:
    """A node. `labels` are those of its CiliumNode, by which Cilium selects; the Node's until it has one."""

    labels: dict[str, str]
    ready: bool
    internal_addresses: tuple[IPAddress, ...]
    pod_prefixes: tuple[IPNetwork, ...]


@dataclass(frozen=True, slots=True)
class PeerState:
    """One session as the node's agent reports it, at most every 5 s.

    `state` is idle, connect, active, open_sent, open_confirm or established; None is unknown: the
    agent has not written it, or does not recognise the peer (an address that is not in RFC 5952
    spelling, a missing PeerConfig). An agent that was killed leaves its last report behind.
    `advertised` counts the IPv6 unicast prefixes; `hold_time` is the one negotiated, in seconds.
    """

    local_asn: int
    peer_asn: int
    peer_address: IPAddress
    state: str | None
    established_since: str | None
    hold_time: int | None
    advertised: int | None


@dataclass(frozen=True, slots=True)
class ServiceState:
    """A service of type LoadBalancer that BGP may announce.

    `local_only`: by nodes with an endpoint only. `endpoints`: by node, the pods' addresses behind it.
    `refused`: why LB-IPAM gives it no address (`no_pool`, `out_of_ips`, …); empty if it does.
    """

    namespace: str
    name: str
    addresses: tuple[IPAddress, ...]
    local_only: bool
    endpoints: dict[str, tuple[IPAddress, ...]]
    refused: str = ""

    @property
    def endpoint_nodes(self) -> frozenset[str]:
        return frozenset(self.endpoints)


@dataclass(frozen=True, slots=True)
class Condition:
    """A fault that Cilium itself reports on one of its objects."""

    kind: str
    name: str
    type: str
    message: str

    def __str__(self) -> str:
        return f"{self.kind} {self.name}: {self.type.removeprefix('cilium.io/')}: {self.message}"


@dataclass(frozen=True, slots=True)
class ClusterState:
    """All that a run reads from a cluster to verify it. `peers` has the nodes with a CiliumBGPNodeConfig."""

    nodes: dict[str, NodeState]
    peers: dict[str, tuple[PeerState, ...]]
    services: tuple[ServiceState, ...]
    conditions: tuple[Condition, ...]

    @property
    def pods(self) -> dict[str, tuple[IPAddress, ...]]:
        """By node, the addresses of the pods there that services lead to."""
        found: dict[str, set[IPAddress]] = {}
        for service in self.services:
            for node, addresses in service.endpoints.items():
                found.setdefault(node, set()).update(addresses)
        return {node: tuple(sorted(addresses)) for node, addresses in found.items()}


def parse(objects: Mapping[str, Iterable[Manifest]]) -> ClusterState:
    """The state from the objects of a cluster, by kind.

    Kinds: Node, CiliumNode, Service, EndpointSlice and those of BAD_WHEN_TRUE; one that is absent is
    as one without objects.
    """
    of = {kind: list(found) for kind, found in objects.items()}
    node_configs = of.get("CiliumBGPNodeConfig", [])
    endpoints = _endpoints(of.get("EndpointSlice", []))
    services = (_service(service, endpoints) for service in of.get("Service", []) if _by_bgp(service))
    conditions = chain.from_iterable(
        _faults(kind, manifest) for kind in BAD_WHEN_TRUE for manifest in sorted(of.get(kind, []), key=_name)
    )
    return ClusterState(
        nodes=_nodes(of.get("Node", []), of.get("CiliumNode", [])),
        peers={_name(config): tuple(_peers(config)) for config in sorted(node_configs, key=_name)},
        services=tuple(sorted(services, key=lambda service: (service.namespace, service.name))),
        conditions=tuple(conditions),
    )


def announced_services(
    state: ClusterState, pools: Iterable[IPNetwork], nodes: Collection[str] | None = None
) -> dict[IPAddress, frozenset[str]]:
    """Which nodes announce each service's address out of `pools`.

    `nodes` are those that announce at all: by default the ones that have a CiliumBGPNodeConfig.
    With externalTrafficPolicy Cluster each of them does, without any endpoint too; with Local those
    that have an endpoint. Addresses that nobody announces have an empty set.
    """
    announcing = frozenset(state.peers if nodes is None else nodes)
    within = tuple(pools)
    announced: dict[IPAddress, frozenset[str]] = {}
    for service in state.services:
        by = announcing & service.endpoint_nodes if service.local_only else announcing
        for address in service.addresses:
            if any(address in pool for pool in within):
                announced[address] = announced.get(address, frozenset()) | by  # services may share one
    return announced


def _nodes(nodes: list[Manifest], cilium_nodes: list[Manifest]) -> dict[str, NodeState]:
    core, cilium = ({_name(node): node for node in found} for found in (nodes, cilium_nodes))
    return {name: _node(core.get(name, {}), cilium.get(name)) for name in sorted({*core, *cilium})}


def _node(core: Manifest, cilium: Manifest | None) -> NodeState:
    ready = any(
        condition.get("type") == "Ready" and condition.get("status") == "True"
        for condition in _at(core, "status", "conditions") or ()
    )
    internal = [
        entry.get("address") or entry.get("ip")
        for entry in _at(core, "status", "addresses") or _at(cilium or {}, "spec", "addresses") or ()
        if entry.get("type") == "InternalIP"
    ]
    return NodeState(
        labels=dict(_at(core if cilium is None else cilium, "metadata", "labels") or {}),
        ready=ready,
        internal_addresses=tuple(_addresses(internal)),
        pod_prefixes=tuple(_prefixes(_at(cilium or {}, "spec", "ipam", "podCIDRs") or ())),
    )


def _peers(config: Manifest) -> Iterator[PeerState]:
    reported = {instance.get("name"): instance for instance in _at(config, "status", "bgpInstances") or ()}
    for instance in _at(config, "spec", "bgpInstances") or ():
        status = reported.get(instance.get("name"), {})
        seen = {peer.get("name"): peer for peer in status.get("peers") or ()}
        for peer in instance.get("peers") or ():
            merged = {**peer, **seen.get(peer.get("name"), {})}
            # Without an address it is a gateway that autoDiscovery has not found.
            for address in _addresses([merged.get("peerAddress")]):
                yield _peer(status.get("localASN") or instance.get("localASN") or 0, address, merged)


def _peer(local_asn: int, address: IPAddress, peer: Manifest) -> PeerState:
    advertised = [
        count.get("advertised")
        for count in peer.get("routeCount") or ()
        if (count.get("afi"), count.get("safi")) == ("ipv6", "unicast")
    ]
    return PeerState(
        local_asn=local_asn,
        peer_asn=peer.get("peerASN") or 0,
        peer_address=address,
        state=peer.get("peeringState") or None,
        established_since=peer.get("establishedTime") or None,
        hold_time=_at(peer, "timers", "appliedHoldTimeSeconds") or None,  # 0 until one is negotiated
        advertised=advertised[0] if advertised else None,
    )


def _by_bgp(service: Manifest) -> bool:
    spec = service.get("spec") or {}
    return spec.get("type") == "LoadBalancer" and spec.get("loadBalancerClass") in (None, BGP_CLASS)


def _service(service: Manifest, endpoints: Mapping[tuple[str, str], dict[str, set[IPAddress]]]) -> ServiceState:
    namespace, name = _at(service, "metadata", "namespace") or "", _name(service)
    ingress = _at(service, "status", "loadBalancer", "ingress") or ()
    return ServiceState(
        namespace=namespace,
        name=name,
        addresses=tuple(_addresses(entry.get("ip") for entry in ingress)),
        local_only=_at(service, "spec", "externalTrafficPolicy") == "Local",
        endpoints={node: tuple(sorted(pods)) for node, pods in endpoints.get((namespace, name), {}).items()},
        refused=next(
            (
                str(condition.get("reason") or "")
                for condition in _at(service, "status", "conditions") or ()
                if condition.get("type") == "cilium.io/IPAMRequestSatisfied" and condition.get("status") == "False"
            ),
            "",
        ),
    )


def _endpoints(slices: Iterable[Manifest]) -> dict[tuple[str, str], dict[str, set[IPAddress]]]:
    """The ready endpoints of each service, by node; that nothing is said of readiness means ready."""
    found: dict[tuple[str, str], dict[str, set[IPAddress]]] = {}
    for part in slices:
        service = (_at(part, "metadata", "labels") or {}).get("kubernetes.io/service-name", "")
        nodes = found.setdefault((_at(part, "metadata", "namespace") or "", service), {})
        for endpoint in part.get("endpoints") or ():
            if endpoint.get("nodeName") and _at(endpoint, "conditions", "ready") is not False:
                nodes.setdefault(endpoint["nodeName"], set()).update(_addresses(endpoint.get("addresses") or ()))
    return found


def _faults(kind: str, manifest: Manifest) -> Iterator[Condition]:
    for condition in _at(manifest, "status", "conditions") or ():
        if condition.get("type") in BAD_WHEN_TRUE[kind] and condition.get("status") == "True":
            yield Condition(kind, _name(manifest), condition["type"], condition.get("message") or "")


def _name(manifest: Manifest) -> str:
    return str(_at(manifest, "metadata", "name") or "")


def _at(manifest: Manifest, *path: str) -> Any:
    """The value at a path; None where the object ends before."""
    value: Any = manifest
    for key in path:
        value = value.get(key) if isinstance(value, Mapping) else None
    return value


def _addresses(texts: Iterable[str | None]) -> Iterator[IPAddress]:
    for text in texts:
        try:
            yield IPAddress((text or "").partition("%")[0], 6)  # a link-local peer has its interface behind a %
        except (AddrFormatError, ValueError):
            continue


def _prefixes(texts: Iterable[str]) -> Iterator[IPNetwork]:
    for text in texts:
        try:
            yield IPNetwork(text, version=6)
        except (AddrFormatError, ValueError):
            continue
