"""Hold the network against the inventory: sessions from both ends, routes, NAT64, pings from the nodes."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence

from runbooks.command import Run, run
from runbooks.network import Network
from runbooks.options import parser
from sixpeer.change.settle import settle
from sixpeer.checks.judge import NODE, blind
from sixpeer.checks.verdict import Status, Verdict, holds
from sixpeer.errors import ExitCode
from sixpeer.reports.report import route_rows, session_rows
from tasks.verbs import NornirVerbs


def verified(this: Run, network: Network, verbs: NornirVerbs, before: str = "") -> ExitCode:
    """Look until the checks hold or --timeout is over; `before` begins the summary."""
    with this.phases.phase("verify"):
        verdicts = settle(verbs.verify, this.options.timeout, this.clock)
    this.report.verdicts = verdicts
    this.report.sessions = session_rows(network.intent, verbs.observations)
    this.report.routes = route_rows(network.intent, verbs.observations)
    wrong = sum(verdict.status in (Status.FAILURE, Status.ERROR) for verdict in verdicts)
    found = "all checks hold" if holds(verdicts) else f"{wrong} of {len(verdicts)} verdicts are not good"
    this.report.summary = ", ".join(filter(None, (before, found, without_session(verdicts))))
    if holds(verdicts):
        return ExitCode.OK
    return ExitCode.UNKNOWN if blind(verdicts) else ExitCode.DIFFERS


def without_session(verdicts: Iterable[Verdict]) -> str:
    """The nodes of which no session is expected, for the last line: they are easily overlooked."""
    nodes = sorted({host for verdict in verdicts if verdict.check == NODE for host in verdict.hosts})
    return f"no session expected of {', '.join(nodes)}" if nodes else ""


def verify(this: Run, network: Network) -> ExitCode:
    """Changes nothing."""
    return verified(this, network, this.verbs(network))


def main(arguments: Sequence[str] | None = None) -> int:
    """The command; answers its exit code."""
    return run(parser("verify", "Check sessions from both ends, routes, NAT64 and the nodes; change nothing."),
               verify, arguments)  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
