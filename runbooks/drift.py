"""Does the network still equal the inventory? Reads once, changes nothing, logs in to no node."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from runbooks.command import Run, run
from runbooks.network import Network
from runbooks.options import parser
from sixpeer.checks.verdict import Status, holds
from sixpeer.errors import ExitCode, PlanError
from sixpeer.reports.report import host_changes, route_rows, session_rows
from tasks.plan import PlanOptions


def drift(this: Run, network: Network) -> ExitCode:
    """0 in sync, 1 if anything differs or a check fails, 5 if a host could not be asked; findings are shown."""
    verbs = this.verbs(network, from_nodes=False)
    with this.phases.phase("compare"):
        plan, failed = verbs.look(network.passwords(), PlanOptions(save_foreign=True, take_over=True))
    this.report.changes = host_changes(plan)
    with this.phases.phase("verify"):
        this.report.verdicts = verbs.verify()
    this.report.sessions = session_rows(network.intent, verbs.observations)
    this.report.routes = route_rows(network.intent, verbs.observations)
    refused = {host: error for host, error in failed.items() if isinstance(error, PlanError)}
    if set(failed) - set(refused):
        this.report.summary = "\n".join(("could not tell:", *(str(error) for error in failed.values())))
        return ExitCode.UNKNOWN
    if refused:
        raise PlanError("\n".join(str(error) for error in refused.values()))
    wrong = [verdict for verdict in this.report.verdicts if verdict.status in (Status.FAILURE, Status.ERROR)]
    differing = [*plan.changed_routers, *plan.changed_clusters]
    if not differing and holds(this.report.verdicts):
        this.report.summary = "in sync"
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
