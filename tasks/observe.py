"""Look at one host for the checks: a router's sessions and routes, a cluster's state, a node's probes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nornir.core.task import Result, Task

from sixpeer.checks import probes, router_state
from sixpeer.errors import DeviceError
from sixpeer.intent import Intent
from tasks.errors import errors_of
from tasks.router import driver


def observe(task: Task, intent: Intent) -> Result:
    """The host's RouterState or ClusterState."""
    with errors_of(task.host, "verify"):
        if task.host.platform == "kubernetes":
            state = task.host.get_connection("kubernetes", task.nornir.config).read_state()
        else:
            state = _router_state(driver(task, intent.owner), intent, task.host.name)
    return Result(host=task.host, result=state)


def _router_state(router: Any, intent: Intent, name: str) -> router_state.RouterState:
    """What FRR answers, and whether each NAT64 gateway answers a ping."""
    gateways = {
        gateway for cluster in intent.clusters_of(name).values() if cluster.nat64 for gateway in cluster.nat64.gateways
    }
    answered = {gateway: _answers(router.ping(str(gateway), timeout=1, count=1)) for gateway in gateways}
    return router_state.parse(router.cli(list(router_state.COMMANDS)), answered)


def _answers(result: Mapping[str, Any]) -> bool:
    """NAPALM's ping result: whether a packet came back."""
    sent = result.get("success")
    return sent is not None and sent["packet_loss"] < sent["probes_sent"]


def probe(task: Task, tries: Mapping[str, tuple[probes.Probe, ...]]) -> Result:
    """The answers to what is tried from this node's shell; `tries` by host."""
    with errors_of(task.host, "verify"):
        session = task.host.get_connection("netmiko", task.nornir.config)
        tried = tries[task.host.name]
        done = session.run(probes.script(tried), timeout=30)
        if done.status != 0:
            raise DeviceError(f"the probes ended with {done.status}: {done.stderr.strip()}")
        node = task.host.name.partition("/")[2]
        answered = probes.answers(node, tried, done.stdout)
    return Result(host=task.host, result=answered)
