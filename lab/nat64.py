"""The NAT64 gateway: tayga, between the IPv6 network and one IPv4 link."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from lab.namespaces import Inside

DEVICE = "nat64"


@dataclass(frozen=True, slots=True)
class Translator:
    """tayga. Sources become addresses of `pool` (IPv4); `own` is the IPv6 address it answers errors with.

    Without `own` tayga would make one of its IPv4 address, which is private and must not be
    embedded in 64:ff9b::/96 (RFC 6052, section 3.1).
    """

    prefix: str
    own: str
    own_ipv4: str
    pool: str

    def prepare(self, folder: Path) -> None:
        (folder / "tayga").mkdir(exist_ok=True)
        (folder / "tayga.conf").write_text(
            f"tun-device {DEVICE}\nprefix {self.prefix}\nipv6-addr {self.own}\n"
            f"ipv4-addr {self.own_ipv4}\ndynamic-pool {self.pool}\ndata-dir /run/lab/tayga\n",
            encoding="utf-8",
        )

    def start(self, inside: Inside) -> None:
        tayga = ("tayga", "-c", "/run/lab/tayga.conf")
        inside.run(*tayga, "--mktun")
        routes = (self.pool, self.prefix, f"{self.own}/128")
        commands = [f"link set {DEVICE} up", *(f"route add {prefix} dev {DEVICE}" for prefix in routes)]
        inside.network("ip", "-batch", "-", stdin="\n".join(commands) + "\n")
        inside.spawn("tayga.log", *tayga, "--nodetach")
