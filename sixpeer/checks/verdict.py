"""A verdict: one expectation of one check, held against what was seen."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Status(StrEnum):
    """Never mixed: what is wrong (failure), what could not be told (error), what was not looked at (skipped)."""

    SUCCESS = "success"
    FAILURE = "failure"
    ERROR = "error"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Verdict:
    """Who, what, and how it came out. `hint` says where to look or what to change."""

    check: str
    hosts: tuple[str, ...]
    subject: str
    status: Status
    expected: str = ""
    actual: str = ""
    hint: str = ""

    def __str__(self) -> str:
        text = f"{self.check}: {' – '.join(self.hosts)}: {self.subject}"
        if self.status in (Status.FAILURE, Status.ERROR):
            text += f". Expected: {self.expected}. Actual: {self.actual}"
        elif self.actual:
            text += f" ({self.actual})"
        return text + (f". {self.hint}" if self.hint and self.status is not Status.SUCCESS else "")


def holds(verdicts: Iterable[Verdict]) -> bool:
    """Whether nothing failed and nothing remained unknown, and something was looked at."""
    statuses = [verdict.status for verdict in verdicts]
    return Status.SUCCESS in statuses and not {Status.FAILURE, Status.ERROR} & set(statuses)
