"""What follows from the description and the cluster's present state: sessions, prefixes, next hops."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from netaddr import IPAddress, IPNetwork

from sixpeer.checks.probes import Kind, Probe
from sixpeer.cilium.status import ClusterState, announced_services
from sixpeer.intent import Intent, Session


@dataclass(frozen=True, slots=True)
class Expected:
    """One cluster's expectations.

    `absent`: nodes without expected sessions, with the reason. `prefixes`: by node, what its routers
    accept. `services`: by load-balancer address, the addresses of the nodes that announce it.
    `pending`: services that have no address, with LB-IPAM's reason if it gives one. `without_pods`:
    nodes that should announce a pod prefix and have none.
    """

    cluster: str
    sessions: tuple[Session, ...]
    absent: Mapping[str, str]
    prefixes: Mapping[str, frozenset[IPNetwork]]
    services: Mapping[IPAddress, Mapping[str, IPAddress]]
    pending: Mapping[str, str]
    without_pods: frozenset[str]

    def sessions_of(self, router: str) -> tuple[Session, ...]:
        return tuple(session for session in self.sessions if session.router == router)


def expect(intent: Intent, cluster: str, state: ClusterState) -> Expected:
    """The expectations for a cluster as it is now: of the nodes that are selected and Ready."""
    described = intent.clusters[cluster]
    absent: dict[str, str] = {}
    addresses: dict[str, IPAddress] = {}
    sessions: list[Session] = []
    for subnet_name, subnet in described.node_subnets.items():
        for name in sorted({*state.nodes, *described.nodes_of(subnet_name)}):
            node = state.nodes.get(name)
            if node is None:
                absent[name] = "the cluster has no such node"
                continue
            if subnet.node_selector is None or not subnet.node_selector.matches(dict(node.labels)):
                if name in described.nodes_of(subnet_name):
                    absent[name] = f"the node selector of {subnet_name} does not match its labels"
                continue
            if not node.ready:
                absent[name] = "the node is not Ready"
                continue
            inside = [address for address in node.internal_addresses if address in subnet.prefix]
            if name in described.nodes:
                addresses[name] = described.nodes[name].address
            elif inside and subnet.peering.neighbors == "listen":
                addresses[name] = inside[0]
            else:
                absent[name] = (
                    f"it has no InternalIP in {subnet.prefix}"
                    if subnet.peering.neighbors == "listen"
                    else f"it is not in the inventory, and {subnet_name} has static neighbours"
                )
                continue
            sessions += intent.sessions(cluster, subnet_name, name, addresses[name])
    services = {
        address: {node: addresses[node] for node in nodes if node in addresses}
        for address, nodes in _services(intent, cluster, state, frozenset(addresses)).items()
    }
    pods = "pods" in described.bgp.announce
    without_pods = frozenset(name for name in addresses if pods and not state.nodes[name].pod_prefixes)
    prefixes = {name: _prefixes(intent, cluster, state, name, services) for name in addresses}
    announced = "load_balancers" in described.bgp.announce and bool(described.load_balancers)
    pending = {
        f"{service.namespace}/{service.name}": service.refused
        for service in state.services
        if announced and not service.addresses
    }
    return Expected(cluster, tuple(sessions), absent, prefixes, services, pending, without_pods)


def _services(
    intent: Intent, cluster: str, state: ClusterState, nodes: frozenset[str]
) -> Mapping[IPAddress, frozenset[str]]:
    described = intent.clusters[cluster]
    if "load_balancers" not in described.bgp.announce:
        return {}
    pools = tuple(pool.prefix for pool in described.load_balancers.values())
    return {address: by & nodes for address, by in announced_services(state, pools).items()}


def _prefixes(
    intent: Intent, cluster: str, state: ClusterState, node: str, services: Mapping[IPAddress, Mapping[str, IPAddress]]
) -> frozenset[IPNetwork]:
    found = {IPNetwork(f"{address}/128") for address, nodes in services.items() if node in nodes}
    if "pods" in intent.clusters[cluster].bgp.announce:
        found |= set(state.nodes[node].pod_prefixes)
    return frozenset(found)


def probes_of(intent: Intent, cluster: str, state: ClusterState, node: str) -> tuple[Probe, ...]:
    """What to try from a node's shell: a pod on each other node, and each name through NAT64."""
    described = intent.clusters[cluster]
    own = state.pods.get(node, ())
    tried = [
        Probe(Kind.POD_PING, pods[0], other, own[0] if own else None)
        for other, pods in sorted(state.pods.items())
        if other != node and pods
    ]
    if described.nat64:
        tried += [
            Probe(Kind.NAT64_HTTP, described.nat64.embed(ipv4), name) for name, ipv4 in described.dns64.names.items()
        ]
    return tuple(tried)
