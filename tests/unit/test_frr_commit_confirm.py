"""commit_confirm.sh, run by a real sh through the driver, on a router of files (`fake_frr`)."""

from __future__ import annotations

import json

import pytest
from commit_script import CHANGED, STARTUP, commit, connect, ended
from fake_frr import RUNNING, FakeRouter
from napalm.base.exceptions import (
    CommitError,
)

from custom_napalm.frr import FRRDriver
from custom_napalm.frr.commit import (
    CommitPending,
    ForeignChange,
    NothingPending,
    NotPutBack,
    NotSaved,
    PutBack,
)

# ---- what commits do -------------------------------------------------------------------------------------------------


def test_a_commit_is_running_and_not_startup_until_it_is_confirmed(router: FakeRouter, driver: FRRDriver) -> None:
    commit(driver)
    assert "by us" in router.running
    assert router.startup == STARTUP
    assert driver.has_pending_commit()
    driver.confirm_commit()
    assert "by us" in router.startup
    assert not driver.has_pending_commit()
    assert ended(router) == ["confirmed"]


def test_without_revert_in_a_commit_is_confirmed_at_once(router: FakeRouter, driver: FRRDriver) -> None:
    commit(driver, revert_in=None)
    assert "by us" in router.startup
    assert not driver.has_pending_commit()


def test_a_pending_commit_says_whose_it_is_and_how_long_it_has(router: FakeRouter) -> None:
    commit(connect(router, owner="TEAM"), message="peers of\nlab", revert_in=90)
    other = connect(router)
    pending = other.configuration.pending()
    assert pending is not None
    assert (pending.owner, pending.message, pending.phase) == ("TEAM", "peers of lab", "pending")
    assert 80 < pending.left <= 90
    assert (pending.expires - pending.since).total_seconds() == 90


def test_what_is_pending_is_read_as_a_whole_though_the_timer_may_rename_it(
    router: FakeRouter, driver: FRRDriver
) -> None:
    commit(driver)
    for tool in ("cat", "sed"):
        rename = 'case "$*" in *state/pending) mv "$FAKE/state/pending" "$FAKE/gone" ;; esac'
        router.replace(tool, f'/bin/{tool} "$@" || exit\n{rename} 2>/dev/null')
    pending = driver.configuration.pending()
    assert pending is not None
    assert pending.left > 0


def test_rollback_puts_back_what_is_pending_and_leaves_startup_alone(router: FakeRouter, driver: FRRDriver) -> None:
    before = router.startup_file.stat()
    commit(driver)
    driver.rollback()
    assert "hand made" in router.running
    assert router.startup_file.stat().st_mtime_ns == before.st_mtime_ns
    assert not driver.has_pending_commit()


def test_what_is_put_back_names_the_interfaces_that_are_there(router: FakeRouter, driver: FRRDriver) -> None:
    """FRR 10 does not let go of an interface that exists, and an empty one is no difference."""
    commit(driver, CHANGED.replace("end\n", "interface new\n ipv6 address 2001:db8::1/64\nexit\nend\n"))
    assert "ipv6 address 2001:db8::1/64" in router.running
    driver.rollback()
    assert "interface new\nexit\n" in router.running
    assert "ipv6 address" not in router.running
    assert ended(router) == ["reverted"]


def test_rollback_puts_back_what_this_session_confirmed_and_saves_it(router: FakeRouter, driver: FRRDriver) -> None:
    commit(driver, revert_in=None)
    driver.rollback()
    assert "hand made" in router.running
    assert "hand made" in router.startup


def test_rollback_of_what_was_put_back_already_is_no_error(router: FakeRouter, driver: FRRDriver) -> None:
    commit(driver)
    driver.rollback()
    driver.rollback()
    assert ended(router) == ["reverted"]


def test_nothing_can_be_confirmed_or_put_back_that_was_not_committed(driver: FRRDriver) -> None:
    for end in (driver.confirm_commit, driver.rollback):
        with pytest.raises(NothingPending, match="no commit is pending"):
            end()


def test_a_commit_without_a_candidate_is_refused(driver: FRRDriver) -> None:
    with pytest.raises(CommitError, match="no candidate"):
        driver.commit_config()


def test_a_discarded_candidate_is_gone(driver: FRRDriver) -> None:
    driver.load_replace_candidate(config=CHANGED)
    assert driver.get_config("candidate")["candidate"]
    driver.discard_config()
    assert driver.compare_config() == ""
    assert driver.get_config("candidate")["candidate"] == ""


# ---- failed, and put back --------------------------------------------------------------------------------------------


def test_a_line_that_frr_refuses_is_named_once_and_all_is_put_back(router: FakeRouter, driver: FRRDriver) -> None:
    refuses = RUNNING.replace(
        " neighbor 2001:db8::9 desc", " neighbor 2001:db8::7 peer-group NOPE\n neighbor 2001:db8::9 desc"
    )
    with pytest.raises(PutBack) as failed:
        commit(driver, refuses)
    assert str(failed.value).count("peer-group NOPE") == 1
    assert "% Configure the peer-group first" in str(failed.value)
    assert router.running == RUNNING.replace("\n!\n", "\n").replace(" !\n", "")
    assert router.startup == STARTUP
    assert not driver.has_pending_commit()


