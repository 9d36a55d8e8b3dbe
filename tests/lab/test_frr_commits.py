"""Commits of the FRR driver on real FRR, over real SSH, as a login that is not root.

Each test leaves the router as it found it: the same running configuration, no session interrupted.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from frr_commits import NEIGHBOR, OWNER, PREFIX_LIST, SECRET, Router, changed, load, without
from napalm.base.exceptions import ReplaceConfigException
from network import eventually

from custom_napalm.frr import FRRDriver
from custom_napalm.frr.commit import CommitPending, ConfigChanged, ForeignChange, NothingPending, PutBack

pytestmark = [pytest.mark.lab, pytest.mark.matrix]


def test_the_same_again_is_no_difference_and_committing_it_disturbs_nothing(router: Router, driver: FRRDriver) -> None:
    table, startup = router.table, router.startup
    load(driver, lambda running: running)
    assert driver.compare_config() == ""
    driver.commit_config("the same", revert_in=60)
    assert router.startup == startup
    assert driver.configuration.remaining() == ""
    driver.rollback()
    assert router.table == table
    assert router.startup == startup


def test_a_change_is_shown_committed_and_saved_by_its_confirmation_only(router: Router, driver: FRRDriver) -> None:
    startup = router.startup
    load(driver)
    shown = driver.compare_config()
    assert f"+  neighbor {NEIGHBOR} remote-as 65099" in shown
    assert f"+  neighbor {NEIGHBOR} password <secret>" in shown
    assert f"+ {PREFIX_LIST}" in shown
    assert "\n- " not in shown
    driver.configuration.load_record('{"keyed": []}')
    driver.commit_config("a test", revert_in=60)
    assert router.startup == startup
    assert driver.configuration.remaining() == ""
    pending = driver.configuration.pending()
    assert pending is not None
    assert (pending.owner, pending.message, pending.phase) == (OWNER, "a test", "pending")
    driver.confirm_commit()
    assert not driver.has_pending_commit()
    assert PREFIX_LIST in driver.get_config("startup")["startup"]
    assert json.loads(driver.configuration.record()) == {"keyed": []}

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
        [sys.executable, "-c", CONTROLLER, str(router.bare.ssh.config_file), str(file)],
        stdout=subprocess.PIPE,
        text=True,
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
    with pytest.raises(ReplaceConfigException, match=r"understand this: % Unknown command.*neighbour of ours"):
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
    watch = router.session()
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
        router.bare.run("touch", "/var/lib/sixpeer/driver-test")
        thread.join()
        router.bare.run("rm", "/var/lib/sixpeer/driver-test")
        watch.disconnect()
    assert "frr-reload.py --reload" in listing[0]
    assert f"no neighbor {NEIGHBOR} password" in listing[0]
    assert SECRET not in listing[0]
    assert "password another" not in listing[0]
    find = "find /var/log/frr /run/frr /var/lib/sixpeer -type f -perm /007 -exec grep -lF -e"
    assert router.bare.run("sh", "-c", f"{find} {SECRET} {{}} +", check=False).stdout == ""
