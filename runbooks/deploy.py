"""Plan, push, peer, verify, confirm – or put everything back."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from runbooks.command import Run, run
from runbooks.network import Network
from runbooks.options import parser, plan_options, with_plan_options
from runbooks.verify import verified, without_session
from sixpeer.change.plan import Plan
from sixpeer.change.transaction import Budgets, carry_out
from sixpeer.checks.verdict import Verdict
from sixpeer.errors import ExitCode, NotApproved, PlanError
from sixpeer.reports.report import host_changes, route_rows, session_rows


def deploy(this: Run, network: Network) -> ExitCode:
    """Make the routers and clusters what the inventory says, verify them from both ends, and keep it."""
    verbs = this.verbs(network)
    with this.phases.phase("plan"):
        plan = verbs.plan(network.passwords(), plan_options(this.options))
    this.report.changes = host_changes(plan)
    this.show_plan()
    if not plan.changes:
        return verified(this, network, verbs, "nothing changes")
    if plan.lacks:
        raise PlanError("\n".join(plan.lacks))
    _approve(this, plan)

    def see(verdicts: tuple[Verdict, ...]) -> None:
        this.report.verdicts = verdicts
        this.report.sessions = session_rows(network.intent, verbs.observations)
        this.report.routes = route_rows(network.intent, verbs.observations)

    budgets = Budgets(verify=this.options.timeout)
    carry_out(plan, verbs, budgets, this.clock, this.phases, see)
    done = f"{plan.summary}: done, verified from both ends and confirmed"
    this.report.summary = ", ".join(filter(None, (done, without_session(this.report.verdicts))))
    return ExitCode.OK


def _approve(this: Run, plan: Plan) -> None:
    """Go on with --yes, or if somebody at the terminal says so. Raises NotApproved."""
    if this.options.yes:
        return
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise NotApproved(f"{plan.summary}; there is no terminal to ask at, say --yes to carry it out")
    this.say(f"{plan.summary}. Carry it out? [y/N]")
    if sys.stdin.readline().strip().lower() not in ("y", "yes"):
        raise NotApproved("not carried out")


def main(arguments: Sequence[str] | None = None) -> int:
    """The command; answers its exit code."""
    options = with_plan_options(parser("deploy", "Plan, push, peer, verify and confirm; or put everything back."))
    return run(options, deploy, arguments)


if __name__ == "__main__":
    sys.exit(main())
