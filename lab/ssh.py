"""SSH to the machines: a server on each with a host key of its own, and the files of the client."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from lab.accounts import prepare_accounts
from lab.machine import Machine
from lab.namespaces import Inside
from lab.private import give, private_folder

HOST_KEY = "/etc/ssh/ssh_host_ed25519_key"
PID_FILE = "/run/sshd.pid"
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
PidFile {PID_FILE}
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
        prepare_accounts(folder, self.login, self.groups)

    def start(self, inside: Inside) -> None:
        inside.run("/usr/sbin/sshd", "-E", "/var/log/sshd.log")
        # It goes to the background first, and then listens, and then writes this file.
        inside.run("timeout", "10", "sh", "-c", f"until [ -s {PID_FILE} ]; do sleep 0.01; done")


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
