"""Bring the lab up: phase by phase, each shown with the time it took."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace

from lab import apiserver, boot, cilium, files, kubernetes, links, programs
from lab.description import Description
from lab.down import clear
from lab.errors import LabError
from lab.frr import Frr
from lab.health import lost, running
from lab.kubernetes import Api
from lab.machine import Machine
from lab.management import Management
from lab.namespaces import Inside, start_root
from lab.poll import wait_for
from lab.prerequisites import missing
from lab.process import daemons
from lab.ssh import Key
from lab.state import Ran, Record, State
from lab.topology import Topology
from lab.versions import unpack

Say = Callable[[str], None]


def up(description: Description, state: State, *, empty_frr: bool, frr: Mapping[str, str], say: Say) -> bool:
    """Bring up the lab that is described. Returns whether there was anything to do.

    `empty_frr`, `frr`: see `lab.topology.Topology`. A version that is not unpacked yet is (`lab.versions`).
    Raises LabError: something is missing, something of the host is in the way, or it did not come up.
    """
    if lacks := missing():
        raise LabError("; ".join(lacks))
    for file in description.files:
        if state.folder not in file.parents:
            raise LabError(f"{file} is not in {state.folder}: the lab writes only below its state folder (--state)")
    management, key = Management.of(state.folder), Key.generate()
    topology = Topology(description, management, key.public, empty_frr=empty_frr, frr=frr)
    with state.lock():
        record = state.read()
        if record and record.complete and _stands(record, topology.digest):
            return False
        if record:
            say("  an earlier lab ended badly, or its `up` did: clearing away what it left")
        clear(state, record)
        management.check()
        for version in sorted(set(frr.values())):
            unpack(version, say)
        _BringUp(description, state, topology, management, key, say).run(Record(empty_frr=empty_frr, frr=dict(frr)))
    return True


def _stands(record: Record, digest: str) -> bool:
    """Whether the lab is up. Raises LabError if it is, but has lost something, or is not the one that is wanted."""
    now = running(record)
    if now is None:
        return False
    if record.digest != digest:
        raise LabError("a lab of another description, other versions of FRR or other programs is up: `down` first")
    if gone := lost(record, now):
        what = "; ".join(f"{', '.join(names)} on {machine}" for machine, names in gone.items())
        raise LabError(f"the lab is up, but this no longer runs: {what}: `down`, then `up`")
    return True


class _BringUp:
    """One bringing up, from nothing."""

    def __init__(
        self, description: Description, state: State, topology: Topology, management: Management, key: Key, say: Say
    ) -> None:
        self._description = description
        self._state = state
        self._topology = topology
        self._management = management
        self._key = key
        self._say = say
        self._machines = {machine.name: machine for machine in topology.machines}
        self._inside: dict[str, Inside] = {}

    def run(self, record: Record) -> None:
        """`record` says how the lab was asked for."""
        server = self._machines[self._topology.control_plane]
        services = self._topology.cluster.services.prefix
        with ThreadPoolExecutor(8) as pool:
            with self._phase("keys and files"):
                record = replace(record, made=files.to_be_made(self._description))
                self._state.write(record)
                files.write(self._description, self._state, self._topology, self._key)
                api = apiserver.prepare(self._state.machine(server.name), server, services)
                files.write_secret(self._description.kubeconfig, api.kubeconfig())
            with self._phase(f"{len(self._machines)} machines, linked"):
                lab = start_root(self._state.log, lambda outer: self._state.write(replace(record, outer=outer)))
                started = pool.map(lambda machine: self._start(lab, machine), self._machines.values())
                self._inside = dict(zip(self._machines, started, strict=True))
                self._link(lab, pool)
            apiserver.start(self._inside[server.name], server, services)  # it takes longest: the rest starts meanwhile
            with self._phase("FRR, SSH, web servers, NAT64"):
                list(pool.map(boot.serve, self._machines.values(), self._inside.values()))
            with self._phase("API server"):
                log = self._state.machine(server.name) / "private/var/log/apiserver.log"
                wait_for(f"the API server ({log})", lambda: api.get("/readyz") == "ok", 60)
            with self._phase("Cilium's operator and agents"):
                self._start_cilium(api)
            with self._phase("BGP with the provider"):
                list(pool.map(self._await_sessions, self._machines.values()))
        outer = self._state.read()
        assert outer
        ran = {
            name: Ran(machine.management, tuple(daemons(self._inside[name].pid)))
            for name, machine in self._machines.items()
        }
        self._state.write(replace(outer, complete=True, digest=self._topology.digest, machines=ran))

    @contextmanager
    def _phase(self, what: str) -> Iterator[None]:
        began = time.monotonic()
        yield
        self._say(f"  {what:<32}{time.monotonic() - began:4.1f} s")

    def _start(self, lab: Inside, machine: Machine) -> Inside:
        return boot.start(lab, machine, self._state.machine(machine.name), programs.folder())

    def _link(self, lab: Inside, pool: ThreadPoolExecutor) -> None:
        pids = {name: inside.pid for name, inside in self._inside.items()}
        lab.network("ip", "-batch", "-", stdin=links.links(self._topology.machines, pids))
        self._management.plug(lab)
        list(pool.map(boot.configure, self._machines.values(), self._inside.values()))

    def _start_cilium(self, api: Api) -> None:
        api.apply(cilium.CONFIG_MAP, cilium.config_map(self._topology.cluster))
        nodes = {name: self._inside[name] for name in self._topology.cluster.nodes}
        cilium.start(self._state, api, nodes, self._topology.control_plane)
        for path, value in kubernetes.objects(self._topology):
            api.apply(path, value)
        wait_for("Cilium's resources (cilium-*.log of the nodes)", lambda: cilium.serves(api, nodes), 60)

    def _await_sessions(self, machine: Machine) -> None:
        """Wait until each session that the lab itself has configured is up."""
        neighbors = [service.neighbors for service in machine.services if isinstance(service, Frr)]
        if not any(neighbors) or self._topology.empty_frr:
            return
        inside = self._inside[machine.name]

        def established() -> bool:
            peers = json.loads(inside.run("vtysh", "-c", "show bgp ipv6 unicast summary json"))["peers"]
            return all(peer["state"] == "Established" for peer in peers.values()) and bool(peers)

        wait_for(f"the BGP sessions of {machine.name}", established, 60, 0.2)
