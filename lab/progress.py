"""Shows how far a long step is: one line that changes on a terminal, a line now and then elsewhere."""

from __future__ import annotations

import sys
import time

ELSEWHERE = 15.0
"""Seconds between two lines where output is not a terminal."""


class Progress:
    """Call it with the state of the step under way; each replaces the one before."""

    def __init__(self) -> None:
        self._terminal = sys.stdout.isatty()
        self._began = time.monotonic()
        self._shown = -ELSEWHERE

    def __call__(self, text: str) -> None:
        passed = time.monotonic() - self._began
        if passed - self._shown < (0.1 if self._terminal else ELSEWHERE):
            return
        self._shown = passed
        line = f"  {int(passed) // 60}:{int(passed) % 60:02}  {text}"
        print(f"\r{line}\x1b[K\r" if self._terminal else line, end="" if self._terminal else "\n", flush=True)
