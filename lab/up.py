"""Bring the lab up."""

from __future__ import annotations

import hashlib
import os
import secrets
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from lab import apiserver, cilium, kubernetes, links, ssh
from lab.description import Description
from lab.down import clear
from lab.errors import LabError
from lab.kubernetes import Api
from lab.machine import Machine
from lab.management import Management
from lab.namespaces import Inside, machines, root, start_machine, start_root
from lab.poll import wait_for
from lab.private import private_file, private_folder
from lab.process import Process, daemons
from lab.programs import programs
from lab.ssh import Key
from lab.state import Record, State
from lab.topology import Topology

TOOLS = ("/usr/lib/frr/frrinit.sh", "/usr/lib/frr/frr-reload.py", "/usr/sbin/sshd")
COMMANDS = ("ip", "ss", "nsenter", "unshare", "setsid", "tini", "tayga", "vtysh", "ping", "curl")

Say = Callable[[str], None]


def missing() -> list[str]:
    """What this machine lacks to run a lab."""
    lacks = [] if os.geteuid() == 0 else ["root: namespaces, links and FRR need it"]
    lacks += [path for path in TOOLS if not Path(path).exists()]
    return lacks + [command for command in COMMANDS if not shutil.which(command)]


def up(description: Description, state: State, *, empty_frr: bool, say: Say) -> bool:
    """Bring up the lab that is described. Returns whether anything had to be done.

    Raises LabError: something is missing, something of the host is in the way, or it did not come up.
    """
    if lacks := missing():
        raise LabError(f"the lab needs {'; '.join(lacks)} (lab/setup.sh installs what Debian has)")
    for file in description.files:
        if state.folder not in file.parents:
            raise LabError(f"{file} is not in {state.folder}: the lab writes only below its state folder (--state)")
    bin_folder = programs()
    management = Management.of(state.folder)
    key = Key.generate()
    topology = Topology(description, management, key.public, empty_frr)
    with state.lock():
        digest = _digest(topology)
        if (record := state.read()) and _stands(state, record, digest):
            return False
        if record:
            say("clearing away what an earlier, unfinished `up` left")
        clear(state, record)
        management.check()
        _Up(description, state, topology, management, key, bin_folder, say).run(digest)
    return True


def _digest(topology: Topology) -> str:
    """What the lab is made of; keys are left out."""
    cluster = topology.cluster
    parts = (topology.machines, cluster.nodes, cluster.services, cluster.cilium)
    return hashlib.sha256(repr(parts).encode()).hexdigest()


def _stands(state: State, record: Record, digest: str) -> bool:
    """Whether the lab is up, whole, and the one that is wanted. Raises LabError if it is up but is not."""
    lab = root(record.outer) if record.outer else None
    if lab is None or not record.complete:
        return False
    advice = "python -m lab down, then up again"
    if record.digest != digest:
        raise LabError(f"the lab in {state.folder} was brought up from another description: {advice}")
    running = machines(lab)
    for name, expected in record.daemons.items():
        lost = list(expected)
        for daemon in daemons(running[name].pid) if name in running else ():
            if daemon in lost:
                lost.remove(daemon)
        if lost:
            raise LabError(f"on {name} {', '.join(lost)} no longer runs: {advice}")
    return True


