"""The command line: `python -m lab up|down|status|exec NODE CMD…|build`."""

from __future__ import annotations

import argparse
import os
import sys
import time
from pathlib import Path

from lab import description, programs
from lab.build import build
from lab.down import down
from lab.errors import LabError
from lab.health import lost, running
from lab.process import daemons
from lab.progress import Progress
from lab.state import State
from lab.up import up
from sixpeer.errors import SixpeerError


def main(words: list[str] | None = None) -> int:
    options = _parser().parse_args(words)
    state = State(Path(options.state) if options.state else Path(options.config).parent / ".lab")
    try:
        return int(options.run(options, state) or 0)
    except LabError as error:
        print(f"lab: {error}", file=sys.stderr)
        return 1
    except SixpeerError as error:
        print(error, file=sys.stderr)
        return int(error.exit_code)
    except KeyboardInterrupt:
        print("lab: interrupted; `up` or `build` can be taken up again, `down` clears away", file=sys.stderr)
        return 130


def _up(options: argparse.Namespace, state: State) -> None:
    began = time.monotonic()
    print(f"lab: up, in {state.folder}", flush=True)
    if up(description.describe(Path(options.config)), state, empty_frr=options.empty_frr, say=_say):
        print(f"  up after {time.monotonic() - began:.1f} s")
    else:
        print("  it is up already; nothing was changed")


def _down(_: argparse.Namespace, state: State) -> None:
    began = time.monotonic()
    was, left = down(state)
    print(f"lab: down after {time.monotonic() - began:.1f} s" if was else f"lab: there is none in {state.folder}")
    if left:
        print("  not the lab's, left there: " + ", ".join(map(str, left)))


def _status(_: argparse.Namespace, state: State) -> int:
    record = state.read()
    now = running(record)
    if record is None or now is None:
        print(f"lab: none is up in {state.folder}")
        return 1
    if not record.complete:
        print(
            f"lab: half up in {state.folder}: its `up` did not come to an end; `up` begins anew, `down` clears it away"
        )
        return 1
    print(f"lab: up, in {state.folder}")
    gone = lost(record, now)
    for name, machine in record.machines.items():
        runs = " ".join(daemons(now[name].pid)) if name in now else ""
        print(
            f"  {name:<10}{machine.management:<26}{runs}"
            + (f"  (lost: {' '.join(gone[name])})" if name in gone else "")
        )
    return 1 if gone else 0


def _exec(options: argparse.Namespace, state: State) -> None:
    now = running(state.read())
    if now is None:
        raise LabError(f"no lab is up in {state.folder}")
    if options.node not in now:
        raise LabError(f"there is no machine {options.node}; there are {', '.join(sorted(now))}")
    command = now[options.node].enter(*(options.command or ["bash"]))
    os.execvp(command[0], command)  # noqa: S606 - no shell is wanted


def _build(_: argparse.Namespace, __: State) -> None:
    began = time.monotonic()
    if build(_say, Progress()):
        print(f"  compiled after {time.monotonic() - began:.0f} s, into {programs.folder()}")
    else:
        print(f"lab: compiled already, in {programs.folder()}")


def _say(line: str) -> None:
    print(line, flush=True)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m lab", description=__doc__)
    parser.add_argument("--state", metavar="DIR", help="state folder (default: .lab beside config.yaml)")
    parser.add_argument("--config", metavar="FILE", default="config.yaml", help="default: config.yaml")
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    command = commands.add_parser("up", help="bring the lab up; does nothing where it is up")
    command.add_argument("--empty-frr", action="store_true", help="r1 and r2 begin with an empty configuration")
    command.set_defaults(run=_up)
    commands.add_parser("down", help="end it, and remove all that it left").set_defaults(run=_down)
    commands.add_parser("status", help="what runs, and where (exit code 1 if anything is missing)").set_defaults(
        run=_status
    )
    command = commands.add_parser("exec", help="run a command on a machine (as root)")
    command.add_argument("node")
    command.add_argument("command", nargs=argparse.REMAINDER)
    command.set_defaults(run=_exec)
    commands.add_parser("build", help="compile the API server and Cilium").set_defaults(run=_build)
    return parser


if __name__ == "__main__":
    sys.exit(main())
