"""A pair of bare routers with sessions between them, the driver on the first, and a change to commit there."""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Callable, Iterator
from typing import Any

from labs import Bare
from network import eventually

from custom_napalm.frr import FRRDriver
from custom_napalm.ssh import ExecSession
from lab.bare import BareRouter, RouterSpec
from lab.errors import LabError

OWNER = "DRIVERTEST"
STATE = "/var/lib/sixpeer"
SECRET = "hush-of-the-driver-test"  # noqa: S105
NEIGHBOR = "2001:db8:dead::1"
PREFIX_LIST = "ipv6 prefix-list DRIVERTEST seq 5 permit 2001:db8:dead::/48"

CONFIG = """\
frr defaults traditional
hostname r{here}
!
ipv6 route 2001:db8:{here}::/48 blackhole
!
router bgp 6451{here}
 bgp router-id 10.0.0.{here}
 no bgp ebgp-requires-policy
 neighbor 2001:db8:12::{there} remote-as 6451{there}
 neighbor 2001:db8:12::{there} timers connect 1
 neighbor 192.0.2.{there} remote-as 6451{there}
 neighbor 192.0.2.{there} timers connect 1
 !
 address-family ipv6 unicast
  network 2001:db8:{here}::/48
  neighbor 2001:db8:12::{there} activate
 exit-address-family
exit
!
"""
LINKS = {"core": {f"r{n}": [f"2001:db8:12::{n}/64", f"192.0.2.{n}/24"] for n in (1, 2)}}
NEIGHBORS = {"2001:db8:12::2", "192.0.2.2"}


class Router:
    """The first of the pair: what it runs, what it would start with, and since when its sessions are up."""

    def __init__(self, bare: BareRouter) -> None:
        self.bare = bare

    def vtysh(self, *commands: str) -> str:
        return self.bare.vtysh(*commands)

    @property
    def running(self) -> str:
        return self.bare.running

    @property
    def startup(self) -> tuple[str, str]:
        """What is in the startup file, and when and as which file it was written."""
        shown = self.bare.run("sh", "-c", "sha256sum /etc/frr/frr.conf; stat -c '%Y %y %i' /etc/frr/frr.conf").stdout
        digest, _, written = shown.partition("\n")
        return digest, written

    @property
    def established(self) -> dict[str, int]:
        """The sessions that are up, and since when (seconds of the epoch)."""
        peers = json.loads(self.vtysh("show bgp neighbors json"))
        return {
            address: peer["bgpTimerUpEstablishedEpoch"]
            for address, peer in peers.items()
            if isinstance(peer, dict) and peer.get("bgpState") == "Established"
        }

    @property
    def table(self) -> tuple[int, set[str]]:
        """The version of the BGP table, and the prefixes in it."""
        shown = json.loads(self.vtysh("show bgp ipv6 unicast json"))
        return int(shown["tableVersion"]), set(shown["routes"])

    def session(self) -> ExecSession:
        return ExecSession(host=self.bare.name, ssh_config_file=str(self.bare.ssh.config_file))

    def driver(self, **options: Any) -> FRRDriver:
        config = str(self.bare.ssh.config_file)
        made = FRRDriver(self.bare.name, "", "", optional_args={"ssh_config_file": config, "owner": OWNER, **options})
        made.open()
        return made

    def changes(self) -> list[str]:
        """How each change that is kept ended."""
        found = self.bare.run("sh", "-c", f"ls {STATE} {STATE}/change-*", check=False).stdout.split()
        return [word.partition("-")[0] for word in found if re.fullmatch("confirmed|reverted|rebooted-.*", word)]


def pair(bare: Bare) -> Router:
    """The first of two routers, when its sessions are up and have brought their routes."""
    specs = {f"r{n}": RouterSpec(CONFIG.format(here=n, there=3 - n)) for n in (1, 2)}
    router = Router(bare(routers=specs, links=LINKS)[0])
    eventually(lambda: set(router.established), NEIGHBORS)
    eventually(lambda: router.table[1], {"2001:db8:1::/48", "2001:db8:2::/48"})
    return router


@contextlib.contextmanager
def undisturbed(router: Router) -> Iterator[FRRDriver]:
    """A driver; after it the router runs what it ran, and no session was interrupted."""
    running, established = router.running, router.established
    assert set(established) == NEIGHBORS
    driver = router.driver()
    yield driver
    driver.close()
    assert router.running == running
    since = router.established
    assert since.keys() == established.keys()
    assert all(abs(since[peer] - established[peer]) <= 1 for peer in since)


def changed(running: str) -> str:
    """The running configuration with a neighbour, its password, and a prefix-list more."""
    lines = []
    for line in running.splitlines():
        lines.append(line)
        if line.startswith("router bgp"):
            lines += [f" neighbor {NEIGHBOR} remote-as 65099", f" neighbor {NEIGHBOR} password {SECRET}"]
    return "\n".join([*(line for line in lines if line != "end"), PREFIX_LIST, ""])


def without(running: str) -> str:
    """The running configuration without all that."""
    return "\n".join(line for line in running.splitlines() if "dead" not in line)


def load(driver: FRRDriver, change: Callable[[str], str] = changed) -> None:
    driver.load_replace_candidate(config=change(driver.get_config("running")["running"]))


def is_back(router: Router, running: str) -> bool:
    """Whether the router runs this again; not while FRR or the router restarts."""
    try:
        return router.running == running
    except LabError:
        return False
