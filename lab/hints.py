"""What to try in a lab that is up."""

from __future__ import annotations

import os
from pathlib import Path

from lab.description import Description
from lab.management import Management
from lab.state import State
from lab.topology import CLIENT, Topology


def to_try(description: Description, state: State) -> list[str]:
    """Lines for a terminal in the folder of config.yaml."""
    topology = Topology(description, Management.of(state.folder), "")
    sudo = "sudo " if os.environ.get("SUDO_USER") else ""
    python, ssh = f"{sudo}.venv/bin/python -m", f"{sudo}ssh -F {_short(description.ssh_config)}"
    router, node = topology.routers[0].name, next(iter(topology.cluster.nodes))
    nat64, names = topology.cluster.nat64, topology.cluster.dns64.names
    tries = {
        f"{ssh} -t {router} vtysh": "a router; `show bgp ipv6 unicast summary` has the sessions as it sees them",
        f"{ssh} {node}": "a node",
        f"{sudo}{_short(state.kubectl)} get ciliumbgpnodeconfigs -o yaml": "the sessions as the nodes see them",
        f"{python} lab exec {CLIENT} curl -s http://[{topology.web_address}]/": "the load balancer; nodes take turns",
    }
    if nat64 and names:
        server = nat64.embed(next(iter(names.values())))
        tries[f"{python} lab exec {node} curl -s http://[{server}]/"] = "an IPv4-only server, through NAT64"
    tries |= {
        f"{python} runbooks.deploy": "nothing changes any more",
        f"{python} runbooks.drift": "in sync; change something by hand, and ask again",
        f"{sudo}make clean": "ends the lab, and removes what it left",
    }
    width = max(map(len, tries))
    return [f"  {command:<{width}}  # {what}" for command, what in tries.items()]


def _short(path: Path) -> str:
    """As seen from the current folder, where that is shorter."""
    return min(str(path), os.path.relpath(path), key=len)
