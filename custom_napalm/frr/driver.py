"""FRRouting as a NAPALM driver, over exec channels of one SSH session.

FRR has neither a candidate nor a commit-confirm. Here a candidate is a whole frr.conf; what it would change
is what `frr-reload.py --test` says, and a commit is commit_confirm.sh on the router, which loads it by
`frr-reload.py` and takes it back by itself unless it is confirmed. The startup file is written by the
confirmation only.

A candidate belongs to the running configuration that it was composed from (the last that this driver read
before the load): a commit is refused if the router has another one by then.
"""

from __future__ import annotations

import contextlib
import difflib
import json
import re
import secrets
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

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
from custom_napalm.frr.reading import Reading
from custom_napalm.ssh import Completed
from sixpeer.configtree.redact import redact

RUNNING = "show running-config no-header"
STARTUP = 'cat "${FRR_ETC:-/etc/frr}/frr.conf"'
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


class FRRDriver(Reading):
    """NAPALM's driver for FRR 8.4 to 10.x.

    `optional_args`: netmiko's (`port`, `key_file`, `ssh_config_file`, …), and

    session: an open `ExecSession`, which is used and left open, instead of a login of our own;
    owner: whose the record is that goes with a commit ("sixpeer");
    state_folder: on the router, where changes and records are kept ("/var/lib/sixpeer").

    `timeout` (seconds) is that of reading; a commit may take as long as its `revert_in`.
    """

    __module__ = "custom_napalm.frr"  # whose last word names the folder below load_template's `template_path`
    platform = "frr"

    def __init__(
        self,
        hostname: str,
        username: str,
        password: str,
        timeout: int = 60,
        optional_args: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(hostname, username, password, timeout, optional_args)
        options = optional_args or {}
        self.owner: str = options.get("owner", "sixpeer")
        if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]*", self.owner):
            raise ValueError(f"owner {self.owner!r} is not made of letters, digits, '.', '_' and '-'")
        self.state_folder: str = options.get("state_folder", "/var/lib/sixpeer")
        self._running: str | None = None
        self._candidate: Candidate | None = None
        self._last: Candidate | None = None
        self._record: str | None = None
        self._committed: str | None = None

    @property
    def _confirm(self) -> CommitConfirm:
        return CommitConfirm(self.session, self.state_folder)

    def _script(self, verb: str, *args: str, files: dict[str, str] | None = None, timeout: float = 0) -> Completed:
        with self._translated():
            return self._confirm.call(verb, *args, files=files, timeout=timeout or self.timeout)

    # ---- reading -----------------------------------------------------------------------------------------------------

    def cli(self, commands: list[str], encoding: str = "text") -> dict[str, str]:  # type: ignore[override]
        """What vtysh says to each command, all in one round trip.

        Raises CommandErrorException, which names the command and has FRR's words, for the first that fails.
        """
        if encoding != "text":
            raise NotImplementedError(f"encoding {encoding!r}: ask FRR for json by the command itself")
        outputs = self._outputs(commands, self._batch(*map(shell.vtysh, commands)))
        if RUNNING in outputs:
            self._running = text.clean(outputs[RUNNING])
        return outputs

    def _outputs(self, commands: Sequence[str], done: Sequence[Completed]) -> dict[str, str]:
        for command, one in zip(commands, done, strict=True):
            if one.status:
                raise CommandErrorException(f"{self.hostname}: {command!r}: {self._redacted(one)}")
        return {command: one.stdout for command, one in zip(commands, done, strict=True)}

    def look(self, *commands: str) -> Look:
        """All that a plan needs, and what vtysh says to `commands`, in one round trip.

        Raises CommandErrorException, with what is missing on the router and the commands that mend it, if it
        cannot be read.
        """
        asked = (self._confirm.status, shell.vtysh(RUNNING), STARTUP, self._read_record)
        status, running, startup, record, *answers = self._batch(*asked, *map(shell.vtysh, commands))
        for command, done in ((RUNNING, running), (STARTUP, startup)):
            if done.status:
                raise CommandErrorException("\n".join((f"{command}: {self._redacted(done)}", *self.lacks())))
        self._running = text.clean(running.stdout)
        outputs = self._outputs(commands, answers)
        return Look(self._running, text.clean(startup.stdout), record.stdout, pending_in(status), outputs)

    def lacks(self) -> tuple[str, ...]:
        """What a commit needs and this router does not have; each with the command that mends it."""
        return tuple(self._script("lacks").stdout.splitlines())

    def get_config(  # type: ignore[override]
        self,
        retrieve: str = "all",
        full: bool = False,  # noqa: ARG002 (NAPALM's)
        sanitized: bool = False,
        format: str = "text",  # noqa: A002
    ) -> dict[str, str]:
        """`running` as FRR shows it, `startup` as in /etc/frr/frr.conf, `candidate` as loaded here.

        FRR shows no defaults, so that `full` changes nothing. `sanitized` puts `<secret>` in place of passwords.
        """
        if format != "text":
            raise NotImplementedError(f"format {format!r}: FRR has its configuration as text")
        wanted = {name: retrieve in (name, "all") for name in ("running", "startup", "candidate")}
        commands = {"running": shell.vtysh(RUNNING), "startup": STARTUP}
        asked = [name for name in commands if wanted[name]]
        config = dict.fromkeys(wanted, "")
        for name, done in zip(asked, self._batch(*(commands[name] for name in asked)) if asked else [], strict=True):
            if done.status:
                raise CommandErrorException(f"{self.hostname}: {commands[name]}: {self._redacted(done)}")
            config[name] = text.clean(done.stdout)
        if wanted["running"]:
            self._running = config["running"]
        if wanted["candidate"] and self._candidate:
            config["candidate"] = self._candidate.config
        return {name: redact(value) for name, value in config.items()} if sanitized else config

    # ---- the candidate -----------------------------------------------------------------------------------------------

    def based_on(self, running: str) -> None:
        """Say which running configuration the next candidate is composed from, if this driver did not read it."""
        self._running = running

    def load_replace_candidate(self, filename: str | None = None, config: str | None = None) -> None:
        """A whole frr.conf. Raises ReplaceConfigException, in FRR's words, for one that does not parse."""
        if self._running is None:
            self.get_config("running")
        self._load(_given(filename, config), ReplaceConfigException)

    def load_merge_candidate(self, filename: str | None = None, config: str | None = None) -> None:
        """Lines to be added: the candidate is the running configuration of now with these lines after it.

        FRR reads a context that comes twice as one, and of a line that there can be only one of the last
        counts; a line with `no` takes away the line without. Raises MergeConfigException.
        """
        running = self.get_config("running")["running"]
        self._load(text.merge(running, _given(filename, config)), MergeConfigException)

    def _load(self, config: str, error: type[Exception]) -> None:
        assert self._running is not None
        config = text.candidate(config)
        self._candidate = None
        if not config.strip():
            raise error(f"{self.hostname}: the candidate is empty")
        done = self._script("check", files={"frr.conf": config})
        if done.status == SYNTAX:
            raise error(f"{self.hostname}: FRR does not understand this: {self._redacted(done, config)}")
        if done.status:
            raise error(f"{self.hostname}: the candidate could not be checked: {self._redacted(done, config)}")
        self._candidate = Candidate(config, self._running)

    def load_record(self, record: str) -> None:
        """The owner's record (JSON) to be written when the candidate's commit is confirmed."""
        json.loads(record)
        self._record = record

    def get_record(self) -> str:
        """The owner's record on the router, or "" if there is none."""
        return self._batch(self._read_record)[0].stdout

    @property
    def _read_record(self) -> str:
        return f"cat {shlex.quote(f'{self.state_folder}/{self.owner}.json')} 2>/dev/null || :"

    def compare_config(self) -> str:
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
            said = f"{self.hostname}: frr-reload.py: {self._redacted(done, candidate.config)}"
            raise error_for(done, said, CommandErrorException)
        return text.readable_delta(done.stdout)

    def discard_config(self) -> None:
        self._candidate = self._record = None

    # ---- the commit --------------------------------------------------------------------------------------------------

    def commit_config(self, message: str = "", revert_in: int | None = None) -> None:
        """Load the candidate. With `revert_in` (seconds) the router takes it back unless it is confirmed by then;
        without, it is confirmed at once.

        Raises CommitRefused (nothing was touched), PutBack or NotPutBack (see `commit`).
        """
        if self._candidate is None:
            raise CommitError(f"{self.hostname}: no candidate is loaded")
        if revert_in is not None and revert_in < 1:
            raise CommitError(f"{self.hostname}: revert_in is {revert_in}: at least one second is needed")
        candidate, seconds = self._candidate, revert_in or LOAD_SECONDS
        # Named here: whatever becomes of the connection, we know which change is ours.
        change = f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{secrets.token_hex(4)}"
        request = {
            "id": change,
            "owner": self.owner,
            "message": " ".join(message.split()),
            "revert_in": str(seconds),
            "digest": text.digest(candidate.base),
            "confirm": "no" if revert_in else "yes",
        }
        files = {"frr.conf": candidate.config, "request": "".join(f"{key} {value}\n" for key, value in request.items())}
        if self._record is not None:
            files["record"] = self._record
        self._committed = change
        done = self._script("apply", files=files, timeout=self.timeout + 2 * seconds)
        if re.search(r"^applied ", done.stdout, re.MULTILINE):
            self._last = candidate
            # What it is composed from is gone; nothing may be loaded on top of a stale reading.
            self._running = None
        if done.status:
            error = self._error(done, candidate)
            if isinstance(error, CommitRefused):
                self._committed = None
            raise error
        self.discard_config()

    def pending(self) -> Pending | None:
        """The commit that waits for its confirmation on the router, whoever made it."""
        with self._translated():
            return self._confirm.pending(self.timeout)

    def has_pending_commit(self) -> bool:
        return self.pending() is not None

    def confirm_commit(self) -> None:
        """Keep this driver's commit, or, if it made none, the one of our owner that is pending: write memory.

        Raises NothingPending (the timer was faster), ForeignChange (running is not what the commit left) or NotSaved.
        """
        self._end("confirm", timeout=self.timeout)

    def rollback(self) -> None:
        """Put back what was running before: what is pending, else what this driver confirmed."""
        self._end("revert", timeout=self.timeout + LOAD_SECONDS)

    def _end(self, verb: str, timeout: float) -> None:
        change = self._committed or self._ours()
        done = self._script(verb, change, timeout=timeout)
        self._running = None
        if done.status:
            raise self._error(done, self._last)

    def _ours(self) -> str:
        pending = self.pending()
        if pending is None:
            raise NothingPending(f"{self.hostname}: no commit is pending")
        if pending.owner != self.owner:
            raise NothingPending(f"{self.hostname}: the commit that is pending is {pending.owner}'s ({pending.id})")
        return pending.id

    def _error(self, done: Completed, candidate: Candidate | None) -> Exception:
        error = error_for(done, f"{self.hostname}: {self._redacted(done, *_texts(candidate))}")
        if isinstance(error, ConfigChanged) and candidate:
            with contextlib.suppress(Exception):
                # Not by get_config: what the candidate was composed from stays what it was.
                (now,) = self._batch(shell.vtysh(RUNNING))
                error.args = (f"{error}\n{redact(_changed_lines(candidate.base, now.stdout))}",)
        return error

    def _redacted(self, done: Completed, *configs: str) -> str:
        return super()._redacted(done, *configs, self._running or "")


def _texts(candidate: Candidate | None) -> tuple[str, ...]:
    return (candidate.config, candidate.base) if candidate else ()


def _given(filename: str | None, config: str | None) -> str:
    """NAPALM: of a file and a text, the file counts."""
    if filename:
        return Path(filename).read_text(encoding="utf-8")
    if config is None:
        raise ValueError("give a filename or a config")
    return config


def _changed_lines(before: str, after: str) -> str:
    lines = difflib.unified_diff(before.splitlines(), text.clean(after).splitlines(), lineterm="", n=0)
    return "\n".join(line for line in lines if line[:1] in "+-" and line[:3] not in ("+++", "---"))
