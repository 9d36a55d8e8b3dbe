"""Reboot a router of a lab that is up."""

from __future__ import annotations

from lab import boot, programs
from lab.description import Description
from lab.errors import LabError
from lab.health import running
from lab.management import Management
from lab.namespaces import root
from lab.state import State
from lab.topology import Topology


def reboot(description: Description, state: State, name: str) -> None:
    """Cut a router's power, and return when it is up again, as its startup file and its disk say. Raises LabError."""
    with state.lock():
        record = state.read()
        now = running(record)
        lab = root(record.outer) if record and record.complete and record.outer else None
        if record is None or now is None or lab is None:
            raise LabError(f"no lab is up in {state.folder}")
        topology = Topology(description, Management.of(state.folder), "", empty_frr=record.empty_frr, frr=record.frr)
        if topology.digest != record.digest:
            raise LabError("the lab that is up is of another description, or of other programs")
        routers = topology.frr_routers
        if name not in routers or name not in now:
            raise LabError(f"there is no router {name}; there are {', '.join(sorted(routers.keys() & now.keys()))}")
        boot.reboot(lab, routers[name], topology.machines, state.machine(name), programs.folder())
