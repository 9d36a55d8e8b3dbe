"""The FRR templates, for networks other than the shipped one."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from netaddr import IPNetwork
from reference_intent import described
from reference_intent import rendered as text_of

from sixpeer.configtree import tree
from sixpeer.configtree.facts import RouterFacts
from sixpeer.intent.cluster import LoadBalancerPool


@pytest.fixture
def rendered(tmp_path):
    """`rendered(replacements…, **facts)`: the lines of r1 with the cluster's file changed so."""

    def render(*changes, **facts):
        return tree.lines(tree.parse(text_of(described(tmp_path, *changes), RouterFacts(**facts))))

    return render


BGP = "router bgp 64512"


def test_an_instance_of_others_keeps_its_settings(rendered):
    ours, theirs = rendered(), rendered(instance_is_ours=False)
    assert {(path, text) for path, text in ours - theirs} == {
        ((BGP,), "bgp router-id 10.255.0.1"), ((BGP,), "no bgp default ipv4-unicast"),
    }  # fmt: skip


def test_our_group_speaks_ipv6_only_whatever_groups_do_by_default(rendered):
    lines = rendered(instance_is_ours=False, families_by_default=("ipv4 unicast", "ipv6 unicast", "l2vpn evpn"))
    activations = {(path[-1], text) for path, text in lines if text.endswith(" activate")}
    assert activations == {
        ("address-family ipv4 unicast", "no neighbor SIXPEER-LAB activate"),
        ("address-family ipv6 unicast", "neighbor SIXPEER-LAB activate"),
        ("address-family l2vpn evpn", "no neighbor SIXPEER-LAB activate"),
    }


def test_static_neighbours_and_listen_ranges(rendered):
    static = rendered(("neighbors: listen", "neighbors: static"))
    assert ((BGP,), "neighbor 2001:db8:0:1::b peer-group SIXPEER-LAB") in static
    assert not any("listen" in text for _, text in static)


def test_no_password_no_line(rendered):
    assert not any("password" in text for _, text in rendered(("  password: {file: .lab/bgp-password}\n", "")))
    assert ((BGP,), "neighbor SIXPEER-LAB password hidden") in rendered()


def test_several_gateways_share_the_traffic(rendered):
    lines = rendered(('gateways: ["2001:db8:0:ff00::64"]', 'gateways: ["2001:db8:0:ff00::64", "2001:db8:0:ff00::65"]'))
    assert {text for _, text in lines if "64:ff9b::/96" in text} == {
        "ipv6 route 64:ff9b::/96 2001:db8:0:ff00::64", "ipv6 route 64:ff9b::/96 2001:db8:0:ff00::65",
    }  # fmt: skip


def test_what_is_not_announced_is_neither_accepted_nor_discarded(rendered):
    lines = rendered(("  timers:", "  announce: [pods]\n  timers:"))
    assert not any("LOADBALANCERS" in text or "6400" in text for _, text in lines)


def test_a_prefix_of_the_node_s_own_length_needs_no_range(rendered):
    lines = rendered(("2001:db8:0:4200::/56", "2001:db8:0:4200::/64"))
    assert ((), "ipv6 prefix-list SIXPEER-LAB-PODS seq 5 permit 2001:db8:0:4200::/64") in lines


def test_an_address_of_the_system_is_not_rendered(rendered):
    lines = rendered(system_addresses={"control": frozenset({"2001:db8::1/64"})})
    assert (("interface control",), "ipv6 address 2001:db8::1/64") not in lines
    assert (("interface workers",), "ipv6 address 2001:db8:0:1::1/64") in lines


pools = st.sets(st.integers(0, 500).map(lambda number: IPNetwork(f"2001:db8:0:{0x6400 + number:x}::/112")), max_size=12)


@pytest.fixture(scope="module")
def intent(tmp_path_factory):
    return described(tmp_path_factory.mktemp("description"))


@given(pools, pools)
def test_a_pool_that_comes_or_goes_changes_no_line_of_the_others(intent, before, after):
    def lines(prefixes):
        prefixes = prefixes | {IPNetwork("2001:db8:0:6300::/112")}  # one stays: with the last goes the list
        found = {f"p{number}": LoadBalancerPool(prefix=prefix) for number, prefix in enumerate(sorted(prefixes))}
        cluster = intent.clusters["lab"].model_copy(update={"load_balancers": found})
        return tree.lines(tree.parse(text_of(replace(intent, clusters={"lab": cluster}), RouterFacts())))

    of_which = [
        {prefix for prefix in before | after if f" {prefix} " in f"{text} "} for _, text in lines(before) ^ lines(after)
    ]
    assert set().union(*of_which) == before ^ after
    assert all(len(prefixes) == 1 for prefixes in of_which)
