"""Carry out a plan on all its hosts, or put all of them back.

This module does not know how a host is reached: it is handed verbs, each of which takes hosts and
answers what failed, by host. Routers go first and the clusters' resources after them; each router
reverts by itself if it is not confirmed within `window` seconds.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import NoReturn, Protocol

from sixpeer.change.clock import Clock, Phases
from sixpeer.change.plan import Plan
from sixpeer.change.settle import settle
from sixpeer.checks.verdict import Status, Verdict, holds
from sixpeer.errors import NotBegun, NotPutBack, PutBack


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a verb failed on a host. `touched`: whether something may have been changed there."""

    reason: str
    touched: bool = True


Failures = Mapping[str, Failure]
"""By host; empty if the verb failed nowhere."""


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


class PhaseFailed(Exception):
    """A phase did not end well: the reason, and the hosts of it that were left as they were."""

    def __init__(self, phase: str, reason: str, untouched: frozenset[str] = frozenset()) -> None:
        super().__init__(f"{phase} failed: {reason}")
        self.untouched = untouched


def carry_out(
    plan: Plan, verbs: Verbs, budgets: Budgets, clock: Clock, phases: Phases, see: Callable[[tuple[Verdict, ...]], None]
) -> tuple[Verdict, ...]:
    """The verdicts after the change is confirmed; `see` is shown the verdicts that decided, also when they fail.

    Raises NotBegun if it failed before anything was touched, PutBack if it failed and everything is as
    before, NotPutBack if something is not; whatever else was raised is their cause.
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
                raise PhaseFailed("verification", _count(verdicts))
        with phases.phase("confirm"):
            _all_well("confirm", verbs.confirm((*routers, *clusters)))
    except BaseException as error:
        if isinstance(error, PhaseFailed):
            touched = [host for host in touched if host not in error.untouched]
        with phases.phase("put back"):
            _put_back(tuple(reversed(touched)), verbs, error)
    return verdicts


def _all_well(phase: str, failures: Failures) -> None:
    if failures:
        reasons = "; ".join(f"{host}: {failure.reason}" for host, failure in failures.items())
        untouched = frozenset(host for host, failure in failures.items() if not failure.touched)
        raise PhaseFailed(phase, reasons, untouched)


def _count(verdicts: tuple[Verdict, ...]) -> str:
    wrong = [verdict for verdict in verdicts if verdict.status in (Status.FAILURE, Status.ERROR)]
    return f"{len(wrong)} of {len(verdicts)} verdicts are not good"


def _put_back(touched: tuple[str, ...], verbs: Verbs, error: BaseException) -> NoReturn:
    """Revert, then say how the change ended."""
    why = str(error) if isinstance(error, PhaseFailed) else "interrupted"
    if isinstance(error, Exception) and not isinstance(error, PhaseFailed):
        why = f"{type(error).__name__}: {error}"
    if not touched:
        raise NotBegun(f"{why}\nnothing was changed") from error
    try:
        left = verbs.revert(touched)
    except BaseException as second:
        hosts = ", ".join(touched)
        told = f"{type(second).__name__} {second}".strip()
        raise NotPutBack(f"{why}\nputting back was cut off ({told}); look at {hosts}") from second
    if left:
        reasons = "\n".join(f"{host}: {failure.reason}" for host, failure in left.items())
        raise NotPutBack(f"{why}\nnot put back:\n{reasons}") from error
    raise PutBack(f"{why}\neverything was put back") from error
