"""The driver's connection: one SSH session, lent or its own, and commands on it."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

from napalm.base import NetworkDriver, netmiko_helpers
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


class Connection(NetworkDriver):
    """What every part of the driver stands on. `timeout` (seconds) is that of reading."""

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
        self._given: ExecSession | None = options.get("session")
        self._netmiko_args = netmiko_helpers.netmiko_args(options)
        self._session: ExecSession | None = None

    def open(self) -> None:
        if self._given is not None:
            self._session = self._given
            return
        try:
            self._session = ExecSession(
                host=self.hostname,
                username=self.username or "",
                password=self.password or None,
                device_type="sixpeer_exec",
                **self._netmiko_args,
            )
        except NetmikoAuthenticationException as error:
            raise ConnectAuthError(str(error)) from error
        except NetmikoTimeoutException as error:
            raise ConnectionException(str(error)) from error

    def close(self) -> None:
        if self._session is not None and self._session is not self._given:
            self._session.disconnect()
        self._session = None

    def is_alive(self) -> dict[str, bool]:  # type: ignore[override]
        return {"is_alive": self._session is not None and self._session.is_alive()}

    @property
    def session(self) -> ExecSession:
        if self._session is None:
            raise ConnectionClosedException(f"{self.hostname}: not connected")
        return self._session

    @contextlib.contextmanager
    def _translated(self) -> Iterator[None]:
        """netmiko's exceptions as NAPALM's."""
        try:
            yield
        except CommandTimeout as error:
            raise CommandTimeoutException(f"{self.hostname}: {error}") from error
        except NetmikoTimeoutException as error:
            raise ConnectionClosedException(f"{self.hostname}: {error}") from error

    def _batch(self, *commands: str) -> list[Completed]:
        """How each of these shell commands ended, all run in one round trip."""
        with self._translated():
            return shell.batch(self.session, commands, self.timeout)

    def _said(self, *commands: str) -> list[str]:
        """What each of these shell commands printed. Raises CommandErrorException for the first that failed."""
        done = self._batch(*commands)
        for command, one in zip(commands, done, strict=True):
            if one.status:
                raise CommandErrorException(f"{self.hostname}: {command}: {self._redacted(one)}")
        return [one.stdout for one in done]

    def _redacted(self, done: Completed, *configs: str) -> str:
        """What a command said, without the secrets that stand in `configs`."""
        said = "\n".join(part.strip() for part in (done.stdout, done.stderr) if part.strip())
        return text.redacted(said, text.secrets(*configs))
