"""The files of a lab: those of its machines, and those by which it is used."""

from __future__ import annotations

import secrets
import shlex
from collections.abc import Sequence
from pathlib import Path

from lab import programs, ssh
from lab.description import Description
from lab.machine import Machine
from lab.private import private_file, private_folder
from lab.ssh import Key
from lab.state import State
from lab.topology import Topology


def to_be_made(description: Description) -> tuple[str, ...]:
    """The files for others that `write` will make. A password that is there already is its owner's."""
    return tuple(str(file) for file in description.files if file != description.password or not file.exists())


def write(description: Description, state: State, topology: Topology, key: Key) -> None:
    """Write all files but the kubeconfig. `key` is the one that may log in."""
    write_access(topology.machines, state, description.ssh_config, key)
    if description.password and not description.password.exists():
        write_secret(description.password, f"{secrets.token_hex(16)}\n")
    kubectl = shlex.join([str(programs.folder() / "kubectl"), f"--kubeconfig={description.kubeconfig}"])
    state.kubectl.write_text(f'#!/bin/sh\nexec {kubectl} "$@"\n', encoding="utf-8")
    state.kubectl.chmod(0o755)
    write_machines(topology.machines, state)


def write_access(machines: Sequence[Machine], state: State, ssh_config: Path, key: Key) -> None:
    """Write what the client of SSH needs: `ssh -F SSH_CONFIG NAME`."""
    write_secret(state.ssh_key, key.private)
    state.ssh_key.with_suffix(".pub").write_text(f"{key.public} lab\n", encoding="utf-8")
    state.known_hosts.write_text(ssh.known_hosts(machines), encoding="utf-8")
    ssh_config.parent.mkdir(parents=True, exist_ok=True)
    ssh_config.write_text(ssh.client_config(machines, state.ssh_key, state.known_hosts), encoding="utf-8")


def write_machines(machines: Sequence[Machine], state: State) -> None:
    """Write the files of the machines themselves."""
    state.machines.mkdir(0o700)  # host keys and tokens are in there
    names = "".join(f"{machine.management} {machine.name}\n" for machine in machines)
    for machine in machines:
        _write_machine(machine, state.machine(machine.name), names)


def write_secret(path: Path, text: str) -> None:
    """Write a file that only its owner may read, at no moment anybody else."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    path.touch(0o600)
    path.write_text(text, encoding="utf-8")


def _write_machine(machine: Machine, folder: Path, names: str) -> None:
    folder.mkdir()
    private_folder(folder, "/var/log")
    for path in ("/tmp", "/var/tmp"):  # noqa: S108 - the machine's own
        private_folder(folder, path, 0o1777)
    private_file(folder, "/etc/hosts", f"127.0.0.1 localhost\n::1 localhost\n{names}")
    private_file(folder, "/etc/hostname", f"{machine.name}\n")
    private_file(folder, "/etc/resolv.conf", "")
    for service in machine.services:
        service.prepare(folder)
