"""Rules that need more than one part of the description: containment, overlap, and who serves what."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import combinations

from netaddr import IPAddress, IPNetwork

from sixpeer.errors import Problem
from sixpeer.intent.cluster import Cluster
from sixpeer.intent.model import Intent
from sixpeer.intent.source import Source

Block = tuple[tuple[str, ...], IPNetwork]
"""A prefix of the address plan and the keys under which it stands in the cluster's file."""


def problems_across(intent: Intent, sources: Mapping[str, Source]) -> list[Problem]:
    """Everything wrong between parts that are each valid."""
    problems = []
    for name, cluster in intent.clusters.items():
        source = sources[f"clusters/{name}"]
        problems += [*_addresses(cluster, source), *_nodes(cluster, source)]
    problems += _between_clusters(intent, sources)
    problems += _ties(intent, sources["hosts"])
    problems += _unserved(intent, sources)
    problems += _on_one_router(intent, sources)
    return problems


def _blocks(cluster: Cluster) -> list[Block]:
    blocks: list[Block] = [(("subnets", name, "prefix"), subnet.prefix) for name, subnet in cluster.subnets.items()]
    blocks += [(("pods", "prefix"), cluster.pods.prefix), (("services", "prefix"), cluster.services.prefix)]
    blocks += [(("load_balancers", name, "prefix"), pool.prefix) for name, pool in cluster.load_balancers.items()]
    return blocks


def _overlap(one: IPNetwork, other: IPNetwork) -> bool:
    return one in other or other in one


def _addresses(cluster: Cluster, source: Source) -> Iterator[Problem]:
    blocks = _blocks(cluster)
    for path, prefix in blocks:
        if path[0] == "subnets" and prefix not in cluster.parent:
            yield source.problem(path, f"{prefix} is not in the parent {cluster.parent}")
    for (path, prefix), (other_path, other) in combinations(blocks, 2):
        if _overlap(prefix, other):
            yield source.problem(path, f"{prefix} overlaps {other} ({'.'.join(other_path)})")
    if cluster.nat64:
        for gateway in cluster.nat64.gateways:
            if gateway in cluster.nat64.prefix:
                yield source.problem(("nat64", "gateways"), f"{gateway} is inside the NAT64 prefix itself")


def _nodes(cluster: Cluster, source: Source) -> Iterator[Problem]:
    seen: dict[IPAddress, str] = {}
    for name, node in cluster.nodes.items():
        path = ("nodes", name)
        subnet = cluster.node_subnets.get(node.subnet)
        if subnet is None:
            known = ", ".join(cluster.node_subnets)
            yield source.problem((*path, "subnet"), f"{node.subnet} is not a subnet with nodes", f"there are: {known}")
            continue
        if node.address not in subnet.prefix:
            yield source.problem((*path, "address"), f"{node.address} is not in {subnet.prefix} ({node.subnet})")
        if node.address == subnet.prefix.network:
            yield source.problem((*path, "address"), f"{node.address} is the subnet-router anycast address (RFC 4291)")
        if node.address in seen:
            yield source.problem((*path, "address"), f"{node.address} is also the address of {seen[node.address]}")
        seen[node.address] = name
        if subnet.node_selector and not subnet.node_selector.matches(node.labels):
            yield source.problem(
                (*path, "labels"),
                f"the node_selector of {node.subnet} does not match this node",
                "mend the labels or the selector: each subnet has a CiliumBGPClusterConfig of its own",
            )
        for other, candidate in cluster.node_subnets.items():
            if other != node.subnet and candidate.node_selector and candidate.node_selector.matches(node.labels):
                yield source.problem(
                    (*path, "labels"),
                    f"the node_selector of {other} matches this node too",
                    "a node accepts one CiliumBGPClusterConfig",
                )


