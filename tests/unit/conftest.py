"""A router of files (`fake_frr`), and the driver on it."""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from commit_script import connect
from fake_frr import FakeRouter

from custom_napalm.frr import FRRDriver


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
