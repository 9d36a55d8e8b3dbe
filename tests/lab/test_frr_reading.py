"""What the FRR driver reads, and its SSH, against real FRR as a login that is not root."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from frr_commits import Router
from napalm import get_network_driver
from napalm.base.exceptions import CommandErrorException, ConnectionException

from custom_napalm.frr import FRRDriver
from custom_napalm.ssh import CommandTimeout, ExecSession

pytestmark = [pytest.mark.lab, pytest.mark.matrix]


def test_napalm_opens_it_and_the_login_is_not_root(router: Router, driver: FRRDriver) -> None:
    assert isinstance(driver, get_network_driver("frr"))
    assert driver.is_alive() == {"is_alive": True}
    assert driver.connection.session.run("id -u", timeout=5).stdout != "0\n"


def test_facts(router: Router, driver: FRRDriver) -> None:
    facts = driver.get_facts()
    assert facts["hostname"] == "r1"
    assert facts["vendor"] == "FRRouting"
    assert facts["os_version"] in router.vtysh("show version")
    assert "lo" in facts["interface_list"]
    assert facts["uptime"] > 0


def test_running_is_what_frr_shows_and_startup_is_the_file(router: Router, driver: FRRDriver) -> None:
    config = driver.get_config()
    assert config["running"] == router.running
    assert config["startup"].splitlines()
    assert config["candidate"] == ""


def test_commands_are_answered_each_for_itself(driver: FRRDriver) -> None:
    outputs = driver.cli(["show version", "show bgp ipv6 unicast summary json"])
    assert outputs["show version"].startswith("FRRouting")
    assert json.loads(outputs["show bgp ipv6 unicast summary json"])["peers"]
    with pytest.raises(CommandErrorException, match=r"show bogus.*Unknown command"):
        driver.cli(["show version", "show bogus"])


def test_a_ping_answers(driver: FRRDriver) -> None:
    answer = driver.ping("::1", count=2)["success"]
    assert (answer["probes_sent"], answer["packet_loss"], len(answer["results"])) == (2, 0, 2)
    assert driver.ping("2001:db8:dead::1", count=1, timeout=1).get("success", {"packet_loss": 1})["packet_loss"] == 1


# ---- SSH -------------------------------------------------------------------------------------------------------------


@pytest.fixture
def session(router: Router) -> Iterator[ExecSession]:
    session = router.session()
    yield session
    session.disconnect()


def test_streams_of_megabytes_and_an_exit_status_come_through(session: ExecSession) -> None:
    text = "x" * 4_000_000
    done = session.run("cat; head -c 3000000 /dev/zero | tr '\\0' e >&2; exit 7", stdin=text, timeout=30)
    assert (done.status, len(done.stdout), len(done.stderr)) == (7, 4_000_000, 3_000_000)


def test_a_deadline_ends_the_wait_and_not_the_session(session: ExecSession) -> None:
    began = time.monotonic()
    with pytest.raises(CommandTimeout, match="sleep 20"):
        session.run("sleep 20", timeout=0.5)
    assert time.monotonic() - began < 5
    assert session.run("echo still here", timeout=10).stdout == "still here\n"


def test_an_unknown_and_a_changed_host_key_are_errors_that_say_what_to_do(router: Router, tmp_path: Path) -> None:
    known = tmp_path / "known hosts"
    lines = router.bare.ssh.config_file.read_text(encoding="utf-8").splitlines()
    lines = [f'  UserKnownHostsFile "{known}"' if "UserKnownHostsFile" in line else line for line in lines]
    config = tmp_path / "ssh_config"
    config.write_text("\n".join(lines), encoding="utf-8")
    known.write_text("", encoding="utf-8")
    with pytest.raises(ConnectionException, match=r"not known .*SHA256:.*ssh-keyscan -p 22 \S+ >> .*known hosts"):
        router.driver(ssh_config_file=str(config))
    address = router.bare.ssh.address
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(tmp_path / "other")], check=True)
    known.write_text(f"{address} {(tmp_path / 'other.pub').read_text(encoding='utf-8')}", encoding="utf-8")
    with pytest.raises(ConnectionException, match=r"not the known one.*ssh-keygen -f .* -R"):
        router.driver(ssh_config_file=str(config))


def test_a_router_behind_another_is_reached_by_proxyjump(router: Router, tmp_path: Path) -> None:
    config = tmp_path / "ssh_config"
    config.write_text(
        f"Host r2\n  ProxyJump r1\n\n{router.bare.ssh.config_file.read_text(encoding='utf-8')}", encoding="utf-8"
    )
    session = ExecSession(host="r2", ssh_config_file=str(config))
    came_from = session.run("echo $SSH_CONNECTION; hostname", timeout=10).stdout.split()
    session.disconnect()
    assert came_from[-1] == "r2"
    assert came_from[0] == router.bare.ssh.address
