"""The whole description: routers, clusters, and what follows from their tie."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from netaddr import IPAddress

from sixpeer.errors import UsageError
from sixpeer.intent.cluster import Cluster, Subnet
from sixpeer.intent.router import Router
from sixpeer.intent.secrets import Secret

_MD5_PASSWORD = re.compile(r"[!-~]{1,80}")  # TCP_MD5SIG_MAXKEYLEN; a blank would end it in FRR's configuration


@dataclass(frozen=True, slots=True)
class Session:
    """One BGP session that the description asks for."""

    cluster: str
    subnet: str
    router: str
    node: str
    router_address: IPAddress
    node_address: IPAddress
    router_asn: int
    node_asn: int
    hold_time: int

    def __str__(self) -> str:
        return f"{self.router} – {self.cluster}/{self.node}"


@dataclass(frozen=True, slots=True)
class Intent:
    """The description, valid as a whole. `folder` is where config.yaml is: paths are relative to it."""

    owner: str
    folder: Path
    routers: dict[str, Router]
    clusters: dict[str, Cluster]

    def subnet(self, path: str) -> Subnet:
        """The subnet named <cluster>/<subnet>."""
        cluster, _, name = path.partition("/")
        return self.clusters[cluster].subnets[name]

    def routers_of(self, cluster: str) -> dict[str, Router]:
        """The routers that serve a subnet of this cluster."""
        return {name: router for name, router in self.routers.items() if router.serves_cluster(cluster)}

    def clusters_of(self, router: str) -> dict[str, Cluster]:
        """The clusters that this router serves."""
        return {tie.cluster: self.clusters[tie.cluster] for tie in self.routers[router].serves}

    def sessions(self, cluster: str, subnet: str, node: str, address: IPAddress) -> Iterator[Session]:
        """The sessions of a node on a subnet: one with each router that serves it."""
        bgp = self.clusters[cluster].bgp
        for router in self.routers_of(cluster).values():
            for tie in router.serves_cluster(cluster):
                if tie.subnet_name == subnet:
                    yield Session(
                        cluster,
                        subnet,
                        router.name,
                        node,
                        tie.address,
                        address,
                        router.asn,
                        bgp.asn,
                        bgp.timers.hold,
                    )

    def group_name(self, cluster: str) -> str:
        """The prefix of all that is named for a cluster on routers: <OWNER>-<CLUSTER>."""
        return f"{self.owner}-{cluster.upper()}"

    def password(self, cluster: str) -> Secret | None:
        """The TCP-MD5 password of the cluster's sessions. Raises UsageError if it cannot be had."""
        reference = self.clusters[cluster].bgp.password
        if reference is None:
            return None
        secret = reference.resolve(f"{cluster}-bgp-password", self.folder)
        if not _MD5_PASSWORD.fullmatch(secret.reveal()):
            raise UsageError(f"{secret.placeholder} has to be one line of 1 to 80 ASCII characters without blanks")
        return secret
