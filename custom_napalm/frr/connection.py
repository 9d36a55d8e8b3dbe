"""The driver's connection: one SSH session, lent or its own, and commands on it."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from typing import Any, cast

from napalm.base import netmiko_helpers
from napalm.base.exceptions import (
    CommandErrorException,
    CommandTimeoutException,
    ConnectAuthError,
    ConnectionClosedException,
    ConnectionException,
)
from netmiko.exceptions import NetmikoAuthenticationException, NetmikoTimeoutException

from custom_napalm.frr import shell, text
from custom_napalm.ssh import CommandTimeout, Completed, ExecSession


class NoSession:
    """Stands in for the session of a driver that is not open."""

    def __init__(self, hostname: str) -> None:
        self.hostname = hostname

    def run(self, *_: Any, **__: Any) -> Completed:
        raise ConnectionClosedException(f"{self.hostname}: not connected")

    def is_alive(self) -> bool:
        return False

    def disconnect(self) -> None:
        """There is nothing to end."""


def closed(hostname: str) -> ExecSession:
    """A session on which nothing can be run. (Not a property that raises: NAPALM's tests look at all attributes.)"""
    return cast("ExecSession", NoSession(hostname))


class Connection:
    """An SSH session, and commands on it. `timeout` (seconds) is that of reading.

    `options`: netmiko's, and `session`, an open one to be used and left open instead of a login of our own.
    """

    def __init__(self, hostname: str, username: str, password: str, timeout: int, options: dict[str, Any]) -> None:
        self.hostname, self.timeout = hostname, timeout
        self._username, self._password = username, password
        self._given: ExecSession | None = options.get("session")
        self._netmiko_args = netmiko_helpers.netmiko_args(options)
        self.session = closed(hostname)

    def open(self) -> None:
        """Log in. Raises ConnectAuthError or ConnectionException."""
        if self._given is not None:
            self.session = self._given
            return
        try:
            self.session = ExecSession(
                host=self.hostname,
                username=self._username or "",
                password=self._password or None,
                device_type="sixpeer_exec",
                **self._netmiko_args,
            )
        except NetmikoAuthenticationException as error:
            raise ConnectAuthError(str(error)) from error
        except NetmikoTimeoutException as error:
            raise ConnectionException(str(error)) from error

    def close(self) -> None:
        if self.session is not self._given:
            self.session.disconnect()
        self.session = closed(self.hostname)

    def is_alive(self) -> bool:
        return self.session.is_alive()

    @contextlib.contextmanager
    def translated(self) -> Iterator[None]:
        """netmiko's exceptions as NAPALM's."""
        try:
            yield
        except CommandTimeout as error:
            raise CommandTimeoutException(f"{self.hostname}: {error}") from error
        except NetmikoTimeoutException as error:
            raise ConnectionClosedException(f"{self.hostname}: {error}") from error

    def batch(self, *commands: str, timeout: float = 0) -> list[Completed]:
        """How each of these shell commands ended, all run in one round trip."""
        with self.translated():
            return shell.batch(self.session, commands, timeout or self.timeout)

    def said(self, *commands: str) -> list[str]:
        """What each of these shell commands printed. Raises CommandErrorException for the first that failed."""
        done = self.batch(*commands)
        for command, one in zip(commands, done, strict=True):
            if one.status:
                raise CommandErrorException(f"{self.hostname}: {command}: {redacted(one)}")
        return [one.stdout for one in done]


def answers_of(hostname: str, commands: Sequence[str], done: Sequence[Completed]) -> dict[str, str]:
    """What vtysh said to each command. Raises CommandErrorException, with FRR's words, for the first that failed."""
    for command, one in zip(commands, done, strict=True):
        if one.status:
            raise CommandErrorException(f"{hostname}: {command!r}: {redacted(one)}")
    return {command: one.stdout for command, one in zip(commands, done, strict=True)}


def redacted(done: Completed, *configs: str) -> str:
    """What a command said, without the secrets that stand in `configs`."""
    said = "\n".join(part.strip() for part in (done.stdout, done.stderr) if part.strip())
    return text.redacted(said, text.secrets(*configs))