def _between_clusters(intent: Intent, sources: Mapping[str, Source]) -> Iterator[Problem]:
    for (name, cluster), (other_name, other) in combinations(intent.clusters.items(), 2):
        for path, prefix in _blocks(other):
            for _, taken in _blocks(cluster):
                if _overlap(prefix, taken):
                    what = f"{prefix} overlaps {taken} of cluster {name}"
                    yield sources[f"clusters/{other_name}"].problem(path, what)


def _ties(intent: Intent, hosts: Source) -> Iterator[Problem]:
    addresses = {
        node.address: f"node {name}/{node_name}"
        for name, cluster in intent.clusters.items()
        for node_name, node in cluster.nodes.items()
    }
    router_ids: dict[IPAddress, str] = {}
    for name, router in intent.routers.items():
        if router.router_id in router_ids:
            what = f"{router.router_id} is also the router ID of {router_ids[router.router_id]}"
            yield hosts.problem((name, "data", "router_id"), what, "router IDs are unique (RFC 6286)")
        router_ids[router.router_id] = name
        for served, count in Counter(tie.subnet for tie in router.serves).items():
            if count > 1:
                what = f"{served} is served {count} times"
                yield hosts.problem((name, "data", "serves"), what, "a node has one session with a router")
        for index, tie in enumerate(router.serves):
            path = (name, "data", "serves", index)
            cluster = intent.clusters.get(tie.cluster)
            subnet = cluster.node_subnets.get(tie.subnet_name) if cluster else None
            if subnet is None:
                known = ", ".join(
                    f"{c}/{s}" for c, described in intent.clusters.items() for s in described.node_subnets
                )
                yield hosts.problem((*path, "subnet"), f"{tie.subnet} is not described", f"there are: {known}")
                continue
            if tie.address not in subnet.prefix:
                yield hosts.problem((*path, "address"), f"{tie.address} is not in {subnet.prefix} ({tie.subnet})")
            if tie.address in addresses:
                what = f"{tie.address} is also the address of {addresses[tie.address]}"
                yield hosts.problem((*path, "address"), what)
            addresses[tie.address] = f"router {name}"
            if cluster and router.asn == cluster.bgp.asn:
                what = f"AS {router.asn} is the cluster's too: iBGP to nodes is not supported"
                yield hosts.problem((name, "data", "asn"), what, "give the cluster an AS of its own")


def _unserved(intent: Intent, sources: Mapping[str, Source]) -> Iterator[Problem]:
    ties = [tie for router in intent.routers.values() for tie in router.serves]
    served, first_hops = {tie.subnet for tie in ties}, {tie.address for tie in ties}
    for name, cluster in intent.clusters.items():
        for subnet_name, subnet in cluster.node_subnets.items():
            path = ("subnets", subnet_name)
            source = sources[f"clusters/{name}"]
            if f"{name}/{subnet_name}" not in served:
                yield source.problem(path, "no router serves it", "add it to `serves` of a router in hosts.yaml")
            elif subnet.first_hop and subnet.first_hop.static not in first_hops:
                what = f"the first hop {subnet.first_hop.static} is no router's address on this subnet"
                yield source.problem((*path, "first_hop"), what)


def _on_one_router(intent: Intent, sources: Mapping[str, Source]) -> Iterator[Problem]:
    """What the clusters of a router share, and the names that hosts have."""
    for name in intent.routers.keys() & intent.clusters.keys():
        yield sources["hosts"].problem((name,), "is the name of a cluster too", "Nornir knows both as hosts")
    for router in intent.routers:
        for (_, one), (name, other) in combinations(intent.clusters_of(router).items(), 2):
            if not (one.nat64 and other.nat64) or one.nat64.prefix != other.nat64.prefix:
                continue
            if set(one.nat64.gateways) != set(other.nat64.gateways):
                what = f"{router} serves {one.name} too, which sends {one.nat64.prefix} to other gateways"
                yield sources[f"clusters/{name}"].problem(("nat64", "gateways"), what)
