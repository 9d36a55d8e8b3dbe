"""The plan: for each host what would change, and why it must not, if so."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from sixpeer.cilium.plan import ResourceChange
from sixpeer.configtree.compose import Composition
from sixpeer.configtree.impact import Impacts
from sixpeer.errors import PlanError


@dataclass(frozen=True, slots=True)
class RouterPlan:
    """One router's part. `diff`: what it would add and remove in its own terms, without secrets; empty if nothing.

    `notes`: what to know besides, such as lines that become ours. `lacks`: what a push needs and the router
    does not have, each with the command that mends it. `impacts`: what it does to sessions, policies and routes.
    """

    host: str
    composition: Composition
    diff: str
    notes: tuple[str, ...] = ()
    lacks: tuple[str, ...] = ()
    impacts: Impacts = field(default_factory=Impacts)

    @property
    def problems(self) -> tuple[str, ...]:
        """Why it must not be carried out."""
        return self.composition.problems

    @property
    def changes(self) -> bool:
        return self.composition.changes


@dataclass(frozen=True, slots=True)
class ClusterPlan:
    """One cluster's part: its objects that would be created, updated or deleted, in this order."""

    host: str
    resources: tuple[ResourceChange, ...]
    notes: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()

    @property
    def changes(self) -> bool:
        return bool(self.resources)


@dataclass(frozen=True, slots=True)
class Plan:
    """All hosts' parts of one change."""

    routers: Mapping[str, RouterPlan]
    clusters: Mapping[str, ClusterPlan]

    @property
    def changes(self) -> bool:
        return bool(self.changed_routers or self.changed_clusters)

    @property
    def changed_routers(self) -> tuple[str, ...]:
        return tuple(host for host, part in self.routers.items() if part.changes)

    @property
    def changed_clusters(self) -> tuple[str, ...]:
        return tuple(host for host, part in self.clusters.items() if part.changes)

    @property
    def lacks(self) -> tuple[str, ...]:
        """What is missing on the hosts before the plan can be carried out."""
        return tuple(f"{host}: {what}" for host, part in self.routers.items() for what in part.lacks)

    @property
    def summary(self) -> str:
        """One line: on how many hosts something changes."""
        if not self.changes:
            return "nothing changes"
        return f"changes on {', '.join((*self.changed_routers, *self.changed_clusters))}"


def plan(parts: Iterable[RouterPlan | ClusterPlan]) -> Plan:
    """The plan of these hosts. Raises PlanError with every reason why it must not be carried out."""
    made = list(parts)
    if problems := [f"{part.host}: {problem}" for part in made for problem in part.problems]:
        raise PlanError("\n".join(problems))
    return Plan(
        {part.host: part for part in made if isinstance(part, RouterPlan)},
        {part.host: part for part in made if isinstance(part, ClusterPlan)},
    )
