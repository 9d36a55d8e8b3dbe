"""BGP as it is configured, in NAPALM's terms."""

from __future__ import annotations

import pytest

from custom_napalm.frr.getters.bgp_config import bgp_config, instances

CONFIG = """\
frr version 10.3
router bgp 64512
 bgp router-id 10.255.0.1
 neighbor FABRIC peer-group
 neighbor FABRIC remote-as external
 neighbor FABRIC description spines
 neighbor FABRIC update-source lo
 neighbor FABRIC password s3cret
 neighbor RR peer-group
 neighbor RR remote-as internal
 neighbor eth1 interface peer-group FABRIC
 neighbor eth2 interface v6only peer-group FABRIC
 neighbor 2001:db8::a remote-as 64601
 neighbor 2001:db8::a peer-group FABRIC
 neighbor 2001:db8::a description its own
 neighbor 2001:db8::b peer-group RR
 neighbor 2001:db8::c remote-as 1.10
 neighbor 2001:db8::c local-as 64700 no-prepend replace-as
 neighbor 2001:db8::c ebgp-multihop
 neighbor eth3 interface remote-as external
 bgp listen range 2001:db8:1::/64 peer-group FABRIC
 !
 address-family ipv6 unicast
  neighbor FABRIC activate
  neighbor FABRIC maximum-prefix 100
  neighbor FABRIC route-map IN in
  neighbor FABRIC route-map OUT out
  neighbor FABRIC remove-private-AS all
  neighbor 2001:db8::a activate
  neighbor 2001:db8::a maximum-prefix 5 90 warning-only
  neighbor 2001:db8::a route-map A-IN in
  neighbor RR activate
  neighbor RR route-reflector-client
  neighbor RR next-hop-self
  maximum-paths 1
 exit-address-family
exit
!
router bgp 64512 vrf red
 neighbor FABRIC peer-group
 neighbor FABRIC remote-as 64600
 neighbor 192.0.2.2 peer-group FABRIC
 !
 address-family ipv4 unicast
  neighbor FABRIC route-map RED in
 exit-address-family
 !
 address-family ipv6 unicast
  neighbor FABRIC activate
  neighbor FABRIC route-map RED6 in
 exit-address-family
exit
!
"""


def test_groups_have_their_members_and_those_of_a_vrf_its_name() -> None:
    members = {name: list(group["neighbors"]) for name, group in bgp_config(CONFIG).items()}
    assert members == {
        "_": ["2001:db8::c", "eth3"],
        "FABRIC": ["eth1", "eth2", "2001:db8::a", "2001:db8:1::/64"],
        "RR": ["2001:db8::b"],
        "red/_": [],
        "red/FABRIC": ["192.0.2.2"],
    }


def test_a_neighbour_has_what_its_group_says_unless_it_says_so_itself() -> None:
    members = bgp_config(CONFIG)["FABRIC"]["neighbors"]
    own, others = members["2001:db8::a"], members["2001:db8:1::/64"]
    assert (own["description"], others["description"]) == ("its own", "spines")
    assert (own["import_policy"], own["export_policy"]) == ("A-IN", "OUT")
    assert (own["remote_as"], others["remote_as"]) == (64601, 0)
    assert own["prefix_limit"] == {"inet6": {"unicast": {"limit": 5}}}
    assert others["prefix_limit"] == {"inet6": {"unicast": {"limit": 100, "teardown": {"threshold": 75}}}}
    assert own["local_address"] == others["local_address"] == "lo"


def test_passwords_are_not_shown() -> None:
    assert bgp_config(CONFIG)["FABRIC"]["neighbors"]["eth1"]["authentication_key"] == "<secret>"
    assert bgp_config(CONFIG)["RR"]["neighbors"]["2001:db8::b"]["authentication_key"] == ""
    assert "s3cret" not in str(bgp_config(CONFIG))


def test_a_group_is_internal_external_or_neither() -> None:
    types = {name: (group["type"], group["remote_as"]) for name, group in bgp_config(CONFIG).items()}
    assert types == {
        "_": ("", 0),
        "FABRIC": ("external", 0),
        "RR": ("internal", 64512),
        "red/_": ("", 0),
        "red/FABRIC": ("external", 64600),
    }


def test_numbers_of_systems_are_numbers() -> None:
    neighbor = bgp_config(CONFIG)["_"]["neighbors"]["2001:db8::c"]
    assert (neighbor["local_as"], neighbor["remote_as"]) == (64700, 65546)


def test_what_is_said_of_routes_is_found() -> None:
    groups = bgp_config(CONFIG)
    assert groups["FABRIC"]["remove_private_as"]
    assert not groups["RR"]["remove_private_as"]
    reflected = groups["RR"]["neighbors"]["2001:db8::b"]
    assert (reflected["nhs"], reflected["route_reflector_client"]) == (True, True)


def test_policies_that_differ_by_family_are_all_named() -> None:
    assert bgp_config(CONFIG)["red/FABRIC"]["import_policy"] == "RED RED6"


def test_one_path_is_no_multipath_for_those_whom_it_is_said_of() -> None:
    multipath = {name: group["multipath"] for name, group in bgp_config(CONFIG).items()}
    assert multipath == {"_": True, "FABRIC": False, "RR": True, "red/_": True, "red/FABRIC": True}


@pytest.mark.parametrize(
    ("group", "neighbor", "found"),
    [
        ("FABRIC", "", {"FABRIC", "red/FABRIC"}),
        ("red/FABRIC", "", {"red/FABRIC"}),
        ("", "2001:db8::b", {"RR"}),
        ("", "2001:db8::99", set()),
        ("NONE", "", set()),
    ],
)
def test_a_group_or_a_neighbour_is_chosen(group: str, neighbor: str, found: set[str]) -> None:
    assert bgp_config(CONFIG, group=group, neighbor=neighbor).keys() == found


def test_as_numbers_with_dots_and_views_are_read() -> None:
    (instance,) = instances("router bgp 1.10 view V as-notation dot\n neighbor ::1 remote-as 0.64513\nexit\n")
    assert (instance.asn, instance.vrf) == (65546, "V")
    neighbors = bgp_config("router bgp 1.10 as-notation dot+\n neighbor ::1 remote-as 0.64513\nexit\n")["_"][
        "neighbors"
    ]
    assert neighbors["::1"]["remote_as"] == 64513


def test_a_router_without_bgp_has_no_instance() -> None:
    assert instances("hostname r1\n") == []
    assert bgp_config("hostname r1\n") == {}