class _Up:
    """One bringing up, from nothing."""

    def __init__(
        self,
        description: Description,
        state: State,
        topology: Topology,
        management: Management,
        key: Key,
        bin_folder: Path,
        say: Say,
    ) -> None:
        self.description = description
        self.state = state
        self.topology = topology
        self.management = management
        self.key = key
        self.bin_folder = bin_folder
        self.say = say
        self.inside: dict[str, Inside] = {}

    @property
    def machines(self) -> tuple[Machine, ...]:
        return self.topology.machines

    def run(self, digest: str) -> None:
        with ThreadPoolExecutor(8) as pool:
            with self._phase("files"):
                record, api = self._files()
            with self._phase(f"{len(self.machines)} machines"):
                lab = start_root(self.state.log, lambda outer: self.state.write(replace(record, outer=outer)))
                started = pool.map(self._start, [lab] * len(self.machines), self.machines)
                self.inside = {machine.name: inside for machine, inside in zip(self.machines, started, strict=True)}
            with self._phase("links and addresses"):
                self._links(lab, pool)
            with self._phase("routers, SSH, web servers, NAT64"):
                apiserver.start(self.inside[self._api_node], self._machine(self._api_node), self._services)
                services = [(self.inside[m.name], service) for m in self.machines for service in m.services]
                list(pool.map(lambda pair: pair[1].start(pair[0]), services))
            with self._phase("API server"):
                self._await_api(api)
            with self._phase("Cilium's operator and agents"):
                self._cluster(api)
            with self._phase("routes to the provider"):
                self._await_routes()
        current = self.state.read()
        assert current
        running = {name: daemons(inside.pid) for name, inside in self.inside.items()}
        self.state.write(replace(current, complete=True, digest=digest, daemons=running))

    @contextmanager
    def _phase(self, what: str) -> Iterator[None]:
        began = time.monotonic()
        yield
        self.say(f"  {what:<36}{time.monotonic() - began:5.1f} s")

    # Files

    def _files(self) -> tuple[Record, Api]:
        made = [self.description.ssh_config, self.description.kubeconfig]
        password = self.description.password
        if password and not password.exists():
            made.append(password)
        record = Record(made=tuple(map(str, made)))
        self.state.write(record)
        self.state.ssh_key.touch(0o600)
        self.state.ssh_key.write_text(self.key.private, encoding="utf-8")
        self.state.ssh_key.with_suffix(".pub").write_text(f"{self.key.public} lab\n", encoding="utf-8")
        self.state.known_hosts.write_text(ssh.known_hosts(self.machines), encoding="utf-8")
        config = ssh.client_config(self.machines, self.state.ssh_key, self.state.known_hosts)
        self.description.ssh_config.write_text(config, encoding="utf-8")
        if password in made:
            assert password
            password.touch(0o600)
            password.write_text(f"{secrets.token_hex(16)}\n", encoding="utf-8")
        for machine in self.machines:
            self._machine_files(machine)
        api_node = self._machine(self._api_node)
        api = apiserver.prepare(self.state.machine(api_node.name), api_node, self._services)
        self.description.kubeconfig.touch(0o600)
        self.description.kubeconfig.write_text(api.kubeconfig(), encoding="utf-8")
        return record, api

    def _machine_files(self, machine: Machine) -> None:
        folder = self.state.machine(machine.name)
        folder.mkdir(parents=True)
        private_folder(folder, "/var/log")
        private_folder(folder, "/tmp", 0o1777)  # noqa: S108
        private_folder(folder, "/var/tmp", 0o1777)  # noqa: S108
        names = "".join(f"{other.management} {other.name}\n" for other in self.machines)
        private_file(folder, "/etc/hosts", f"127.0.0.1 localhost\n::1 localhost\n{names}")
        private_file(folder, "/etc/hostname", f"{machine.name}\n")
        for service in machine.services:
            service.prepare(folder)

    # Namespaces and links

    def _start(self, lab: Inside, machine: Machine) -> Inside:
        return start_machine(lab, machine, self.state.machine(machine.name), self.bin_folder)

    def _links(self, lab: Inside, pool: ThreadPoolExecutor) -> None:
        pids = {name: inside.pid for name, inside in self.inside.items()}
        lab.network("ip", "-batch", "-", stdin=links.links(self.machines, pids))
        self.management.plug(lab.pid)
        lab.network("ip", "link", "set", "host", "master", links.bridge_of(links.MANAGEMENT), "up")

        def configure(machine: Machine) -> None:
            inside = self.inside[machine.name]
            inside.run(*links.forwarding(machine))
            inside.network("ip", "-batch", "-", stdin=links.addresses(machine))

        list(pool.map(configure, self.machines))

    # The cluster

    @property
    def _services(self):  # noqa: ANN202
        return self.topology.cluster.services.prefix

    @property
    def _api_node(self) -> str:
        return self.topology.control_plane

    def _machine(self, name: str) -> Machine:
        return next(machine for machine in self.machines if machine.name == name)

    def _await_api(self, api: Api) -> None:
        log = self.state.machine(self._api_node) / "private/var/log/apiserver.log"
        wait_for(f"API server (see {log})", lambda: api.get("/readyz") == "ok", 60)

    def _cluster(self, api: Api) -> None:
        api.apply(cilium.CONFIG_MAP, cilium.config_map(self.topology.cluster))
        nodes = {name: self.inside[name] for name in self.topology.cluster.nodes}
        cilium.start(self.state, api, nodes, self._api_node)
        for path, value in kubernetes.objects(self.topology):
            api.apply(path, value)

        def mirrored() -> bool:
            try:
                found = api.get("/apis/cilium.io/v2/ciliumnodes")["items"]
            except LabError:  # 404: the operator has not registered the kinds yet
                return False
            return {node["metadata"]["name"] for node in found} >= set(nodes)

        wait_for("Cilium's view of the nodes (see cilium-*.log of the nodes)", mirrored, 60)

    def _await_routes(self) -> None:
        for router in self.topology.routers:
            inside = self.inside[router.name]
            wait_for(
                f"{router.name}: default route",
                lambda inside=inside: inside.network("ip", "-6", "route", "show", "default"),
                60,
            )
