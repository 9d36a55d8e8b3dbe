"""A router's configuration: what it runs, a candidate to replace it, and commits that take themselves back.

FRR has neither a candidate nor a commit-confirm. Here a candidate is a whole frr.conf; what it would change
is what `frr-reload.py --test` says, and a commit is commit_confirm.sh on the router, which loads it by
`frr-reload.py` and takes it back by itself unless it is confirmed. The startup file is written by the
confirmation only.

A candidate belongs to the running configuration that it was composed from (the last that was read before the
load): a commit is refused if the router has another one by then.
"""

from __future__ import annotations

import contextlib
import difflib
import json
import re
import secrets
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from napalm.base.exceptions import CommandErrorException, CommitError, MergeConfigException, ReplaceConfigException

from custom_napalm.frr import shell, text
from custom_napalm.frr.commit import (
    SYNTAX,
    CommitConfirm,
    CommitRefused,
    ConfigChanged,
    NothingPending,
    Pending,
    error_for,
    pending_in,
)
from custom_napalm.frr.connection import Connection, answers_of, redacted
from custom_napalm.frr.merge import merge
from custom_napalm.ssh import Completed
from sixpeer.configtree import hidden, tree
from sixpeer.configtree.redact import redact

RUNNING = "show running-config no-header"
_COMMANDS = {"running": shell.vtysh(RUNNING), "startup": 'cat "${FRR_ETC:-/etc/frr}/frr.conf"'}
LOAD_SECONDS = 600  # the window of a commit that is confirmed at once


@dataclass(frozen=True, slots=True)
class Candidate:
    """A configuration to load, and the running configuration that it is meant to replace."""

    config: str
    base: str


@dataclass(frozen=True, slots=True)
class Look:
    """A router as a plan needs it. `record`: the owner's, or "" if there is none. `outputs`: vtysh's, by command."""

    running: str
    startup: str
    record: str
    pending: Pending | None
    outputs: Mapping[str, str]


