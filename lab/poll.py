"""Waiting for something to become true, with a deadline."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

from lab.errors import LabError

Found = TypeVar("Found")


def wait_for(what: str, look: Callable[[], Found | None], seconds: float, pause: float = 0.05) -> Found:
    """What `look` finds: asked again every `pause` seconds until it is true. Raises LabError after `seconds`.

    An OSError of `look` counts as not yet: a file or a socket that is not there.
    """
    deadline = time.monotonic() + seconds
    reason = ""
    while True:
        try:
            if found := look():
                return found
        except OSError as error:
            reason = f" ({error})"
        if time.monotonic() > deadline:
            raise LabError(f"{what}: not within {seconds:g} s{reason}")
        time.sleep(pause)