def test_a_load_that_outlasts_the_window_is_ended_before_the_timer_fires(router: FakeRouter, driver: FRRDriver) -> None:
    driver.load_replace_candidate(config=CHANGED)
    router.will("slow", "1.5")
    with pytest.raises(PutBack, match="it took more than 1 seconds"):
        driver.commit_config("", 2)
    assert "hand made" in router.running
    assert ended(router) == ["reverted"]


def test_what_cannot_be_put_back_is_said_with_what_to_do_and_can_be_tried_again(
    router: FakeRouter, driver: FRRDriver
) -> None:
    driver.load_replace_candidate(config=CHANGED)
    killed = 'sed "s/hand made/half/" "$FAKE/running" >"$FAKE/new"; mv "$FAKE/new" "$FAKE/running"; exit 137'
    router.replace("timeout", f'case $4 in *frr-reload.py) {killed} ;; esac; shift 3; exec "$@"')
    with pytest.raises(NotPutBack, match=r"(?s)\+ .*half.*commit_confirm.sh revert.*before/frr\.conf"):
        driver.commit_config("", 60)
    pending = driver.configuration.pending()
    assert pending is not None
    assert pending.phase == "reverting"
    with pytest.raises(CommitPending, match="reverting on this router"):
        commit(connect(router, owner="OTHER"))
    (router.folder / "bin" / "timeout").unlink()
    driver.rollback()
    assert "hand made" in router.running


def test_a_startup_file_that_could_not_be_written_is_not_taken_for_confirmed(
    router: FakeRouter, driver: FRRDriver
) -> None:
    commit(driver)
    router.will("disk-full")
    with pytest.raises(NotSaved, match=r"could not be saved"):
        driver.confirm_commit()
    assert driver.has_pending_commit()
    (router.folder / "disk-full").unlink()
    driver.rollback()
    assert router.startup.splitlines() == [line for line in STARTUP.splitlines() if line.strip() != "!"]


def test_committed_at_once_and_not_saved_is_put_back(router: FakeRouter, driver: FRRDriver) -> None:
    router.will("disk-full")
    with pytest.raises(NotPutBack, match="could not be saved"):
        commit(driver, revert_in=None)
    assert "hand made" in router.running


# ---- others ----------------------------------------------------------------------------------------------------------


def test_confirm_stops_at_what_somebody_else_changed_and_shows_it(router: FakeRouter, driver: FRRDriver) -> None:
    commit(driver)
    router.running = router.running.replace("network 2001:db8::/48", "network 2001:db8:f::/48")
    with pytest.raises(
        ForeignChange, match=r"\+ router bgp 64512 / address-family ipv6 unicast / network 2001:db8:f::/48"
    ):
        driver.confirm_commit()
    assert router.startup == STARTUP
    driver.rollback()
    assert "2001:db8::/48" in router.running
    (change,) = router.changes()
    assert "2001:db8:f::/48" in (change / "overwritten").read_text(encoding="utf-8")


def test_what_this_session_confirmed_is_not_rolled_back_over_somebody_elses_change(
    router: FakeRouter, driver: FRRDriver
) -> None:
    commit(driver, revert_in=None)
    router.running = router.running.replace("HAND", "OTHER")
    with pytest.raises(ForeignChange, match=r"\+ ipv6 prefix-list OTHER seq 5 permit 2001:db8::/32\n"):
        driver.rollback()
    assert "OTHER" in router.running


def test_another_session_of_the_owner_ends_what_a_dead_run_left(router: FakeRouter) -> None:
    commit(connect(router, owner="TEAM"))
    connect(router, owner="TEAM").confirm_commit()
    assert "by us" in router.startup
    commit(connect(router, owner="TEAM"), RUNNING)
    connect(router, owner="TEAM").rollback()
    assert "by us" in router.running


def test_a_confirmation_that_was_interrupted_can_be_taken_up(router: FakeRouter, driver: FRRDriver) -> None:
    commit(driver)
    (router.state / "pending").rename(router.state / "confirming")
    pending = driver.configuration.pending()
    assert pending is not None
    assert pending.phase == "confirming"
    driver.confirm_commit()
    assert "by us" in router.startup


# ---- the record ------------------------------------------------------------------------------------------------------


def test_the_record_is_written_with_the_confirmation_and_goes_back_with_a_rollback(router: FakeRouter) -> None:
    driver = connect(router, owner="TEAM")
    assert driver.configuration.record() == ""
    for number in (1, 2):
        driver.configuration.load_record(json.dumps({"number": number}))
        commit(driver, CHANGED.replace("by us", str(number)))
        assert driver.configuration.record() == ("" if number == 1 else '{"number": 1}\n')
        driver.confirm_commit()
        assert json.loads(driver.configuration.record()) == {"number": number}
    driver.rollback()
    assert json.loads(driver.configuration.record()) == {"number": 1}


def test_the_first_record_goes_when_its_commit_is_rolled_back(router: FakeRouter, driver: FRRDriver) -> None:
    driver.configuration.load_record("{}")
    commit(driver, revert_in=None)
    assert driver.configuration.record()
    driver.rollback()
    assert driver.configuration.record() == ""


def test_a_record_that_is_not_json_is_refused(driver: FRRDriver) -> None:
    with pytest.raises(ValueError, match="Expecting"):
        driver.configuration.load_record("nonsense")
