"""The verbs of a change, on Nornir: each runs one task on the hosts it is given, all at once."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any

from nornir.core import Nornir
from nornir.core.task import AggregatedResult

from sixpeer.change.plan import ClusterPlan, Plan, RouterPlan
from sixpeer.change.plan import plan as make_plan
from sixpeer.change.transaction import Failure
from sixpeer.checks.expected import expect, probes_of
from sixpeer.checks.judge import Observation, judge
from sixpeer.checks.probes import Answer
from sixpeer.checks.verdict import Verdict
from sixpeer.cilium import ClusterState
from sixpeer.errors import DeviceError, ExitCode, Locked, PlanError, Refused, SixpeerError, Unreachable, UsageError
from sixpeer.intent import Intent, Secret
from tasks import change, observe
from tasks.errors import failures
from tasks.plan import PlanOptions, plan


class NornirVerbs:
    """The verbs for the routers and clusters in a (filtered) Nornir inventory.

    `from_nodes`: whether verification also tries pings and HTTP from the shells of the nodes.
    """

    def __init__(self, nornir: Nornir, intent: Intent, from_nodes: bool = True) -> None:
        self._nornir = nornir
        self._intent = intent
        self._from_nodes = from_nodes
        hosts = nornir.inventory.hosts
        self.routers = frozenset(name for name in hosts if name in intent.routers)
        self.clusters = frozenset(name for name in hosts if name in intent.clusters)
        self.observations: dict[str, Observation] = {}
        self._plan = Plan({}, {})
        self._take_over = False
        self._window = 0
        self._snapshots: dict[str, Any] = {}

    def plan(self, passwords: Mapping[str, Secret], options: PlanOptions) -> Plan:
        """Look at all hosts and plan them. Raises what stands in the way, of all hosts at once."""
        made, failed = self.look(passwords, options)
        raise_together(failed)
        return made

    def look(self, passwords: Mapping[str, Secret], options: PlanOptions) -> tuple[Plan, dict[str, BaseException]]:
        """The plan of the hosts that can be planned, and why the others cannot or must not."""
        self._take_over = options.take_over
        result = self._run(
            plan, self.routers | self.clusters, intent=self._intent, passwords=dict(passwords), options=options
        )
        failed = failures(result)
        parts = [multi[0].result for host, multi in sorted(result.items()) if host not in failed]
        parts = [self._with_others(part) for part in parts]
        refused = {part.host: PlanError("\n".join(part.problems)) for part in parts if part.problems}
        self._plan = make_plan(part for part in parts if not part.problems)
        return self._plan, {**failed, **refused}

    def _with_others(self, part: RouterPlan | ClusterPlan) -> RouterPlan | ClusterPlan:
        """A cluster's part with the routers named that use its resources and are not part of this run."""
        others = set(self._intent.routers_of(part.host)) - self.routers if isinstance(part, ClusterPlan) else set()
        if not others or not part.changes:
            return part
        note = f"these resources are those of {', '.join(sorted(others))} too, not in this run and not verified"
        return replace(part, notes=(*part.notes, note))

    def snapshot(self, hosts: Sequence[str]) -> dict[str, Failure]:
        result = self._run(change.snapshot, hosts, owner=self._intent.owner, plan=self._plan)
        self._snapshots = {name: multi[0].result for name, multi in result.items()}
        return _failures(result)

    def apply(self, hosts: Sequence[str], window: int) -> dict[str, Failure]:
        self._window = window
        return _failures(
            self._run(
                change.push,
                hosts,
                owner=self._intent.owner,
                window=window,
                plan=self._plan,
                snapshots=self._snapshots,
                take_over=self._take_over,
            )
        )

    def confirm(self, hosts: Sequence[str]) -> dict[str, Failure]:
        """On all hosts, or, if the change has interrupted a session of others on one, on none."""
        owner, plan, snapshots = self._intent.owner, self._plan, self._snapshots
        disturbed = _failures(self._run(change.disturbed, hosts, owner=owner, plan=plan, snapshots=snapshots))
        return disturbed or _failures(self._run(change.confirm, hosts, owner=owner))

    def revert(self, hosts: Sequence[str]) -> dict[str, Failure]:
        clusters = [host for host in hosts if host in self.clusters]
        routers = [host for host in hosts if host in self.routers]
        left: dict[str, Failure] = {}
        for group in filter(None, (clusters, routers)):  # the clusters, last to be changed, go back first
            result = self._run(
                change.revert,
                group,
                owner=self._intent.owner,
                plan=self._plan,
                snapshots=self._snapshots,
            )
            left |= _failures(result)
            for host, error in failures(result).items():
                if host in self.routers and isinstance(error, Unreachable):
                    # It was armed before its first line changed.
                    itself = f"it takes the change back by itself, {self._window} s after the push; then run drift"
                    left[host] = Failure(f"{left[host].reason}; {itself}")
        return left

    def verify(self) -> tuple[Verdict, ...]:
        """The verdicts on every cluster with its routers, as they are now."""
        result = self._run(observe.observe, self.routers | self.clusters, intent=self._intent)
        failed = failures(result)
        raise_together({host: error for host, error in failed.items() if isinstance(error, UsageError)})
        unseen = {host: _reason(error) for host, error in failed.items()}
        seen = {host: multi[0].result for host, multi in result.items() if host not in unseen}
        states = {name: state for name, state in seen.items() if isinstance(state, ClusterState)}
        answers, silent = self._probe(states) if self._from_nodes else (None, {})
        verdicts: list[Verdict] = []
        self.observations = {}
        for cluster in sorted(self.clusters):
            routers = self.routers & set(self._intent.routers_of(cluster))
            here = {host: reason for host, reason in unseen.items() if host == cluster or host in routers}
            here |= {host: reason for host, reason in silent.items() if host.startswith(f"{cluster}/")}
            observation = Observation(
                states.get(cluster),
                {name: seen[name] for name in routers if name in seen},
                here,
                None if answers is None else answers.get(cluster, ()),
            )
            self.observations[cluster] = observation
            verdicts += judge(self._intent, cluster, routers, observation)
        return tuple(verdicts)

    def _probe(self, states: Mapping[str, ClusterState]) -> tuple[dict[str, tuple[Answer, ...]], dict[str, str]]:
        """By cluster, the answers from the nodes with a login that have sessions; by host, why there is none."""
        tries = {
            f"{cluster}/{node}": tried
            for cluster, state in states.items()
            for node in {session.node for session in expect(self._intent, cluster, state).sessions}
            if (described := self._intent.clusters[cluster].nodes.get(node)) and described.login
            if (tried := probes_of(self._intent, cluster, state, node))
        }
        result = self._run(observe.probe, tries, tries=tries)
        silent = {host: str(error) for host, error in failures(result).items()}
        answers: dict[str, tuple[Answer, ...]] = {}
        for host, multi in sorted(result.items()):
            if host not in silent:
                cluster = host.partition("/")[0]
                answers[cluster] = (*answers.get(cluster, ()), *multi[0].result)
        return answers, silent

    def _run(self, task: Callable[..., Any], hosts: Collection[str], **arguments: Any) -> AggregatedResult:
        """On these hosts, the ones that have failed before included."""
        chosen = frozenset(hosts)
        return self._nornir.filter(filter_func=lambda host: host.name in chosen).run(task, on_failed=True, **arguments)


def _failures(result: AggregatedResult) -> dict[str, Failure]:
    return {
        host: Failure(_reason(error), touched=not isinstance(error, Locked | Refused))
        for host, error in failures(result).items()
    }


def _reason(error: BaseException) -> str:
    if isinstance(error, SixpeerError):
        return str(error.args[0])
    return f"{type(error).__name__}: {error}"


def raise_together(found: Mapping[str, BaseException]) -> None:
    """One error that says those of all hosts, of the kind whose exit code is the worst."""
    if not found:
        return
    errors = [error if isinstance(error, SixpeerError) else DeviceError(_reason(error)) for error in found.values()]
    worst = ExitCode.worst(error.exit_code for error in errors)
    kind = next(type(error) for error in errors if error.exit_code is worst)
    raise kind("\n".join(f"{host}: {_reason(error)}" for host, error in sorted(found.items())))
