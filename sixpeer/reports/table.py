"""A report as people read it: on a terminal with colours, in a pipe as plain text."""

from __future__ import annotations

from collections.abc import Iterable

from rich.console import Console
from rich.table import Table
from rich.text import Text

from sixpeer.checks.verdict import Status, Verdict
from sixpeer.configtree.impact import Effect
from sixpeer.errors import ExitCode
from sixpeer.reports.report import HostChange, Report, RouteRow, SessionRow

_COLOURS = {Status.SUCCESS: "green", Status.FAILURE: "red", Status.ERROR: "magenta", Status.SKIPPED: "yellow"}


def show(report: Report, console: Console) -> None:
    """The whole report."""
    show_changes(report.changes, console)
    show_findings(report, console)


def show_changes(changes: Iterable[HostChange], console: Console) -> None:
    """The plan as a diff, host by host, and what it does to sessions, policies and routes."""
    for change in changes:
        console.print(Text(change.host, style="bold"))
        for note in change.notes:
            console.print(Text(f"  note: {note}", style="yellow"), soft_wrap=True)
        for impact in change.impacts:
            console.print(Text(f"  impact: {impact}", style=_weight(impact)), soft_wrap=True)
        for line in change.lines:
            style = "green" if line.startswith("+") else "red" if line.startswith("-") else ""
            console.print(Text(f"  {line}", style=style), soft_wrap=True)
        console.print()


def _weight(impact: str) -> str:
    """How what a change does is shown: what interrupts so that nobody overlooks it."""
    worst = ("cannot be taken back", *(f" {effect}: " for effect in Effect if effect.interrupts))
    return "bold red" if any(words in impact for words in worst) else "yellow"


def show_findings(report: Report, console: Console) -> None:
    """Sessions, routes, verdicts, times and how it ended."""
    if report.sessions:
        console.print(_session_table(report.sessions))
    if report.routes:
        console.print(_route_table(report.routes))
    if report.verdicts:
        console.print(_verdict_table(report.verdicts))
        for verdict in report.verdicts:
            if verdict.status in (Status.FAILURE, Status.ERROR):
                console.print(Text(f"{verdict.status}: {verdict}", style=_COLOURS[verdict.status]), soft_wrap=True)
        for skipped in _skipped(report.verdicts):
            console.print(Text(skipped, style="yellow"), soft_wrap=True)
    if report.seconds:
        console.print(
            "  ".join(f"{phase} {seconds:.1f} s" for phase, seconds in report.seconds.items()), soft_wrap=True
        )
    style = "bold green" if report.exit_code is ExitCode.OK else "bold red"
    console.print(Text(f"{report.command}: {report.summary}", style=style), soft_wrap=True)


def _table(title: str, *columns: str) -> Table:
    table = Table(title=title, title_justify="left", title_style="bold", box=None, pad_edge=False)
    for column in columns:
        numeric = column in ("accepted", "advertised", "success", "failure", "error", "skipped")
        table.add_column(column, justify="right" if numeric else "left", overflow="fold")
    return table


def _session_table(rows: Iterable[SessionRow]) -> Table:
    table = _table(
        "Sessions", "router", "node", "AS", "on the router", "on the node", "accepted", "advertised", "up for"
    )
    for row in rows:
        up = row.router_state == "Established" and row.cluster_state == "established"
        table.add_row(
            row.router,
            row.node,
            f"{row.router_asn} – {row.node_asn}",
            row.router_state,
            row.cluster_state,
            _number(row.accepted),
            _number(row.advertised),
            duration(row.uptime),
            style="" if up else "red",
        )
    return table


def _route_table(rows: Iterable[RouteRow]) -> Table:
    table = _table("Routes", "router", "what", "prefix", "via")
    for row in rows:
        table.add_row(row.router, row.what, row.prefix, " ".join(row.next_hops) or "none")
    return table


def _verdict_table(verdicts: Iterable[Verdict]) -> Table:
    counts: dict[str, dict[Status, int]] = {}
    for verdict in verdicts:
        of_check = counts.setdefault(verdict.check, dict.fromkeys(Status, 0))
        of_check[verdict.status] += 1
    table = _table("Checks", "check", *Status, "verdict")
    for check, of_check in counts.items():
        worst = next(
            status for status in (Status.ERROR, Status.FAILURE, Status.SUCCESS, Status.SKIPPED) if of_check[status]
        )
        table.add_row(check, *(str(of_check[status] or "") for status in Status), Text(worst, style=_COLOURS[worst]))
    return table


def _skipped(verdicts: Iterable[Verdict]) -> list[str]:
    """Why something was not looked at, each reason once with its hosts."""
    reasons: dict[str, set[str]] = {}
    for verdict in verdicts:
        if verdict.status is Status.SKIPPED and verdict.actual:
            reasons.setdefault(verdict.actual, set()).add(verdict.hosts[-1])
    return [f"skipped: {', '.join(sorted(hosts))}: {reason}" for reason, hosts in reasons.items()]


def _number(value: int | None) -> str:
    return "–" if value is None else str(value)


def duration(seconds: int | None) -> str:
    """Seconds as people say them: 42s, 3m07s, 2h05m, 4d06h."""
    if seconds is None:
        return "–"
    if seconds < 60:
        return f"{seconds}s"
    if seconds < 3600:
        return f"{seconds // 60}m{seconds % 60:02}s"
    if seconds < 86400:
        return f"{seconds // 3600}h{seconds % 3600 // 60:02}m"
    return f"{seconds // 86400}d{seconds % 86400 // 3600:02}h"
