"""The Nornir runner `deadline`: threads, and a host that takes too long does not hold up the others."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor, wait

from nornir.core.inventory import Host
from nornir.core.task import AggregatedResult, MultiResult, Result, Task

from sixpeer.errors import Unreachable


class DeadlineRunner:
    """Runs a task on hosts in `num_workers` threads, for at most `deadline` seconds.

    A host that has not answered by then has a failed result: its state is unknown, and what runs on
    it may still go on. On an interrupt, what has begun is waited for (so long at most).
    """

    def __init__(self, num_workers: int = 20, deadline: float = 120.0) -> None:
        self.num_workers = num_workers
        self.deadline = deadline

    def run(self, task: Task, hosts: list[Host]) -> AggregatedResult:
        result = AggregatedResult(task.name)
        pool = ThreadPoolExecutor(self.num_workers, thread_name_prefix=task.name)
        futures = {host.name: pool.submit(task.copy().start, host) for host in hosts}
        try:
            wait(futures.values(), self.deadline)
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            wait(futures.values(), self.deadline)
            raise
        pool.shutdown(wait=False, cancel_futures=True)
        for host in hosts:
            future = futures[host.name]
            result[host.name] = future.result() if future.done() and not future.cancelled() else self._late(task, host)
        return result

    def _late(self, task: Task, host: Host) -> MultiResult:
        error = Unreachable(f"no answer within {self.deadline:g} s; its state is unknown", host=host.name)
        late = MultiResult(task.name)
        late.append(Result(host=host, failed=True, exception=error))
        return late
