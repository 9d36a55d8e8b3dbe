"""Snapshot, push, confirm and revert one host."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from napalm.base.exceptions import CommitConfirmException
from nornir.core.task import Result, Task

from sixpeer.change.plan import Plan
from sixpeer.cilium import Key, Manifest
from sixpeer.configtree import tree
from sixpeer.configtree.redact import redact
from sixpeer.errors import DeviceError
from tasks.errors import errors_of
from tasks.router import driver

Snapshots = Mapping[str, Mapping[Key, Manifest | None]]
"""By cluster, what each object that a plan touches was; None for one that was not there."""


def snapshot(task: Task, plan: Plan) -> Result:
    """What each object of a cluster's plan is now. A router keeps its own snapshot when it is pushed to."""
    kept = None
    if task.host.platform == "kubernetes":
        with errors_of(task.host, "snapshot"):
            api = task.host.get_connection("kubernetes", task.nornir.config)
            kept = api.snapshot([change.key for change in plan.clusters[task.host.name].resources])
    return Result(host=task.host, result=kept, severity_level=logging.DEBUG)


def push(task: Task, owner: str, window: int, plan: Plan, take_over: bool) -> Result:
    """Make the host what its plan says. A router takes it back by itself after `window` seconds."""
    with errors_of(task.host, "push"):
        if task.host.platform == "kubernetes":
            api = task.host.get_connection("kubernetes", task.nornir.config)
            for change in plan.clusters[task.host.name].resources:
                if change.resource is not None:
                    api.apply(change.resource, take_over=take_over)
                else:
                    api.delete(change.key)
        else:
            router = driver(task, owner)
            router.commit_config(message=f"{owner} by sixpeer", revert_in=window)
            _see_that_it_runs(router, plan.routers[task.host.name].composition.candidate, "commit")
    return Result(host=task.host, changed=True)


def confirm(task: Task, owner: str) -> Result:
    """Stop a router's timer, save its configuration and the record of what is ours."""
    if task.host.platform != "kubernetes":
        with errors_of(task.host, "confirm"):
            driver(task, owner).confirm_commit()
    return Result(host=task.host)


def revert(task: Task, owner: str, plan: Plan, snapshots: Snapshots) -> Result:
    """Put back what was there: the router's own snapshot, each object's content in the reverse order."""
    with errors_of(task.host, "put back"):
        if task.host.platform == "kubernetes":
            api = task.host.get_connection("kubernetes", task.nornir.config)
            before = snapshots[task.host.name]
            for change in reversed(plan.clusters[task.host.name].resources):
                api.restore(change.key, before[change.key])
        else:
            router = driver(task, owner)
            with suppress(CommitConfirmException):  # nothing is pending where the commit was refused or has timed out
                router.rollback()
            _see_that_it_runs(router, plan.routers[task.host.name].composition.running, "revert")
    return Result(host=task.host, changed=True)


def _see_that_it_runs(router: Any, wanted: tree.Tree, after: str) -> None:
    """The router runs this and nothing else: what is ours as intended, what is not ours as it was."""
    now = tree.parse(router.get_config(retrieve="running")["running"])
    if wrong := tree.difference(wanted, now):
        raise DeviceError("\n".join((f"after the {after} it does not run what it should:", *map(redact, wrong))))
