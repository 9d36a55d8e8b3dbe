"""A Nornir processor that tells, for each host, that a task has ended there, how, and after how long."""

from __future__ import annotations

import time
from collections.abc import Callable

from nornir.core.inventory import Host
from nornir.core.task import AggregatedResult, MultiResult, Task


class Progress:
    """`say` is told one line a host and task. Tasks in `quiet` are repeated: only a first failure is spoken of."""

    def __init__(self, say: Callable[[str], None], quiet: frozenset[str] = frozenset()) -> None:
        self._say = say
        self._quiet = quiet
        self._began: dict[tuple[str, str], float] = {}
        self._failed: set[str] = set()

    def task_started(self, task: Task) -> None:
        """Hosts are spoken of, tasks are not."""

    def task_completed(self, task: Task, result: AggregatedResult) -> None:
        """Hosts are spoken of, tasks are not."""

    def task_instance_started(self, task: Task, host: Host) -> None:
        self._began[task.name, host.name] = time.monotonic()

    def task_instance_completed(self, task: Task, host: Host, result: MultiResult) -> None:
        seconds = time.monotonic() - self._began.pop((task.name, host.name))
        if task.name in self._quiet:
            again, self._failed = self._failed, (self._failed - {host.name}) | ({host.name} if result.failed else set())
            if not result.failed or host.name in again:
                return
        if result.failed or task.name not in self._quiet:
            self._say(f"{host.name}: {task.name} {'failed' if result.failed else 'done'} after {seconds:.1f} s")

    def subtask_instance_started(self, task: Task, host: Host) -> None:
        """Part of its task."""

    def subtask_instance_completed(self, task: Task, host: Host, result: MultiResult) -> None:
        """Part of its task."""
