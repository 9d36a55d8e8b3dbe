"""SSH as everything here uses it: one login, then a command an exec channel, with exit status and stderr.

`ExecSession` is a netmiko connection (device type `sixpeer_exec`, so nornir_netmiko opens it too) that
neither asks for a shell nor looks for a prompt, and sets TCP_NODELAY: a login takes 26 ms instead of
295, a command 3 ms instead of 48. The SSH configuration file decides as it does for `ssh -F FILE HOST`
(see `ssh_config`). Host keys are always checked: an unknown or a changed one is an error that says what
to do, never a question.

    NetmikoAuthenticationException    (netmiko) nobody let us in
    NetmikoTimeoutException           (netmiko) no connection, or it was lost
    ├── HostKeyError                  it is not the host it should be, or nobody can tell
    └── CommandTimeout                a command took longer than it may; its channel is closed
"""
# mypy: allow-untyped-calls
# (paramiko's are)

from __future__ import annotations

import contextlib
import socket
import threading
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from netmiko.base_connection import BaseConnection
from netmiko.exceptions import NetmikoAuthenticationException, NetmikoTimeoutException
from netmiko.ssh_dispatcher import CLASS_MAPPER, platforms
from paramiko.channel import Channel
from paramiko.client import MissingHostKeyPolicy, SSHClient
from paramiko.pkey import PKey
from paramiko.proxy import ProxyCommand
from paramiko.ssh_exception import AuthenticationException, BadHostKeyException, SSHException
from paramiko.transport import Transport

from custom_napalm import ssh_config
from custom_napalm.ssh_config import Target

DEVICE_TYPE = "sixpeer_exec"
CHUNK = 1 << 20


class HostKeyError(NetmikoTimeoutException):
    """The host's key is unknown, or another than the known one."""


class CommandTimeout(NetmikoTimeoutException):
    """A command had not ended by its deadline. What became of it on the host is not known."""


@dataclass(frozen=True, slots=True)
class Completed:
    """A command that ended. `status` is its exit status, or -1 where a signal ended it."""

    status: int
    stdout: str
    stderr: str


def run(
    connection: ExecSession | Transport, command: str, *, stdin: bytes | str | None = None, timeout: float
) -> Completed:
    """Run `command` in the login's shell on a channel of its own; wait at most `timeout` seconds for its end.

    Secrets go by `stdin`: the command line is in the host's process list. Several threads may run
    commands on one connection. Raises CommandTimeout, or NetmikoTimeoutException if the connection is lost.
    """
    transport = connection.transport if isinstance(connection, ExecSession) else connection
    deadline = time.monotonic() + timeout
    try:
        channel = transport.open_session(timeout=timeout)
    except (SSHException, OSError, EOFError) as error:
        raise NetmikoTimeoutException(f"the SSH connection is lost: {error}") from error
    try:
        channel.settimeout(timeout)
        channel.exec_command(command)
        completed = _exchange(channel, stdin, deadline)
    except TimeoutError as error:
        if transport.is_active():
            raise CommandTimeout(f"no answer within {timeout:g} s to: {command}") from error
        raise NetmikoTimeoutException("the SSH connection was lost before the command ended") from error
    except (SSHException, OSError, EOFError) as error:
        raise NetmikoTimeoutException(f"the SSH connection was lost: {error}") from error
    finally:
        channel.close()
    if completed.status == -1 and not transport.is_active():
        raise NetmikoTimeoutException("the SSH connection was lost before the command ended")
    return completed


def _exchange(channel: Channel, stdin: bytes | str | None, deadline: float) -> Completed:
    """Feed one stream and read two at once: they share a window, and one left alone would stop the others."""

    def left() -> float:
        return max(deadline - time.monotonic(), 0.001)

    errors: list[bytes] = []
    reader = threading.Thread(target=_drain, args=(channel, errors), daemon=True)
    reader.start()
    if stdin is None:
        channel.shutdown_write()
    else:
        data = stdin.encode() if isinstance(stdin, str) else stdin
        threading.Thread(target=_feed, args=(channel, data), daemon=True).start()
    output: list[bytes] = []
    while True:
        channel.settimeout(left())
        chunk = channel.recv(CHUNK)
        if not chunk:
            break
        output.append(chunk)
    if not channel.status_event.wait(left()):
        raise TimeoutError
    reader.join(left())
    return Completed(channel.exit_status, _text(output), _text(errors))


