"""get_interfaces, get_interfaces_ip and get_interfaces_counters."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from napalm.base.helpers import mac

from custom_napalm.frr.getters.answers import IP, document

SHOW = "vtysh -c 'show interface vrf all json'"
NOW = "date '+%Y/%m/%d %H:%M:%S'"  # FRR prints the times of changes of a link in this form, by the router's clock
COUNTERS = f"{IP} -j -s link"

_TIME = "%Y/%m/%d %H:%M:%S"
_UNKNOWN_SPEED = 4294967295


def present(said: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """The interfaces that there are, in any VRF, without those that are only configured."""
    return ((name, known) for name, known in document(said).items() if not known.get("pseudoInterface"))


def interfaces(shown: str, now: str) -> dict[str, dict[str, Any]]:
    """`speed` in Mbit/s, 0 if it is not known; `last_flapped` in seconds before now, -1 if it never did."""
    clock = datetime.strptime(now.strip(), _TIME)
    return {
        name: {
            "is_up": known.get("operationalStatus") == "up",
            "is_enabled": known.get("administrativeStatus") == "up",
            "description": known.get("description", ""),
            "last_flapped": _flapped(known, clock),
            "mtu": known.get("mtu", -1),
            "speed": float(known.get("speed", 0) % _UNKNOWN_SPEED),
            "mac_address": mac(known["hardwareAddress"]) if "hardwareAddress" in known else "",
        }
        for name, known in present(shown)
    }


def _flapped(known: dict[str, Any], clock: datetime) -> float:
    times = [known[key].partition(".")[0] for key in ("lastLinkUp", "lastLinkDown") if known.get(key)]
    if not times:
        return -1.0
    return (clock - datetime.strptime(max(times), _TIME)).total_seconds()


def addresses(shown: str) -> dict[str, dict[str, Any]]:
    """Link-local addresses, too. An interface without any address is left out."""
    found: dict[str, dict[str, Any]] = {}
    for name, known in present(shown):
        for entry in known.get("ipAddresses", ()):
            address, _, length = entry["address"].partition("/")
            family = "ipv6" if ":" in address else "ipv4"
            found.setdefault(name, {}).setdefault(family, {})[address] = {"prefix_length": int(length)}
    return found


def counters(said: str) -> dict[str, dict[str, int]]:
    """The kernel counts multicast packets only when they are received, and no broadcast packets: those that it
    does not tell apart are among the unicast ones."""
    return {link["ifname"]: _counted(link["stats64"]) for link in json.loads(said) if "stats64" in link}


def _counted(stats: dict[str, dict[str, int]]) -> dict[str, int]:
    received, sent = stats["rx"], stats["tx"]
    return {
        "tx_errors": sent["errors"],
        "rx_errors": received["errors"],
        "tx_discards": sent["dropped"],
        "rx_discards": received["dropped"],
        "tx_octets": sent["bytes"],
        "rx_octets": received["bytes"],
        "tx_unicast_packets": sent["packets"],
        "rx_unicast_packets": received["packets"] - received["multicast"],
        "tx_multicast_packets": -1,
        "rx_multicast_packets": received["multicast"],
        "tx_broadcast_packets": -1,
        "rx_broadcast_packets": -1,
    }
