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
from lab.namespaces import Inside, machines, root
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


def _exec(options: argparse.Namespace, state: State) -> None:
    running = _running(state)
    if options.node not in running:
        raise LabError(f"there is no machine {options.node}; there are {', '.join(running)}")
    command = running[options.node].enter(*(options.command or ["bash"]))
    os.execvp(command[0], command)


def _running(state: State) -> dict[str, Inside]:
    record = state.read()
    lab = root(record.outer) if record and record.outer else None
    if lab is None:
        raise LabError(f"no lab is up in {state.folder}")
    return machines(lab)


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
    command = commands.add_parser("exec", help="run a command on a machine (as root)")
    command.add_argument("node")
    command.add_argument("command", nargs=argparse.REMAINDER)
    command.set_defaults(run=_exec)
    commands.add_parser("build", help="compile the API server and Cilium").set_defaults(run=_build)
    return parser


if __name__ == "__main__":
    sys.exit(main())
