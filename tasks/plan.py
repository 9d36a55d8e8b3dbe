"""Plan one host: look at it, compose what it should be, and ask it what that would change."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import Any

from nornir.core.task import Result, Task

from custom_napalm.frr.commit import NotReady, Pending
from sixpeer.change.plan import ClusterPlan, RouterPlan
from sixpeer.cilium import build, foreign_fields
from sixpeer.cilium.plan import plan as plan_resources
from sixpeer.cilium.plan import resets
from sixpeer.configtree import compose, record, tree
from sixpeer.configtree.facts import RouterFacts, conflicts, facts
from sixpeer.configtree.impact import impacts
from sixpeer.configtree.redact import redact
from sixpeer.errors import Locked, PlanError
from sixpeer.intent import Intent, Secret
from tasks.errors import errors_of
from tasks.render import render
from tasks.router import driver

INTERFACES = "show interface brief json"


@dataclass(frozen=True, slots=True)
class PlanOptions:
    """What the operator allows. `adopt`: take over what is keyed as ours and differs. `save_foreign`: save
    what others have changed on a router and not saved. `take_over`: fields of our resources that another
    manager has set. `allow_irreversible`: what putting the old configuration back does not take back."""

    adopt: bool = False
    save_foreign: bool = False
    take_over: bool = False
    allow_irreversible: bool = False


def plan(task: Task, intent: Intent, passwords: dict[str, Secret], options: PlanOptions) -> Result:
    """The host's part of the plan: a RouterPlan or a ClusterPlan. `passwords` by cluster."""
    with errors_of(task.host, "plan"):
        if task.host.platform == "kubernetes":
            part: RouterPlan | ClusterPlan = _plan_cluster(task, intent, passwords, options)
        else:
            part = _plan_router(task, intent, passwords, options)
    return Result(host=task.host, result=part)


def _plan_router(task: Task, intent: Intent, passwords: dict[str, Secret], options: PlanOptions) -> RouterPlan:
    """If something changes, the candidate is loaded in the router's driver."""
    name, router = task.host.name, driver(task, intent.owner)
    look = router.configuration.look(INTERFACES)
    if (pending := look.pending) is not None:
        raise Locked(_locked(pending))
    running, startup = tree.parse(look.running), tree.parse(look.startup)
    written = record.loads(look.record, intent.owner)
    answered = json.loads(look.outputs[INTERFACES])
    known = facts(running, written, {interface: frozenset(seen["addresses"]) for interface, seen in answered.items()})
    if wrong := conflicts(running, intent.routers[name], known):
        raise PlanError("\n".join(wrong))
    intended = tree.parse(render(task, intent, known, {on: secret.reveal() for on, secret in passwords.items()}))
    composition = compose.compose(
        running, intended, f"{intent.owner}-", written, intent.clusters_of(name), intent.clusters, options.adopt
    )
    unsaved = composition.unsaved(startup) if composition.changes else ()
    if not options.save_foreign:
        composition = replace(composition, problems=(*composition.problems, *map(_unsaved, unsaved)))
    does = impacts(composition.running, composition.candidate)
    if not options.allow_irreversible:
        composition = replace(composition, problems=(*composition.problems, *map(_irreversible, does.irreversible)))
    notes = [*_notes(intent, name, known, composition)]
    notes += [f"not ours, and saved with our change: {redact(line)}" for line in unsaved]
    if not composition.changes or composition.problems:
        return RouterPlan(name, composition, "", tuple(notes))
    notes += [f"FRR saves no comments, this one will be gone from frr.conf: {text}" for text in tree.comments(startup)]
    return RouterPlan(name, composition, _diff(router, composition), tuple(notes), router.configuration.lacks(), does)


def _diff(router: Any, composition: compose.Composition) -> str:
    """In FRR's terms, of the candidate that is then loaded in the router's driver; in ours where FRR cannot tell."""
    router.load_replace_candidate(config=tree.render(composition.candidate))
    router.configuration.load_record(composition.record.dumps())
    try:
        return redact(router.compare_config())
    except NotReady:
        return redact("\n".join(tree.difference(composition.running, composition.candidate)))


def _locked(pending: Pending) -> str:
    """Whose commit is in the way, and how to end it."""
    whose = (
        f"the commit {pending.id} by {pending.login} for {pending.owner} ({pending.message}) is {pending.phase} there"
    )
    left = f"for {pending.left} s more" if pending.left >= 0 else f"and should have ended {-pending.left} s ago"
    end = f"on the router as {pending.login} or root: sh {pending.script} revert (or confirm)"
    return f"{whose}, {left}; to end it now, {end}"


def _unsaved(line: str) -> str:
    return f"not saved, and not ours: {redact(line)}; save it (write memory), undo it, or say --save-foreign"


def _irreversible(what: str) -> str:
    return f"cannot be taken back: {what}; --allow-irreversible does it all the same"


def _notes(intent: Intent, name: str, known: RouterFacts, composition: compose.Composition) -> tuple[str, ...]:
    adopted = [f"becomes ours as it is: {redact(line)}" for line in composition.adopted]
    if composition.record != composition.known:
        adopted.append("the record of what is ours on the router changes")
    ties = intent.routers[name].serves
    addresses = [(tie.interface, f"{tie.address}/{intent.subnet(tie.subnet).prefix.prefixlen}") for tie in ties]
    system = [
        f"{address} on {interface} is set outside FRR and left to the system"
        for interface, address in addresses
        if known.has_system_address(interface, address)
    ]
    return (*adopted, *system)


def _plan_cluster(task: Task, intent: Intent, passwords: dict[str, Secret], options: PlanOptions) -> ClusterPlan:
    """By a dry run of each resource on the API server."""
    name, api = task.host.name, task.host.get_connection("kubernetes", task.nornir.config)
    wanted = build(intent, name, passwords.get(name))
    live = api.snapshot([resource.key for resource in wanted])
    tried = {resource.key: api.dry_run(resource, take_over=options.take_over) for resource in wanted}
    changes = plan_resources(wanted, live, tried, api.owned(intent.owner, name))
    notes = [
        f"{key}: {field}; not ours, and left" for key, there in live.items() if there for field in foreign_fields(there)
    ]
    return ClusterPlan(name, changes, (*notes, *resets(changes)))
