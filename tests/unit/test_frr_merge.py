"""Lines merged into a running configuration."""

from __future__ import annotations

import pytest
from fake_frr import RUNNING
from hypothesis import given
from hypothesis import strategies as st

from custom_napalm.frr.merge import merge
from custom_napalm.frr.text import candidate


def test_merging_adds_lines_and_takes_away_those_with_no() -> None:
    merged = merge(
        RUNNING,
        "router bgp 64512\n no neighbor 2001:db8::9 description hand made\n neighbor 2001:db8::9 passive\nexit\n"
        "no ipv6 prefix-list HAND seq 5 permit 2001:db8::/32\nno ip forwarding\n",
    )
    assert "hand made" not in merged
    assert "HAND" not in merged
    assert merged.endswith("exit\n!\n!\nrouter bgp 64512\n neighbor 2001:db8::9 passive\nexit\nno ip forwarding\n")


def test_merging_away_a_context_takes_what_is_in_it() -> None:
    merged = merge(RUNNING, "no router bgp 64512\n")
    assert "neighbor" not in merged
    assert "network" not in merged
    assert "ipv6 prefix-list HAND" in merged


@given(st.lists(st.sampled_from(RUNNING.splitlines()), max_size=30))
def test_merging_nothing_changes_nothing(lines: list[str]) -> None:
    config = candidate("\n".join(lines))
    assert merge(config, "") == config


ONE = "ipv6 prefix-list ONE seq 5 permit any\nipv6 prefix-list ONE seq 10 deny any\n"
OTHER = "ipv6 prefix-list ONE-MORE seq 5 permit any\n"
MAP_A = "route-map A permit 10\n set metric 5\n"
MAP_B = "exit\nroute-map B deny 5\nexit\n"


@pytest.mark.parametrize(
    ("running", "lines", "left"),
    [
        (ONE + OTHER, "no ipv6 prefix-list ONE\n", OTHER),
        (MAP_A + MAP_B, "no route-map A\n", MAP_B),
        ("router bgp 65001\n bgp router-id 10.0.0.1\nexit\n", "no router bgp\n", "exit\n"),
        ("hostname a\n", "no ip forwarding\n", "hostname a\nno ip forwarding\n"),
    ],
)
def test_what_is_taken_away_by_its_beginning_is_gone_as_a_whole(running: str, lines: str, left: str) -> None:
    assert merge(running, lines) == left


def test_a_neighbor_is_taken_away_with_its_lines_in_every_family() -> None:
    running = (
        "router bgp 1\n neighbor N remote-as 2\n neighbor NN remote-as 2\n address-family ipv6 unicast\n"
        "  neighbor N activate\n  neighbor NN activate\n exit-address-family\nexit\n"
    )
    kept = [line for line in running.splitlines() if "neighbor N " not in line]
    assert merge(running, "router bgp 1\n no neighbor N\nexit\n").splitlines()[: len(kept)] == kept


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("bgp router-id 10.0.0.1", "bgp router-id 10.0.0.2"),
        ("neighbor N remote-as 2", "neighbor N remote-as 3"),
        ("neighbor N password one", "neighbor N password two"),
        ("neighbor N timers 3 9", "neighbor N timers 10 30"),
        ("neighbor N route-map A in", "neighbor N route-map B in"),
        ("neighbor N peer-group A", "neighbor N peer-group B"),
    ],
)
def test_what_there_can_be_but_once_takes_the_place_of_what_is_there(old: str, new: str) -> None:
    merged = merge(f"router bgp 1\n {old}\n no bgp ebgp-requires-policy\nexit\n", f"router bgp 1\n {new}\n")
    assert merged == f"router bgp 1\n {new}\n no bgp ebgp-requires-policy\nexit\nrouter bgp 1\n"


@pytest.mark.parametrize(
    ("there", "besides"),
    [
        ("neighbor N route-map A in", "neighbor N route-map B out"),
        ("neighbor N timers 3 9", "neighbor N timers connect 5"),
        ("neighbor G peer-group", "neighbor N peer-group G"),
        ("neighbor N remote-as 2", "neighbor M remote-as 3"),
    ],
)
def test_what_can_be_besides_stays(there: str, besides: str) -> None:
    merged = merge(f"router bgp 1\n {there}\nexit\n", f"router bgp 1\n {besides}\n")
    assert merged == f"router bgp 1\n {there}\nexit\nrouter bgp 1\n {besides}\n"


@pytest.mark.parametrize(
    "absent",
    [
        "no ipv6 prefix-list NOPE", "no ipv6 route 2001:db8:e999::/48", "no route-map ZZ", "no router bgp 65009",
        "router bgp 64512\n no neighbor 2001:db8::77",
    ],
)  # fmt: skip
def test_what_is_gone_already_is_no_difference(absent: str) -> None:
    left = [line for line in merge(RUNNING, f"{absent}\n").splitlines() if line not in ("router bgp 64512", "exit")]
    assert left == [line for line in candidate(RUNNING).splitlines() if line not in ("router bgp 64512", "exit")]


@pytest.mark.parametrize("spelled", ["2001:DB8::/48", "2001:0db8:0::/48", "2001:db8:0:0:0:0:0:0/48"])
def test_an_address_may_be_spelled_in_any_way(spelled: str) -> None:
    assert merge("ipv6 route 2001:db8::/48 blackhole\n", f"no ipv6 route {spelled} blackhole\n") == ""
    assert merge("", f"ipv6 route {spelled} blackhole\n") == "ipv6 route 2001:db8::/48 blackhole\n"


def test_an_entry_without_a_number_gets_the_next_and_comes_once() -> None:
    once = merge(ONE, "ipv6 prefix-list ONE permit 2001:db8::/32\nipv6 prefix-list NEW deny any\n")
    assert once == ONE + "ipv6 prefix-list ONE seq 15 permit 2001:db8::/32\nipv6 prefix-list NEW seq 5 deny any\n"
    assert merge(once, "ipv6 prefix-list ONE permit 2001:db8::/32\n") == once


@pytest.mark.parametrize(
    "setting", ["no neighbor N activate", "no bgp default ipv4-unicast", "no neighbor N send-community"]
)
def test_settings_that_begin_with_no_stay(setting: str) -> None:
    running = "router bgp 1\n neighbor N remote-as 2\nexit\n"
    assert merge(running, f"router bgp 1\n {setting}\n") == f"{running}router bgp 1\n {setting}\n"
