"""No secret is shown or left by a commit (`fake_frr`)."""

from __future__ import annotations

import os
import stat
import subprocess

import pytest
from commit_script import CHANGED, commit, connect
from fake_frr import RUNNING, FakeRouter
from napalm.base.exceptions import ReplaceConfigException

from custom_napalm.frr import FRRDriver
from custom_napalm.frr.commit import (
    ForeignChange,
    PutBack,
)

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
    driver.configuration.load_record("{}")
    commit(driver, revert_in=None)
    (change,) = router.changes()
    assert stat.S_IMODE(change.stat().st_mode) & 0o777 == 0o700
    for path in change.rglob("*"):
        assert stat.S_IMODE(path.stat().st_mode) & 0o007 == 0
    assert not (change / "frr.conf").exists()
    assert not list(router.folder.glob("tmp.*"))
    assert not list(router.state.glob("incoming.*"))


def test_the_last_ten_changes_are_kept(router: FakeRouter, driver: FRRDriver) -> None:
    """The last by their end: their names come from the clocks of controllers, which may be wrong."""
    for year in range(2087, 2100):
        change = router.state / f"change-{year}0101T000000Z-1"
        (change / "before").mkdir(parents=True)
        os.utime(change, (year, year))
    commit(driver, revert_in=None)
    assert [change.name[7:11] for change in router.changes()[1:]] == [str(year) for year in range(2091, 2100)]
    driver.rollback()
    assert "hand made" in router.running


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
