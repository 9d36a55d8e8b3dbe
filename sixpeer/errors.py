"""The errors of sixpeer, each with the exit code of a command that ends with it.

    SixpeerError
    ├── UsageError            2  the command line asks for something that does not exist
    ├── IntentError           2  the inventory is not valid: all problems at once
    ├── PlanError             2  the change cannot be planned, or a precondition refuses it
    ├── NotApproved           2  nobody said yes
    ├── Unreachable           5  a host could not be asked; nothing was touched
    ├── Locked                5  another change is pending, or another run holds the lock
    ├── Refused               5  a host refused the change before it began; nothing was touched there
    ├── DeviceError           5  a host answered what we cannot use; nothing was touched
    └── ChangeFailed
        ├── NotBegun          5  the change could not begin: nothing was touched anywhere
        ├── PutBack           3  the change failed and everything is as it was before
        └── NotPutBack        4  the change failed and something could not be put back

1 (drift, or a check failed) is a result, not an error.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum


class ExitCode(IntEnum):
    """What a command tells its caller; `worst` picks one for several changes."""

    OK = 0
    DIFFERS = 1
    REFUSED = 2
    PUT_BACK = 3
    NOT_PUT_BACK = 4
    UNKNOWN = 5

    @staticmethod
    def worst(codes: Iterable[ExitCode]) -> ExitCode:
        """The one to report for several: 4 before 3, 5, 2, 1, 0; OK for none."""
        order = (4, 3, 5, 2, 1, 0)
        return min(codes, key=order.index, default=ExitCode.OK)


class SixpeerError(Exception):
    """Anything we know how to explain. `host` and `phase` say where it happened, where that is known."""

    exit_code = ExitCode.UNKNOWN

    def __init__(self, message: str, *, host: str | None = None, phase: str | None = None) -> None:
        super().__init__(message)
        self.host = host
        self.phase = phase

    def __str__(self) -> str:
        message = super().__str__()
        return f"{self.host}: {message}" if self.host else message


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong in a file: what, where, and how to mend it."""

    file: str
    line: int | None
    where: str
    what: str
    mend: str = ""

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        subject = f"{self.where}: " if self.where else ""
        return f"{place}: {subject}{self.what}" + (f" ({self.mend})" if self.mend else "")


class UsageError(SixpeerError):
    exit_code = ExitCode.REFUSED


class IntentError(SixpeerError):
    """The inventory is not valid. `problems` has all that was found."""

    exit_code = ExitCode.REFUSED

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(map(str, self.problems)))


class PlanError(SixpeerError):
    exit_code = ExitCode.REFUSED


class NotApproved(SixpeerError):
    exit_code = ExitCode.REFUSED


class Unreachable(SixpeerError):
    exit_code = ExitCode.UNKNOWN


class Locked(SixpeerError):
    exit_code = ExitCode.UNKNOWN


class Refused(SixpeerError):
    exit_code = ExitCode.UNKNOWN


class DeviceError(SixpeerError):
    exit_code = ExitCode.UNKNOWN


class ChangeFailed(SixpeerError):
    """A change began and did not end well."""


class NotBegun(ChangeFailed):
    exit_code = ExitCode.UNKNOWN


class PutBack(ChangeFailed):
    exit_code = ExitCode.PUT_BACK


class NotPutBack(ChangeFailed):
    exit_code = ExitCode.NOT_PUT_BACK
