"""A plan that finds nothing to change, beside a bare paramiko script that runs the same commands on the same routers.

    sudo .venv/bin/python -m bench.plan [ROUTERS ...]       default: 1 10 50

Ours: read the inventory, log in, look, render, compose, compare, log out. The script: log in, run what ours runs
there, log out; it makes nothing of the answers. It is measured twice: one command after the other, as such scripts
are written, and all at once as ours sends them, which is the least that can be had. As many routers at once, with
TCP_NODELAY as ours has it. All run in this process, in turn, so that nobody pays for starting Python. Wall time and
this process' CPU time are medians of several runs; the routers' own work is in the wall time of all.
"""

from __future__ import annotations

import socket
import statistics
import tempfile
import time
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from unittest.mock import patch

from paramiko.client import SSHClient

from bench.network import deployed, describe, verbs
from custom_napalm.frr.connection import Connection
from custom_napalm.ssh import Completed, ExecSession
from lab.bare import BareRouter
from tasks.plan import PlanOptions

Commands = Sequence[tuple[str, str]]
"""Each with its standard input."""

WORKERS = 20  # at once, as in config.yaml
RUNS = 7


def ours(folder: Path, names: Sequence[str]) -> None:
    with verbs(folder, names) as chosen:
        plan = chosen.plan({}, PlanOptions())
    if plan.changes or set(plan.routers) != set(names):
        raise AssertionError(f"not an unchanged network: {plan.summary}")


def bare(routers: Sequence[BareRouter], commands: Commands) -> None:
    """Run these commands, each with its standard input, on all routers."""
    with ThreadPoolExecutor(WORKERS) as pool:
        said = list(pool.map(lambda router: _asked(router, commands), routers))
    if not all("router bgp 64512" in text for text in said):
        raise AssertionError("a router did not show its configuration")


def _asked(router: BareRouter, commands: Commands) -> str:
    sock = socket.create_connection((router.ssh.address, router.ssh.port))
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    said = ""
    with SSHClient() as client:  # type: ignore[no-untyped-call]
        client.load_host_keys(str(router.ssh.known_hosts))
        client.connect(
            router.ssh.address, username=router.ssh.user, key_filename=str(router.ssh.key_file), sock=sock,
            look_for_keys=False, allow_agent=False,
        )  # fmt: skip
        for command, text in commands:
            stdin, stdout, stderr = client.exec_command(command)
            stdin.write(text)
            stdin.channel.shutdown_write()
            said += str(stdout.read(), "utf-8")
            stderr.read()
    return said


def commands_of_a_plan(folder: Path, name: str) -> tuple[Commands, Commands]:
    """What a plan runs on a router: one command after the other, and as it is sent."""
    batches: list[tuple[str, ...]] = []
    sent: list[str] = []
    batch, run = Connection.batch, ExecSession.run

    def noted(self: Connection, *commands: str, timeout: float = 0) -> list[Completed]:
        batches.append(commands)
        return batch(self, *commands, timeout=timeout)

    def also(self: ExecSession, command: str, *, stdin: bytes | str | None = None, timeout: float = 60) -> Completed:
        sent.append(str(stdin))
        return run(self, command, stdin=stdin, timeout=timeout)

    with patch.object(Connection, "batch", noted), patch.object(ExecSession, "run", also):
        ours(folder, [name])
    (commands,), (program,) = batches, sent  # one round trip
    return [("sh -s", command) if "\n" in command else (command, "") for command in commands], [("sh -s", program)]


def measured(work: Callable[[], None]) -> tuple[float, float]:
    """Wall and CPU seconds."""
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - wall, time.process_time() - cpu


def compare(folder: Path, routers: Sequence[BareRouter], one_by_one: Commands, at_once: Commands) -> str:
    """One line of the table."""
    names = [router.name for router in routers]
    folder /= str(len(routers))
    describe(folder, routers)
    works = (lambda: ours(folder, names), lambda: bare(routers, one_by_one), lambda: bare(routers, at_once))
    runs = [[measured(work) for work in works] for _ in range(RUNS)]
    line = f"{len(routers):7}"
    for figure in (0, 1):
        mine, slow, fast = (statistics.median(run[side][figure] for run in runs) for side in (0, 1, 2))
        line += f" | {mine:6.2f} s  {slow:6.2f} s {mine / slow:5.2f}  {fast:6.2f} s {mine / fast:5.2f}"
    return line


def main(counts: Sequence[int]) -> None:
    with tempfile.TemporaryDirectory() as temporary, deployed(Path(temporary), max(counts)) as routers:
        folder = Path(temporary)
        one_by_one, at_once = commands_of_a_plan(folder, routers[0].name)
        print("        | wall time                                | CPU time of the controller")
        print("routers |     ours one by one ratio   at once ratio |     ours one by one ratio   at once ratio")
        for count in counts:
            print(compare(folder, routers[:count], one_by_one, at_once), flush=True)


if __name__ == "__main__":
    asked = ArgumentParser("python -m bench.plan", description=__doc__, formatter_class=RawDescriptionHelpFormatter)
    asked.add_argument("routers", nargs="*", type=int, default=[1, 10, 50], help="how many; default: 1 10 50")
    main(asked.parse_args().routers)
