"""Processes of the host, identified so that no other is ever taken for one of ours."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

PROC = Path("/proc")


@dataclass(frozen=True, slots=True)
class Process:
    """A process by its number, the clock tick of its start and the boot: numbers are used again."""

    pid: int
    start: int
    boot: str

    @staticmethod
    def of(pid: int) -> Process:
        """The process that has this number now. Raises OSError if there is none."""
        return Process(pid, _start(pid), _boot())

    @property
    def alive(self) -> bool:
        """Whether it still runs; a zombie does not."""
        try:
            return _boot() == self.boot and _start(self.pid) == self.start and _state(self.pid) not in "ZX"
        except OSError:
            return False

    def kill(self) -> None:
        """SIGKILL, if it is still the same process."""
        try:
            handle = os.pidfd_open(self.pid)  # from here on the number cannot change its meaning
        except ProcessLookupError:
            return
        try:
            if self.alive:
                signal.pidfd_send_signal(handle, signal.SIGKILL)
        except ProcessLookupError:
            pass
        finally:
            os.close(handle)


def children(pid: int) -> list[int]:
    """The children of a process. Raises OSError if it is gone."""
    return [int(child) for child in (PROC / str(pid) / "task" / str(pid) / "children").read_text().split()]


def parent(pid: int) -> int:
    """The parent of a process. Raises OSError if it is gone."""
    return int(_stat(pid)[1])


def everything() -> Iterator[int]:
    """All processes that this one can see."""
    return (int(entry.name) for entry in PROC.iterdir() if entry.name.isdigit())


def command_line(pid: int) -> list[str]:
    """The words that a process was started with. Raises OSError if it is gone."""
    words = (PROC / str(pid) / "cmdline").read_bytes().split(b"\0")
    return [word.decode(errors="replace") for word in words[:-1]]


def in_namespace_of(init: int) -> list[int]:
    """All processes in the PID namespace of `init`, not in one below it."""
    namespace = (PROC / str(init) / "ns" / "pid").readlink()
    found = []
    for pid in everything():
        try:
            if (PROC / str(pid) / "ns" / "pid").readlink() == namespace:
                found.append(pid)
        except OSError:  # it has just ended
            continue
    return sorted(found)


def _stat(pid: int) -> list[str]:
    # "pid (command) state …": the command may have spaces and parentheses.
    return (PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()


def _state(pid: int) -> str:
    return _stat(pid)[0]


def _start(pid: int) -> int:
    return int(_stat(pid)[19])


def _boot() -> str:
    return (PROC / "sys" / "kernel" / "random" / "boot_id").read_text().strip()


def daemons(init: int) -> list[str]:
    """The names of what runs right below a machine's PID 1."""
    found = []
    for pid in children(init):
        try:
            found.append((PROC / str(pid) / "comm").read_text().strip())
        except OSError:  # it has just ended
            continue
    return sorted(name for name in found if name != "sleep")
