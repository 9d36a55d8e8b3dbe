"""Commits that commit_confirm.sh refuses, and nothing is touched (`fake_frr`)."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from commit_script import CHANGED, commit, connect, refused
from fake_frr import RUNNING, FakeRouter
from napalm.base.exceptions import CommitError, MergeConfigException, ReplaceConfigException

from custom_napalm.frr import FRRDriver
from custom_napalm.frr.commit import (
    CommitPending,
    ConfigChanged,
    NothingPending,
    NotReady,
    RouterBusy,
)


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
    another = connect(router, owner="OTHER")
    with pytest.raises(NothingPending, match="is sixpeer's"):
        another.confirm_commit()


def test_a_commit_waits_for_the_lock_and_then_says_who_is_busy(router: FakeRouter, driver: FRRDriver) -> None:
    driver.load_replace_candidate(config=CHANGED)
    router.replace("flock", "exit 1")
    refused(router, driver, RouterBusy, "being changed by another commit")


def _no_pythontools(router: FakeRouter) -> None:
    (router.folder / "bin" / "frr-reload.py").unlink()


def _no_state_folder(router: FakeRouter) -> None:
    router.state.rmdir()
    router.login_is_not_root()


def _file_per_daemon(router: FakeRouter) -> None:
    (router.folder / "etc" / "vtysh.conf").write_text("no service integrated-vtysh-config\n", encoding="utf-8")


def _no_vtysh(router: FakeRouter) -> None:
    router.will("vtysh-fails")


def _no_timer(router: FakeRouter) -> None:
    router.has_systemd(kills_sessions=True)
    router.login_is_not_root()


def _version(version: str) -> Callable[[FakeRouter], None]:
    return lambda router: router.will("version", version)


@pytest.mark.parametrize(
    ("lacking", "mend"),
    [
        (_no_pythontools, "apt-get install frr-pythontools"),
        (_no_state_folder, "install -d -m 2770 -g frrvty"),
        (_file_per_daemon, "service integrated-vtysh-config"),
        (_no_vtysh, "usermod -aG frr,frrvty"),
        (_no_timer, "loginctl enable-linger netops"),
        (
            _version("7.5.1"),
            r"FRR 7\.5\.1 runs here, and 8\.4 to 10 is what this is for: apt-get install --only-upgrade frr",
        ),
        (_version("8.3"), "FRR 8"),
        (_version("11.0-dev"), "FRR 11"),
    ],
)
def test_what_is_missing_is_said_with_what_mends_it(
    router: FakeRouter, driver: FRRDriver, lacking: Callable[[FakeRouter], None], mend: str
) -> None:
    assert driver.configuration.lacks() == ()
    driver.load_replace_candidate(config=CHANGED)
    lacking(router)
    (said,) = driver.configuration.lacks()
    assert re.search(mend, said)
    refused(router, driver, NotReady, mend)
    assert not (router.state / "pending").exists()
    assert router.changes() == []


@pytest.mark.parametrize("odd", [0, -1, 3.7, 60.0, True, "30"])
def test_a_window_is_a_whole_number_of_seconds(router: FakeRouter, driver: FRRDriver, odd: int) -> None:
    driver.load_replace_candidate(config=CHANGED)
    with pytest.raises(CommitError, match="whole number of seconds"):
        driver.commit_config("", odd)
    assert "--reload" not in router.argv
    assert not driver.has_pending_commit()


@pytest.mark.parametrize("version", ["8.4.4", "8.5", "9.1.3", "10.0", "10.3", "10.7.1-dev"])
def test_a_version_in_the_range_lacks_nothing(router: FakeRouter, driver: FRRDriver, version: str) -> None:
    _version(version)(router)
    assert driver.configuration.lacks() == ()


def test_all_that_is_missing_is_said_at_once(router: FakeRouter, driver: FRRDriver) -> None:
    driver.load_replace_candidate(config=CHANGED)
    for lacking in (_no_pythontools, _no_state_folder, _file_per_daemon, _version("7.5.1")):
        lacking(router)
    assert len(driver.configuration.lacks()) == 4
    refused(router, driver, NotReady, "(?s)FRR 7.*frr-pythontools.*integrated-vtysh-config.*install -d")
    with pytest.raises(NotReady, match=r"(?s)FRR 7.*frr-pythontools"):
        driver.compare_config()


def test_the_state_folder_is_made_by_sudo_where_that_may_be(router: FakeRouter, driver: FRRDriver) -> None:
    _no_state_folder(router)
    made = '[ "$3" = --version ] || mkdir -m 2770 "$FAKE/state"'
    router.replace("sudo", f'printf "sudo %s\\n" "$*" >>"$FAKE/argv"; {made}')
    commit(driver)
    assert f"sudo -n install -d -m 2770 -g frrvty {router.state}\n" in router.argv
    driver.rollback()


@pytest.mark.parametrize(("load", "error"), [("replace", ReplaceConfigException), ("merge", MergeConfigException)])
def test_what_does_not_parse_never_reaches_frr_reload(
    router: FakeRouter, driver: FRRDriver, load: str, error: type[Exception]
) -> None:
    config = RUNNING.replace(" bgp router-id", " BOGUS router-id") if load == "replace" else "BOGUS line\n"
    with pytest.raises(error, match=r"understand this: % Unknown command\[25\]:  ?BOGUS"):
        getattr(driver, f"load_{load}_candidate")(config=config)
    assert "frr-reload" not in router.argv
    assert driver.get_config("candidate")["candidate"] == ""
