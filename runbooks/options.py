"""The options that all commands have, and how each is read."""

from __future__ import annotations

from argparse import ArgumentParser, ArgumentTypeError, Namespace, RawDescriptionHelpFormatter
from pathlib import Path

from tasks.plan import PlanOptions

Options = Namespace

EXIT_CODES = """exit codes:
  0  done, in sync, or planned
  1  drift, or a check failed
  2  usage or inventory not valid, a plan that must not be carried out, or no approval
  3  the change failed and everything was put back
  4  the change failed and something could not be put back; what is named
  5  could not tell: a host out of reach, another change pending, or interrupted before anything was touched
"""


def parser(command: str, what: str, formats: tuple[str, ...] = ("table", "json", "junit", "html")) -> ArgumentParser:
    """The parser of a command, with the options that all have."""
    made = ArgumentParser(
        prog=f"python -m runbooks.{command}",
        description=what,
        epilog=EXIT_CODES,
        formatter_class=RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    made.add_argument("--config", type=Path, default=Path("config.yaml"), metavar="FILE", help="default: config.yaml")
    made.add_argument(
        "--limit", type=_names, default=(), metavar="HOST,…", help="only these routers, and the clusters they serve"
    )
    made.add_argument(
        "--filter", type=_pair, action="append", default=[], metavar="KEY=VALUE", help="only routers with this data"
    )
    made.add_argument("--format", choices=formats, default=formats[0], help=f"default: {formats[0]}")
    made.add_argument("--output", type=Path, metavar="FILE", help="write the report there instead of to the terminal")
    made.add_argument("--yes", action="store_true", help="carry the plan out without asking")
    made.add_argument(
        "--timeout", type=_seconds, default=90, metavar="SECONDS", help="how long to wait for the checks, default: 90"
    )
    return made


def with_plan_options(made: ArgumentParser) -> ArgumentParser:
    """The parser with the options of commands that plan a change."""
    made.add_argument(
        "--adopt", action="store_true", help="take over routes and addresses that are there already and differ"
    )
    made.add_argument(
        "--save-foreign", action="store_true", help="save also what others have changed on a router and not saved"
    )
    made.add_argument(
        "--take-over", action="store_true", help="set fields of our Cilium resources that another manager has set"
    )
    made.add_argument(
        "--allow-irreversible",
        action="store_true",
        help="carry out also what putting the old configuration back would not take back",
    )
    return made


def plan_options(options: Options) -> PlanOptions:
    """What these options allow."""
    return PlanOptions(options.adopt, options.save_foreign, options.take_over, options.allow_irreversible)


def _names(text: str) -> tuple[str, ...]:
    names = tuple(filter(None, (name.strip() for name in text.split(","))))
    if not names:
        raise ArgumentTypeError("names no host")
    return names


def _pair(text: str) -> tuple[str, str]:
    key, equals, value = text.partition("=")
    if not (key and equals):
        raise ArgumentTypeError(f"{text!r} is not KEY=VALUE")
    return key, value


def _seconds(text: str) -> int:
    try:
        seconds = int(text)
    except ValueError:
        seconds = 0
    if not 1 <= seconds <= 3600:
        raise ArgumentTypeError(f"{text!r} is not a number of seconds from 1 to 3600")
    return seconds