def _drain(channel: Channel, into: list[bytes]) -> None:
    with contextlib.suppress(OSError, EOFError):
        while chunk := channel.recv_stderr(CHUNK):
            into.append(chunk)


def _feed(channel: Channel, data: bytes) -> None:
    # A command that ends without reading all of it is free to do so.
    with contextlib.suppress(OSError, EOFError):
        channel.sendall(data)
        channel.shutdown_write()


def _text(chunks: list[bytes]) -> str:
    return b"".join(chunks).decode(errors="replace")


class ExecSession(BaseConnection):
    """One SSH login. Takes netmiko's arguments; those about prompts, shells and delays mean nothing here.

    Arguments win over the configuration file, but for a port of 22, which netmiko gives to everybody.
    With neither password nor `IdentitiesOnly`, the agent and the login's default keys are tried too, as by ssh.
    """

    def run(self, command: str, *, stdin: bytes | str | None = None, timeout: float = 60) -> Completed:
        """`run` on this session."""
        return run(self, command, stdin=stdin, timeout=timeout)

    def send_command(self, command_string: str, *_: Any, **options: Any) -> str:
        """What the command printed, for those who know netmiko only. `read_timeout` (seconds) is kept to."""
        return self.run(command_string, timeout=options.get("read_timeout") or 60).stdout

    @property
    def transport(self) -> Transport:
        """paramiko's transport, for channels of one's own. Raises NetmikoTimeoutException when there is none."""
        client = getattr(self, "remote_conn_pre", None)
        transport: Transport | None = client.get_transport() if client else None
        if transport is None or not transport.is_active():
            raise NetmikoTimeoutException(f"{self.host}: the SSH session is closed")
        return transport

    def is_alive(self) -> bool:
        try:
            self.transport.send_ignore()
        except (NetmikoTimeoutException, SSHException, OSError, EOFError):
            return False
        return True

    def establish_connection(self, width: int = 511, height: int = 1000) -> None:  # noqa: ARG002 (netmiko's)
        self.remote_conn = None
        self.remote_conn_pre = None
        self._jumps: list[SSHClient] = []
        target = self._target()
        try:
            sock = self._socket(target) if self.sock is None else self.sock
            self.remote_conn_pre = self._login(target, sock, ours=True)
        except BaseException:
            self.paramiko_cleanup()
            raise

    def _try_session_preparation(self, force_data: bool = True) -> None:
        """Nothing to prepare: there is no shell."""

    def paramiko_cleanup(self) -> None:
        for client in (self.remote_conn_pre, *reversed(self._jumps)):
            if client is not None:
                client.close()
        self.remote_conn_pre = None
        self._jumps = []

    def _target(self) -> Target:
        target = self._lookup(self.host)
        return replace(
            target,
            port=self.port if self.port != 22 else target.port,
            user=self.username or target.user,
            keys=(self.key_file, *target.keys) if self.key_file else target.keys,
            known_hosts=(*self._more_known_hosts(), *target.known_hosts),
        )

    def _lookup(self, name: str) -> Target:
        try:
            return ssh_config.lookup(self.ssh_config_file, name)
        except OSError as error:
            raise NetmikoTimeoutException(f"{name}: no SSH configuration file: {error}") from error

    def _more_known_hosts(self) -> tuple[Path, ...]:
        return (Path(self.alt_key_file).expanduser(),) if self.alt_host_keys and self.alt_key_file else ()

    def _socket(self, target: Target) -> Any:
        """A connection to the target's SSH port, through its proxies if it has any."""
        if target.command:
            return ProxyCommand(target.command)
        for hop in target.jumps:
            user, name, port = ssh_config.split_hop(hop)
            through = self._lookup(name)
            through = replace(through, user=user or through.user, port=port or through.port)
            sock = self._forward(through) if self._jumps else self._socket(through)
            self._jumps.append(self._login(through, sock, ours=False))
        return self._forward(target) if target.jumps else _connect(target, self.conn_timeout)

    def _forward(self, target: Target) -> Any:
        """A connection to the target from the last host we jumped to."""
        try:
            transport: Any = self._jumps[-1].get_transport()
            return transport.open_channel(
                "direct-tcpip", (target.host, target.port), ("::1", 0), timeout=self.conn_timeout
            )
        except (SSHException, OSError, EOFError) as error:
            raise NetmikoTimeoutException(f"{target}: not reached through its ProxyJump: {error}") from error

    def _login(self, target: Target, sock: Any, *, ours: bool) -> SSHClient:
        """Log in, over `sock`; with the password and the keys we were given if the host is `ours` and not a jump."""
        client = SSHClient()
        for file in target.known_hosts:
            if file.is_file():
                client.load_system_host_keys(str(file))
        client.set_missing_host_key_policy(_Unknown(target))
        password = self.password if ours else None
        others = not target.identities_only and not password
        try:
            client.connect(
                # With a socket given, these two name the key in known_hosts and nothing else; an alias has no port.
                hostname=target.alias or target.host,
                port=22 if target.alias else target.port,
                sock=sock,
                username=target.user,
                password=password or None,
                passphrase=self.passphrase,
                pkey=self.pkey if ours else None,
                key_filename=list(target.keys) or None,
                allow_agent=others or self.allow_agent,
                look_for_keys=(others and not target.keys) or self.use_keys,
                timeout=self.conn_timeout,
                banner_timeout=self.banner_timeout,
                auth_timeout=self.auth_timeout,
                disabled_algorithms=self.disabled_algorithms,
            )
        except HostKeyError:
            client.close()
            raise
        except BadHostKeyException as error:
            client.close()
            raise HostKeyError(target.changed(error.key, error.expected_key)) from error
        except AuthenticationException as error:
            client.close()
            tried = [
                *target.keys,
                *(["the agent's and the default keys"] if others else []),
                *(["a password"] * bool(password)),
            ]
            message = f"{target}: login as {target.user} refused (tried: {', '.join(tried) or 'nothing'})"
            raise NetmikoAuthenticationException(message) from error
        except (SSHException, OSError, EOFError) as error:
            client.close()
            raise NetmikoTimeoutException(f"{target}: no SSH: {error}") from error
        if self.keepalive:
            client.get_transport().set_keepalive(int(self.keepalive))
        return client


