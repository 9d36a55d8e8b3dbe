"""NAPALM's live suite of getters against a router with sessions, and what that suite does not look at."""

from __future__ import annotations

import getters_network
import pytest
from napalm.base.exceptions import CommandErrorException
from napalm.base.test.base import TestGettersNetworkDriver as Suite
from napalm_suites import UnderPytest

from custom_napalm.frr import FRRDriver

pytestmark = [pytest.mark.lab, pytest.mark.matrix]


@pytest.fixture(scope="module")
def driver(module_bare):
    router = getters_network.bring_up(module_bare)
    with FRRDriver(router.name, "", "", optional_args={"ssh_config_file": str(router.ssh.config_file)}) as driver:
        yield driver


class TestGetters(UnderPytest, Suite):
    """Nothing of the suite is overridden; what the driver does not implement, it skips itself."""

    @pytest.fixture(autouse=True)
    def device(self, driver, request):
        request.cls.device = driver


def test_a_dynamic_neighbour_and_one_in_a_vrf_are_neighbours_like_others(driver):
    neighbors = driver.get_bgp_neighbors()
    assert neighbors["global"]["peers"]["2001:db8:2::2"]["is_up"]
    assert neighbors["red"]["router_id"] == "10.255.0.3"
    assert neighbors["red"]["peers"]["2001:db8:3::2"]["remote_as"] == 64515
    assert not neighbors["global"]["peers"]["2001:db8:1::5"]["is_enabled"]
    only = driver.get_bgp_neighbors_detail("2001:db8:3::2")
    assert list(only) == ["red"]
    assert [peer["remote_address"] for peer in only["red"][64515]] == ["2001:db8:3::2"]


def test_the_paths_that_bgp_does_not_use_are_shown_with_the_reason(driver):
    entries = driver.get_route_to("2001:db8:100::/48")["2001:db8:100::/48"]
    used, unused = (entry for entry in entries if entry["routing_table"] == "default")
    assert (used["current_active"], unused["current_active"]) == (True, False)
    assert unused["inactive_reason"]
    assert {used["protocol_attributes"]["peer_id"], unused["protocol_attributes"]["peer_id"]} == {
        "2001:db8:1::2",
        "2001:db8:2::2",
    }
    assert [entry["outgoing_interface"] for entry in entries if entry["routing_table"] == "red"] == ["customer"]


def test_an_address_has_the_route_of_its_longest_match(driver):
    assert list(driver.get_route_to("1.0.4.200")) == ["1.0.4.128/25"]
    assert list(driver.get_route_to("1.0.4.0/24", longer=True)) == ["1.0.4.0/24", "1.0.4.128/25"]
    assert driver.get_route_to("2001:db8:4444::/48") == {}


def test_a_recursive_next_hop_leaves_by_the_interface_that_it_resolves_to(driver):
    ((entry,),) = driver.get_route_to("2001:db8:cafe::/48", "static").values()
    assert (entry["next_hop"], entry["outgoing_interface"]) == ("2001:db8:beef::1", "upstream")
    assert (entry["current_active"], entry["selected_next_hop"]) == (True, True)


def test_a_router_without_bgpd_has_no_neighbours(bare):
    (router,) = bare("ipv6 route 2001:db8::/48 blackhole\n", daemons=())
    with FRRDriver(router.name, "", "", optional_args={"ssh_config_file": str(router.ssh.config_file)}) as driver:
        assert driver.get_bgp_neighbors() == driver.get_bgp_neighbors_detail() == driver.get_bgp_config() == {}
        ((entry,),) = driver.get_route_to("2001:db8::/48").values()
        assert (entry["protocol"], entry["outgoing_interface"]) == ("static", "blackhole")


def test_a_bgpd_that_died_is_an_error(bare):
    (router,) = bare("router bgp 64512\nexit\n")
    router.run("sh", "-c", "kill -9 $(cat /run/frr/watchfrr.pid) $(cat /run/frr/bgpd.pid)")
    args = {"ssh_config_file": str(router.ssh.config_file)}
    with (
        FRRDriver(router.name, "", "", optional_args=args) as driver,
        pytest.raises(CommandErrorException, match="bgpd"),
    ):
        driver.get_bgp_neighbors()


def test_each_getter_is_one_round_trip(driver, monkeypatch):
    programs = []
    session, run = driver.connection.session, driver.connection.session.run
    monkeypatch.setattr(session, "run", lambda *args, **kwargs: (programs.append(args), run(*args, **kwargs))[1])
    getters = [
        driver.get_facts,
        driver.get_interfaces,
        driver.get_interfaces_ip,
        driver.get_interfaces_counters,
        driver.get_ipv6_neighbors_table,
        driver.get_network_instances,
        driver.get_bgp_neighbors,
        driver.get_bgp_neighbors_detail,
        driver.get_bgp_config,
        driver.get_config,
    ]
    for getter in getters:
        getter()
    driver.get_route_to("::/0")
    driver.ping("::1", count=1)
    assert len(programs) == len(getters) + 2
