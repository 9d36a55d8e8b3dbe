"""Answers of vtysh and ip as values."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from napalm.base.exceptions import CommandErrorException

from custom_napalm.frr.getters import bgp, instances, interfaces, neighbors
from custom_napalm.frr.getters.answers import asn, document, documents, seconds

OBJECTS = st.dictionaries(st.text(), st.integers() | st.text() | st.lists(st.booleans()))


@given(st.lists(OBJECTS), st.sampled_from(["", "\n", "\n\n  "]))
def test_documents_that_follow_each_other_are_all_read(objects: list[dict[str, object]], between: str) -> None:
    said = between.join(json.dumps(one, indent=2) for one in objects)
    assert documents(said) == objects


def test_a_daemon_that_does_not_run_knows_of_nothing() -> None:
    assert documents("bgpd is not running\n") == []
    assert document("bgpd is not running\n") == document("") == {}


def test_what_is_not_json_is_an_error_with_frrs_words() -> None:
    with pytest.raises(CommandErrorException, match="% Unknown command"):
        documents("% Unknown command: show version json\n")


@pytest.mark.parametrize(
    ("age", "expected"),
    [("00:04:11", 251), ("23:59:59", 86399), ("1d02h03m", 93780), ("02w3d04h", 1483200), ("never", -1), ("", -1)],
)
def test_ages_are_seconds(age: str, expected: int) -> None:
    assert seconds(age) == expected


@given(st.integers(min_value=1, max_value=2**32 - 1))
def test_an_as_may_be_written_with_a_dot(number: int) -> None:
    assert asn(number) == asn(str(number)) == asn(f"{number >> 16}.{number & 0xFFFF}") == number


def interface(**known: object) -> str:
    return json.dumps({"eth0": {"operationalStatus": "up", "administrativeStatus": "up", "mtu": 1500, **known}})


NOW = "2026/11/22 01:46:00\n"


@pytest.mark.parametrize(
    ("times", "flapped"),
    [
        ({}, -1),
        ({"lastLinkUp": "2026/11/22 01:45:23.36"}, 37),
        ({"lastLinkUp": "2026/11/22 01:45:23.36", "lastLinkDown": "2026/11/22 01:45:58.01"}, 2),
        ({"lastLinkUp": "2026/11/21 01:46:00.00", "lastLinkDown": "2026/11/20 23:00:00.00"}, 86400),
    ],
)
def test_a_link_flapped_when_it_last_went_up_or_down(times: dict[str, str], flapped: int) -> None:
    assert interfaces.interfaces(interface(**times), NOW)["eth0"]["last_flapped"] == flapped


def test_a_speed_that_is_not_known_is_none() -> None:
    assert interfaces.interfaces(interface(speed=4294967295), NOW)["eth0"]["speed"] == 0
    assert interfaces.interfaces(interface(speed=10000), NOW)["eth0"]["speed"] == 10000


def test_an_interface_that_is_only_configured_is_not_there() -> None:
    assert interfaces.interfaces(interface(pseudoInterface=True), NOW) == {}


def test_a_neighbour_whose_address_is_not_resolved_has_no_mac() -> None:
    said = [{"dst": "2001:DB8::1", "dev": "eth0", "used": 1, "confirmed": 61, "updated": 1, "state": ["FAILED"]}]
    (entry,) = neighbors.ipv6_neighbors(json.dumps(said))
    assert entry == {"interface": "eth0", "mac": "", "ip": "2001:db8::1", "age": 61, "state": "FAILED"}


def test_received_multicast_is_not_counted_as_unicast() -> None:
    stats = {"bytes": 1000, "packets": 10, "errors": 1, "dropped": 2}
    link = {"ifname": "eth0", "stats64": {"rx": {**stats, "multicast": 4}, "tx": stats}}
    counted = interfaces.counters(json.dumps([link]))["eth0"]
    assert (counted["rx_unicast_packets"], counted["rx_multicast_packets"]) == (6, 4)
    assert (counted["tx_unicast_packets"], counted["tx_multicast_packets"]) == (10, -1)


def test_the_device_of_a_vrf_is_not_one_of_its_interfaces() -> None:
    shown = {name: {"vrfName": vrf} for name, vrf in (("eth0", "default"), ("red", "red"), ("eth1", "red"))}
    vrfs = "vrf red id 4 table 10\nvrf blue inactive (configured)\n"
    config = (
        "router bgp 64512 vrf red\n address-family ipv6 unicast\n  rd vpn export 64512:3\n exit-address-family\nexit\n"
    )
    found = instances.network_instances(vrfs, json.dumps(shown), config)
    assert {name: list(vrf["interfaces"]["interface"]) for name, vrf in found.items()} == {
        "default": ["eth0"],
        "red": ["eth1"],
        "blue": [],
    }
    assert [vrf["state"]["route_distinguisher"] for vrf in found.values()] == ["", "64512:3", ""]
    assert list(instances.network_instances(vrfs, json.dumps(shown), config, wanted="red")) == ["red"]


def test_families_have_the_names_by_which_they_are_configured() -> None:
    neighbor = {
        "localAs": 1, "remoteAs": 2, "remoteRouterId": "10.0.0.2", "bgpState": "Active",
        "addressFamilyInfo": {"ipv6Unicast": {}, "ipv4LabeledUnicast": {}, "l2VpnEvpn": {}, "ipv4Vpn": {}},
    }  # fmt: skip
    shown = json.dumps({"default": {"2001:db8::2": neighbor}})
    peers = bgp.neighbors(shown, json.dumps({"default": {"routerId": "10.0.0.1"}}))["global"]["peers"]
    families = {"ipv6", "ipv4 labeled-unicast", "l2vpn evpn", "ipv4 vpn"}
    assert set(peers["2001:db8::2"]["address_family"]) == families
