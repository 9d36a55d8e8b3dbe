"""The timer of commit_confirm.sh, and what keeps it (`fake_frr`)."""

from __future__ import annotations

import getpass
import os
import signal
import subprocess
import time
from pathlib import Path

import pytest
from commit_script import CHANGED, STARTUP, commit, connect, ended, eventually, refused
from fake_frr import FakeRouter

from custom_napalm.frr import FRRDriver
from custom_napalm.frr.commit import (
    NothingPending,
    NotReady,
)


def test_the_timer_puts_back_what_nobody_confirms(router: FakeRouter, driver: FRRDriver) -> None:
    commit(driver, revert_in=3)
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
    commit(driver, revert_in=3)
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


def test_a_timer_that_finds_frr_down_tries_again_until_it_is_up(router: FakeRouter, driver: FRRDriver) -> None:
    router.env["TIMER_PAUSE"] = "1"
    commit(driver, revert_in=3)
    router.will("vtysh-fails")
    before = router.argv.count("show running-config")
    # Several readings an attempt: this is the third attempt at least.
    eventually(lambda: router.argv.count("show running-config") > before + 12, 30)
    assert ended(router) == []
    (router.folder / "vtysh-fails").unlink()
    eventually(lambda: ended(router) == ["reverted"], 30)
    assert "hand made" in router.running


def test_a_confirmation_that_died_is_put_back_by_the_timer(router: FakeRouter, driver: FRRDriver) -> None:
    commit(driver, revert_in=3)
    (router.state / "pending").rename(router.state / "confirming")
    eventually(lambda: ended(router) == ["reverted"], 20)
    assert "hand made" in router.running
    assert router.startup == STARTUP


def test_what_a_dead_confirmation_had_saved_is_put_back_too(router: FakeRouter, driver: FRRDriver) -> None:
    commit(driver, revert_in=3)
    with (router.state / "pending").open("a", encoding="utf-8") as noted:
        noted.write("saved\n")
    (router.state / "pending").rename(router.state / "confirming")
    router.startup_file.write_text(CHANGED.replace("end\n", ""), encoding="utf-8")
    eventually(lambda: ended(router) == ["reverted"], 20)
    assert "hand made" in router.running
    assert "hand made" in router.startup


def test_what_the_router_does_by_itself_is_in_its_journal(router: FakeRouter, driver: FRRDriver) -> None:
    router.replace("logger", 'printf "logger %s\\n" "$*" >>"$FAKE/argv"')
    commit(driver, revert_in=3)
    eventually(lambda: "is put back: nobody" in router.argv, 20)
    (change,) = router.changes()
    said = [line for line in router.argv.splitlines() if line.startswith("logger -t sixpeer -- ")]
    assert [line.split(" -- ")[1].replace(change.name[7:], "ID").split(":")[0].split(";")[0] for line in said] == [
        f"ID by {getpass.getuser()} for sixpeer is loaded",
        "nobody confirmed ID in time",
        "change-ID is put back",
    ]


@pytest.mark.parametrize(("keeper", "stop"), [("system", "sudo -n systemctl stop"), ("user", "systemctl --user stop")])
def test_a_timer_of_systemd_is_stopped_as_it_was_started(
    router: FakeRouter, driver: FRRDriver, keeper: str, stop: str
) -> None:
    router.has_systemd(kills_sessions=True)
    router.login_is_not_root()
    router.replace("systemctl", 'printf "systemctl %s\\n" "$*" >>"$FAKE/argv"')
    if keeper == "system":
        router.replace("sudo", 'printf "sudo %s\\n" "$*" >>"$FAKE/argv"')
    else:
        (router.folder / "no-linger").mkdir()
        (router.folder / "no-linger" / "netops").touch()
    commit(driver)
    driver.confirm_commit()
    (change,) = router.changes()
    assert f"{stop} sixpeer-{change.name}.timer\n" in router.argv


def test_a_reboot_means_reverted_and_not_pending(router: FakeRouter, driver: FRRDriver) -> None:
    commit(driver)
    router.reboot()
    assert not driver.has_pending_commit()
    with pytest.raises(NothingPending, match="rebooted"):
        driver.confirm_commit()
    commit(connect(router))
    assert ended(router) == ["rebooted"]


@pytest.mark.parametrize(
    ("may_sudo", "lingers", "kills_sessions", "keeper"),
    [
        (True, True, True, "sudo -n systemd-run --uid=netops --quiet"),
        (False, True, True, "systemd-run --user --quiet"),
        (False, False, False, ""),
    ],
)
def test_the_timer_of_a_login_is_kept_by_what_outlives_it(
    router: FakeRouter, driver: FRRDriver, may_sudo: bool, lingers: bool, kills_sessions: bool, keeper: str
) -> None:
    router.has_systemd(kills_sessions)
    router.login_is_not_root()
    if may_sudo:
        router.replace("sudo", 'printf "sudo %s\\n" "$*" >>"$FAKE/argv"')
    if lingers:
        (router.folder / "no-linger").mkdir()
        (router.folder / "no-linger" / "netops").touch()
    commit(driver, revert_in=77)
    (change,) = router.changes()
    assert (change / "timer.pid").exists() == (not keeper)
    if keeper:
        (line,) = (line for line in router.argv.splitlines() if line.startswith(keeper))
        assert f"--on-active=77 --timer-property=AccuracySec=100ms --setenv=SIXPEER_STATE={router.state} " in line
        assert line.endswith(f"/bin/sh {change}/commit_confirm.sh timer {change.name}")
        assert router.argv.index(keeper) < router.argv.index("--reload")


def test_a_timer_that_systemd_does_not_start_is_said_in_its_words(router: FakeRouter, driver: FRRDriver) -> None:
    driver.load_replace_candidate(config=CHANGED)
    router.has_systemd(kills_sessions=True)
    router.replace("systemd-run", "echo Unit already loaded >&2; exit 1")
    refused(router, driver, NotReady, "the timer did not start: Unit already loaded")
    assert router.changes() == []
