"""A router as described in inventory/hosts.yaml: what is its own, and which node subnets it serves."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from sixpeer.intent.values import IPv4, IPv6, Model, UsableAsn


class Serves(Model):
    """The tie of a router to a node subnet: on which interface, with which address of the subnet."""

    subnet: str = Field(pattern=r"^[^/]+/[^/]+$", description="<cluster>/<subnet>")
    interface: str = Field(min_length=1, max_length=15)  # IFNAMSIZ - 1
    address: IPv6

    @property
    def cluster(self) -> str:
        return self.subnet.partition("/")[0]

    @property
    def subnet_name(self) -> str:
        return self.subnet.partition("/")[2]


class Router(Model):
    """A router. The router ID is mandatory: where nothing has IPv4 there is nothing to take it from."""

    name: str
    platform: Literal["frr"]
    asn: UsableAsn
    router_id: IPv4
    serves: tuple[Serves, ...] = ()

    def serves_cluster(self, cluster: str) -> tuple[Serves, ...]:
        """The ties to subnets of one cluster."""
        return tuple(tie for tie in self.serves if tie.cluster == cluster)
