"""A machine of the lab as a value: how it is plugged in, and what runs on it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from lab.versions import INSTALLED

if TYPE_CHECKING:
    from lab.namespaces import Inside


class Service(Protocol):
    """Something that runs on a machine."""

    def prepare(self, folder: Path) -> None:
        """Write its files into the machine's folder, before the machine starts (see `lab.private`)."""

    def start(self, inside: Inside) -> None:
        """Start it on the running machine, and return when it serves."""


@dataclass(frozen=True, slots=True)
class Interface:
    """One end of a link. All interfaces with the same `link` are plugged into each other.

    `addresses` (with prefix length) are those that the system sets: FRR's own stand in its configuration.
    """

    name: str
    link: str
    addresses: tuple[str, ...] = ()
    mac: str | None = None


@dataclass(frozen=True, slots=True)
class Machine:
    """One machine. `management` is its address on the management network.

    `loopback`: addresses on lo. `routes`: each as `ip route add` takes it. `aliases`: further names
    for SSH. `login`: the user that can log in, if any. `cilium_host`: the MAC address of the device
    from which Cilium takes the node's router ID. `frr`: the version of FRR that it runs on (`lab.versions`).
    """

    name: str
    management: str
    interfaces: tuple[Interface, ...]
    services: tuple[Service, ...] = ()
    loopback: tuple[str, ...] = ()
    routes: tuple[str, ...] = ()
    forwards: bool = False
    login: str | None = None
    aliases: tuple[str, ...] = ()
    cilium_host: str | None = None
    frr: str = INSTALLED
