"""The verbs of a change, on Nornir: each runs one task on the hosts it is given, all at once."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from nornir.core import Nornir
from nornir.core.task import AggregatedResult

from sixpeer.change.plan import ClusterPlan, Plan, RouterPlan
from sixpeer.change.plan import plan as make_plan
from sixpeer.checks.expected import expect, probes_of
from sixpeer.checks.judge import Observation, judge
from sixpeer.checks.probes import Answer
from sixpeer.checks.verdict import Verdict
from sixpeer.cilium import ClusterState
from sixpeer.errors import PlanError, SixpeerError
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
        self._snapshots: dict[str, Any] = {}

    def plan(self, passwords: Mapping[str, Secret], options: PlanOptions) -> Plan:
        """Look at all hosts and plan them. Raises what stands in the way, of all hosts at once."""
        made, failed = self.look(passwords, options)
        _raise_together(failed)
        return made

    def look(self, passwords: Mapping[str, Secret], options: PlanOptions) -> tuple[Plan, dict[str, BaseException]]:
        """The plan of the hosts that could be planned, and why the others could not.

        Raises PlanError if what could be planned must not be carried out.
        """
        self._take_over = options.take_over
        result = self._run(
            plan, self.routers | self.clusters, intent=self._intent, passwords=dict(passwords), options=options
        )
        failed = failures(result)
        parts = [multi[0].result for host, multi in sorted(result.items()) if host not in failed]
        self._plan = make_plan(
            [part for part in parts if isinstance(part, RouterPlan)],
            [part for part in parts if isinstance(part, ClusterPlan)],
        )
        return self._plan, failed

    def snapshot(self, hosts: Sequence[str]) -> dict[str, str]:
        result = self._run(change.snapshot, hosts, plan=self._plan)
        self._snapshots = {name: multi[0].result for name, multi in result.items()}
        return _reasons(result)

    def apply(self, hosts: Sequence[str], window: int) -> dict[str, str]:
        owner, take_over = self._intent.owner, self._take_over
        return _reasons(self._run(change.push, hosts, owner=owner, window=window, plan=self._plan, take_over=take_over))

    def confirm(self, hosts: Sequence[str]) -> dict[str, str]:
        return _reasons(self._run(change.confirm, hosts, owner=self._intent.owner))

    def revert(self, hosts: Sequence[str]) -> dict[str, str]:
        clusters = [host for host in hosts if host in self.clusters]
        routers = [host for host in hosts if host in self.routers]
        reasons: dict[str, str] = {}
        for group in filter(None, (clusters, routers)):  # the clusters, last to be changed, go back first
            result = self._run(
                change.revert,
                group,
                owner=self._intent.owner,
                plan=self._plan,
                snapshots=self._snapshots,
            )
            reasons |= _reasons(result)
        return reasons

    def verify(self) -> tuple[Verdict, ...]:
        """The verdicts on every cluster with its routers, as they are now."""
        result = self._run(observe.observe, self.routers | self.clusters, intent=self._intent)
        unseen = {host: str(error) for host, error in failures(result).items()}
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


def _reasons(result: AggregatedResult) -> dict[str, str]:
    return {host: _reason(error) for host, error in failures(result).items()}


def _reason(error: BaseException) -> str:
    if isinstance(error, SixpeerError):
        return str(error.args[0])
    return f"{type(error).__name__}: {error}"


def _raise_together(found: Mapping[str, BaseException]) -> None:
    """One error for those of all hosts; where a plan is refused and another host unreachable, the latter."""
    if not found:
        return
    text = "\n".join(f"{host}: {_reason(error)}" for host, error in sorted(found.items()))
    kinds = [type(error) if isinstance(error, SixpeerError) else SixpeerError for error in found.values()]
    worst = next((kind for kind in kinds if not issubclass(kind, PlanError)), PlanError)
    raise worst(text)
