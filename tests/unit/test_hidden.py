"""What FRR would show of a configuration: its defaults and spellings, by version and profile."""

from __future__ import annotations

import pytest

from sixpeer.configtree import tree
from sixpeer.configtree.hidden import HIDDEN, as_shown

VERSIONS = [(8, 4), (10, 3), (10, 7)]


def shown(text: str, running: str = "frr version 10.3\nfrr defaults traditional\n") -> str:
    return tree.render(as_shown(tree.parse(text), tree.parse(running)))


@pytest.mark.parametrize("row", HIDDEN, ids=lambda row: row.example)
def test_each_row_speaks_for_a_version_that_was_tried_and_its_example_is_meant(row):
    assert any(row.applies(version, row.profile or "traditional") for version in VERSIONS)
    contexts = ((), ("interface x",), ("router bgp 1",), ("router bgp 1", "address-family ipv6 unicast"))
    assert any(row.rule.match(path, row.example) for path in contexts)


def test_defaults_are_left_out_and_the_rest_stays():
    kept = " neighbor X timers 60 180\n neighbor X port 1790\nexit\n"
    text = f"router bgp 1\n timers bgp 60 180\n neighbor X port 179\n{kept}"
    assert shown(text) == f"router bgp 1\n{kept}"


def test_defaults_are_those_of_the_profile():
    text = "router bgp 1\n timers bgp 60 180\n timers bgp 3 9\nexit\n"
    assert shown(text) == "router bgp 1\n timers bgp 3 9\nexit\n"
    assert shown(text, "frr version 8.4.4\nfrr defaults datacenter\n") == "router bgp 1\n timers bgp 60 180\nexit\n"


def test_of_an_unknown_version_nothing_is_left_out():
    text = "router bgp 1\n timers bgp 60 180\nexit\n"
    assert shown(text, "hostname r1\n") == text


def test_a_family_of_which_nothing_is_left_goes_too():
    text = "router bgp 1\n !\n address-family ipv6 unicast\n  neighbor X send-community\n exit-address-family\nexit\n"
    assert shown(text) == "router bgp 1\n !\nexit\n"


@pytest.mark.parametrize(
    ("route", "expected"),
    [
        ("ipv6 route 2001:db8::/48 2001:db8::1 1", "ipv6 route 2001:db8::/48 2001:db8::1"),
        ("ipv6 route 2001:db8::/48 2001:db8::1 tag 1", "ipv6 route 2001:db8::/48 2001:db8::1 tag 1"),
        ("ipv6 route 2001:db8::/48 2001:db8::1 tag 1 1", "ipv6 route 2001:db8::/48 2001:db8::1 tag 1"),
        ("ipv6 route 2001:db8::/48 fe80::1 eth0 1", "ipv6 route 2001:db8::/48 fe80::1 eth0"),
        ("ipv6 route 2001:db8::/48 2001:db8::1 11", "ipv6 route 2001:db8::/48 2001:db8::1 11"),
        ("ip route 192.0.2.0/24 blackhole 1", "ip route 192.0.2.0/24 blackhole"),
    ],
)
def test_the_distance_of_a_static_route_is_shown_where_it_is_not_1(route, expected):
    assert shown(f"{route}\n") == f"{expected}\n"


def test_multihop_is_spelled_as_the_version_spells_it():
    plain, full = (
        "router bgp 1\n neighbor X ebgp-multihop\nexit\n",
        "router bgp 1\n neighbor X ebgp-multihop 255\nexit\n",
    )
    for text in (plain, full):
        assert shown(text, "frr version 8.4.4\n") == full
        assert shown(text, "frr version 10.3\n") == plain


def test_a_group_s_activation_is_shown_where_the_instance_says_otherwise():
    ipv4 = " address-family ipv4 unicast\n  no neighbor G activate\n exit-address-family\n"
    ipv6 = " address-family ipv6 unicast\n  neighbor G activate\n exit-address-family\n"
    text = f"router bgp 1\n neighbor G peer-group\n{ipv4}{ipv6}exit\n"
    assert shown(text, "frr version 10.3\nrouter bgp 1\n neighbor Y remote-as 2\nexit\n") == text
    only_6 = "frr version 10.3\nrouter bgp 1\n no bgp default ipv4-unicast\n bgp default ipv6-unicast\nexit\n"
    assert shown(text, only_6) == "router bgp 1\n neighbor G peer-group\nexit\n"


def test_what_frr_10_7_shows_unasked_is_there_in_a_new_instance():
    text = "router bgp 1\n neighbor G peer-group\nexit\n"
    added = "router bgp 1\n use-underlays-nexthop-weight\n neighbor G peer-group\nexit\n"
    new = "frr version 10.7.1\nfrr defaults datacenter\n"
    assert shown(text, new) == added
    assert shown(text, f"{new}router bgp 1\n use-underlays-nexthop-weight\nexit\n") == added
    assert shown(text, f"{new}router bgp 1\n bgp router-id 10.0.0.1\nexit\n") == text
    assert shown(text, new.replace("datacenter", "traditional")) == text
