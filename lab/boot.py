"""A machine from its start to its last service, and again when it reboots."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterable
from pathlib import Path

from lab import links
from lab.errors import LabError
from lab.machine import Machine
from lab.namespaces import Inside, end_machine, start_machine
from lab.versions import tree


def start(lab: Inside, machine: Machine, folder: Path, programs: Path | None = None) -> Inside:
    """Start a machine that is not plugged in yet. `programs` are those of the lab that it is to have, if any."""
    return start_machine(lab, machine.name, folder, programs, tree(machine.frr))


def configure(machine: Machine, inside: Inside) -> None:
    """Bring up the interfaces of a machine that is plugged in, with what the system sets."""
    for setting in links.settings(machine):
        inside.run("sh", "-c", f"echo 1 > /proc/sys/{setting}")
    inside.network("ip", "-batch", "-", stdin=links.addresses(machine))


def serve(machine: Machine, inside: Inside) -> None:
    """Start its services. Returns when all serve."""
    for service in machine.services:
        service.start(inside)


def reboot(lab: Inside, machine: Machine, inside: Inside, folder: Path, programs: Path | None = None) -> Inside:
    """Cut its power, and start it again on what its folder has: a new boot id, nothing of what was in memory.

    Its interfaces are the same as before, and so are those at the other ends of its links.
    """
    cables = os.open(f"/proc/{inside.pid}/ns/net", os.O_RDONLY)  # keeps the interfaces while nobody is there
    try:
        _ip(cables, (f"link set {interface.name} down" for interface in machine.interfaces))
        end_machine(inside)
        again = start(lab, machine, folder, programs)
        _ip(cables, (f"link set {interface.name} netns {again.pid}" for interface in machine.interfaces))
    finally:
        os.close(cables)
    configure(machine, again)
    serve(machine, again)
    return again


def _ip(namespace: int, commands: Iterable[str]) -> None:
    """`ip` inside the network namespace of an open file."""
    done = subprocess.run(
        ["nsenter", f"--net=/proc/self/fd/{namespace}", "ip", "-batch", "-"],
        input="".join(f"{command}\n" for command in commands),
        pass_fds=(namespace,),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise LabError(f"the interfaces cannot be kept over the reboot: {done.stderr.strip()}")
