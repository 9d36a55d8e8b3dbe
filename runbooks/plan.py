"""Say what deploy would change, and change nothing."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from runbooks.command import Run, run
from runbooks.network import Network
from runbooks.options import parser, plan_options, with_plan_options
from sixpeer.errors import ExitCode
from sixpeer.reports.report import host_changes


def plan(this: Run, network: Network) -> ExitCode:
    """The plan as a diff; OK whether or not it has changes."""
    with this.phases.phase("plan"):
        made = this.verbs(network).plan(network.passwords(), plan_options(this.options))
    this.report.changes = host_changes(made)
    this.report.summary = made.summary
    return ExitCode.OK


def main(arguments: Sequence[str] | None = None) -> int:
    """The command; answers its exit code."""
    return run(with_plan_options(parser("plan", "Say what deploy would change, and change nothing.")), plan, arguments)


if __name__ == "__main__":
    sys.exit(main())
