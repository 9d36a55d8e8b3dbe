"""Whether a lab is up, and whole."""

from __future__ import annotations

from collections import Counter

from lab.namespaces import Inside, machines, root
from lab.process import daemons
from lab.state import Record


def running(record: Record | None) -> dict[str, Inside] | None:
    """The running machines by name; None if the lab is not up."""
    lab = root(record.outer) if record and record.outer else None
    return machines(lab) if lab else None


def lost(record: Record, now: dict[str, Inside]) -> dict[str, list[str]]:
    """What ran on each machine at the end of `up` and no longer does; machines without losses are left out."""
    found = {}
    for name, machine in record.machines.items():
        current = Counter(daemons(now[name].pid) if name in now else ())
        if gone := list((Counter(machine.daemons) - current).elements()):
            found[name] = gone
    return found
