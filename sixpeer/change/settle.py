"""Look again until it holds or the time is up."""

from __future__ import annotations

from collections.abc import Callable

from sixpeer.change.clock import Clock
from sixpeer.checks.verdict import Verdict, holds

INTERVAL = 1.0  # seconds from the end of one look to the next


def settle(look: Callable[[], tuple[Verdict, ...]], timeout: float, clock: Clock) -> tuple[Verdict, ...]:
    """The first verdicts that hold, or the last ones before `timeout` seconds are over."""
    deadline = clock.now() + timeout
    while True:
        verdicts = look()
        if holds(verdicts) or clock.now() + INTERVAL >= deadline:
            return verdicts
        clock.sleep(INTERVAL)
