"""Routers without any configuration: the BGP instance is ours. And an address that the system has set is not."""

from __future__ import annotations

import json

import pytest
from network import command, dump, failing, running

pytestmark = pytest.mark.lab


@pytest.fixture(scope="module")
def empty(empty_lab):
    """Routers with an empty frr.conf; the system has set one of the node subnets' addresses itself."""
    assert empty_lab.run("r1", "cat", "/etc/frr/frr.conf").stdout == ""
    empty_lab.run("r1", "ip", "-6", "addr", "add", "2001:db8::1/64", "dev", "control", "nodad")
    return empty_lab


@pytest.fixture(scope="module")
def first(empty):
    return command(empty, "deploy", "--yes", code=0)


def test_the_instance_is_made_and_is_ours(empty, first):
    text = running(empty, "r1")
    assert "router bgp 64512\n bgp router-id 10.255.0.1\n no bgp default ipv4-unicast\n" in text
    record = json.loads(empty.run("r1", "cat", "/var/lib/sixpeer/SIXPEER.json").stdout)
    assert {"context": [], "key": "router bgp 64512", "digest": ""} in record["objects"]


def test_an_address_of_the_system_is_left_to_it_and_said(empty, first):
    assert "2001:db8::1/64 on control is set outside FRR and left to the system" in first.stdout
    assert "ipv6 address 2001:db8::1/64" not in running(empty, "r1")
    assert "ipv6 address 2001:db8::2/64" in running(empty, "r2")


def test_everything_holds_and_nothing_changes_the_second_time(empty, first):
    was = dump(empty)
    assert "nothing changes" in command(empty, "deploy", code=0).stdout
    assert failing(empty) == (set(), 0)
    assert dump(empty) == was
