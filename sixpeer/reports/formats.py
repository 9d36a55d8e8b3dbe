"""A report for machines: JSON, JUnit XML, HTML, Prometheus' text format."""

from __future__ import annotations

import io
import json
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict
from xml.etree import ElementTree as ET

from rich.console import Console

from sixpeer.checks.verdict import Status
from sixpeer.errors import ExitCode
from sixpeer.reports import table
from sixpeer.reports.report import Report


def as_json(report: Report) -> str:
    """Everything in the report, with stable keys."""
    return json.dumps({**asdict(report), "exit_code": int(report.exit_code)}, indent=2) + "\n"


def as_junit(report: Report) -> str:
    """A test case a verdict, as CI systems read them; one for the run itself; for drift one for the configuration."""
    suite = ET.Element("testsuite", name=f"sixpeer {report.command}")
    run = ET.SubElement(suite, "testcase", classname="run", name=report.command)
    if report.exit_code not in (ExitCode.OK, ExitCode.DIFFERS):
        ET.SubElement(run, "error", message=report.summary)
    if report.command == "drift":
        case = ET.SubElement(suite, "testcase", classname="in-sync", name="configuration")
        if differing := [change for change in report.changes if change.lines]:
            text = "\n".join(line for change in differing for line in (change.host, *change.lines))
            ET.SubElement(case, "failure", message="differs from the description").text = text
    for verdict in report.verdicts:
        case = ET.SubElement(
            suite, "testcase", classname=verdict.check, name=f"{' – '.join(verdict.hosts)}: {verdict.subject}"
        )
        if verdict.status is Status.SKIPPED:
            ET.SubElement(case, "skipped", message=verdict.actual)
        elif verdict.status is not Status.SUCCESS:
            ET.SubElement(case, str(verdict.status), message=str(verdict))
    counts = Counter(child.tag for case in suite for child in case)
    suite.set("tests", str(len(suite)))
    for tag, name in (("failure", "failures"), ("error", "errors"), ("skipped", "skipped")):
        suite.set(name, str(counts[tag]))
    suite.set("time", f"{sum(report.seconds.values()):.3f}")
    ET.indent(suite)
    return ET.tostring(suite, encoding="unicode", xml_declaration=True) + "\n"


def as_html(report: Report) -> str:
    """The tables as a page."""
    console = Console(record=True, file=io.StringIO(), width=140)
    table.show(report, console)
    return console.export_html(inline_styles=True)


def as_prometheus(report: Report) -> str:
    """Gauges for the node exporter's textfile collector."""
    counts = Counter((verdict.check, str(verdict.status)) for verdict in report.verdicts)
    lines = [
        "# HELP sixpeer_exit_code How the run ended, see the exit codes.",
        "# TYPE sixpeer_exit_code gauge",
        f'sixpeer_exit_code{{command="{report.command}"}} {int(report.exit_code)}',
        "# HELP sixpeer_hosts_differing Hosts that differ from the description.",
        "# TYPE sixpeer_hosts_differing gauge",
        f"sixpeer_hosts_differing {sum(bool(change.lines) for change in report.changes)}",
        "# HELP sixpeer_verdicts Verdicts by check and status.",
        "# TYPE sixpeer_verdicts gauge",
        *(
            f'sixpeer_verdicts{{check="{check}",status="{status}"}} {n}'
            for (check, status), n in sorted(counts.items())
        ),
        "# HELP sixpeer_session_up Whether a session is established on both ends.",
        "# TYPE sixpeer_session_up gauge",
    ]
    for row in report.sessions:
        up = int(row.router_state == "Established" and row.cluster_state == "established")
        lines.append(f'sixpeer_session_up{{router="{row.router}",node="{row.node}"}} {up}')
    return "\n".join(lines) + "\n"


FORMATS: dict[str, Callable[[Report], str]] = {
    "json": as_json,
    "junit": as_junit,
    "html": as_html,
    "prometheus": as_prometheus,
}
"""The formats that are written at the end of a run; `table` is shown as it goes."""
