"""Commit-confirm as the driver sees it: the verbs of commit_confirm.sh, and their answers as values and exceptions.

CommitError                 (NAPALM)
├── CommitRefused           nothing was touched
│   ├── ConfigChanged       running is not what the candidate was composed from
│   ├── CommitPending       another commit waits for its confirmation
│   ├── RouterBusy          another commit is being loaded
│   └── NotReady            something is missing on the router; the message has the command that mends it
├── PutBack                 FRR refused a line on the way; running is what it was
└── NotPutBack              … and is not: the message says what differs and what to do
CommitConfirmException      (NAPALM)
├── NothingPending          too late, or never committed
├── ForeignChange           somebody else changed the router since the commit
└── NotSaved                applied, but the startup file could not be written
"""

from __future__ import annotations

import secrets
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import resources

from napalm.base.exceptions import CommitConfirmException, CommitError

from custom_napalm.frr import shell
from custom_napalm.ssh import Completed, ExecSession


class CommitRefused(CommitError): ...


class ConfigChanged(CommitRefused): ...


class CommitPending(CommitRefused): ...


class RouterBusy(CommitRefused): ...


class NotReady(CommitRefused): ...


class PutBack(CommitError): ...


class NotPutBack(CommitError): ...


class NothingPending(CommitConfirmException): ...


class ForeignChange(CommitConfirmException): ...


class NotSaved(CommitConfirmException): ...


SYNTAX = 14
_ERRORS: Mapping[int, type[Exception]] = {
    10: ConfigChanged,
    11: CommitPending,
    12: RouterBusy,
    13: NotReady,
    20: PutBack,
    21: NotPutBack,
    30: NothingPending,
    31: ForeignChange,
    32: NotSaved,
}


@dataclass(frozen=True, slots=True)
class Pending:
    """A commit that nobody has confirmed. Times are the router's.

    `phase` is `pending`, or `confirming` or `reverting` if that was begun and interrupted, or failed.
    `left` is in seconds; below zero the timer is late, and something is wrong with it. `script`: on the router,
    `sh SCRIPT confirm` and `sh SCRIPT revert` end it.
    """

    id: str
    owner: str
    login: str
    message: str
    since: datetime
    expires: datetime
    left: int
    phase: str
    script: str


class CommitConfirm:
    """commit_confirm.sh on a router; sent along with each verb, and kept there with each change."""

    def __init__(self, session: ExecSession, state_folder: str) -> None:
        self._session = session
        self._state = state_folder
        self._script = resources.files(__package__).joinpath("commit_confirm.sh").read_text(encoding="utf-8")

    def call(self, verb: str, *args: str, files: Mapping[str, str] | None = None, timeout: float) -> Completed:
        """Run a verb; with `files`, its argument is the folder that has them. The caller judges the status."""
        state = f"SIXPEER_STATE={shlex.quote(self._state)}"
        if files is None:
            # Without a file, so that a full disk does not keep anybody from putting something back.
            return self._session.run(
                f"{state} sh -s -- {shlex.join((verb, *args))}", stdin=self._script, timeout=timeout
            )
        command = f'{state} sh "$W/commit_confirm.sh" {verb} "$W"'
        # What is only looked at goes where temporary files go: looking needs no state folder.
        parent = self._state if verb == "apply" else ""
        program = shell.with_files({"commit_confirm.sh": self._script, **files}, command, parent=parent)
        return self._session.run("sh -s", stdin=program, timeout=timeout)

    def pending(self, timeout: float) -> Pending | None:
        """The commit that is pending on the router, whoever made it. One that a reboot took back is none."""
        return pending_in(self.call("status", timeout=timeout))

    @property
    def status(self) -> str:
        """The shell command whose answer `pending_in` reads."""
        mark = f"END-{secrets.token_hex(12)}"
        return f"SIXPEER_STATE={shlex.quote(self._state)} sh -s -- status <<'{mark}'\n{self._script}\n{mark}"


def pending_in(done: Completed) -> Pending | None:
    """What the verb `status` said."""
    if done.status:
        raise error_for(done, f"{done.stdout}{done.stderr}".strip())
    said = dict(line.partition(" ")[::2] for line in done.stdout.splitlines())
    if said.get("phase", "rebooted") == "rebooted":
        return None
    since = int(said["since"])
    return Pending(
        id=said["id"],
        owner=said.get("owner", ""),
        login=said.get("login", ""),
        message=said.get("message", ""),
        since=datetime.fromtimestamp(since, UTC),
        expires=datetime.fromtimestamp(since + int(said["revert_in"]), UTC),
        left=int(said["left"]),
        phase=said["phase"],
        script=said["script"],
    )


def error_for(done: Completed, message: str, otherwise: type[Exception] = CommitError) -> Exception:
    """What a verb's exit status means, as NAPALM's exceptions say it."""
    return _ERRORS.get(done.status, otherwise)(message or f"the router's script ended with {done.status}")
