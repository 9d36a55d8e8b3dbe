"""No phantom drift: FRR shows back, line by line, each variant of what the templates write."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest
from frr_configs import LINKS, commit, driver_of, running, type_in
from reference_intent import NO_RECORD, composed, described, without_us

from lab.bare import BareRouter
from sixpeer.configtree import tree

pytestmark = [pytest.mark.lab, pytest.mark.matrix]

GATEWAY = 'gateways: ["2001:db8:0:ff00::64"]'
POOL = 'default: {prefix: "2001:db8:0:6400::/112"}'
PASSWORD = "  password: {file: .lab/bgp-password}\n"  # noqa: S105
TIMERS = "timers: {hold: 9, keepalive: 3, connect_retry: 5}"

CLUSTERS = {
    "as shipped": (),
    "all neighbours static": (("{neighbors: listen}", "{neighbors: static}"),),
    "listen ranges only": (("{neighbors: static}", "{neighbors: listen}"),),
    "no password": ((PASSWORD, ""),),
    "FRR's own timers": ((TIMERS, "timers: {hold: 180, keepalive: 60, connect_retry: 120}"),),
    "datacenter's timers": ((TIMERS, "timers: {hold: 9, keepalive: 3}"),),
    "a 32-bit AS": (("asn: 64513", "asn: 4200000001"),),
    "no graceful restart": (("  graceful_restart: {restart_time: 60}\n", ""),),
    "the highest limit": ((TIMERS, f"maximum_prefixes: 4294967295\n  {TIMERS}"),),
    "pods only": ((TIMERS, f"announce: [pods]\n  {TIMERS}"),),
    "load balancers only": ((TIMERS, f"announce: [load_balancers]\n  {TIMERS}"),),
    "nothing announced": ((TIMERS, f"announce: []\n  {TIMERS}"),),
    "several pools": (
        (POOL, f'{POOL}\n  more: {{prefix: "2001:db8:0:6600::/120"}}\n  one: {{prefix: "2001:db8:0:6700::1/128"}}'),
    ),
    "no pools": ((f"load_balancers:\n  {POOL}\n", ""),),
    "a pod prefix of one node": (("2001:db8:0:4200::/56", "2001:db8:0:4200::/64"),),
    "several gateways": ((GATEWAY, 'gateways: ["2001:db8:0:ff00::64", "2001:db8:0:ff00::65"]'),),
    "another NAT64 prefix": ((GATEWAY, f'prefix: "2001:db8:64::/96"\n  {GATEWAY}'),),
    "no NAT64": ((f"nat64:\n  {GATEWAY}\n", ""),),
}
INSTANCES = {
    "of others": "router bgp 64512\n bgp router-id 10.255.0.1\n neighbor 192.0.2.1 remote-as 64500\n",
    "without IPv4": "router bgp 64512\n no bgp default ipv4-unicast\n neighbor 2001:db8:f::1 remote-as 64500\n",
    "that speaks all": "router bgp 64512\n bgp default ipv6-unicast\n bgp default l2vpn-evpn\n",
}


@pytest.mark.parametrize("profile", ["traditional", "datacenter"])
def test_what_is_written_is_what_frr_shows(profile, bare, tmp_path):
    """Each variant after the other on one router, so that each is also reached by a change; then none."""
    (router,) = bare(f"frr defaults {profile}\n", links=LINKS)
    _one_after_the_other(router, tmp_path, CLUSTERS)


@pytest.mark.parametrize("instance", INSTANCES)
def test_so_it_is_in_an_instance_of_others(instance, bare, tmp_path):
    (router,) = bare(links=LINKS)
    type_in(router, INSTANCES[instance])
    _one_after_the_other(router, tmp_path, ["as shipped", "no password"])


def _one_after_the_other(router: BareRouter, folder: Path, variants: Iterable[str]) -> None:
    with driver_of(router) as driver:
        first = now = running(driver)
        known = NO_RECORD
        for number, name in enumerate(variants):
            intent = described(folder / str(number), *CLUSTERS[name])
            made, problems = composed(intent, now, known)
            assert problems == []
            now, known = commit(driver, made), made.record
            again, problems = composed(intent, now, known)
            assert problems == []
            assert not again.changes, name
        assert tree.difference(first, commit(driver, without_us(made))) == ()
