"""get_network_instances: VRFs, those of the kernel's devices and those that are network namespaces."""

from __future__ import annotations

import re
from typing import Any

from custom_napalm.frr.getters.answers import DEFAULT
from custom_napalm.frr.getters.bgp_config import instances
from custom_napalm.frr.getters.interfaces import SHOW, present

COMMANDS = ("vtysh -c 'show vrf'", SHOW, "vtysh -c 'show running-config no-header'")


def network_instances(vrfs: str, shown: str, config: str, *, wanted: str = "") -> dict[str, dict[str, Any]]:
    """The VRFs, or the one that is `wanted`, with their interfaces, but for the VRF's own device.

    `route_distinguisher` is the one that is configured in the VRF's BGP instance, "" if there is none.
    """
    names = [DEFAULT, *re.findall(r"^vrf (\S+)", vrfs, re.MULTILINE)]
    distinguishers = {instance.vrf: instance.route_distinguisher for instance in instances(config)}
    members: dict[str, list[str]] = {}
    for name, known in present(shown):
        members.setdefault(known.get("vrfName", DEFAULT), []).append(name)
    return {
        name: {
            "name": name,
            "type": "DEFAULT_INSTANCE" if name == DEFAULT else "L3VRF",
            "state": {"route_distinguisher": distinguishers.get(name, "")},
            "interfaces": {"interface": {member: {} for member in members.get(name, ()) if member != name}},
        }
        for name in names
        if wanted in ("", name)
    }
