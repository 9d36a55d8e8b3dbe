"""Carry out a plan on all its hosts, or put all of them back.

This module does not know how a host is reached: it is handed verbs, each of which takes hosts and
answers what failed, by host. Routers go first and the clusters' resources after them; each router
reverts by itself if it is not confirmed within `window` seconds.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from sixpeer.change.clock import Clock, Phases
from sixpeer.change.plan import Plan
from sixpeer.change.settle import settle
from sixpeer.checks.verdict import Status, Verdict, holds
from sixpeer.errors import NotPutBack, PutBack

Failures = Mapping[str, str]
"""By host, why the verb failed there; empty if it did nowhere."""


class Verbs(Protocol):
    """What can be done to hosts. Each verb acts on all the hosts it is given, also if one of them fails."""

    def snapshot(self, hosts: Sequence[str]) -> Failures:
        """Keep what is there now, for `revert`."""

    def apply(self, hosts: Sequence[str], window: int) -> Failures:
        """Make each host what the plan says; routers undo it after `window` seconds without `confirm`."""

    def verify(self) -> tuple[Verdict, ...]:
        """The verdicts on all hosts of the change as they are now."""

    def confirm(self, hosts: Sequence[str]) -> Failures:
        """Keep it: stop the routers' timers and save their configuration."""

    def revert(self, hosts: Sequence[str]) -> Failures:
        """Give each host what `snapshot` kept, and see that it has it. A host that was not changed is left alone."""


@dataclass(frozen=True, slots=True)
class Budgets:
    """Seconds for each part of a change; their sum is the window after which routers revert by themselves."""

    apply: int = 60
    verify: int = 60
    confirm: int = 60

    @property
    def window(self) -> int:
        return self.apply + self.verify + self.confirm


@dataclass
class Interrupted(Exception):
    """A phase did not end well: by host, what happened."""

    failures: Failures
    phase: str

    def __str__(self) -> str:
        return "; ".join(f"{host}: {reason}" if host else reason for host, reason in self.failures.items())


def carry_out(
    plan: Plan, verbs: Verbs, budgets: Budgets, clock: Clock, phases: Phases, see: Callable[[tuple[Verdict, ...]], None]
) -> tuple[Verdict, ...]:
    """The verdicts after the change is confirmed; `see` is shown the verdicts that decided, also when they fail.

    Raises PutBack if it failed and everything is as before, NotPutBack if something is not.
    """
    routers, clusters = plan.changed_routers, plan.changed_clusters
    touched: list[str] = []
    try:
        with phases.phase("snapshot"):
            _all_well("snapshot", verbs.snapshot((*routers, *clusters)))
        with phases.phase("push"):
            for hosts in filter(None, (routers, clusters)):
                touched.extend(hosts)  # before: what is cut off in the middle is touched too
                _all_well("push", verbs.apply(hosts, budgets.window))
        with phases.phase("verify"):
            verdicts = settle(verbs.verify, budgets.verify, clock)
            see(verdicts)
            if not holds(verdicts):
                raise Interrupted(_failed(verdicts), "verification")
        with phases.phase("confirm"):
            _all_well("confirm", verbs.confirm((*routers, *clusters)))
    except (Exception, KeyboardInterrupt) as error:
        with phases.phase("put back"):
            _put_back(touched, verbs, error)
    return verdicts


def _all_well(phase: str, failures: Failures) -> None:
    if failures:
        raise Interrupted(failures, phase)


def _failed(verdicts: tuple[Verdict, ...]) -> Failures:
    wrong = [verdict for verdict in verdicts if verdict.status in (Status.FAILURE, Status.ERROR)]
    return {"": f"{len(wrong)} of {len(verdicts)} verdicts are not good"}


def _put_back(touched: list[str], verbs: Verbs, error: BaseException) -> None:
    """Revert backwards, then say how the change ended. Always raises."""
    match error:
        case Interrupted():
            why = f"{error.phase} failed: {error}"
        case KeyboardInterrupt():
            why = "interrupted"
        case _:
            why = f"{type(error).__name__}: {error}"
    left = verbs.revert(tuple(reversed(touched))) if touched else {}
    if left:
        hosts = "\n".join(f"{host}: {reason}" for host, reason in left.items())
        raise NotPutBack(f"{why}\nnot put back:\n{hosts}") from error
    raise PutBack(f"{why}\neverything was put back" if touched else f"{why}\nnothing was changed") from error
