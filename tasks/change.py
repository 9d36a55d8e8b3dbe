"""Snapshot, push, confirm and revert one host."""

from __future__ import annotations

import logging
from collections.abc import Mapping

from nornir.core.task import Result, Task

from sixpeer.change.plan import ClusterPlan
from sixpeer.cilium import Key, Manifest
from tasks.errors import errors_of
from tasks.router import driver

Snapshots = Mapping[str, Mapping[Key, Manifest | None]]
"""By cluster, what each object that a plan touches was; None for one that was not there."""


def snapshot(task: Task, plans: Mapping[str, ClusterPlan]) -> Result:
    """What each object of a cluster's plan is now. A router keeps its own snapshot when it is pushed to."""
    kept = None
    if task.host.platform == "kubernetes":
        with errors_of(task.host, "snapshot"):
            api = task.host.get_connection("kubernetes", task.nornir.config)
            kept = api.snapshot([change.key for change in plans[task.host.name].resources])
    return Result(host=task.host, result=kept, severity_level=logging.DEBUG)


def push(task: Task, owner: str, window: int, plans: Mapping[str, ClusterPlan]) -> Result:
    """Make the host what its plan says. A router takes it back by itself after `window` seconds."""
    with errors_of(task.host, "push"):
        if task.host.platform == "kubernetes":
            api = task.host.get_connection("kubernetes", task.nornir.config)
            for change in plans[task.host.name].resources:
                if change.resource is not None:
                    api.apply(change.resource)
                else:
                    api.delete(change.key)
        else:
            driver(task, owner).commit_config(message=f"{owner} by sixpeer", revert_in=window)
    return Result(host=task.host, changed=True)


def confirm(task: Task, owner: str) -> Result:
    """Stop a router's timer, save its configuration and the record of what is ours."""
    if task.host.platform != "kubernetes":
        with errors_of(task.host, "confirm"):
            driver(task, owner).confirm_commit()
    return Result(host=task.host)


def revert(task: Task, owner: str, plans: Mapping[str, ClusterPlan], snapshots: Snapshots) -> Result:
    """Put back what was there: the router's own snapshot, each object's content in the reverse order."""
    with errors_of(task.host, "put back"):
        if task.host.platform == "kubernetes":
            api = task.host.get_connection("kubernetes", task.nornir.config)
            before = snapshots[task.host.name]
            for change in reversed(plans[task.host.name].resources):
                api.restore(change.key, before[change.key])
        else:
            driver(task, owner).rollback()
    return Result(host=task.host, changed=True)
