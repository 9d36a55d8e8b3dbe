"""commit_confirm.sh, run by a real sh through the driver, on a router of files (`fake_frr`)."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import stat
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from fake_frr import RUNNING, FakeRouter
from napalm.base.exceptions import (
    CommitError,
    MergeConfigException,
    ReplaceConfigException,
)

from custom_napalm.frr import FRRDriver
from custom_napalm.frr.commit import (
    CommitPending,
    ConfigChanged,
    ForeignChange,
    NothingPending,
    NotPutBack,
    NotReady,
    NotSaved,
    PutBack,
    RouterBusy,
)

CHANGED = RUNNING.replace("hand made", "by us")
STARTUP = RUNNING.replace("end\n", "")


@pytest.fixture
def router(tmp_path: Path) -> Iterator[FakeRouter]:
    made = FakeRouter(tmp_path)
    yield made
    for timer in made.state.glob("change-*/timer.pid"):
        with contextlib.suppress(ProcessLookupError, FileNotFoundError):  # it has ended by itself meanwhile
            os.killpg(int(timer.read_text()), signal.SIGKILL)


@pytest.fixture
def driver(router: FakeRouter) -> FRRDriver:
    return connect(router)


def connect(router: FakeRouter, **options: object) -> FRRDriver:
    driver = FRRDriver("r1", "", "", optional_args={"session": router, "state_folder": str(router.state), **options})
    driver.open()
    return driver


def commit(driver: FRRDriver, config: str = CHANGED, message: str = "", revert_in: int | None = 60) -> None:
    driver.get_config("running")
    driver.load_replace_candidate(config=config)
    driver.commit_config(message, revert_in)


def eventually(holds: Callable[[], bool], seconds: float = 10) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def ended(router: FakeRouter) -> list[str]:
    return [
        name
        for change in router.changes()
        for name in ("confirmed", "reverted", "rebooted")
        if (change / name).exists()
    ]


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
    pending = connect(router).pending()
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
    pending = driver.pending()
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


# ---- the timer -------------------------------------------------------------------------------------------------------


def test_the_timer_puts_back_what_nobody_confirms(router: FakeRouter, driver: FRRDriver) -> None:
    commit(driver, revert_in=1)
    assert "by us" in router.running
    eventually(lambda: ended(router) == ["reverted"])
    assert "hand made" in router.running
    assert router.startup == STARTUP
    with pytest.raises(NothingPending, match="nobody confirmed it in time"):
        driver.confirm_commit()


def alive(pid: int) -> bool:
    stat = Path(f"/proc/{pid}/stat")
    return stat.exists() and ") Z " not in stat.read_text()


@pytest.mark.parametrize("end", ["confirm_commit", "rollback"])
def test_the_timer_is_gone_when_its_commit_has_ended(router: FakeRouter, driver: FRRDriver, end: str) -> None:
    commit(driver, revert_in=300)
    (change,) = router.changes()
    pid = int((change / "timer.pid").read_text())
    assert alive(pid)
    getattr(driver, end)()
    eventually(lambda: not alive(pid))


def test_the_timer_does_not_fire_after_confirm(router: FakeRouter, driver: FRRDriver) -> None:
    commit(driver, revert_in=1)
    (change,) = router.changes()
    (change / "timer.pid").unlink()  # so that it cannot be stopped
    driver.confirm_commit()
    time.sleep(1.5)
    assert "by us" in router.running
    assert ended(router) == ["confirmed"]


def test_the_timer_is_armed_before_the_first_line_and_outlives_what_loads(router: FakeRouter) -> None:
    """The controller, sshd and our script are killed in the middle of a load."""
    router.will("slow", "30")
    driver = connect(router)
    driver.load_replace_candidate(config=CHANGED)
    sent: list[str] = []

    def killed(command: str, *, stdin: str, timeout: float) -> None:
        sent.append(stdin)
        apply = subprocess.Popen(
            ["sh", "-c", command], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=router.env, start_new_session=True
        )
        assert apply.stdin is not None
        apply.stdin.write(stdin.encode())
        apply.stdin.close()
        eventually(lambda: "--reload" in router.argv)
        assert (router.state / "pending").exists()
        assert list(router.state.glob("change-*/timer.pid"))
        router.running = CHANGED  # half way through
        (router.folder / "slow").unlink()
        os.killpg(apply.pid, signal.SIGKILL)
        apply.wait()
        raise ConnectionError

    router.run, real = killed, router.run  # type: ignore[method-assign]
    with pytest.raises(ConnectionError):
        driver.commit_config("", 2)
    router.run = real  # type: ignore[method-assign]
    eventually(lambda: ended(router) == ["reverted"])
    assert "hand made" in router.running


def test_a_timer_that_finds_frr_down_tries_again(router: FakeRouter, driver: FRRDriver, tmp_path: Path) -> None:
    commit(driver, revert_in=1)
    router.will("reload-fails")
    eventually(lambda: ended(router) == ["reverted"], 15)
    assert "hand made" in router.running


def test_a_reboot_means_reverted_and_not_pending(router: FakeRouter, driver: FRRDriver) -> None:
    commit(driver)
    router.reboot()
    assert not driver.has_pending_commit()
    with pytest.raises(NothingPending, match="rebooted"):
        driver.confirm_commit()
    commit(connect(router))
    assert ended(router) == ["rebooted"]


# ---- refused, and nothing touched ------------------------------------------------------------------------------------


def refused(router: FakeRouter, driver: FRRDriver, error: type[Exception], match: str) -> None:
    running, startup = router.running, router.startup
    with pytest.raises(error, match=match):
        driver.commit_config("", 60)
    assert router.running == running
    assert router.startup == startup
    assert "--reload" not in router.argv


def test_a_router_that_was_changed_since_it_was_read_is_not_touched(router: FakeRouter, driver: FRRDriver) -> None:
    driver.get_config("running")
    router.running = RUNNING.replace("HAND", "OTHER")
    driver.load_replace_candidate(config=CHANGED)
    refused(
        router, driver, ConfigChanged, r"changed since it was read\n-ipv6 prefix-list HAND .*\n\+ipv6 prefix-list OTHER"
    )
    refused(router, driver, ConfigChanged, "changed since it was read")


def test_a_second_commit_is_refused_while_one_is_pending(router: FakeRouter, driver: FRRDriver) -> None:
    commit(driver, message="the first")
    (router.folder / "argv").unlink()
    other = connect(router, owner="OTHER")
    other.load_replace_candidate(config=CHANGED.replace("HAND", "X"))
    refused(router, other, CommitPending, "pending on this router: .* for sixpeer since 20.*Z: the first")
    with pytest.raises(NothingPending, match="is sixpeer's"):
        other.confirm_commit()


def test_a_commit_waits_for_the_lock_and_then_says_who_is_busy(router: FakeRouter, driver: FRRDriver) -> None:
    driver.load_replace_candidate(config=CHANGED)
    router.replace("flock", "exit 1")
    refused(router, driver, RouterBusy, "being changed by another commit")


def _no_pythontools(router: FakeRouter) -> None:
    (router.folder / "bin" / "frr-reload.py").unlink()


def _no_state_folder(router: FakeRouter) -> None:
    router.state.rmdir()
    # What root would have made; others are told to.
    router.replace("id", "[ $1 = -u ] && echo 1500 || echo netops")


def _file_per_daemon(router: FakeRouter) -> None:
    (router.folder / "etc" / "vtysh.conf").write_text("no service integrated-vtysh-config\n", encoding="utf-8")


def _no_vtysh(router: FakeRouter) -> None:
    router.will("vtysh-fails")


def _no_timer(router: FakeRouter) -> None:
    (router.folder / "no-systemd").mkdir()
    router.replace("systemd-run", "exit 1")
    router.replace("sudo", "exit 1")
    router.replace("busctl", "echo b true")


@pytest.mark.parametrize(
    ("lacking", "mend"),
    [
        (_no_pythontools, "apt-get install frr-pythontools"),
        (_no_state_folder, "install -d -m 2770 -g frrvty"),
        (_file_per_daemon, "service integrated-vtysh-config"),
        (_no_vtysh, "usermod -aG frr,frrvty"),
        (_no_timer, "loginctl enable-linger"),
    ],
)
def test_what_is_missing_is_said_with_what_mends_it(
    router: FakeRouter, driver: FRRDriver, lacking: Callable[[FakeRouter], None], mend: str
) -> None:
    driver.load_replace_candidate(config=CHANGED)
    lacking(router)
    refused(router, driver, NotReady, mend)
    assert not (router.state / "pending").exists()
    assert router.changes() == []


def test_on_a_systemd_host_the_timer_is_systemds(router: FakeRouter, driver: FRRDriver) -> None:
    _no_timer(router)
    router.replace("systemd-run", 'printf "systemd-run %s\\n" "$*" >>"$FAKE/argv"')
    commit(driver, revert_in=77)
    (change,) = router.changes()
    assert "--on-active=77 --timer-property=AccuracySec=100ms" in router.argv
    assert f"/bin/sh {change}/commit_confirm.sh timer {change.name}\n" in router.argv
    assert router.argv.index("systemd-run") < router.argv.index("--reload")


@pytest.mark.parametrize(("load", "error"), [("replace", ReplaceConfigException), ("merge", MergeConfigException)])
def test_what_does_not_parse_never_reaches_frr_reload(
    router: FakeRouter, driver: FRRDriver, load: str, error: type[Exception]
) -> None:
    config = RUNNING.replace(" bgp router-id", " BOGUS router-id") if load == "replace" else "BOGUS line\n"
    with pytest.raises(error, match=r"line \d+: % Unknown command\[25\]:  ?BOGUS"):
        getattr(driver, f"load_{load}_candidate")(config=config)
    assert "frr-reload" not in router.argv
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
    router.replace("timeout", killed)
    with pytest.raises(NotPutBack, match=r"(?s)\+ .*half.*commit_confirm.sh revert.*before/frr\.conf"):
        driver.commit_config("", 60)
    pending = driver.pending()
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
        ForeignChange, match=r"\+ router bgp 64512 \| address-family ipv6 unicast \|  network 2001:db8:f::/48"
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
    pending = driver.pending()
    assert pending is not None
    assert pending.phase == "confirming"
    driver.confirm_commit()
    assert "by us" in router.startup


# ---- the record ------------------------------------------------------------------------------------------------------


def test_the_record_is_written_with_the_confirmation_and_goes_back_with_a_rollback(router: FakeRouter) -> None:
    driver = connect(router, owner="TEAM")
    assert driver.get_record() == ""
    for number in (1, 2):
        driver.load_record(json.dumps({"number": number}))
        commit(driver, CHANGED.replace("by us", str(number)))
        assert driver.get_record() == ("" if number == 1 else '{"number": 1}\n')
        driver.confirm_commit()
        assert json.loads(driver.get_record()) == {"number": number}
    driver.rollback()
    assert json.loads(driver.get_record()) == {"number": 1}


def test_the_first_record_goes_when_its_commit_is_rolled_back(router: FakeRouter, driver: FRRDriver) -> None:
    driver.load_record("{}")
    commit(driver, revert_in=None)
    assert driver.get_record()
    driver.rollback()
    assert driver.get_record() == ""


def test_a_record_that_is_not_json_is_refused(driver: FRRDriver) -> None:
    with pytest.raises(ValueError, match="Expecting"):
        driver.load_record("nonsense")


# ---- secrets ---------------------------------------------------------------------------------------------------------

WITH_PASSWORD = RUNNING.replace(
    " neighbor 2001:db8::9 desc", " neighbor 2001:db8::9 password s3cret\n neighbor 2001:db8::9 desc"
)


def test_a_password_that_goes_or_changes_is_first_removed_without_its_value(router: FakeRouter) -> None:
    router.running = WITH_PASSWORD
    other = WITH_PASSWORD.replace("s3cret", "0ther")
    for config in (other, RUNNING, other):
        (router.folder / "argv").unlink(missing_ok=True)
        before = router.running
        driver = connect(router)
        commit(driver, config)
        withdrawn = "-c router bgp 64512 -c no neighbor 2001:db8::9 password\n"
        assert (withdrawn in router.argv) == ("password" in before)
        driver.rollback()
        assert withdrawn in router.argv or config == RUNNING
        commit(driver, config, revert_in=None)
        assert "s3cret" not in router.argv
        assert "0ther" not in router.argv


def test_a_password_that_stays_is_left_alone(router: FakeRouter, driver: FRRDriver) -> None:
    router.running = WITH_PASSWORD
    commit(driver, WITH_PASSWORD.replace("hand made", "by us"))
    assert "no neighbor" not in router.argv


def test_no_error_repeats_a_password(router: FakeRouter, driver: FRRDriver) -> None:
    with pytest.raises(ReplaceConfigException) as syntax:
        driver.load_replace_candidate(config=WITH_PASSWORD.replace(" password", " BOGUS pasword"))
    with pytest.raises(PutBack) as semantic:
        commit(driver, WITH_PASSWORD.replace("s3cret", "s3cret NOPE"))
    commit(driver)
    router.running = WITH_PASSWORD
    with pytest.raises(ForeignChange) as foreign:
        driver.confirm_commit()
    for error in (syntax, semantic, foreign):
        assert "s3cret" not in str(error.value)
        assert "<secret>" in str(error.value)


def test_what_is_kept_on_the_router_is_nobody_elses_to_read(router: FakeRouter, driver: FRRDriver) -> None:
    driver.load_record("{}")
    commit(driver, revert_in=None)
    (change,) = router.changes()
    assert stat.S_IMODE(change.stat().st_mode) == 0o700
    for path in change.rglob("*"):
        assert stat.S_IMODE(path.stat().st_mode) & 0o007 == 0
    assert not (change / "frr.conf").exists()
    assert not list(router.folder.glob("tmp.*"))
    assert not list(router.state.glob("incoming.*"))


def test_the_last_ten_changes_are_kept(router: FakeRouter, driver: FRRDriver) -> None:
    for year in range(2000, 2013):
        (router.state / f"change-{year}0101T000000Z-1" / "before").mkdir(parents=True)
    commit(driver, revert_in=None)
    assert [change.name[7:11] for change in router.changes()[:-1]] == [str(year) for year in range(2004, 2013)]


def test_a_program_that_arrives_in_part_does_nothing(router: FakeRouter, driver: FRRDriver) -> None:
    driver.load_replace_candidate(config=CHANGED)
    (router.folder / "argv").unlink()
    driver.commit_config("", 60)
    program = router.programs[-1]
    driver.rollback()
    (router.folder / "argv").unlink()
    for length in range(1, len(program), 997):
        subprocess.run(
            ["sh", "-s"], input=program[:length], env=router.env, text=True, check=False, capture_output=True
        )
    assert not (router.folder / "argv").exists()
    assert len(router.changes()) == 1
