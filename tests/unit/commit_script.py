"""Commits by the driver on a router of files (`fake_frr`), and how they ended."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from fake_frr import RUNNING, FakeRouter

from custom_napalm.frr import FRRDriver

CHANGED = RUNNING.replace("hand made", "by us")
STARTUP = RUNNING.replace("end\n", "")


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
    found = [name for change in router.changes() for name in ("confirmed", "reverted") if (change / name).exists()]
    return [*found, *("rebooted" for _ in router.state.glob("rebooted-*"))]


def refused(router: FakeRouter, driver: FRRDriver, error: type[Exception], match: str) -> None:
    running, startup = router.running, router.startup
    with pytest.raises(error, match=match):
        driver.commit_config("", 60)
    assert router.running == running
    assert router.startup == startup
    assert "--reload" not in router.argv
