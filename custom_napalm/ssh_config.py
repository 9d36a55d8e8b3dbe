"""What the SSH configuration file says about a host, and how its host key is talked about."""
# mypy: allow-untyped-calls
# (paramiko's are)

from __future__ import annotations

import base64
import getpass
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from paramiko.config import SSHConfig
from paramiko.pkey import PKey

KNOWN_HOSTS = "~/.ssh/known_hosts ~/.ssh/known_hosts2"
GLOBAL_KNOWN_HOSTS = "/etc/ssh/ssh_known_hosts /etc/ssh/ssh_known_hosts2"


@dataclass(frozen=True, slots=True)
class Target:
    """A host as `ssh -F FILE NAME` would see it.

    `keys` are the identity files that exist, `identities_only` says that no other key may be tried,
    `alias` is the host's name in the known hosts files where that is another one, `jumps` are the hosts
    of ProxyJump in their order, `command` is ProxyCommand.
    """

    name: str
    host: str
    port: int
    user: str
    alias: str
    keys: tuple[str, ...]
    identities_only: bool
    known_hosts: tuple[Path, ...]
    jumps: tuple[str, ...]
    command: str

    def __str__(self) -> str:
        return f"{self.name} ([{self.host}]:{self.port})"

    @property
    def _scan(self) -> str:
        return f"ssh-keyscan -p {self.port} {self.host} >> {self.known_hosts[0]}"

    def unknown(self, key: PKey) -> str:
        """What to do about a key that is in none of the files."""
        files = ", ".join(map(str, self.known_hosts))
        return (
            f"{self}: its host key is not known ({files}). It shows {key.get_name()} {fingerprint(key)}; "
            f"if that is right, make it known: {self._scan}"
        )

    def changed(self, key: PKey, expected: PKey) -> str:
        """What to do about a key that is not the one in the files."""
        entry = self.alias or (self.host if self.port == 22 else f"[{self.host}]:{self.port}")
        return (
            f"{self}: its host key is not the known one: {key.get_name()} {fingerprint(key)} instead of "
            f"{expected.get_name()} {fingerprint(expected)}. Somebody else may be answering; if the new key is right: "
            f"ssh-keygen -f {self.known_hosts[0]} -R '{entry}' && {self._scan}"
        )


def lookup(file: str | None, name: str) -> Target:
    """What `file` says about `name`; ssh's own defaults where it says nothing, or where there is no file.

    Raises FileNotFoundError for a file that is not there, ~/.ssh/config excepted: Nornir names that one to
    everybody. A user's file of known hosts comes before the machine's.
    """
    said = _said(file, name)
    jump, command = said.get("proxyjump", "none"), said.get("proxycommand", "none")
    keys = (Path(key).expanduser() for key in said.get("identityfile", ()))
    known = (said.get("userknownhostsfile", KNOWN_HOSTS), said.get("globalknownhostsfile", GLOBAL_KNOWN_HOSTS))
    return Target(
        name=name,
        host=said.get("hostname", name),
        port=int(said.get("port", 22)),
        user=said.get("user") or getpass.getuser(),
        alias=said.get("hostkeyalias", ""),
        keys=tuple(str(key) for key in keys if key.is_file()),
        identities_only=said.get("identitiesonly", "no").lower() == "yes",
        known_hosts=tuple(path for paths in known for path in _paths(paths)),
        jumps=() if jump.lower() == "none" else tuple(hop.strip() for hop in jump.split(",")),
        command="" if command.lower() == "none" else command,
    )


def _said(file: str | None, name: str) -> Mapping[str, Any]:
    if not file:
        return {}
    path = Path(file).expanduser()
    if path == Path("~/.ssh/config").expanduser() and not path.is_file():
        return {}
    with path.open(encoding="utf-8") as stream:
        said: Mapping[str, Any] = SSHConfig.from_file(stream).lookup(name)
    return said


def _paths(said: str) -> list[Path]:
    """Several files, or one whose path has spaces: its quotes are gone by now."""
    one = Path(said).expanduser()
    return [one] if one.is_file() else [Path(path).expanduser() for path in said.split()]


def fingerprint(key: PKey) -> str:
    """As ssh-keygen -l prints it."""
    return "SHA256:" + base64.b64encode(hashlib.sha256(key.asbytes()).digest()).decode().rstrip("=")


def split_hop(hop: str) -> tuple[str | None, str, int | None]:
    """User, host and port of a ProxyJump hop: `[user@]host[:port]`, `[user@][address]:port` or a bare address."""
    user, _, place = hop.rpartition("@")
    if place.startswith("["):
        host, _, port = place[1:].partition("]")
        return user or None, host, int(port[1:]) if port else None
    if place.count(":") == 1:
        host, _, port = place.partition(":")
        return user or None, host, int(port)
    return user or None, place, None
