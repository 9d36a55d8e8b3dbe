"""SSH to the machines: a server on each with a host key of its own, and the files of the client."""

from __future__ import annotations

import grp
import os
import pwd
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from lab.machine import Machine
from lab.namespaces import Inside
from lab.private import give, private_file, private_folder, private_subfolder

LOGIN_ID = 2000  # uid and gid of the login; the host's own accounts from 1000 on are not on the machines
HOST_KEY = "/etc/ssh/ssh_host_ed25519_key"
SERVER = f"""\
HostKey {HOST_KEY}
AuthorizedKeysFile /etc/ssh/authorized_keys
StrictModes no
PermitRootLogin no
PasswordAuthentication no
KbdInteractiveAuthentication no
UsePAM no
UseDNS no
PrintMotd no
MaxStartups 200:30:400
PidFile /run/sshd.pid
Subsystem sftp internal-sftp
"""


@dataclass(frozen=True, slots=True)
class Key:
    """An Ed25519 key, in the spelling of OpenSSH."""

    private: str = field(repr=False)
    public: str

    @staticmethod
    def generate() -> Key:
        key = Ed25519PrivateKey.generate()
        return Key(
            key.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption()).decode(),
            key.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode(),
        )


@dataclass(frozen=True, slots=True)
class SshServer:
    """An SSH server that lets one user in, by key. `groups` are those that the user is a further member of."""

    login: str
    host_key: Key = field(repr=False)
    authorized: str = field(repr=False)
    groups: tuple[str, ...] = ()

    def prepare(self, folder: Path) -> None:
        etc = private_folder(folder, "/etc/ssh")
        (etc / "sshd_config").write_text(f"{SERVER}AllowUsers {self.login}\n", encoding="utf-8")
        (etc / "authorized_keys").write_text(f"{self.authorized}\n", encoding="utf-8")
        (etc / Path(HOST_KEY).name).write_text(self.host_key.private, encoding="utf-8")
        give(etc / Path(HOST_KEY).name, 0o600)
        users = [user for user in pwd.getpwall() if user.pw_uid < 1000 or user.pw_name == "nobody"]
        home = f"/var/tmp/{self.login}"  # noqa: S108
        lines = [":".join(map(str, user)) for user in users]
        lines += [f"{self.login}:x:{LOGIN_ID}:{LOGIN_ID}::{home}:/bin/bash"]
        private_file(folder, "/etc/passwd", "\n".join(lines) + "\n")
        names = [line.partition(":")[0] for line in lines]
        private_file(
            folder, "/etc/shadow", "".join(f"{name}:*:19000:0:99999:7:::\n" for name in names), 0o640, "root", "shadow"
        )
        groups = [group for group in grp.getgrall() if group.gr_gid < 1000 or group.gr_gid == 65534]
        private_file(folder, "/etc/group", "".join(map(self._group, groups)) + f"{self.login}:x:{LOGIN_ID}:\n")
        home_folder = private_subfolder(folder, home)
        os.chown(home_folder, LOGIN_ID, LOGIN_ID)

    def _group(self, group: grp.struct_group) -> str:
        members = [*group.gr_mem, *([self.login] if group.gr_name in self.groups else [])]
        return f"{group.gr_name}:x:{group.gr_gid}:{','.join(members)}\n"

    def start(self, inside: Inside) -> None:
        inside.run("/usr/sbin/sshd", "-E", "/var/log/sshd.log")


def client_config(machines: Iterable[Machine], key: Path, known_hosts: Path) -> str:
    """The client's configuration: `ssh -F FILE NAME`."""
    hosts = "\n".join(
        f"Host {' '.join((machine.name, *machine.aliases))}\n  HostName {machine.management}\n  User {machine.login}\n"
        for machine in machines
        if machine.login
    )
    return (
        f"{hosts}\nHost *\n"
        f'  IdentityFile "{key}"\n'
        "  IdentitiesOnly yes\n"
        f'  UserKnownHostsFile "{known_hosts}"\n'
        "  GlobalKnownHostsFile /dev/null\n"
        "  StrictHostKeyChecking yes\n"
    )


def known_hosts(machines: Iterable[Machine]) -> str:
    """The host key of each machine, under its names and its address."""
    return "".join(
        f"{','.join((machine.name, *machine.aliases, machine.management))} {service.host_key.public}\n"
        for machine in machines
        for service in machine.services
        if isinstance(service, SshServer)
    )
