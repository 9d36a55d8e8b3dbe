"""What the SSH configuration file says, as ssh would read it."""

from __future__ import annotations

from pathlib import Path

import pytest
from netmiko import ConnectHandler
from netmiko.exceptions import NetmikoTimeoutException
from netmiko.ssh_dispatcher import ssh_dispatcher

from custom_napalm import ssh_config
from custom_napalm.ssh import DEVICE_TYPE, ExecSession

CONFIG = """
Host r1 router-1
  HostName 2001:db8::1
  Port 2222
  User netops
Host behind
  ProxyJump ops@r1:2022,[2001:db8::9]:22
Host *
  IdentityFile "{folder}/a key"
  IdentityFile {folder}/none
  IdentitiesOnly yes
  UserKnownHostsFile "{folder}/known hosts"
  GlobalKnownHostsFile /dev/null
"""


@pytest.fixture
def config(tmp_path: Path) -> str:
    (tmp_path / "a key").write_text("", encoding="utf-8")
    (tmp_path / "known hosts").write_text("", encoding="utf-8")
    file = tmp_path / "ssh_config"
    file.write_text(CONFIG.format(folder=tmp_path), encoding="utf-8")
    return str(file)


def test_address_port_user_and_files_come_from_the_file(config: str, tmp_path: Path) -> None:
    target = ssh_config.lookup(config, "r1")
    assert (target.host, target.port, target.user) == ("2001:db8::1", 2222, "netops")
    assert target.keys == (str(tmp_path / "a key"),)
    assert target.identities_only
    assert target.known_hosts == (tmp_path / "known hosts", Path("/dev/null"))
    assert ssh_config.lookup(config, "router-1").host == target.host


def test_several_files_of_known_hosts_are_several(tmp_path: Path) -> None:
    file = tmp_path / "config"
    file.write_text("Host *\n  UserKnownHostsFile /a /b\n  GlobalKnownHostsFile /c\n", encoding="utf-8")
    assert ssh_config.lookup(str(file), "x").known_hosts == (Path("/a"), Path("/b"), Path("/c"))


def test_a_host_that_is_not_in_the_file_is_its_own_name(config: str) -> None:
    target = ssh_config.lookup(config, "2001:db8::77")
    assert (target.host, target.port) == ("2001:db8::77", 22)


def test_without_a_file_ssh_has_its_defaults(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    for file in (None, "~/.ssh/config"):
        target = ssh_config.lookup(file, "r1")
        assert (target.host, target.keys, target.identities_only) == ("r1", (), False)
        assert target.known_hosts[0] == tmp_path / ".ssh/known_hosts"


@pytest.mark.parametrize(
    ("hop", "parts"),
    [
        ("r1", (None, "r1", None)),
        ("ops@r1:2022", ("ops", "r1", 2022)),
        ("[2001:db8::9]:22", (None, "2001:db8::9", 22)),
        ("ops@[2001:db8::9]", ("ops", "2001:db8::9", None)),
        ("2001:db8::9", (None, "2001:db8::9", None)),
    ],
)
def test_hops_are_read_as_ssh_writes_them(hop: str, parts: tuple[str | None, str, int | None]) -> None:
    assert ssh_config.split_hop(hop) == parts


def test_jumps_are_in_the_order_of_the_way(config: str) -> None:
    assert ssh_config.lookup(config, "behind").jumps == ("ops@r1:2022", "[2001:db8::9]:22")


def test_netmiko_knows_the_device_type() -> None:
    assert ssh_dispatcher(DEVICE_TYPE) is ExecSession


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"ssh_config_file": "/nowhere/ssh_config"}, "r1: no SSH configuration file: .*/nowhere/ssh_config"),
        ({"host": "::1", "port": 9}, r"::1 \(\[::1\]:9\): no TCP connection: "),
    ],
)
def test_what_keeps_us_from_a_host_is_said(options: dict[str, object], said: str) -> None:
    with pytest.raises(NetmikoTimeoutException, match=said):
        ConnectHandler(**({"device_type": DEVICE_TYPE, "host": "r1"} | options))
