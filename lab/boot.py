"""A machine from its start to its last service, and again when it reboots."""

from __future__ import annotations

import os
import subprocess
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path

from lab import links
from lab.errors import LabError
from lab.links import MANAGEMENT
from lab.machine import Machine
from lab.namespaces import Inside, end_machine, machines, start_machine
from lab.poll import wait_for
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


def reboot(
    lab: Inside, machine: Machine, among: Sequence[Machine], folder: Path, programs: Path | None = None
) -> Inside:
    """Cut its power, and start it again on what its folder has: a new boot id, nothing of what was in memory.

    Its interfaces are the same as before, and so are those at the other ends of its links, which go down and
    come up again. `among`: all machines of the lab.
    """
    now = machines(lab)
    cables = os.open(f"/proc/{now[machine.name].pid}/ns/net", os.O_RDONLY)  # keeps the interfaces while nobody is there
    try:
        _ip(cables, (f"link set {interface.name} down" for interface in machine.interfaces))
        end_machine(now[machine.name])
        for inside, interface in _other_ends(machine, among, now):
            # The kernel says so only within a second: a link that is up again by then would never have been down.
            wait_for(f"{interface} of {inside.name}, down", partial(_down, inside, interface), 10)
        again = start(lab, machine, folder, programs)
        _ip(cables, (f"link set {interface.name} netns {again.pid}" for interface in machine.interfaces))
    finally:
        os.close(cables)
    configure(machine, again)
    serve(machine, again)
    return again


def _other_ends(machine: Machine, among: Sequence[Machine], now: Mapping[str, Inside]) -> Iterator[tuple[Inside, str]]:
    """The interfaces at the other ends of its links, but for those to a bridge, which stays up."""
    ends = Counter(interface.link for one in among for interface in one.interfaces)
    mine = {interface.link for interface in machine.interfaces if ends[interface.link] == 2} - {MANAGEMENT}
    for other in among:
        if other.name != machine.name and other.name in now:
            yield from ((now[other.name], interface.name) for interface in other.interfaces if interface.link in mine)


def _down(inside: Inside, interface: str) -> bool:
    return inside.run("cat", f"/sys/class/net/{interface}/operstate").strip() != "up"


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
