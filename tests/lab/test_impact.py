"""What the plan says of sessions, against what FRR does: every change there and back, over the driver's commit."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest
from impact_cases import (
    CASES,
    CONFIG,
    DYNAMIC,
    FAR,
    IBGP,
    NEIGHBOUR,
    PEERS,
    PREFIX_LIST,
    RENAMED,
    STATIC,
    VIEW,
    Case,
    add,
    edited,
)
from labs import Bare
from network import eventually

from custom_napalm.frr import FRRDriver
from custom_napalm.frr.commit import PutBack
from lab.bare import BareRouter, RouterSpec
from sixpeer.configtree import tree
from sixpeer.configtree.impact import Announced, Effect, impacts, resetting

pytestmark = [pytest.mark.lab, pytest.mark.matrix]

CERTAIN = (Effect.RESETS, Effect.ENDS)

ACCEPTED = {**dict.fromkeys(PEERS, 2), IBGP: 1}
DENIED = {**dict.fromkeys(PEERS, 0), IBGP: 1}
"""How many prefixes of the far end are accepted by session, and without what the route-map IN lets pass."""


@dataclass(frozen=True)
class Seen:
    """A session as the far end sees it: counted there, since a dynamic neighbour is forgotten with its session."""

    up: bool
    lost: int
    heard: int
    asked: int


@dataclass(frozen=True)
class Pair:
    """The router that is changed, and the one that its sessions lead to."""

    router: BareRouter
    far: BareRouter
    driver: FRRDriver

    def sessions(self) -> dict[str, Seen]:
        answered = json.loads(self.far.vtysh("show bgp vrf all neighbors json"))
        found = {}
        for instance in answered.values():
            for name, said in instance.items():
                if name.startswith("fd00:"):
                    counted = said["messageStats"]
                    found[name.removesuffix("1") + "2"] = Seen(
                        said["bgpState"] == "Established",
                        said["connectionsDropped"],
                        counted["keepalivesRecv"],
                        counted["routeRefreshRecv"],
                    )
        return found

    def all_up(self) -> bool:
        return all(self.sessions()[peer].up for peer in PEERS)

    def accepted(self) -> dict[str, int]:
        """How many prefixes the router takes from each session."""
        instances = json.loads(self.router.vtysh("show bgp vrf all neighbors json")).values()
        seen = {name: said for instance in instances for name, said in instance.items() if name in PEERS}
        return {name: said["addressFamilyInfo"]["ipv6Unicast"]["acceptedPrefixCounter"] for name, said in seen.items()}

    def lost_since(self, before: dict[str, Seen]) -> set[str]:
        """The sessions that were lost since; each of the others has by then said something that came after that."""
        self.router.vtysh("clear bgp ipv6 * soft in", "clear bgp view blue ipv6 * soft in")
        after = self.sessions()

        def settled() -> bool:
            """A route refresh, or, where none is sent, the second keepalive: the first may have been on its way."""
            now = self.sessions()
            return all(
                now[peer].lost > seen.lost or now[peer].asked > seen.asked or now[peer].heard > after[peer].heard + 1
                for peer, seen in before.items()
            )

        eventually(settled, seconds=60, pause=0.1)
        now = self.sessions()
        return {peer for peer, seen in before.items() if now[peer].lost > seen.lost}


@pytest.fixture(scope="module")
def pair(module_bare: Bare) -> Iterator[Pair]:
    daemons = ("bgpd", "bfdd")
    router, far = module_bare(
        routers={"r1": RouterSpec(CONFIG, daemons), "r2": RouterSpec(FAR, daemons)}, links={"lan": {"r1": [], "r2": []}}
    )
    driver = FRRDriver("r1", "", "", optional_args={"ssh_config_file": str(router.ssh.config_file), "owner": "SP"})
    driver.open()
    both = Pair(router, far, driver)
    eventually(both.all_up)
    yield both
    driver.close()


@contextmanager
def committed(pair: Pair, wanted: str) -> Iterator[None]:
    """A configuration for a while."""
    pair.driver.load_replace_candidate(config=wanted)
    pair.driver.commit_config("for a while", revert_in=300)
    try:
        yield
    finally:
        pair.driver.rollback()


def _agree(running: str, candidate: str, peers: set[str], lost: set[str]) -> None:
    """Whatever was lost was announced; whatever was announced for certain was lost."""
    found = impacts(tree.parse(running), tree.parse(candidate))
    announced = resetting(found)
    certain = Announced(frozenset((one.vrf, one.peer) for one in found.sessions if one.effect in CERTAIN))
    missed = {peer for peer in lost if PEERS[peer] not in announced}
    idle = {peer for peer in peers - lost if PEERS[peer] in certain}
    assert (missed, idle) == (set(), set()), f"(lost, but not announced; announced, but not lost): {found.lines}"


def test_the_routes_of_a_policy_that_is_renamed_go_and_come_back_where_it_is_said(pair: Pair) -> None:
    """The first one: what was told to a route-map within the last seconds changes what is seen."""
    running = pair.driver.get_config("running")["running"]
    wanted = edited(running, RENAMED)
    said = "withdrawn and come back" in str(impacts(tree.parse(running), tree.parse(wanted)).sessions)
    eventually(pair.accepted, ACCEPTED)
    with committed(pair, wanted):
        try:
            eventually(pair.accepted, DENIED, seconds=4, pause=0.1)
            withdrawn = True
        except AssertionError:
            withdrawn = False
        eventually(pair.accepted, ACCEPTED)
    assert withdrawn is said


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_session_does_what_is_predicted(case: Case, pair: Pair) -> None:
    major = int(pair.router.version.split(".")[0])
    running = pair.driver.get_config("running")["running"]
    wanted = edited(running, case.edits)
    before = pair.sessions()
    if major < case.since:  # frr-reload.py says these lines twice there, and bgpd refuses the second
        with pytest.raises(PutBack), committed(pair, wanted):
            pass
        eventually(pair.all_up, seconds=30, pause=0.1)
        return
    with committed(pair, wanted):
        lost = pair.lost_since(before)
        there, now = pair.sessions(), pair.driver.get_config("running")["running"]
    up = {peer: seen for peer, seen in there.items() if seen.up}
    lost_on_the_way_back = pair.lost_since(up)
    eventually(pair.all_up, seconds=30, pause=0.1)
    _agree(running, wanted, set(before), lost)
    assert bool(lost) is (case.resets is True or case.resets == major)
    _agree(now, running, set(up), lost_on_the_way_back)


def test_the_sessions_that_use_a_policy_are_those_that_it_changes(pair: Pair) -> None:
    running = pair.driver.get_config("running")["running"]
    wanted = edited(running, ((PREFIX_LIST, PREFIX_LIST.replace("permit", "deny")),))
    (found,) = impacts(tree.parse(running), tree.parse(wanted)).policies
    assert found.used_by == ("GROUP in", "RANGE in", f"{NEIGHBOUR} in", f"{VIEW} in (VRF blue)")
    eventually(pair.accepted, ACCEPTED)
    with committed(pair, wanted):
        eventually(pair.accepted, DENIED)
    eventually(pair.accepted, ACCEPTED)


def test_a_next_hop_changes_at_once_or_not_as_it_is_said(pair: Pair) -> None:
    running = pair.driver.get_config("running")["running"]
    wanted = edited(running, ((STATIC, STATIC.replace("fd00:1::2", "fd00:2::2")),))
    (found,) = impacts(tree.parse(running), tree.parse(wanted)).routes
    assert (found.prefix, found.before, found.after) == ("64:ff9b::/96", ("fd00:1::2",), ("fd00:2::2",))
    with monitored(pair) as seen, committed(pair, wanted):
        eventually(lambda: [line for line in seen() if line.startswith("64:ff9b::/96") and "fd00:2::2" in line])
        gone = [line for line in seen() if line.startswith("Deleted 64:ff9b::/96")]
    assert bool(gone) is found.how.startswith("gone in between")


@contextmanager
def monitored(pair: Pair) -> Iterator[Callable[[], list[str]]]:
    """What the kernel says of routes meanwhile, line by line."""
    say = "echo $$ > /tmp/monitor.pid; exec ip -6 monitor route > /tmp/monitor 2>&1 < /dev/null"
    pair.router.run("setsid", "-f", "sh", "-c", say)
    command = "cat /proc/$(cat /tmp/monitor.pid)/comm"
    eventually(lambda: pair.router.run("sh", "-c", command, check=False).stdout == "ip\n", pause=0.1)

    def seen() -> list[str]:
        return pair.router.run("sh", "-c", "cat /tmp/monitor").stdout.splitlines()

    try:
        yield seen
    finally:
        pair.router.run("sh", "-c", "kill $(cat /tmp/monitor.pid)")


def test_the_password_of_a_listen_range_stays_where_it_is_said_to(pair: Pair) -> None:
    """This leaves it in the kernel, so it is the last one."""
    running = pair.driver.get_config("running")["running"]
    wanted = edited(running, add(" neighbor RANGE timers 1 15\n", " neighbor RANGE password x"))
    found = impacts(tree.parse(running), tree.parse(wanted))
    assert resetting(found).peers == {("default", "fd00:3::/64")}
    with committed(pair, wanted):
        eventually(lambda: not pair.sessions()[DYNAMIC].up, seconds=20, pause=0.1)
    before = dropped(pair)
    eventually(lambda: pair.sessions()[DYNAMIC].up or dropped(pair) > before, seconds=30, pause=0.1)
    assert pair.sessions()[DYNAMIC].up is not bool(found.irreversible)
    pair.router.restart_frr()
    eventually(pair.all_up)


def dropped(pair: Pair) -> int:
    """How many segments without the signature that it wants the router's kernel has dropped."""
    names, values = (
        line.split()
        for line in pair.router.run("cat", "/proc/net/netstat").stdout.splitlines()
        if line.startswith("TcpExt:")
    )
    return int(dict(zip(names, values, strict=True))["TCPMD5NotFound"])
