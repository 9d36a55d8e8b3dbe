"""NAPALM's getters on a router: each asks for all it needs in one round trip, and `getters` reads the answers."""

from __future__ import annotations

import shlex
from typing import Any

from napalm.base import NetworkDriver

from custom_napalm.frr.connection import Connection
from custom_napalm.frr.getters import (
    bgp,
    bgp_config,
    facts,
    instances,
    interfaces,
    neighbors,
    ping,
    routes,
)


class Reading(NetworkDriver):
    """What can be read from a router, in NAPALM's terms."""

    connection: Connection

    def get_facts(self) -> dict[str, Any]:  # type: ignore[override]
        """What the router is; `uptime` is the system's, in seconds."""
        return facts.facts(*self.connection.said(*facts.COMMANDS))

    def get_interfaces(self) -> dict[str, dict[str, Any]]:  # type: ignore[override]
        """The interfaces of every VRF; `speed` in Mbit/s, `last_flapped` in seconds before now."""
        return interfaces.interfaces(*self.connection.said(interfaces.SHOW, interfaces.NOW))

    def get_interfaces_ip(self) -> dict[str, dict[str, Any]]:  # type: ignore[override]
        """The addresses of every VRF's interfaces, link-local ones too."""
        return interfaces.addresses(*self.connection.said(interfaces.SHOW))

    def get_interfaces_counters(self) -> dict[str, dict[str, int]]:  # type: ignore[override]
        """The kernel's counters, -1 for those that it does not have."""
        return interfaces.counters(*self.connection.said(interfaces.COUNTERS))

    def get_ipv6_neighbors_table(self) -> list[dict[str, Any]]:  # type: ignore[override]
        """The kernel's neighbour table; `age` in seconds since the neighbour was last known to be reachable."""
        return neighbors.ipv6_neighbors(*self.connection.said(neighbors.COMMAND))

    def get_network_instances(self, name: str = "") -> dict[str, dict[str, Any]]:  # type: ignore[override]
        """The VRFs, or the one of this name, with their interfaces."""
        return instances.network_instances(*self.connection.said(*instances.COMMANDS), wanted=name)

    def get_bgp_neighbors(self) -> dict[str, dict[str, Any]]:  # type: ignore[override]
        """The sessions of every VRF (`global` is the default one), those of dynamic neighbours too."""
        return bgp.neighbors(*self.connection.said(bgp.NEIGHBORS, bgp.INSTANCES))

    def get_bgp_neighbors_detail(  # type: ignore[override]
        self, neighbor_address: str = ""
    ) -> dict[str, dict[int, list[dict[str, Any]]]]:
        """The same by VRF and the neighbour's AS, or only the neighbour with this address."""
        return bgp.detail(*self.connection.said(bgp.NEIGHBORS, bgp.CONFIG), wanted=neighbor_address)

    def get_bgp_config(self, group: str = "", neighbor: str = "") -> dict[str, dict[str, Any]]:  # type: ignore[override]
        """Peer groups and their neighbours as configured; what a VRF has is `VRF/GROUP`. Passwords are not shown."""
        return bgp_config.bgp_config(*self.connection.said(bgp_config.COMMAND), group=group, neighbor=neighbor)

    def get_route_to(  # type: ignore[override]
        self, destination: str = "", protocol: str = "", longer: bool = False
    ) -> dict[str, list[dict[str, Any]]]:
        """The routes of every VRF to a prefix or, by longest match, to an address; with `longer`, all within it.

        Raises ValueError where `destination` is neither.
        """
        return routes.routes(*self.connection.said(*routes.commands(destination, longer=longer)), protocol=protocol)

    def ping(  # type: ignore[override]
        self,
        destination: str,
        source: str = "",
        ttl: int = 255,
        timeout: int = 2,
        size: int = 100,
        count: int = 5,
        vrf: str = "",
        source_interface: str = "",
    ) -> dict[str, Any]:
        """iputils' ping on the router; `size` is that of the payload, `timeout` seconds an answer."""
        words = ping.words(
            destination, source=source, ttl=ttl, timeout=timeout, size=size, count=count, device=vrf or source_interface
        )
        (done,) = self.connection.batch(shlex.join(words), timeout=count * (1 + timeout) + 10)
        return ping.result(done.stdout + done.stderr, done.status, count)
