"""Machines as namespaces: a root whose end is the end of all, and machines inside it.

    unshare (outside)  ── tini: PID 1 of the lab
                            └─ unshare ── init.sh, then tini: PID 1 of a machine
                                            └─ what runs on the machine

Killing the outer `unshare` kills the lab's PID 1, and the kernel then ends every process of its PID
namespace and of those below; network and mount namespaces go with their last process.
"""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from lab.errors import LabError
from lab.poll import wait_for
from lab.process import Process, children, command_line, everything, parent

INIT = Path(__file__).parent / "init.sh"
UNSHARE = ("unshare", "-m", "-u", "-i", "-n", "-p", "-f", "--kill-child", "--mount-proc")


@dataclass(frozen=True, slots=True)
class Inside:
    """The way into a running machine, by its PID 1."""

    name: str
    pid: int

    def enter(self, *command: str) -> list[str]:
        """The command line that runs `command` inside."""
        return ["nsenter", "-t", str(self.pid), "-m", "-u", "-i", "-n", "-p", "--", *command]

    def run(self, *command: str, stdin: str = "", seconds: float = 30) -> str:
        """What `command` prints. Raises LabError with what it said if it fails."""
        return _run(self.name, self.enter(*command), stdin, seconds)

    def network(self, *command: str, stdin: str = "") -> str:
        """As `run`, but only inside the network namespace: cheaper, and with the files of the host."""
        return _run(self.name, ["nsenter", "-t", str(self.pid), "-n", "--", *command], stdin, 30)

    def spawn(self, log: str, *command: str) -> None:
        """Start a daemon, which writes to /var/log/<log>. Only the machine's PID 1 is above it."""
        script = 'log=$1; shift; exec "$@" > "/var/log/$log" 2>&1 < /dev/null'
        self.run("setsid", "-f", "sh", "-c", script, "sh", log, *command)


def start_root(log: Path, record: Callable[[Process], None]) -> Inside:
    """Start the lab's PID 1. `record` is called with the process to kill before anything else can start."""
    with log.open("w") as output:
        outer = subprocess.Popen(
            # It goes on only when told to: if we die before it is recorded, it reads the end of the file, and ends.
            [*UNSHARE, "sh", "-c", "read -r go && hostname lab && exec tini -- sleep infinity"],
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    record(Process.of(outer.pid))
    assert outer.stdin
    outer.stdin.write(b"go\n")
    outer.stdin.close()

    def first() -> int | None:
        if outer.poll() is not None:
            raise LabError(f"the lab's first process ended: {log.read_text().strip()}")
        return _first_process(outer.pid)

    return Inside("lab", wait_for("the lab's first process", first, 10, 0.005))


def root(outer: Process) -> Inside | None:
    """The running lab's PID 1, or None."""
    if not outer.alive:
        return None
    try:
        pid = _first_process(outer.pid)
    except OSError:
        return None
    return Inside("lab", pid) if pid else None


def _first_process(outer: int) -> int | None:
    for pid in children(outer):
        if _is_init(pid):
            return pid
    return None


def start_machine(lab: Inside, name: str, folder: Path, programs: Path | None, tree: Path | None) -> Inside:
    """Start a machine's PID 1 inside the lab, with its `folder` as /run/lab and `programs`, if any, as /run/lab/bin.

    Its root is `tree`, or the host's. Raises LabError with its own words if it does not come up.
    """
    command = ["setsid", "-f", *UNSHARE, "sh", str(INIT), name, str(folder), str(programs or ""), str(tree or "")]
    starter = subprocess.Popen(
        lab.enter(*command),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert starter.stdout
    said = ""
    for line in starter.stdout:
        if line == "ready\n":
            break
        said += line
    else:
        raise LabError(f"{name} did not start: {said.strip()}")
    starter.stdout.close()
    starter.wait()
    return wait_for(f"{name}'s first process", lambda: machines(lab).get(name), 5, 0.005)


def machines(lab: Inside) -> dict[str, Inside]:
    """The running machines, by name."""
    found = {}
    for outer in children(lab.pid):
        try:
            words = command_line(outer)
            if words[:1] == ["unshare"] and str(INIT) in words:
                name = words[words.index(str(INIT)) + 1]
                for pid in children(outer):
                    if _is_init(pid):
                        found[name] = Inside(name, pid)
        except (OSError, IndexError):  # it has just ended
            continue
    return found


def end_machine(inside: Inside) -> None:
    """End a machine: every process of it is gone afterwards."""
    _end(Process.of(parent(inside.pid)), [Process.of(inside.pid)], inside.name)


def without_record(folder: Path) -> Process | None:
    """The outer process of a lab whose state folder was removed: some machine was started with one below `folder`."""
    for pid in everything():
        try:
            words = command_line(pid)
            if words[:1] == ["unshare"] and str(INIT) in words and any(Path(word).parent == folder for word in words):
                outer = parent(parent(pid))
                if command_line(outer)[:1] == ["unshare"]:
                    return Process.of(outer)
        except OSError:  # it has just ended
            continue
    return None


def _is_init(pid: int) -> bool:
    """Whether a PID 1 is done with setting up: it becomes tini then."""
    return [Path(word).name for word in command_line(pid)[:1]] == ["tini"]


def end(outer: Process) -> None:
    """End the lab: every process of it is gone afterwards."""
    try:
        inner = [Process.of(pid) for pid in children(outer.pid)] if outer.alive else []
    except OSError:
        inner = []
    _end(outer, inner, "the lab")


def _end(outer: Process, inner: list[Process], name: str) -> None:
    outer.kill()
    # PID 1 of a PID namespace is gone only when all others in it are.
    gone = lambda: not any(process.alive for process in (outer, *inner))  # noqa: E731
    wait_for(f"the end of {name}'s processes", gone, 30, 0.01)


def _run(name: str, command: list[str], stdin: str, seconds: float) -> str:
    try:
        done = subprocess.run(command, input=stdin, capture_output=True, text=True, timeout=seconds, check=False)
    except subprocess.TimeoutExpired:
        raise LabError(f"{name}: {' '.join(command)}: not done after {seconds:g} s") from None
    if done.returncode != 0:
        words = " ".join(command[command.index("--") + 1 :])
        raise LabError(f"{name}: {words} ended with {done.returncode}: {(done.stderr or done.stdout).strip()}")
    return done.stdout
