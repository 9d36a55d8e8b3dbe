"""A plan that finds nothing to change, beside a bare paramiko script that runs the same commands on the same routers.

    sudo .venv/bin/python -m bench.plan [ROUTERS ...]       default: 1 10 50

Ours: log in, read, render, compose, compare, log out. The script: log in, send the same program to the same
`sh`, read what it says, log out; as many routers at once, with TCP_NODELAY as ours has it. Both run in this
process, one after the other in turn, so that neither pays for starting Python. Wall time and this process'
CPU time are the medians of several runs; the routers' own CPU time is in the wall time of both.
"""

from __future__ import annotations

import socket
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from paramiko.client import SSHClient

from bench.network import deployed, verbs
from custom_napalm.ssh import ExecSession
from lab.bare import BareRouter
from tasks.plan import PlanOptions

WORKERS = 20  # at once, as in config.yaml
RUNS = 7


def ours(folder: Path, names: Sequence[str]) -> None:
    with verbs(folder, names) as chosen:
        plan = chosen.plan({}, PlanOptions())
    if plan.changes or set(plan.routers) != set(names):
        raise AssertionError(f"not an unchanged network: {plan.summary}")


def bare(routers: Sequence[BareRouter], program: str) -> None:
    with ThreadPoolExecutor(WORKERS) as pool:
        said = list(pool.map(lambda router: _asked(router, program), routers))
    if not all("router bgp 64512" in text for text in said):
        raise AssertionError("a router did not show its configuration")


def _asked(router: BareRouter, program: str) -> str:
    sock = socket.create_connection((router.ssh.address, router.ssh.port))
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    with SSHClient() as client:  # type: ignore[no-untyped-call]
        client.load_host_keys(str(router.ssh.known_hosts))
        client.connect(
            router.ssh.address, username=router.ssh.user, key_filename=str(router.ssh.key_file), sock=sock,
            look_for_keys=False, allow_agent=False,
        )  # fmt: skip
        stdin, stdout, stderr = client.exec_command("sh -s")
        stdin.write(program)
        stdin.channel.shutdown_write()
        said = stdout.read()
        stderr.read()
    return str(said, "utf-8")


def program_of_a_plan(folder: Path, name: str) -> str:
    """What a plan sends to a router."""
    sent: list[str] = []
    run = ExecSession.run

    def noted(self: ExecSession, command: str, **more: object) -> object:
        sent.append(str(more.get("stdin")))
        return run(self, command, **more)  # type: ignore[arg-type]

    ExecSession.run = noted  # type: ignore[method-assign,assignment]
    try:
        ours(folder, [name])
    finally:
        ExecSession.run = run  # type: ignore[method-assign]
    (program,) = sent  # one round trip
    return program


def measured(work: Callable[[], None]) -> tuple[float, float]:
    """Wall and CPU seconds."""
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - wall, time.process_time() - cpu


def compare(folder: Path, routers: Sequence[BareRouter], program: str) -> str:
    """One line of the table."""
    names = [router.name for router in routers]
    pairs = [(measured(lambda: ours(folder, names)), measured(lambda: bare(routers, program))) for _ in range(RUNS)]
    figures = f"{len(routers):7}"
    for what in (0, 1):
        mine, theirs = (statistics.median(pair[side][what] for pair in pairs) for side in (0, 1))
        figures += f" {mine:8.2f} s {theirs:6.2f} s {mine / theirs:6.2f} |"
    return figures.rstrip(" |")


def main(counts: Sequence[int]) -> None:
    with tempfile.TemporaryDirectory() as temporary, deployed(Path(temporary), max(counts)) as routers:
        folder = Path(temporary)
        program = program_of_a_plan(folder, routers[0].name)
        print("        | wall time               | CPU time of the controller")
        print("routers |     ours     bare  ratio |     ours     bare  ratio")
        for count in counts:
            print(compare(folder, routers[:count], program), flush=True)


if __name__ == "__main__":
    main([int(word) for word in sys.argv[1:]] or [1, 10, 50])