class _Unknown(MissingHostKeyPolicy):
    def __init__(self, target: Target) -> None:
        self.target = target

    def missing_host_key(self, client: SSHClient, hostname: str, key: PKey) -> None:  # noqa: ARG002 (paramiko's)
        raise HostKeyError(self.target.unknown(key))


class _Socket(socket.socket):
    """A socket that neither waits to send nor waits to acknowledge.

    paramiko leaves Nagle's algorithm on, which costs 40 ms a request; sshd does too, so that our delayed
    acknowledgement of what it says after the login holds up its answer to the first request by 40 ms.
    """

    def recv(self, size: int, flags: int = 0) -> bytes:
        data = super().recv(size, flags)
        with contextlib.suppress(AttributeError, OSError):  # Linux has it, others do not
            self.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)
        return data


def _connect(target: Target, timeout: float) -> socket.socket:
    try:
        sock = socket.create_connection((target.host, target.port), timeout=timeout)
    except OSError as error:
        raise NetmikoTimeoutException(f"{target}: no TCP connection: {error}") from error
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    quick = _Socket(fileno=sock.detach())
    quick.settimeout(timeout)
    return quick


def _register() -> None:
    """Make netmiko, and thus nornir_netmiko, know the device type."""
    CLASS_MAPPER[DEVICE_TYPE] = ExecSession
    if DEVICE_TYPE not in platforms:
        platforms.append(DEVICE_TYPE)


_register()
