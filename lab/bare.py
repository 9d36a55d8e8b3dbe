"""Bare routers: FRR and SSH on machines of a lab without a cluster, up in a second or two, for tests of drivers."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from lab import boot, files, links, versions
from lab.down import down
from lab.errors import LabError
from lab.frr import Frr
from lab.links import MANAGEMENT
from lab.machine import Interface, Machine
from lab.management import Management
from lab.namespaces import Inside, start_root
from lab.ssh import Key, SshServer
from lab.state import Record, State
from lab.topology import ROUTER_GROUPS, ROUTER_LOGIN

Links = Mapping[str, Mapping[str, Sequence[str]]]
"""By name of a link: the routers on it, each with its addresses there (with prefix length), which the system sets.

The interfaces are named as the link, which therefore has at most 15 characters. A link with one router is up, too.
"""


@dataclass(frozen=True, slots=True)
class RouterSpec:
    """What a bare router is to be.

    `config`: its startup configuration, in FRR's own words. `daemons`: those besides zebra and staticd.
    `version`: of FRR, `installed` or one of `lab.versions.SUITES`.
    """

    config: str = ""
    daemons: tuple[str, ...] = ("bgpd",)
    version: str = versions.INSTALLED


@dataclass(frozen=True, slots=True)
class SshAccess:
    """How to log in to a router from the host. `config_file` says all of it under the router's name: `ssh -F`."""

    address: str
    port: int
    user: str
    key_file: Path
    known_hosts: Path
    config_file: Path


class BareRouter:
    """A running router, seen as root on its console."""

    def __init__(
        self,
        lab: Inside,
        machine: Machine,
        inside: Inside,
        among: Sequence[Machine],
        state: State,
        ssh_config: Path,
    ) -> None:
        self._lab = lab
        self._machine = machine
        self._among = among
        self._inside = inside
        self._folder = state.machine(machine.name)
        self.name = machine.name
        self.ssh = SshAccess(machine.management, 22, ROUTER_LOGIN, state.ssh_key, state.known_hosts, ssh_config)

    @property
    def version(self) -> str:
        """The version of its FRR in numbers, such as 10.3."""
        return versions.number(versions.tree(self._machine.frr))

    @property
    def running(self) -> str:
        """The running configuration, as FRR shows it."""
        return self.vtysh("show running-config no-header")

    @property
    def boot_id(self) -> str:
        """Another one after each boot."""
        return self.run("cat", "/proc/sys/kernel/random/boot_id").stdout.strip()

    def run(self, *command: str, check: bool = True, stdin: str = "") -> subprocess.CompletedProcess[str]:
        """Run a command as root. Raises LabError with what it said if it fails, unless told not to `check`."""
        done = subprocess.run(
            self._inside.enter(*command), input=stdin, capture_output=True, text=True, timeout=120, check=False
        )
        if check and done.returncode != 0:
            words = " ".join(command)
            raise LabError(f"{self.name}: {words} ended with {done.returncode}: {done.stdout}{done.stderr}")
        return done

    def vtysh(self, *commands: str) -> str:
        """What vtysh answers to these commands in one session. Raises LabError if it refuses one."""
        return self.run("vtysh", *(word for command in commands for word in ("-c", command))).stdout

    def write(self, path: str, text: str) -> None:
        """Write a file; one that is there keeps its owner and mode. Only /etc/frr, /tmp, /run and /var are its own."""
        self.run("sh", "-c", 'cat > "$1"', "sh", path, stdin=text)

    def restart_frr(self) -> None:
        """Restart all of FRR, and return when the startup file is loaded."""
        self._frr.restart(self._inside)

    def reboot(self) -> None:
        """Cut its power, and return when it is up again, as its startup file and its disk say."""
        self._inside = boot.reboot(self._lab, self._machine, self._among, self._folder)

    @property
    def _frr(self) -> Frr:
        (found,) = (service for service in self._machine.services if isinstance(service, Frr))
        return found


@contextmanager
def bare_routers(
    state: State, specs: Mapping[str, RouterSpec], plugged: Links | None = None
) -> Iterator[list[BareRouter]]:
    """Routers by name that run for as long as the context, in this order; their lab is in the state folder.

    All are on the lab's management network, by which the host reaches them (`BareRouter.ssh`), and on the
    links of `plugged`. A version that is not unpacked yet is (`lab.versions`). Raises LabError.
    """
    plugged = plugged or {}
    if unknown := sorted({router for ends in plugged.values() for router in ends} - specs.keys()):
        raise LabError(f"the links name routers that there are not: {', '.join(unknown)}")
    for spec in specs.values():
        versions.unpack(spec.version, print)
    management, key = Management.of(state.folder), Key.generate()
    machines = [
        _machine(index, name, spec, plugged, management, key) for index, (name, spec) in enumerate(specs.items())
    ]
    ssh_config = state.folder / "ssh_config"
    try:
        with state.lock(), ThreadPoolExecutor(8) as pool:
            management.check()
            record = Record(made=(str(ssh_config),))
            state.write(record)
            files.write_access(machines, state, ssh_config, key)
            files.write_machines(machines, state)
            lab = start_root(state.log, lambda outer: state.write(replace(record, outer=outer)))
            started = list(pool.map(lambda machine: boot.start(lab, machine, state.machine(machine.name)), machines))
            pids = {inside.name: inside.pid for inside in started}
            lab.network("ip", "-batch", "-", stdin=links.links(machines, pids))
            management.plug(lab)
            list(pool.map(boot.configure, machines, started))
            list(pool.map(boot.serve, machines, started))
        yield [BareRouter(lab, *pair, machines, state, ssh_config) for pair in zip(machines, started, strict=True)]
    finally:
        down(state)


def _machine(index: int, name: str, spec: RouterSpec, plugged: Links, management: Management, key: Key) -> Machine:
    address = str(management.machine(index))
    interfaces = [Interface(link, link, tuple(ends[name])) for link, ends in plugged.items() if name in ends]
    interfaces.append(Interface("mgmt0", MANAGEMENT, (f"{address}/{management.prefix.prefixlen}",)))
    return Machine(
        name,
        address,
        tuple(interfaces),
        services=(Frr(spec.config, spec.daemons), SshServer(ROUTER_LOGIN, Key.generate(), key.public, ROUTER_GROUPS)),
        forwards=True,
        login=ROUTER_LOGIN,
        frr=spec.version,
    )
