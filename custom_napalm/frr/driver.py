"""FRRouting as a NAPALM driver: NAPALM's names for what a router's `Configuration` can do, besides the getters."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from custom_napalm.frr import shell
from custom_napalm.frr.configuration import RUNNING, Configuration
from custom_napalm.frr.connection import Connection, answers_of
from custom_napalm.frr.reading import Reading
from sixpeer.configtree.redact import redact


class FRRDriver(Reading):
    """NAPALM's driver for FRR 8.4 to 10.x.

    `optional_args`: netmiko's (`port`, `key_file`, `ssh_config_file`, …), and

    session: an open `ExecSession`, which is used and left open, instead of a login of our own;
    owner: whose the record is that goes with a commit ("sixpeer");
    state_folder: on the router, where changes and records are kept ("/var/lib/sixpeer").

    `timeout` (seconds) is that of reading; a commit may take as long as its `revert_in`. What NAPALM has no name
    for is in `configuration`.
    """

    __module__ = "custom_napalm.frr"  # whose last word names the folder below load_template's `template_path`
    platform = "frr"
    connects_by = Connection

    def __init__(
        self,
        hostname: str,
        username: str,
        password: str,
        timeout: int = 60,
        optional_args: dict[str, Any] | None = None,
    ) -> None:
        options = optional_args or {}
        self.hostname, self.username, self.password, self.timeout = hostname, username, password, timeout
        self.connection = self.connects_by(hostname, username, password, timeout, options)
        self.configuration = Configuration(
            self.connection, options.get("owner", "sixpeer"), options.get("state_folder", "/var/lib/sixpeer")
        )

    def open(self) -> None:
        self.connection.open()

    def close(self) -> None:
        self.connection.close()

    def is_alive(self) -> dict[str, bool]:  # type: ignore[override]
        return {"is_alive": self.connection.is_alive()}

    def cli(self, commands: list[str], encoding: str = "text") -> dict[str, str]:  # type: ignore[override]
        """What vtysh says to each command, all in one round trip.

        Raises CommandErrorException, which names the command and has FRR's words, for the first that fails.
        """
        if isinstance(commands, str):
            raise TypeError(f"{commands!r} is one command: give a list of them")
        if encoding != "text":
            raise NotImplementedError(f"encoding {encoding!r}: ask FRR for json by the command itself")
        outputs = answers_of(self.hostname, commands, self.connection.batch(*map(shell.vtysh, commands)))
        if RUNNING in outputs:
            self.configuration.shown(outputs[RUNNING])
        return outputs

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
        everything = ("running", "startup", "candidate")
        if retrieve not in (*everything, "all"):
            raise ValueError(f"retrieve {retrieve!r} is none of {', '.join(everything)} and all")
        config = dict.fromkeys(everything, "")
        config |= self.configuration.read(*(name for name in everything if retrieve in (name, "all")))
        return {name: redact(value) for name, value in config.items()} if sanitized else config

    def load_replace_candidate(self, filename: str | None = None, config: str | None = None) -> None:
        """A whole frr.conf. Raises ReplaceConfigException, in FRR's words, for one that does not parse."""
        self.configuration.replace(_given(filename, config))

    def load_merge_candidate(self, filename: str | None = None, config: str | None = None) -> None:
        """Lines to be added, or, with `no` in front, removed. Raises MergeConfigException."""
        self.configuration.merge(_given(filename, config))

    def compare_config(self) -> str:
        """What FRR would remove (`- `) and add (`+ `), each below its context; "" if nothing."""
        return self.configuration.compare()

    def discard_config(self) -> None:
        self.configuration.discard()

    def commit_config(self, message: str = "", revert_in: int | None = None) -> None:
        """Load the candidate. With `revert_in` (seconds) the router takes it back unless it is confirmed by then;
        without, it is confirmed at once.

        Raises CommitRefused (nothing was touched), PutBack or NotPutBack (see `commit`).
        """
        self.configuration.commit(message, revert_in)

    def has_pending_commit(self) -> bool:
        return self.configuration.pending() is not None

    def confirm_commit(self) -> None:
        """Keep this driver's commit, or, if it made none, the one of our owner that is pending: write memory.

        Raises NothingPending (the timer was faster), ForeignChange (running is not what the commit left) or NotSaved.
        """
        self.configuration.confirm()

    def rollback(self) -> None:
        """Put back what was running before: what is pending, else what this driver confirmed."""
        self.configuration.rollback()


def _given(filename: str | None, config: str | None) -> str:
    """NAPALM: of a file and a text, the file counts."""
    if filename:
        return Path(filename).read_text(encoding="utf-8")
    if config is None:
        raise ValueError("give a filename or a config")
    return config
