"""Each check fails in a real network when what it looks at is broken, and only then."""

from __future__ import annotations

import json

import pytest
from network import PODS, command, eventually, failing, out_of_reach

pytestmark = pytest.mark.lab


@pytest.fixture(scope="module")
def good(lab):
    """A deployed network in which everything holds."""
    command(lab, "deploy", "--yes", code=0)
    return lab


def router(*lines):
    return lambda lab: lab.vtysh("r1", "configure terminal", *lines)


def bgp(*lines):
    return router("router bgp 64512", *lines)


def node(name, *words):
    return lambda lab: lab.run(name, *words)


def echo_ignored(value):
    return node("nat64", "sh", "-c", f"echo {value} > /proc/sys/net/ipv6/icmp/echo_ignore_all")


def patch(kind, name, *operations):
    return lambda lab: lab.kubectl("patch", kind, name, "--type", "json", "-p", json.dumps(list(operations)))


def advertisement(operation):
    return patch("ciliumbgpadvertisement", "sixpeer-lab", operation)


def no_pods(lab):
    """The nodes cease to announce their pods. Cilium counts again only when a session changes its state."""
    advertisement({"op": "remove", "path": "/spec/advertisements/0"})(lab)
    lab.vtysh("r1", "clear bgp *")


def spelled(address):
    return patch(
        "ciliumbgpclusterconfig", "sixpeer-lab-workers",
        {"op": "replace", "path": "/spec/bgpInstances/0/peers/0/peerAddress", "value": address},
    )  # fmt: skip


PODS_LIST = "ipv6 prefix-list SIXPEER-LAB-PODS seq 5 permit 2001:db8:0:4200::/56 ge 64 le 64"
NO_PODS = "ipv6 prefix-list SIXPEER-LAB-PODS seq 5 permit 2001:db8:0:4200::/56 ge 65 le 65"
FILTER = ("ipv6 prefix-list NOT seq 5 deny 2001:db8:0:4200::/56 le 64", "ipv6 prefix-list NOT seq 10 permit any",
          "route-map FILTER permit 10", "match ipv6 address prefix-list NOT", "exit",
          "ipv6 protocol bgp route-map FILTER")  # fmt: skip
NO_FILTER = ("no ipv6 protocol bgp", "no route-map FILTER", "no ipv6 prefix-list NOT")
NAT64 = "ipv6 route 64:ff9b::/96 2001:db8:0:ff00::64"
FAMILY = "address-family ipv6 unicast"

FAULTS = {
    "session-router": (
        # The node's other session goes on: its peer is down on both sides.
        bgp("neighbor SIXPEER-LAB shutdown"), bgp("no neighbor SIXPEER-LAB shutdown"),
        {"session-router", "session-cluster", "load-balancer"},
    ),
    "session-cluster": (spelled("2001:DB8:0:1::1"), spelled("2001:db8:0:1::1"), {"session-cluster"}),
    "session-agreement": (
        bgp("neighbor SIXPEER-LAB timers 1 3", "end", "clear bgp *"),
        bgp("neighbor SIXPEER-LAB timers 3 9", "end", "clear bgp *"),
        {"session-agreement"},
    ),
    "prefix-count": (
        router(NO_PODS), router(PODS_LIST),
        {"prefix-count", "prefixes"},
    ),
    "prefixes": (
        no_pods,
        advertisement({"op": "add", "path": "/spec/advertisements/0", "value": {"advertisementType": "PodCIDR"}}),
        {"prefixes", "pod-ping"},
    ),
    "prefixes-fib": (router(*FILTER), router(*NO_FILTER), {"prefixes-fib", "pod-ping"}),
    "load-balancer": (bgp(FAMILY, "maximum-paths 1"), bgp(FAMILY, "no maximum-paths 1"), {"load-balancer"}),
    "nat64-route": (router(f"no {NAT64}"), router(NAT64), {"nat64-route", "nat64-http"}),
    "nat64-gateway": (echo_ignored(1), echo_ignored(0), {"nat64-gateway"}),
    "pod-ping": (
        node("worker2", "ip", "-6", "addr", "del", f"{PODS['worker2']}/128", "dev", "lo"),
        node("worker2", "ip", "-6", "addr", "add", f"{PODS['worker2']}/128", "dev", "lo", "nodad"),
        {"pod-ping"},
    ),
    "nat64-http": (
        node("inet4", "ip", "addr", "del", "140.82.113.3/32", "dev", "eth0"),
        node("inet4", "ip", "addr", "add", "140.82.113.3/32", "dev", "eth0"),
        {"nat64-http"},
    ),
}  # fmt: skip


@pytest.mark.parametrize("check", FAULTS)
def test_a_check_fails_when_what_it_looks_at_is_broken(good, check):
    break_it, mend_it, expected = FAULTS[check]
    assert failing(good, "--timeout", "90") == (set(), 0)
    break_it(good)
    try:
        eventually(lambda: failing(good, "--timeout", "1"), (expected, 1))
    finally:
        mend_it(good)


def test_a_missing_secret_is_a_bad_condition(good):
    was = json.loads(good.kubectl("get", "secret", "-n", "kube-system", "sixpeer-lab-bgp-password", "-o", "json"))
    good.kubectl("delete", "secret", "-n", "kube-system", "sixpeer-lab-bgp-password")
    eventually(lambda: "cilium-conditions" in failing(good, "--timeout", "1")[0])
    assert was["metadata"]["labels"]["app.kubernetes.io/managed-by"] == "sixpeer"
    command(good, "deploy", "--yes", code=0)


def test_a_host_that_cannot_be_asked_is_an_error_and_not_a_failure(good):
    with out_of_reach(good, "r2"):
        checks, code = failing(good, "--timeout", "1")
    assert (checks, code) == ({"observed"}, 5)
