"""The management network: a ULA /64 that reaches from the machines into the host's network namespace.

Name of the host's interface and prefix follow from the state folder's path, so that several labs stand
beside each other and each finds its own again. They may clash with something of the host: then the
lab does not come up.
"""

from __future__ import annotations

import hashlib
import json
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from netaddr import IPAddress, IPNetwork

from lab.errors import LabError
from lab.links import MANAGEMENT
from lab.namespaces import Inside
from lab.poll import wait_for


@dataclass(frozen=True, slots=True)
class Management:
    """The host's end: `interface`, with the first address of `prefix`."""

    interface: str
    prefix: IPNetwork

    @staticmethod
    def of(state: Path) -> Management:
        """The one of the lab in this state folder."""
        digest = hashlib.sha256(str(state.resolve()).encode()).digest()
        # fd, 40 bits that nobody else should have, subnet 0 (RFC 4193).
        prefix = IPNetwork((int.from_bytes(b"\xfd" + digest[:5], "big") << 80, 64), version=6)
        return Management(f"6p{digest[5:9].hex()}", prefix)

    @property
    def host(self) -> IPAddress:
        """The host's address."""
        return self.prefix[1]

    def machine(self, index: int) -> IPAddress:
        """The address of the machine with this index, from 0."""
        return self.prefix[0x10 + index]

    def check(self) -> None:
        """Raise LabError if the host has something of this name, or uses a part of this prefix."""
        advice = "the lab's own follow from the path of its state folder: choose another, --state DIR"
        if self.exists:
            raise LabError(f"the host has an interface {self.interface} already; {advice}")
        for where, prefix in _used():
            if prefix in self.prefix or self.prefix in prefix:
                raise LabError(f"the host uses {prefix} already ({where}), the lab would use {self.prefix}; {advice}")

    @property
    def exists(self) -> bool:
        """Whether the host has an interface of this name."""
        return (Path("/sys/class/net") / self.interface).exists()

    def plug(self, lab: Inside) -> None:
        """Make the veth between the host and the bridge in the lab's root."""
        _ip(f"link add {self.interface} type veth peer name host netns {lab.pid}")
        # A host with IPv6 switched off, as containers often are, gets it on this interface alone.
        for setting, value in {"disable_ipv6": "0", "accept_ra": "0"}.items():
            _set(Path("/proc/sys/net/ipv6/conf") / self.interface / setting, value)
        address = f"{self.host}/{self.prefix.prefixlen}"
        _ip(f"link set {self.interface} up", f"address add {address} dev {self.interface} nodad")
        lab.network("ip", "link", "set", "host", "master", MANAGEMENT, "up")

    def unplug(self) -> None:
        """Remove the veth, if it is there. The end of the lab's namespaces does that too, but later."""
        if self.exists:
            subprocess.run(["ip", "link", "delete", self.interface], capture_output=True, check=False)
        wait_for(f"the end of {self.interface}", lambda: not self.exists, 10)


def _used() -> Iterator[tuple[str, IPNetwork]]:
    """The IPv6 prefixes that the host uses, each with where.

    Routes to less than a site (/48) are left out: a VPN's to all of fc00::/7 stands in nobody's way.
    """
    for route in _json("ip", "-6", "-json", "route", "show", "table", "all"):
        if route["dst"] != "default" and (prefix := IPNetwork(route["dst"])).prefixlen >= 48:
            yield f"route, {route.get('dev', 'no device')}", prefix
    for link in _json("ip", "-6", "-json", "address", "show"):
        for address in link.get("addr_info", ()):
            yield f"address of {link['ifname']}", IPNetwork(f"{address['local']}/{address['prefixlen']}").cidr


def _json(*command: str) -> list[dict[str, Any]]:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return json.loads(done.stdout or "[]") if done.returncode == 0 else []


def _ip(*lines: str) -> None:
    done = subprocess.run(
        ["ip", "-batch", "-"], input="\n".join(lines) + "\n", capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise LabError(f"the management interface cannot be made: {done.stderr.strip()}")


def _set(setting: Path, value: str) -> None:
    try:
        if setting.read_text().strip() != value:
            setting.write_text(value)
    except OSError as error:
        raise LabError(
            f"{setting} cannot be set to {value}: {error.strerror}; the lab needs IPv6 on the host"
        ) from None
