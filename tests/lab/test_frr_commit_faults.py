"""What becomes of a commit when the controller, the network, sshd, FRR, the router or its disk fails within it.

In each case the router ends with the configuration of before, running and at startup, or with a confirmed one.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import pytest
from frr_commits import CONFIG, OWNER, PREFIX_LIST, STATE, Router, changed, is_back, load
from labs import Bare
from napalm.base.exceptions import ConnectionClosedException
from network import eventually

from custom_napalm.frr import FRRDriver
from custom_napalm.frr.commit import CommitPending, ForeignChange, NothingPending, NotReady, NotSaved

pytestmark = [pytest.mark.lab, pytest.mark.matrix]


@pytest.fixture
def router(bare: Bare) -> Router:
    return Router(bare(CONFIG.format(here=1, there=2), links={"core": {"r1": ["2001:db8:12::1/64"]}})[0])


@pytest.fixture
def driver(router: Router) -> Iterator[FRRDriver]:
    driver = router.driver()
    yield driver
    driver.close()


def commit(driver: FRRDriver, revert_in: int = 60) -> None:
    load(driver)
    driver.commit_config("a test", revert_in)


# ---- whatever happens on the way, the router goes back by itself -----------------------------------------------------


def _no_network(router: Router) -> None:
    router.bare.run("ip", "link", "set", "mgmt0", "down")


def _no_sshd(router: Router) -> None:
    router.bare.run("pkill", "-KILL", "sshd")
    eventually(lambda: router.bare.run("pgrep", "sshd", check=False).stdout, "")


def _no_session(router: Router) -> None:
    """OpenSSH 10 calls it sshd-session."""
    router.bare.run("pkill", "-KILL", "-f", "sshd.*: netops")


@pytest.mark.parametrize("cut", [_no_network, _no_sshd, _no_session])
def test_a_router_that_nobody_reaches_any_more_goes_back(
    router: Router, driver: FRRDriver, cut: Callable[[Router], None]
) -> None:
    running, startup = router.running, router.startup
    commit(driver, revert_in=3)
    assert PREFIX_LIST in router.running
    cut(router)
    eventually(lambda: router.changes() == ["reverted"], True)
    assert router.running == running
    assert router.startup == startup
    router.bare.run("ip", "link", "set", "mgmt0", "up")


def test_what_is_confirmed_in_time_stays_though_the_window_ends(router: Router, driver: FRRDriver) -> None:
    commit(driver, revert_in=3)
    began = time.monotonic()
    driver.confirm_commit()
    eventually(lambda: time.monotonic() - began > 4, True)
    assert router.changes() == ["confirmed"]
    assert PREFIX_LIST in router.running
    assert router.bare.run("pgrep", "-f", "commit_confirm.sh timer", check=False).stdout == ""


@pytest.mark.parametrize("early", [0.3, 0.1, 0.0, -0.1, -0.3])
def test_confirmation_and_timer_at_once_have_one_winner(router: Router, driver: FRRDriver, early: float) -> None:
    running = router.running
    commit(driver, revert_in=6)
    pending = driver.configuration.pending()
    assert pending is not None
    ends = time.monotonic() + pending.left - early
    eventually(lambda: time.monotonic() > ends, True, pause=0.01)
    try:
        driver.confirm_commit()
        won = "confirmed"
    except NothingPending:
        won = "reverted"
    eventually(router.changes, [won])
    saved = router.bare.run("cat", "/etc/frr/frr.conf").stdout
    assert (PREFIX_LIST in router.running) == (PREFIX_LIST in saved) == (won == "confirmed")
    assert won == "confirmed" or router.running == running


def test_what_takes_frr_two_runs_to_put_back_is_put_back(bare: Bare) -> None:
    """With the default, FRR shows lines for each neighbour, and keeps them when the default goes again."""
    config = CONFIG.format(here=1, there=2).replace(" no bgp ebgp", " no bgp default ipv4-unicast\n no bgp ebgp")
    router = Router(bare(config, links={"core": {"r1": ["2001:db8:12::1/64"]}})[0])
    running, driver = router.running, router.driver()
    load(driver, lambda shown: shown.replace(" no bgp default ipv4-unicast\n", ""))
    driver.commit_config("back to the default", 60)
    assert "no bgp default ipv4-unicast" not in router.running
    driver.rollback()
    assert router.running == running
    driver.close()


# ---- restarts --------------------------------------------------------------------------------------------------------


def test_a_restart_of_frr_within_the_window_is_the_old_configuration(router: Router, driver: FRRDriver) -> None:
    running, startup = router.running, router.startup
    commit(driver)
    router.bare.restart_frr()
    assert router.running == running
    with pytest.raises(ForeignChange, match=r"by somebody else, or by a restart of FRR"):
        driver.confirm_commit()
    driver.rollback()
    assert router.changes() == ["reverted"]
    assert router.running == running
    assert router.startup == startup


def test_a_timer_that_fires_while_frr_is_down_tries_again(router: Router, driver: FRRDriver) -> None:
    running = router.running
    commit(driver, revert_in=3)
    router.bare.run("pkill", "-STOP", "bgpd")
    eventually(lambda: f"{STATE}/reverting" in router.bare.run("sh", "-c", f"ls {STATE}/*").stdout, True)
    router.bare.run("pkill", "-CONT", "bgpd")
    eventually(lambda: router.changes() == ["reverted"], True)
    assert router.running == running


def test_a_reboot_within_the_window_means_reverted_and_the_next_commit_may_come(router: Router) -> None:
    running, startup = router.running, router.startup
    before = router.driver()
    commit(before)
    router.bare.reboot()
    eventually(lambda: is_back(router, running), True)
    assert router.startup == startup
    with pytest.raises(ConnectionClosedException):
        before.confirm_commit()
    driver = router.driver()
    assert not driver.has_pending_commit()
    with pytest.raises(NothingPending, match="no commit is pending"):
        driver.confirm_commit()
    commit(driver)
    assert sorted(router.changes()) == ["rebooted"]
    driver.confirm_commit()
    assert sorted(router.changes()) == ["confirmed", "rebooted"]
    driver.close()


def test_a_confirmed_change_survives_a_reboot(router: Router) -> None:
    driver = router.driver()
    commit(driver)
    driver.confirm_commit()
    running = router.running
    router.bare.reboot()
    eventually(lambda: is_back(router, running), True)
    assert PREFIX_LIST in running


# ---- a full disk -----------------------------------------------------------------------------------------------------


def small_disk(router: Router, path: str, mode: str, kilobytes: int) -> None:
    """A small file system over a folder, with what was in the folder."""
    program = (
        f"cp -a {path} /run/kept && mount -t tmpfs -o size={kilobytes}k,mode={mode} small {path} && "
        f"chown --reference=/run/kept {path} && cp -a /run/kept/. {path}/"
    )
    router.bare.run("sh", "-c", program)


def fill(router: Router, path: str) -> None:
    router.bare.run("sh", "-c", f"cat /dev/zero >{path}/filler; sync", check=False)
    assert router.bare.run("df", "--output=avail", path).stdout.split()[-1] == "0"


def test_a_commit_for_which_there_is_no_room_is_refused(router: Router, driver: FRRDriver) -> None:
    running, startup = router.running, router.startup
    small_disk(router, STATE, "2770", 64)
    load(driver)
    with pytest.raises(NotReady, match=rf"disk of {STATE} is full"):
        driver.commit_config("no room", 60)
    assert router.running == running
    assert router.startup == startup
    assert router.bare.run("ls", STATE).stdout in ("", "lock\n")


def test_a_disk_that_is_full_by_then_does_not_keep_it_from_going_back(router: Router, driver: FRRDriver) -> None:
    running, startup = router.running, router.startup
    small_disk(router, STATE, "2770", 1024)
    commit(driver, revert_in=3)
    fill(router, STATE)
    eventually(lambda: router.changes() == ["reverted"], True)
    assert router.running == running
    assert router.startup == startup


def test_a_startup_file_for_which_there_is_no_room_is_not_taken_for_confirmed(
    router: Router, driver: FRRDriver
) -> None:
    running = router.running
    small_disk(router, "/etc/frr", "755", 64)
    many = "".join(f"ipv6 prefix-list MANY seq {seq} permit 2001:db8:{seq:x}::/48\n" for seq in range(1, 301))
    load(driver, lambda config: changed(config) + many)  # several pages more than the old file has
    driver.commit_config("a test", 60)
    fill(router, "/etc/frr")
    with pytest.raises(NotSaved, match=r"could not be saved to /etc/frr/frr\.conf, which may be damaged"):
        driver.confirm_commit()
    router.bare.run("rm", "/etc/frr/filler")
    driver.rollback()
    assert router.running == running
    assert PREFIX_LIST not in router.bare.run("cat", "/etc/frr/frr.conf").stdout


# ---- what a dead run has left ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("end", ["confirmed", "reverted"])
def test_what_a_dead_run_left_is_seen_and_finished_or_cancelled_by_the_next(router: Router, end: str) -> None:
    running = router.running
    dead = router.driver()
    commit(dead)
    dead.close()
    driver = router.driver()
    left = driver.configuration.look().pending
    assert left is not None
    assert (left.owner, left.login, left.message, left.phase) == (OWNER, "netops", "a test", "pending")
    load(driver, lambda config: config.replace("seq 5", "seq 7"))
    with pytest.raises(CommitPending, match=rf"by netops for {OWNER} since 20.*: a test"):
        driver.commit_config("the next", 60)
    driver.close()
    driver = router.driver()
    if end == "confirmed":
        driver.confirm_commit()
    else:
        driver.rollback()
    assert router.changes() == [end]
    assert (PREFIX_LIST in router.running) == (end == "confirmed")
    assert end == "confirmed" or router.running == running
    driver.close()