class Configuration:
    """The configuration of the router at the other end, on behalf of one owner.

    `state_folder`: where on the router changes and records are kept. Raises ValueError for an owner that cannot
    be the name of a file.
    """

    def __init__(self, connection: Connection, owner: str, state_folder: str) -> None:
        if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]*", owner):
            raise ValueError(f"owner {owner!r} is not made of letters, digits, '.', '_' and '-'")
        self._connection, self._name = connection, connection.hostname
        self._owner, self._state_folder = owner, state_folder
        self._running: str | None = None
        self._candidate: Candidate | None = None
        self._last: Candidate | None = None
        self._record: str | None = None
        self._committed: str | None = None
        self._refused = False

    # ---- reading -----------------------------------------------------------------------------------------------------

    def read(self, *which: str) -> dict[str, str]:
        """`running` as FRR shows it, `startup` as in /etc/frr/frr.conf, `candidate` as loaded here, or some of them."""
        commands = {name: _COMMANDS[name] for name in which if name in _COMMANDS}
        said = self._connection.said(*commands.values()) if commands else []
        found = {name: text.clean(config) for name, config in zip(commands, said, strict=True)}
        if "running" in found:
            self._running = found["running"]
        if "candidate" in which:
            found["candidate"] = self._candidate.config if self._candidate else ""
        return found

    def shown(self, running: str) -> None:
        """The running configuration has been read by other means: the next candidate is composed from this one."""
        self._running = text.clean(running)

    def look(self, *commands: str) -> Look:
        """All that a plan needs, and what vtysh says to `commands`, in one round trip.

        Raises CommandErrorException, with what is missing on the router and the commands that mend it, if it
        cannot be read.
        """
        asked = (self._commits.status, *_COMMANDS.values(), self._read_record)
        status, running, startup, record, *answers = self._connection.batch(*asked, *map(shell.vtysh, commands))
        for what, done in (("running", running), ("startup", startup)):
            if done.status:
                raise CommandErrorException("\n".join((f"{_COMMANDS[what]}: {redacted(done)}", *self.lacks())))
        self._running = text.clean(running.stdout)
        return Look(
            self._running,
            text.clean(startup.stdout),
            record.stdout,
            pending_in(status),
            answers_of(self._name, commands, answers),
        )

    def lacks(self) -> tuple[str, ...]:
        """What a commit needs and this router does not have; each with the command that mends it."""
        return tuple(self._script("lacks").stdout.splitlines())

    def record(self) -> str:
        """The owner's record on the router, or "" if there is none."""
        return self._connection.said(self._read_record)[0]

    @property
    def _read_record(self) -> str:
        return f"cat {shlex.quote(f'{self._state_folder}/{self._owner}.json')} 2>/dev/null || :"

    # ---- the candidate -----------------------------------------------------------------------------------------------

    def replace(self, config: str) -> None:
        """A whole frr.conf. Raises ReplaceConfigException, in FRR's words, for one that does not parse."""
        if self._running is None:
            self.read("running")
        self._load(config, ReplaceConfigException)

    def merge(self, lines: str) -> None:
        """Lines to be added: the candidate is the running configuration of now with these lines after it.

        How is said in `custom_napalm.frr.merge`. Raises MergeConfigException.
        """
        self._load(merge(self.read("running")["running"], lines), MergeConfigException)

    def _load(self, config: str, error: type[Exception]) -> None:
        assert self._running is not None
        running = tree.parse(self._running)
        # What FRR would not show is a difference for ever, and some of it resets a session each time.
        config = tree.render(hidden.as_shown(tree.parse(text.candidate(config)), running))
        self._candidate = None
        if odd := next((line for line in self._running.splitlines() if "\ufffd" in line), None):
            raise error(f"{self._name}: a line that it runs is not UTF-8: {redact(odd.strip())}; write it anew")
        if not config.strip():
            raise error(f"{self._name}: the candidate is empty")
        done = self._script("check", files={"frr.conf": config})
        if done.status == SYNTAX:
            raise error(f"{self._name}: FRR does not understand this: {self._redacted(done, config)}")
        if done.status:
            raise error(f"{self._name}: the candidate could not be checked: {self._redacted(done, config)}")
        self._candidate = Candidate(config, self._running)

    def load_record(self, record: str) -> None:
        """The owner's record (JSON) to be written when the candidate's commit is confirmed."""
        json.loads(record)
        self._record = record

    def compare(self) -> str:
        """What FRR would remove (`- `) and add (`+ `), each below its context; "" if nothing."""
        return self._compare(self._candidate)

    def remaining(self) -> str:
        """What FRR would still change after the last commit of this driver: lines that it refused without a
        word, or that it shows in another way than they were written."""
        return self._compare(self._last)

    def _compare(self, candidate: Candidate | None) -> str:
        if candidate is None:
            return ""
        done = self._script("delta", files={"frr.conf": candidate.config})
        if done.status:
            said = f"{self._name}: frr-reload.py: {self._redacted(done, candidate.config)}"
            raise error_for(done, said, CommandErrorException)
        return text.readable_delta(done.stdout)

    def discard(self) -> None:
        self._candidate = self._record = None

    # ---- the commit --------------------------------------------------------------------------------------------------

    def commit(self, message: str = "", revert_in: int | None = None) -> None:
        """Load the candidate. With `revert_in` (seconds) the router takes it back unless it is confirmed by then;
        without, it is confirmed at once.

        Raises CommitRefused (nothing was touched), PutBack or NotPutBack (see `commit`).
        """
        if self._candidate is None:
            raise CommitError(f"{self._name}: no candidate is loaded")
        if revert_in is not None and (type(revert_in) is not int or revert_in < 1):
            raise CommitError(
                f"{self._name}: revert_in is {revert_in!r}: it has to be a whole number of seconds, 1 or more"
            )
        candidate, seconds = self._candidate, revert_in or LOAD_SECONDS
        # Named here: whatever becomes of the connection, we know which change is ours.
        change = f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{secrets.token_hex(4)}"
        request = {
            "id": change,
            "owner": self._owner,
            "message": " ".join(message.split()),
            "revert_in": str(seconds),
            "digest": text.digest(candidate.base),
            "confirm": "no" if revert_in else "yes",
        }
        files = {"frr.conf": candidate.config, "request": "".join(f"{key} {value}\n" for key, value in request.items())}
        if self._record is not None:
            files["record"] = self._record
        before, self._committed, self._refused = self._committed, change, False
        done = self._script("apply", files=files, timeout=self._connection.timeout + 2 * seconds)
        if re.search(r"^applied ", done.stdout, re.MULTILINE):
            self._last = candidate
            # What it is composed from is gone; nothing may be loaded on top of a stale reading.
            self._running = None
        if done.status:
            error = self._error(done, candidate)
            if isinstance(error, CommitRefused):
                self._committed, self._refused = before, before is None
            raise error
        self.discard()

    def pending(self) -> Pending | None:
        """The commit that waits for its confirmation on the router, whoever made it."""
        with self._connection.translated():
            return self._commits.pending(self._connection.timeout)

    def confirm(self) -> None:
        """Keep this driver's commit, or, if it made none, the one of our owner that is pending: write memory.

        Raises NothingPending (the timer was faster), ForeignChange (running is not what the commit left) or NotSaved.
        """
        self._end("confirm", timeout=self._connection.timeout)

    def rollback(self) -> None:
        """Put back what was running before: what is pending, else what this driver confirmed."""
        self._end("revert", timeout=self._connection.timeout + LOAD_SECONDS)

    def _end(self, verb: str, timeout: float) -> None:
        change = self._committed or self._ours()
        done = self._script(verb, change, timeout=timeout)
        self._running = None
        if done.status:
            raise self._error(done, self._last)

    def _ours(self) -> str:
        if self._refused:
            raise NothingPending(f"{self._name}: this session's commit was refused, so that it has nothing to end")
        pending = self.pending()
        if pending is None:
            raise NothingPending(f"{self._name}: no commit is pending")
        if pending.owner != self._owner:
            raise NothingPending(f"{self._name}: the commit that is pending is {pending.owner}'s ({pending.id})")
        return pending.id

    # ---- the router's script -----------------------------------------------------------------------------------------

    @property
    def _commits(self) -> CommitConfirm:
        return CommitConfirm(self._connection.session, self._state_folder)

    def _script(self, verb: str, *args: str, files: dict[str, str] | None = None, timeout: float = 0) -> Completed:
        with self._connection.translated():
            return self._commits.call(verb, *args, files=files, timeout=timeout or self._connection.timeout)

    def _redacted(self, done: Completed, *configs: str) -> str:
        return redacted(done, *configs, self._running or "")

    def _error(self, done: Completed, candidate: Candidate | None) -> Exception:
        error = error_for(done, f"{self._name}: {self._redacted(done, *_texts(candidate))}")
        if isinstance(error, ConfigChanged) and candidate:
            with contextlib.suppress(Exception):
                # Not by `read`: what the candidate was composed from stays what it was.
                (now,) = self._connection.said(_COMMANDS["running"])
                error.args = (f"{error}\n{redact(_changed_lines(candidate.base, now))}",)
        return error


def _texts(candidate: Candidate | None) -> tuple[str, ...]:
    return (candidate.config, candidate.base) if candidate else ()


def _changed_lines(before: str, after: str) -> str:
    lines = difflib.unified_diff(before.splitlines(), text.clean(after).splitlines(), lineterm="", n=0)
    return "\n".join(line for line in lines if line[:1] in "+-" and line[:3] not in ("+++", "---"))
