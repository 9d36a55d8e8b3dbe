"""The command line: `python -m lab up|down|status|exec NODE CMD…|reboot ROUTER|frr VERSION…|build|vet`.

What reads the description is imported where it is used: the other commands start in a tenth of the time.
"""
# ruff: noqa: PLC0415

from __future__ import annotations

import argparse
import os
import sys
import time
from pathlib import Path

from lab import programs, versions
from lab.build import build
from lab.down import down
from lab.errors import LabError
from lab.health import lost, running
from lab.process import daemons
from lab.progress import Progress
from lab.state import State
from lab.vet import vet
from sixpeer.errors import SixpeerError


def main(words: list[str] | None = None) -> int:
    options = _parser().parse_args(words)
    state = State(Path(options.state or Path(options.config).parent / ".lab"))
    try:
        return int(options.run(options, state) or 0)
    except LabError as error:
        print(f"lab: {error}", file=sys.stderr)
        return 1
    except SixpeerError as error:
        print(error, file=sys.stderr)
        return int(error.exit_code)
    except BrokenPipeError:  # nobody reads on, as with `| head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except KeyboardInterrupt:
        print("lab: interrupted; `up` and `build` can be taken up again, `down` clears away", file=sys.stderr)
        return 130


def _up(options: argparse.Namespace, state: State) -> None:
    from lab.description import describe
    from lab.up import up

    began = time.monotonic()
    print(f"lab: up, in {state.folder}", flush=True)
    description = describe(Path(options.config))
    if up(description, state, empty_frr=options.empty_frr, frr=dict(options.frr), say=_say):
        print(f"  up after {time.monotonic() - began:.1f} s")
    else:
        print("  it is up already; nothing was changed")


def _down(_: argparse.Namespace, state: State) -> None:
    began = time.monotonic()
    was, left = down(state)
    print(f"lab: down after {time.monotonic() - began:.1f} s" if was else f"lab: there is none in {state.folder}")
    if left:
        print("  not the lab's, left there: " + ", ".join(map(str, left)))


def _status(options: argparse.Namespace, state: State) -> int:
    record = state.read()
    now = running(record)
    if record is None or now is None:
        print(f"lab: none is up in {state.folder}")
        return 1
    if not record.complete:
        print(f"lab: half up in {state.folder}: `up` did not come to its end; it begins anew, `down` clears away")
        return 1
    print(f"lab: up, in {state.folder}")
    gone = lost(record, now)
    for name, machine in record.machines.items():
        runs = daemons(now[name].pid) if name in now else []
        version = f"  (FRR {record.frr[name]})" if name in record.frr else ""
        missing = f"  lost: {' '.join(gone[name])}" if name in gone else ""
        print(f"  {name:<10}{machine.management:<26}{' '.join(runs)}{version}{missing}".rstrip())
    if not gone and options.hints:
        from lab.description import describe
        from lab.hints import to_try

        print("\nIt stays up. To try:\n")
        print("\n".join(to_try(describe(Path(options.config)), state)))
    return 1 if gone else 0


def _exec(options: argparse.Namespace, state: State) -> None:
    now = running(state.read())
    if now is None:
        raise LabError(f"no lab is up in {state.folder}")
    if options.node not in now:
        raise LabError(f"there is no machine {options.node}; there are {', '.join(sorted(now))}")
    command = now[options.node].enter(*(options.command or ["bash"]))
    os.execvp(command[0], command)  # noqa: S606 - no shell is wanted


def _reboot(options: argparse.Namespace, state: State) -> None:
    from lab.description import describe
    from lab.reboot import reboot

    began = time.monotonic()
    reboot(describe(Path(options.config)), state, options.router)
    print(f"lab: {options.router} is up again after {time.monotonic() - began:.1f} s")


def _frr(options: argparse.Namespace, _: State) -> None:
    for version in options.versions:
        versions.unpack(version, _say, refresh=options.refresh, mirror=options.mirror)
        root = versions.tree(version)
        print(f"lab: FRR {version} is {versions.number(root)}, in {root}")


def _build(_: argparse.Namespace, __: State) -> None:
    began = time.monotonic()
    if build(_say, Progress()):
        print(f"  compiled after {time.monotonic() - began:.0f} s, into {programs.folder()}")
    else:
        print(f"lab: compiled already, in {programs.folder()}")


def _vet(_: argparse.Namespace, __: State) -> int:
    return 0 if vet() else 1


def _say(line: str) -> None:
    print(line, flush=True)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m lab", description="The reference network on this machine.")
    parser.add_argument("--state", metavar="DIR", help="state folder (default: .lab beside config.yaml)")
    parser.add_argument("--config", metavar="FILE", default="config.yaml", help="default: config.yaml")
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    command = commands.add_parser("up", help="bring the lab up; does nothing where it is up")
    command.add_argument("--empty-frr", action="store_true", help="the routers begin with an empty configuration")
    command.add_argument(
        "--frr",
        metavar="ROUTER=VERSION",
        action="append",
        default=[],
        type=_router_version,
        help=f"a router runs this version of FRR instead of the installed one: {', '.join(versions.SUITES)}",
    )
    command.set_defaults(run=_up)
    command = commands.add_parser("down", help="end it, and remove all that it left")
    command.set_defaults(run=_down)
    command = commands.add_parser("status", help="what runs, and where; exit code 1 if anything is missing")
    command.add_argument("--hints", action="store_true", help="also what to try")
    command.set_defaults(run=_status)
    command = commands.add_parser("exec", help="run a command on a machine, as root; its exit code is this one's")
    command.add_argument("node", metavar="NODE")
    command.add_argument("command", metavar="CMD", nargs=argparse.REMAINDER)
    command.set_defaults(run=_exec)
    command = commands.add_parser("reboot", help="cut a router's power, and wait until it is up again")
    command.add_argument("router", metavar="ROUTER")
    command.set_defaults(run=_reboot)
    command = commands.add_parser("frr", help="unpack other versions of FRR into the cache, beside the installed one")
    command.add_argument("versions", metavar="VERSION", nargs="+", choices=versions.SUITES, help=_of_debian())
    command.add_argument("--refresh", action="store_true", help="fetch again what is there, as Debian has it today")
    command.add_argument("--mirror", metavar="URL", help="a Debian archive (default: the one that apt uses here)")
    command.set_defaults(run=_frr)
    commands.add_parser("build", help="compile the API server, Cilium and kubectl").set_defaults(run=_build)
    commands.add_parser("vet", help="gofmt and go vet for these programs").set_defaults(run=_vet)
    return parser


def _router_version(word: str) -> tuple[str, str]:
    router, _, version = word.partition("=")
    if not router or version not in versions.SUITES:
        raise argparse.ArgumentTypeError(f"{word}: not ROUTER=VERSION with a VERSION of {', '.join(versions.SUITES)}")
    return router, version


def _of_debian() -> str:
    return ", ".join(f"{version} (Debian {suite})" for version, suite in versions.SUITES.items())


if __name__ == "__main__":
    sys.exit(main())
