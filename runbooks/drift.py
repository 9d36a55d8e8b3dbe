"""Does the network still equal the inventory? Reads once, changes nothing, logs in to no node."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from runbooks.command import Run, run
from runbooks.network import Network
from runbooks.options import parser
from runbooks.verify import without_session
from sixpeer.checks.judge import blind
from sixpeer.checks.verdict import Status, holds
from sixpeer.errors import ExitCode
from sixpeer.reports.report import host_changes, route_rows, session_rows
from tasks.plan import PlanOptions
from tasks.verbs import raise_together


def drift(this: Run, network: Network) -> ExitCode:
    """0 in sync, 1 if anything differs or a check fails, 5 if a host could not be asked; findings are shown."""
    verbs = this.verbs(network, from_nodes=False)
    with this.phases.phase("compare"):
        plan, failed = verbs.look(
            network.passwords(), PlanOptions(save_foreign=True, take_over=True, allow_irreversible=True)
        )
    this.report.changes = host_changes(plan)
    with this.phases.phase("verify"):
        this.report.verdicts = verbs.verify()
    this.report.sessions = session_rows(network.intent, verbs.observations)
    this.report.routes = route_rows(network.intent, verbs.observations)
    if failed:
        raise_together(failed)
    if blind(this.report.verdicts):
        this.report.summary = "could not tell: " + ", ".join(
            host for v in blind(this.report.verdicts) for host in v.hosts
        )
        return ExitCode.UNKNOWN
    wrong = [verdict for verdict in this.report.verdicts if verdict.status in (Status.FAILURE, Status.ERROR)]
    differing = [*plan.changed_routers, *plan.changed_clusters]
    if not differing and holds(this.report.verdicts):
        this.report.summary = ", ".join(filter(None, ("in sync", without_session(this.report.verdicts))))
        return ExitCode.OK
    found = [f"{', '.join(differing)} differ from the inventory"] if differing else []
    found += [f"{len(wrong)} of {len(this.report.verdicts)} verdicts are not good"] if wrong else []
    this.report.summary = "; ".join(found)
    return ExitCode.DIFFERS


def main(arguments: Sequence[str] | None = None) -> int:
    """The command; answers its exit code."""
    formats = ("table", "json", "junit", "html", "prometheus")
    what = "Compare routers and clusters with the inventory; change nothing, log in to no node."
    return run(parser("drift", what, formats), drift, arguments)


if __name__ == "__main__":
    sys.exit(main())
