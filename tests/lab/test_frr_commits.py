"""The FRR driver against real FRR, over real SSH, as a login that is not root.

Each test leaves the router as it found it, and says so if it does not: same running configuration, no session
of the router's own interrupted.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from napalm import get_network_driver
from napalm.base.exceptions import CommandErrorException, ConnectionException, ReplaceConfigException

from custom_napalm.frr import FRRDriver
from custom_napalm.frr.commit import CommitPending, ConfigChanged, ForeignChange, NothingPending, PutBack
from custom_napalm.ssh import CommandTimeout, ExecSession

pytestmark = pytest.mark.lab

ROUTER = "r1"
OWNER = "DRIVERTEST"
SECRET = "hush-of-the-driver-test"  # noqa: S105
NEIGHBOR = "2001:db8:dead::1"
PREFIX_LIST = "ipv6 prefix-list DRIVERTEST seq 5 permit 2001:db8:dead::/48"


@dataclass(frozen=True)
class Router:
    """A router of the lab, seen without the driver."""

    session: ExecSession
    config: Path

    def vtysh(self, *commands: str) -> str:
        words = " ".join(f"-c '{command}'" for command in commands)
        done = self.session.run(f"vtysh {words}", timeout=20)
        assert done.status == 0, done
        return done.stdout

    @property
    def running(self) -> str:
        return self.vtysh("show running-config no-header")

    @property
    def startup(self) -> tuple[str, str]:
        """What is in the startup file, and when and as which file it was written."""
        done = self.session.run("sha256sum /etc/frr/frr.conf; stat -c '%Y %y %i' /etc/frr/frr.conf", timeout=20)
        digest, _, written = done.stdout.partition("\n")
        return digest, written

    @property
    def established(self) -> dict[str, int]:
        """The sessions that are up, and since when."""
        families = json.loads(self.vtysh("show bgp summary json"))
        return {
            address: peer["peerUptimeEstablishedEpoch"]
            for family in families.values()
            for address, peer in family.get("peers", {}).items()
            if peer["state"] == "Established"
        }

    @property
    def table_version(self) -> int:
        return int(json.loads(self.vtysh("show bgp ipv6 unicast summary json"))["tableVersion"])

    def driver(self, **options: Any) -> FRRDriver:
        made = FRRDriver(ROUTER, "", "", optional_args={"ssh_config_file": str(self.config), "owner": OWNER, **options})
        made.open()
        return made


@pytest.fixture(scope="module")
def router(lab: Any) -> Iterator[Router]:
    config = Path(lab.folder) / ".lab" / "ssh_config"
    session = ExecSession(host=ROUTER, ssh_config_file=str(config))
    yield Router(session, config)
    session.run(f"rm -f /var/lib/sixpeer/{OWNER}.json", timeout=10)
    session.disconnect()


@pytest.fixture
def driver(router: Router) -> Iterator[FRRDriver]:
    running, established = router.running, router.established
    assert established, "the router has no session that could be interrupted"
    driver = router.driver()
    yield driver
    driver.close()
    assert router.running == running
    since = router.established
    assert {peer: since.get(peer) for peer in established} == pytest.approx(established, abs=1)


def changed(running: str) -> str:
    """The running configuration with a neighbour, its password, and a prefix-list more."""
    lines = []
    for line in running.splitlines():
        lines.append(line)
        if line.startswith("router bgp"):
            lines += [f" neighbor {NEIGHBOR} remote-as 65099", f" neighbor {NEIGHBOR} password {SECRET}"]
    return "\n".join([*(line for line in lines if line != "end"), PREFIX_LIST, ""])


def without(running: str) -> str:
    """The running configuration without all that."""
    return "\n".join(line for line in running.splitlines() if "dead" not in line)


def load(driver: FRRDriver, change: Callable[[str], str] = changed) -> None:
    driver.load_replace_candidate(config=change(driver.get_config("running")["running"]))


def eventually(holds: Callable[[], bool], seconds: float = 20) -> float:
    began = time.monotonic()
    while not holds():
        assert time.monotonic() - began < seconds
        time.sleep(0.1)
    return time.monotonic() - began


# ---- reading ---------------------------------------------------------------------------------------------------------


def test_napalm_opens_it_and_the_login_is_not_root(router: Router, driver: FRRDriver) -> None:
    assert isinstance(driver, get_network_driver("frr"))
    assert driver.is_alive() == {"is_alive": True}
    assert router.session.run("id -u", timeout=5).stdout != "0\n"


def test_facts(router: Router, driver: FRRDriver) -> None:
    facts = driver.get_facts()
    assert facts["hostname"] == ROUTER
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


def test_streams_of_megabytes_and_an_exit_status_come_through(router: Router) -> None:
    text = "x" * 4_000_000
    done = router.session.run("cat; head -c 3000000 /dev/zero | tr '\\0' e >&2; exit 7", stdin=text, timeout=30)
    assert (done.status, len(done.stdout), len(done.stderr)) == (7, 4_000_000, 3_000_000)


def test_a_deadline_ends_the_wait_and_not_the_session(router: Router) -> None:
    began = time.monotonic()
    with pytest.raises(CommandTimeout, match="sleep 20"):
        router.session.run("sleep 20", timeout=0.5)
    assert time.monotonic() - began < 5
    assert router.session.run("echo still here", timeout=10).stdout == "still here\n"


def test_an_unknown_and_a_changed_host_key_are_errors_that_say_what_to_do(router: Router, tmp_path: Path) -> None:
    known = tmp_path / "known hosts"
    lines = router.config.read_text(encoding="utf-8").splitlines()
    lines = [f'  UserKnownHostsFile "{known}"' if "UserKnownHostsFile" in line else line for line in lines]
    config = tmp_path / "ssh_config"
    config.write_text("\n".join(lines), encoding="utf-8")
    known.write_text("", encoding="utf-8")
    with pytest.raises(ConnectionException, match=r"not known .*SHA256:.*ssh-keyscan -p 22 \S+ >> .*known hosts"):
        router.driver(ssh_config_file=str(config))
    address = router.session.transport.getpeername()[0]
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(tmp_path / "other")], check=True)
    known.write_text(f"{address} {(tmp_path / 'other.pub').read_text(encoding='utf-8')}", encoding="utf-8")
    with pytest.raises(ConnectionException, match=r"not the known one.*ssh-keygen -f .* -R"):
        router.driver(ssh_config_file=str(config))


def test_a_router_behind_another_is_reached_by_proxyjump(router: Router, tmp_path: Path) -> None:
    config = tmp_path / "ssh_config"
    config.write_text(f"Host r2\n  ProxyJump r1\n\n{router.config.read_text(encoding='utf-8')}", encoding="utf-8")
    session = ExecSession(host="r2", ssh_config_file=str(config))
    came_from = session.run("echo $SSH_CONNECTION; hostname", timeout=10).stdout.split()
    session.disconnect()
    assert came_from[-1] == "r2"
    assert came_from[0] == router.session.transport.getpeername()[0]


# ---- committing ------------------------------------------------------------------------------------------------------


def test_the_same_again_is_no_difference_and_committing_it_disturbs_nothing(router: Router, driver: FRRDriver) -> None:
    version, startup = router.table_version, router.startup
    load(driver, lambda running: running)
    assert driver.compare_config() == ""
    driver.commit_config("the same", revert_in=60)
    assert router.startup == startup
    assert driver.remaining() == ""
    driver.rollback()
    assert router.table_version == version
    assert router.startup == startup


def test_a_change_is_shown_committed_and_saved_by_its_confirmation_only(router: Router, driver: FRRDriver) -> None:
    startup = router.startup
    load(driver)
    shown = driver.compare_config()
    assert f"+  neighbor {NEIGHBOR} remote-as 65099" in shown
    assert f"+  neighbor {NEIGHBOR} password <secret>" in shown
    assert f"+ {PREFIX_LIST}" in shown
    assert "\n- " not in shown
    driver.load_record('{"keyed": []}')
    driver.commit_config("a test", revert_in=60)
    assert router.startup == startup
    assert driver.remaining() == ""
    pending = driver.pending()
    assert pending is not None
    assert (pending.owner, pending.message, pending.phase) == (OWNER, "a test", "pending")
    driver.confirm_commit()
    assert not driver.has_pending_commit()
    assert PREFIX_LIST in driver.get_config("startup")["startup"]
    assert json.loads(driver.get_record()) == {"keyed": []}

    load(driver, without)
    assert "- " in driver.compare_config()
    driver.commit_config("the opposite")
    assert PREFIX_LIST not in driver.get_config("startup")["startup"]


def test_what_was_confirmed_can_be_rolled_back_by_the_same_session(router: Router, driver: FRRDriver) -> None:
    load(driver)
    driver.commit_config("to be regretted")
    assert PREFIX_LIST in driver.get_config("startup")["startup"]
    driver.rollback()
    assert PREFIX_LIST not in driver.get_config("startup")["startup"]


def test_merging_adds_to_what_is_there(router: Router, driver: FRRDriver) -> None:
    driver.load_merge_candidate(config=PREFIX_LIST)
    assert driver.compare_config() == f"+ {PREFIX_LIST}"
    driver.commit_config("merged", revert_in=60)
    assert PREFIX_LIST in router.running
    driver.rollback()


def test_the_router_takes_back_by_itself_what_nobody_confirms(router: Router, driver: FRRDriver) -> None:
    running, startup = router.running, router.startup
    load(driver)
    driver.commit_config("never confirmed", revert_in=3)
    assert PREFIX_LIST in router.running
    eventually(lambda: not driver.has_pending_commit())
    assert router.running == running
    assert router.startup == startup
    with pytest.raises(NothingPending, match="nobody confirmed it in time"):
        driver.confirm_commit()


CONTROLLER = """
import os, signal, sys, threading
from pathlib import Path
from custom_napalm.frr import FRRDriver
driver = FRRDriver("r1", "", "", optional_args={"ssh_config_file": sys.argv[1], "owner": "DRIVERTEST"})
driver.open()
driver.get_config("running")
driver.load_replace_candidate(filename=sys.argv[2])
print("loaded", flush=True)
driver.commit_config("killed", revert_in=4)
print("committed", flush=True)
signal.pause()
"""


@pytest.mark.parametrize("moment", ["after the commit", "within it"])
def test_a_controller_that_is_killed_leaves_a_router_that_goes_back(
    router: Router, driver: FRRDriver, tmp_path: Path, moment: str
) -> None:
    running, startup = router.running, router.startup
    file = tmp_path / "candidate"
    file.write_text(changed(running), encoding="utf-8")
    controller = subprocess.Popen(
        [sys.executable, "-c", CONTROLLER, str(router.config), str(file)], stdout=subprocess.PIPE, text=True
    )
    assert controller.stdout is not None
    assert controller.stdout.readline() == "loaded\n"
    if moment == "within it":
        eventually(driver.has_pending_commit)
    else:
        assert controller.stdout.readline() == "committed\n"
        assert PREFIX_LIST in router.running
    os.kill(controller.pid, signal.SIGKILL)
    controller.wait()
    controller.stdout.close()
    assert driver.has_pending_commit()
    eventually(lambda: not driver.has_pending_commit())
    assert router.running == running
    assert router.startup == startup


def test_a_second_commit_is_refused_while_one_is_pending(router: Router, driver: FRRDriver) -> None:
    load(driver)
    driver.commit_config("the first", revert_in=60)
    other = router.driver(owner="OTHER")
    load(other, lambda running: running.replace("seq 5", "seq 7"))
    with pytest.raises(CommitPending, match=rf"by \w+ for {OWNER} since 20.*: the first"):
        other.commit_config("the second", revert_in=60)
    assert PREFIX_LIST in router.running
    other.close()
    driver.rollback()


def test_what_does_not_parse_is_refused_at_once_in_frrs_words(router: Router, driver: FRRDriver) -> None:
    startup = router.startup
    with pytest.raises(ReplaceConfigException, match=r"line \d+: % Unknown command.*neighbour of ours"):
        load(driver, lambda running: running.replace("router bgp", "neighbour of ours\nrouter bgp", 1))
    assert router.startup == startup


def test_what_frr_refuses_half_way_is_put_back_and_named(router: Router, driver: FRRDriver) -> None:
    startup = router.startup
    load(
        driver,
        lambda running: changed(running).replace(
            "remote-as 65099", "remote-as 65099\n neighbor 2001:db8::99 peer-group NOPE"
        ),
    )
    with pytest.raises(
        PutBack, match=r"(?s)Configure the peer-group first.*neighbor 2001:db8::99 peer-group NOPE"
    ) as error:
        driver.commit_config("cannot be", revert_in=60)
    assert SECRET not in str(error.value)
    assert not driver.has_pending_commit()
    assert router.startup == startup


def test_a_change_by_hand_between_reading_and_committing_is_noticed(router: Router, driver: FRRDriver) -> None:
    load(driver)
    router.vtysh("configure terminal", "ipv6 prefix-list BYHAND seq 5 permit any")
    with pytest.raises(ConfigChanged, match=r"\+ipv6 prefix-list BYHAND seq 5 permit any"):
        driver.commit_config("late", revert_in=60)
    assert PREFIX_LIST not in router.running
    router.vtysh("configure terminal", "no ipv6 prefix-list BYHAND")


def test_a_change_by_hand_before_the_confirmation_stops_it(router: Router, driver: FRRDriver) -> None:
    startup = router.startup
    load(driver)
    driver.commit_config("", revert_in=60)
    router.vtysh("configure terminal", "ipv6 prefix-list BYHAND seq 5 permit any")
    with pytest.raises(ForeignChange, match="BYHAND"):
        driver.confirm_commit()
    assert router.startup == startup
    driver.rollback()
    assert "BYHAND" not in router.running


def test_a_password_is_in_no_process_list_and_in_no_file_that_others_read(router: Router, driver: FRRDriver) -> None:
    watch = ExecSession(host=ROUTER, ssh_config_file=str(router.config))
    # All command lines, as fast as they can be read, until a file of ours appears.
    program = (
        "while [ ! -e /var/lib/sixpeer/driver-test ]; do cat /proc/[0-9]*/cmdline; done 2>/dev/null | tr '\\0' ' '"
    )
    listing: list[str] = []
    thread = threading.Thread(target=lambda: listing.append(watch.run(program, timeout=120).stdout))
    thread.start()
    try:
        load(driver)
        driver.commit_config("it comes")
        load(driver, lambda running: running.replace(SECRET, "another"))
        driver.commit_config("it changes", revert_in=60)
        driver.rollback()
        load(driver, without)
        driver.commit_config("it goes")
    finally:
        router.session.run("touch /var/lib/sixpeer/driver-test", timeout=10)
        thread.join()
        router.session.run("rm /var/lib/sixpeer/driver-test", timeout=10)
        watch.disconnect()
    assert "frr-reload.py --reload" in listing[0]
    assert f"no neighbor {NEIGHBOR} password" in listing[0]
    assert SECRET not in listing[0]
    assert "password another" not in listing[0]
    find = "find /var/log/frr /run/frr /var/lib/sixpeer -type f -perm /007 -exec grep -lF -e"
    assert router.session.run(f"{find} {SECRET} {{}} +", timeout=20).stdout == ""
