"""get_route_to: what the RIB has for a destination, in any VRF, and all that BGP has heard of it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from netaddr import AddrFormatError, IPNetwork

from custom_napalm.frr.getters.answers import DEFAULT, asn, documents, seconds

NOW = "date +%s"

# FRR shows a prefix in one BGP instance at a time: the running configuration names them.
_BGP = """\
vtysh -c 'show running-config bgpd' | sed -n 's/ as-notation .*//; s/^router bgp //p' | while read -r asn kind vrf; do
printf '{"asn": "%s", "vrf": "%s", "table": ' "$asn" "${vrf:-default}"
vtysh -c "show bgp ${vrf:+$kind $vrf} SELECTION json" </dev/null
printf '}'
done"""


def commands(destination: str, *, longer: bool) -> tuple[str, str, str]:
    """What to ask for an address (its longest match) or a prefix (itself, or with `longer` all within it).

    Raises ValueError for anything else.
    """
    try:
        prefix = IPNetwork(destination)
    except (AddrFormatError, ValueError) as error:
        raise ValueError(f"{destination!r} is neither an address nor a prefix") from error
    family = f"ipv{prefix.version}"
    selection = str(prefix.cidr) if "/" in destination or longer else str(prefix.ip)
    selection += " longer-prefixes" if longer else ""
    rib = f"vtysh -c 'show {'ip' if prefix.version == 4 else 'ipv6'} route vrf all {selection} json'"
    return rib, _BGP.replace("SELECTION", f"{family} unicast {selection}"), NOW


@dataclass(frozen=True, slots=True)
class Path:
    """A path of BGP's. `why` is the reason by which the best path of its prefix was selected."""

    next_hops: tuple[str, ...]
    since: int | None
    why: str
    attributes: dict[str, Any]


def routes(rib: str, bgp: str, now: str, *, protocol: str = "") -> dict[str, list[dict[str, Any]]]:
    """By prefix, an entry a next hop: those of the RIB, then the paths that BGP has and does not use.

    `protocol` is FRR's (`bgp`, `static`, `connected`, `kernel`, `ospf6`, …), in capitals or not. `age` is in seconds.
    A path that is not used has as `inactive_reason` that by which another was selected. With `longer`, FRR tells
    neither the communities of a path (an empty list) nor the age of one that is not used (-1).
    """
    paths = _paths(bgp)
    found: dict[str, list[dict[str, Any]]] = {}
    for prefix, route in _rib(rib):
        vrf = route.get("vrfName", DEFAULT)
        known = paths.get((vrf, prefix), []) if route["protocol"] == "bgp" else []
        for hop in _next_hops(route):
            path = next((path for path in known if hop["ip"] in path.next_hops), None)
            if path:
                known.remove(path)
            found.setdefault(prefix, []).append(_entry(vrf, route, hop, path))
    for (vrf, prefix), unused in paths.items():
        found.setdefault(prefix, []).extend(_unused(vrf, path, int(now)) for path in unused)
    wanted = {
        prefix: [entry for entry in entries if protocol.lower() in ("", entry["protocol"])]
        for prefix, entries in found.items()
    }
    return {prefix: entries for prefix, entries in wanted.items() if entries}


