"""Routes of the RIB and paths of BGP as one list, in the shapes that the versions of FRR give them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from custom_napalm.frr.getters import routes

PREFIX = "2001:db8:100::/48"


def route(protocol: str = "bgp", vrf: str = "default", **known: Any) -> dict[str, Any]:
    hops = known.pop("hops", [{"ip": "fe80::1", "interfaceName": "eth0", "fib": True, "active": True}])
    common = {"protocol": protocol, "vrfName": vrf, "selected": True, "distance": 20, "uptime": "00:01:00"}
    return {**common, "nexthops": hops, **known}


def path(peer: str, *, best: str = "", kind: str = "external", local: str = "fe80::1") -> dict[str, Any]:
    """As FRR describes a path of one prefix."""
    return {
        "aspath": {"string": "64513 64514"},
        "metric": 7,
        "community": {"list": ["64513:1"]},
        "lastUpdate": {"epoch": 1000},
        "nexthops": [{"ip": peer, "metric": 3}, {"ip": local, "used": True}],
        "peer": {"peerId": peer, "type": kind},
        **({"bestpath": {"overall": True, "selectionReason": best}} if best else {}),
    }


def bgp(*paths: dict[str, Any], vrf: str = "default") -> str:
    table = {"prefix": PREFIX, "paths": list(paths)} if paths else {}
    return json.dumps({"asn": "64512", "vrf": vrf, "table": table})


def read(*entries: dict[str, Any], said: str = "", protocol: str = "") -> list[dict[str, Any]]:
    rib = json.dumps({PREFIX: list(entries)})
    return routes.routes(rib, said, "1060\n", protocol=protocol).get(PREFIX, [])


def test_a_route_has_the_attributes_of_its_path() -> None:
    (entry,) = read(route(), said=bgp(path("2001:db8::a", best="Older Path")))
    assert (entry["next_hop"], entry["outgoing_interface"], entry["age"]) == ("fe80::1", "eth0", 60)
    assert entry["protocol_attributes"] == {
        "local_as": 64512,
        "remote_as": 64513,
        "peer_id": "2001:db8::a",
        "as_path": "64513 64514",
        "communities": ["64513:1"],
        "local_preference": 100,
        "preference2": 0,
        "metric": 7,
        "metric2": 3,
    }


def test_a_path_that_is_not_used_says_why_another_is() -> None:
    said = bgp(path("2001:db8::b", local="fe80::2"), path("2001:db8::a", best="Local Pref"))
    used, unused = read(route(), said=said)
    assert used["protocol_attributes"]["peer_id"] == "2001:db8::a"
    assert (unused["current_active"], unused["inactive_reason"], unused["age"]) == (False, "Local Pref", 60)
    assert unused["next_hop"] == "2001:db8::b"


def test_two_next_hops_have_a_path_each() -> None:
    hops = [{"ip": ip, "interfaceName": "eth0", "fib": True, "active": True} for ip in ("fe80::1", "fe80::2")]
    said = bgp(path("2001:db8::a", best="Older Path"), path("2001:db8::b", local="fe80::2"))
    entries = read(route(hops=hops), said=said)
    assert [entry["protocol_attributes"]["peer_id"] for entry in entries] == ["2001:db8::a", "2001:db8::b"]
    assert all(entry["selected_next_hop"] and entry["current_active"] for entry in entries)


def test_of_two_paths_by_the_same_next_hop_the_best_is_the_route() -> None:
    used, unused = read(route(), said=bgp(path("2001:db8::b"), path("2001:db8::a", best="Older Path")))
    assert used["protocol_attributes"]["peer_id"] == "2001:db8::a"
    assert unused["protocol_attributes"]["peer_id"] == "2001:db8::b"


@pytest.mark.parametrize(
    ("as_path", "remote_as"),
    [("64513 64514", 64513), ("(65001) 64513", 65001), ("{64513,64514}", 64513), ("1.10 64513", 65546), ("", 64512)],
)
def test_the_neighbour_is_the_first_of_the_path(as_path: str, remote_as: int) -> None:
    heard = {**path("2001:db8::a", best="Older Path"), "aspath": {"string": as_path}}
    (entry,) = read(route(), said=bgp(heard))
    assert entry["protocol_attributes"]["remote_as"] == remote_as


def test_what_the_router_announces_itself_is_no_route_to_it() -> None:
    own = {**path("::", best="Weight"), "aspath": {"string": ""}}
    assert read(said=bgp(own)) == []


def test_the_same_prefix_in_two_vrfs_is_two_routes() -> None:
    rib = json.dumps({"default": {PREFIX: [route()]}, "red": {PREFIX: [route(vrf="red")]}})  # FRR 10, longer-prefixes
    two = json.dumps({PREFIX: [route()]}) + "\n" + json.dumps({PREFIX: [route(vrf="red")]})  # FRR 8.4
    said = bgp(path("2001:db8::a", best="x")) + bgp(path("2001:db8::b", best="y"), vrf="red")
    for shown in (rib, two):
        entries = routes.routes(shown, said, "1060")[PREFIX]
        found = [(entry["routing_table"], entry["protocol_attributes"]["peer_id"]) for entry in entries]
        assert found == [("default", "2001:db8::a"), ("red", "2001:db8::b")]


def test_a_table_of_paths_is_read_like_one_prefix() -> None:
    entry = {
        "bestpath": True,
        "selectionReason": "Older Path",
        "pathFrom": "internal",
        "peerId": "2001:db8::a",
        "path": "",
        "locPrf": 200,
        "weight": 5,
        "nexthops": [{"ip": "fe80::1"}],
    }
    said = json.dumps({"asn": "64512", "vrf": "default", "table": {"routes": {PREFIX: [entry]}}})
    (found,) = read(route(), said=said)
    attributes = found["protocol_attributes"]
    assert (attributes["remote_as"], attributes["local_preference"], attributes["preference2"]) == (64512, 200, 5)


def test_a_recursive_next_hop_leaves_by_what_it_resolves_to() -> None:
    hops = [
        {"ip": "2001:db8::9", "recursive": True, "active": True},
        {"ip": "fe80::1", "interfaceName": "eth0", "resolver": True, "fib": True, "active": True},
    ]
    (entry,) = read(route("static", hops=hops))
    assert (entry["next_hop"], entry["outgoing_interface"]) == ("2001:db8::9", "eth0")
    assert entry["selected_next_hop"]


def test_a_route_that_is_not_selected_says_why() -> None:
    better = route("static", distance=1)
    unreachable = route("static", selected=False, hops=[{"ip": "2001:db8::9", "active": False}])
    reasons = [entry["inactive_reason"] for entry in read(better, route(selected=False), unreachable)]
    assert reasons == ["", "administrative distance", "next hop not active"]


def test_a_discard_route_goes_nowhere() -> None:
    (entry,) = read(route("static", hops=[{"blackhole": True, "unreachable": True, "fib": True, "active": True}]))
    assert (entry["next_hop"], entry["outgoing_interface"]) == ("", "blackhole")


def test_one_protocol_is_chosen() -> None:
    entries = read(route(), route("static"), protocol="BGP")
    assert [entry["protocol"] for entry in entries] == ["bgp"]
    assert read(route("static"), protocol="bgp") == []


@pytest.mark.parametrize(
    ("destination", "longer", "asked"),
    [
        ("2001:DB8::1", False, "ipv6 route vrf all 2001:db8::1 json"),
        ("2001:db8::1/48", False, "ipv6 route vrf all 2001:db8::/48 json"),
        ("2001:db8::/48", True, "ipv6 route vrf all 2001:db8::/48 longer-prefixes json"),
        ("192.0.2.1", False, "ip route vrf all 192.0.2.1 json"),
        ("192.0.2.1", True, "ip route vrf all 192.0.2.1/32 longer-prefixes json"),
    ],
)
def test_what_is_asked_is_spelled_as_frr_does(destination: str, longer: bool, asked: str) -> None:
    rib, bgp_shown, _ = routes.commands(destination, longer=longer)
    assert rib == f"vtysh -c 'show {asked}'"
    assert f"unicast {asked.split('all ')[1]}" in bgp_shown


@pytest.mark.parametrize("destination", ["", "r1", "2001:db8::/129", "::1'; reboot; '"])
def test_what_is_no_prefix_is_refused(destination: str) -> None:
    with pytest.raises(ValueError, match="neither an address nor a prefix"):
        routes.commands(destination, longer=False)
