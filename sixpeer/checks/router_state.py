"""What an FRR router says of its sessions, accepted prefixes and forwarding table, from vtysh's JSON.

Keys used are those that FRR 8.4, 10.3 and 10.7 have in common.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from netaddr import IPAddress, IPNetwork

from sixpeer.errors import DeviceError

NEIGHBORS = "show bgp neighbors json"
PATHS = "show bgp ipv6 unicast json"
ROUTES = "show ipv6 route json"
COMMANDS = (NEIGHBORS, PATHS, ROUTES)


@dataclass(frozen=True, slots=True)
class RouterSession:
    """A session as the router sees it. Times in seconds; `accepted` counts IPv6 unicast prefixes."""

    state: str
    local_address: IPAddress | None
    remote_address: IPAddress
    local_asn: int
    remote_asn: int
    hold_time: int | None
    uptime: int | None
    accepted: int

    @property
    def established(self) -> bool:
        return self.state == "Established"


@dataclass(frozen=True, slots=True)
class Route:
    """A route that is installed in the kernel, with the next hops that are in use."""

    protocol: str
    next_hops: frozenset[IPAddress]


@dataclass(frozen=True, slots=True)
class RouterState:
    """`gateways`: for each NAT64 gateway whether the router reaches it (it answered a ping)."""

    sessions: Mapping[IPAddress, RouterSession]
    accepted: Mapping[IPAddress, frozenset[IPNetwork]]
    fib: Mapping[IPNetwork, Route]
    gateways: Mapping[IPAddress, bool]


def parse(outputs: Mapping[str, str], gateways: Mapping[IPAddress, bool]) -> RouterState:
    """The state in the outputs of COMMANDS. Raises DeviceError if one is not what FRR is known to answer."""
    try:
        neighbors, paths, routes = (loaded(outputs[command]) for command in COMMANDS)
        return RouterState(_sessions(neighbors), _accepted(paths), _fib(routes), dict(gateways))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise DeviceError(f"FRR's JSON is not as known: {type(error).__name__} {error}") from None


def loaded(text: str) -> dict[str, Any]:
    """The JSON in `text`; without a BGP instance FRR answers with words instead."""
    if not text.strip() or text.lstrip().startswith(("%", "No BGP", "BGP instance not found")):
        return {}
    loaded = json.loads(text)
    if not isinstance(loaded, dict):
        raise TypeError("not an object")
    return loaded


def _sessions(neighbors: dict[str, Any]) -> dict[IPAddress, RouterSession]:
    sessions = {}
    for name, seen in neighbors.items():
        if not isinstance(seen, dict) or "bgpState" not in seen or ":" not in name:
            continue  # the instance's own values, and IPv4 neighbours
        address = IPAddress(name)
        up = seen["bgpState"] == "Established"
        family = seen.get("addressFamilyInfo", {}).get("ipv6Unicast", {})
        sessions[address] = RouterSession(
            state=seen["bgpState"],
            local_address=IPAddress(seen["hostLocal"]) if up else None,  # else absent or "Unknown"
            remote_address=IPAddress(seen["hostForeign"]) if up else address,
            local_asn=int(seen["localAs"]),
            remote_asn=int(seen["remoteAs"]),
            hold_time=int(seen["bgpTimerHoldTimeMsecs"]) // 1000 if up and "bgpTimerHoldTimeMsecs" in seen else None,
            uptime=int(seen["bgpTimerUpMsec"]) // 1000 if up and "bgpTimerUpMsec" in seen else None,
            accepted=int(family.get("acceptedPrefixCounter", 0)),
        )
    return sessions


def _accepted(paths: dict[str, Any]) -> dict[IPAddress, frozenset[IPNetwork]]:
    accepted: dict[IPAddress, set[IPNetwork]] = {}
    for prefix, entries in paths.get("routes", {}).items():
        for path in entries:
            peer = path.get("peerId", "")
            if ":" in peer and path.get("valid"):
                accepted.setdefault(IPAddress(peer), set()).add(IPNetwork(prefix))
    return {peer: frozenset(prefixes) for peer, prefixes in accepted.items()}


def _fib(routes: dict[str, Any]) -> dict[IPNetwork, Route]:
    fib = {}
    for prefix, entries in routes.items():
        for route in entries:
            if not (route.get("selected") and route.get("installed")):
                continue
            used = (hop for hop in route.get("nexthops", ()) if hop.get("fib") and hop.get("active"))
            hops = frozenset(IPAddress(hop["ip"]) for hop in used if "ip" in hop)
            fib[IPNetwork(prefix)] = Route(str(route["protocol"]), hops)
    return fib