def _rib(said: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """FRR 8.4 prints a document a VRF, FRR 10 also one document with the VRFs in it."""
    for document in documents(said):
        for key, value in document.items():
            if isinstance(value, list):
                yield from ((key, route) for route in value)
            else:
                yield from ((prefix, route) for prefix, there in value.items() for route in there)


def _next_hops(route: dict[str, Any]) -> list[dict[str, Any]]:
    """With address, interface and whether each is in use. What a recursive one resolves to comes after it."""
    hops: list[dict[str, Any]] = []
    for hop in route.get("nexthops", ()):
        interface = "blackhole" if hop.get("blackhole") else hop.get("interfaceName", "")
        if hop.get("resolver") and hops:
            hops[-1]["interface"] = hops[-1]["interface"] or interface
            hops[-1]["used"] |= hop.get("fib", False)
        else:
            hops.append(
                {
                    "ip": hop.get("ip", ""),
                    "interface": interface,
                    "used": hop.get("fib", False),
                    "active": hop.get("active", False),
                }
            )
    return hops


def _entry(vrf: str, route: dict[str, Any], hop: dict[str, Any], path: Path | None) -> dict[str, Any]:
    selected = route.get("selected", False)
    why = "" if selected else "administrative distance" if hop["active"] else "next hop not active"
    return {
        "protocol": route["protocol"],
        "current_active": selected,
        "last_active": False,
        "age": seconds(route["uptime"]),
        "next_hop": hop["ip"],
        "outgoing_interface": hop["interface"],
        "selected_next_hop": hop["used"],
        "preference": route["distance"],
        "inactive_reason": why,
        "routing_table": vrf,
        "protocol_attributes": path.attributes if path else {},
    }


def _unused(vrf: str, path: Path, now: int) -> dict[str, Any]:
    return {
        "protocol": "bgp",
        "current_active": False,
        "last_active": False,
        "age": -1 if path.since is None else max(now - path.since, 0),
        "next_hop": path.next_hops[0],
        "outgoing_interface": "",
        "selected_next_hop": False,
        "preference": -1,
        "inactive_reason": path.why,
        "routing_table": vrf,
        "protocol_attributes": path.attributes,
    }


def _paths(said: str) -> dict[tuple[str, str], list[Path]]:
    """The paths to each (VRF, prefix) that neighbours have sent, the best first.

    FRR describes a path at length (`paths`), or in the shape of a table (`routes`).
    """
    found = {}
    for instance in documents(said):
        table, local_as = instance["table"], asn(instance["asn"])
        listed = {table["prefix"]: table["paths"]} if "paths" in table else table.get("routes", {})
        for prefix, entries in listed.items():
            why = next((reason for entry in entries if (reason := _selected(entry))), "")
            ordered = sorted(entries, key=lambda entry: not _selected(entry))
            found[instance["vrf"], prefix] = [_path(entry, local_as, why) for entry in ordered if _heard(entry)]
    return found


def _selected(entry: dict[str, Any]) -> str:
    best = entry.get("bestpath", False)
    return str((best if isinstance(best, dict) else entry).get("selectionReason", ""))


def _heard(entry: dict[str, Any]) -> bool:
    """Whether a neighbour has sent it; the router itself is `(unspec)`, `::` or `0.0.0.0`."""
    return _peer(entry) not in ("", "(unspec)", "::", "0.0.0.0")  # noqa: S104 (no address to bind)


def _peer(entry: dict[str, Any]) -> str:
    return str(entry.get("peer", entry).get("peerId", ""))


def _path(entry: dict[str, Any], local_as: int, why: str) -> Path:
    as_path = entry["path"] if "path" in entry else entry["aspath"]["string"]
    first = re.search(r"\d[\d.]*", as_path)  # also of `{64513,64514}` and `(64513)`
    internal = entry.get("pathFrom", entry.get("peer", {}).get("type")) == "internal"
    hops = entry.get("nexthops", [])
    since = entry.get("lastUpdate", {}).get("epoch")
    attributes = {
        "local_as": local_as,
        "remote_as": local_as if internal or not first else asn(first.group()),
        "peer_id": _peer(entry),
        "as_path": as_path,
        "communities": [
            community for kind in ("community", "largeCommunity") for community in entry.get(kind, {}).get("list", ())
        ],
        "local_preference": entry.get("locPrf", 100),
        "preference2": entry.get("weight", 0),
        "metric": entry.get("metric", 0),
        "metric2": hops[0].get("metric", -1) if hops else -1,
    }
    return Path(tuple(hop["ip"] for hop in hops), since, why, attributes)
