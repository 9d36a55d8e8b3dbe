"""get_facts: what the router is."""

from __future__ import annotations

import json
import re
from typing import Any

from custom_napalm.frr.getters.answers import IP

COMMANDS = (
    "vtysh -c 'show version'",  # as JSON on no version before 10.7
    "hostname",
    "hostname -f 2>/dev/null || hostname",
    "cut -d' ' -f1 /proc/uptime",
    "cat /sys/class/dmi/id/product_name 2>/dev/null || uname -m",
    f"{IP} -j link",
)


def facts(version: str, hostname: str, fqdn: str, uptime: str, model: str, links: str) -> dict[str, Any]:
    """`uptime` is the system's, in seconds; a serial number is for root only, so there is none."""
    found = re.search(r"FRRouting (\S+)", version)
    name, full = hostname.strip(), fqdn.strip()
    return {
        "vendor": "FRRouting",
        "os_version": found.group(1) if found else "",
        "hostname": name,
        "fqdn": full if full and " " not in full else name,
        "uptime": float(uptime or -1),
        "model": model.strip(),
        "serial_number": "",
        "interface_list": sorted(link["ifname"] for link in json.loads(links)),
    }
