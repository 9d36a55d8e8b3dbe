"""get_ipv6_neighbors_table: the kernel's, since FRR's own knows neither states nor ages."""

from __future__ import annotations

import json
from typing import Any

from napalm.base.helpers import ip, mac

from custom_napalm.frr.getters.answers import IP

COMMAND = f"{IP} -6 -j -s neigh"


def ipv6_neighbors(said: str) -> list[dict[str, Any]]:
    """`age`: seconds since the neighbour was last known to be reachable; `mac` is "" where it is not known."""
    return [
        {
            "interface": entry["dev"],
            "mac": mac(entry["lladdr"]) if "lladdr" in entry else "",
            "ip": ip(entry["dst"]),
            "age": float(entry.get("confirmed", -1)),
            "state": " ".join(entry["state"]),
        }
        for entry in json.loads(said)
    ]
