"""Snapshot, push, confirm and revert one host."""

from __future__ import annotations

import getpass
import logging
import os
import socket
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from napalm.base.exceptions import CommitConfirmException
from nornir.core.task import Result, Task

from sixpeer.change.plan import Plan, RouterPlan
from sixpeer.checks import unbroken
from sixpeer.checks.unbroken import Uptime
from sixpeer.configtree import tree
from sixpeer.configtree.impact import Peer, resetting
from sixpeer.configtree.redact import redact
from sixpeer.errors import DeviceError
from tasks.errors import errors_of
from tasks.router import driver

Snapshots = Mapping[str, Any]
"""By cluster what each object that a plan touches was, as `Mapping[Key, Manifest | None]`; by router the sessions
that were up and are not ours, as `Mapping[Peer, Uptime]`."""


def snapshot(task: Task, owner: str, plan: Plan) -> Result:
    """What each object of a cluster's plan is now; which sessions of others a router has. It keeps its own
    configuration when it is pushed to."""
    with errors_of(task.host, "snapshot"):
        if task.host.platform == "kubernetes":
            api = task.host.get_connection("kubernetes", task.nornir.config)
            kept = api.snapshot([change.key for change in plan.clusters[task.host.name].resources])
        else:
            kept = _sessions(driver(task, owner), owner)
    return Result(host=task.host, result=kept, severity_level=logging.DEBUG)


def push(task: Task, owner: str, window: int, plan: Plan, snapshots: Snapshots, take_over: bool) -> Result:
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
            who = f"{getpass.getuser()}@{socket.gethostname()}, process {os.getpid()}"
            router.commit_config(message=f"deploy by {who}", revert_in=window)
            _see_that_it_runs(router, plan.routers[task.host.name].composition.candidate, "commit")
            _see_that_they_stayed(router, owner, plan.routers[task.host.name], snapshots[task.host.name])
    return Result(host=task.host, changed=True)


def disturbed(task: Task, owner: str, plan: Plan, snapshots: Snapshots) -> Result:
    """Whether the change has interrupted a session that is not ours; a DeviceError, if so."""
    if task.host.platform != "kubernetes":
        with errors_of(task.host, "confirm"):
            router = driver(task, owner)
            _see_that_they_stayed(router, owner, plan.routers[task.host.name], snapshots[task.host.name])
    return Result(host=task.host, severity_level=logging.DEBUG)


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


def _sessions(router: Any, owner: str) -> dict[Peer, Uptime]:
    return unbroken.established(router.cli([unbroken.SESSIONS])[unbroken.SESSIONS], f"{owner}-")


def _see_that_they_stayed(router: Any, owner: str, planned: RouterPlan, before: Mapping[Peer, Uptime]) -> None:
    """The sessions of others were not interrupted, but for those of which the plan says so."""
    if wrong := unbroken.broken(before, _sessions(router, owner), resetting(planned.impacts)):
        raise DeviceError("\n".join(wrong))
