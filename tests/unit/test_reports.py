"""The formats of a report."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from xml.etree import ElementTree as ET

import pytest
from rich.console import Console

from sixpeer.checks.verdict import Status, Verdict
from sixpeer.errors import ExitCode
from sixpeer.reports import table
from sixpeer.reports.formats import FORMATS
from sixpeer.reports.report import HostChange, Report, RouteRow, SessionChange, SessionRow

REPORT = Report(
    command="drift",
    exit_code=ExitCode.DIFFERS,
    summary="r1 differ from the inventory",
    changes=(
        HostChange(
            "r1",
            ("+ ipv6 route 64:ff9b::/96 2001:db8:0:ff00::64",),
            impacts=(
                "session with 2001:db8::a will reset: password changes (FRR 8.4–10.x)",
                "static route 64:ff9b::/96 comes via 2001:db8:0:ff00::64",
            ),
            sessions=(SessionChange("default", "2001:db8::a", "will reset", ("password changes (FRR 8.4–10.x)",)),),
        ),
        HostChange("r2", (), ("a note",)),
    ),
    sessions=(
        SessionRow("r1", "lab/worker1", 64512, 64513, "Established", "established", 2, 2, 3725),
        SessionRow("r2", "lab/worker1", 64512, 64513, "Active", "unknown", None, None, None),
    ),
    routes=(RouteRow("r1", "NAT64", "64:ff9b::/96", ()),),
    verdicts=(
        Verdict("session-router", ("r1", "lab/worker1"), "session", Status.SUCCESS),
        Verdict("session-router", ("r2", "lab/worker1"), "session", Status.FAILURE, "Established", "Active", "a hint"),
        Verdict("observed", ("r3",), "could be asked", Status.ERROR, "an answer", "no route"),
        Verdict("pod-ping", ("lab/worker1",), "from its shell", Status.SKIPPED, actual="no login"),
    ),
    seconds={"compare": 0.5, "verify": 1.25},
)


@pytest.mark.parametrize(("name", "ending"), [("json", "json"), ("junit", "xml"), ("prometheus", "prom")])
def test_the_formats_for_machines(name, ending, golden):
    golden(f"reports/drift.{ending}", FORMATS[name](REPORT))


def test_the_table(golden):
    console = Console(file=io.StringIO(), width=120)
    table.show(REPORT, console)
    text = console.file.getvalue()
    golden("reports/drift.txt", "\n".join(line.rstrip() for line in text.split("\n")))


def test_json_and_junit_parse_and_count():
    assert json.loads(FORMATS["json"](REPORT))["exit_code"] == 1
    suite = ET.fromstring(FORMATS["junit"](REPORT))  # noqa: S314 - our own text
    assert {key: suite.get(key) for key in ("tests", "failures", "errors", "skipped")} == {
        "tests": "6", "failures": "2", "errors": "1", "skipped": "1",
    }  # fmt: skip


def test_junit_of_a_deploy_fails_for_its_outcome_and_not_for_its_changes():
    done = replace(REPORT, command="deploy", exit_code=ExitCode.OK, verdicts=REPORT.verdicts[:1])
    failed = replace(done, exit_code=ExitCode.NOT_PUT_BACK)
    counts = [ET.fromstring(FORMATS["junit"](report)).attrib for report in (done, failed)]  # noqa: S314
    assert [(found["failures"], found["errors"]) for found in counts] == [("0", "0"), ("0", "1")]


def test_html_is_a_page_with_the_verdicts():
    page = FORMATS["html"](REPORT)
    assert page.startswith("<!DOCTYPE html>")
    assert "session-router" in page
    assert "could be asked" in page


@pytest.mark.parametrize(
    ("seconds", "text"), [(None, "–"), (0, "0s"), (59, "59s"), (187, "3m07s"), (7500, "2h05m"), (367200, "4d06h")]
)
def test_durations_read_well(seconds, text):
    assert table.duration(seconds) == text


def test_the_worst_exit_code_is_reported():
    order = [ExitCode(code) for code in (0, 1, 2, 5, 3, 4)]
    assert all(ExitCode.worst(order[: n + 1]) is order[n] for n in range(len(order)))
    assert ExitCode.worst([]) is ExitCode.OK
