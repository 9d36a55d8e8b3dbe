"""Write what is ours on each router and cluster as text, without asking any host. Secrets are placeholders."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from nornir.core.task import Result, Task

from runbooks.command import Run, run
from runbooks.network import Network
from runbooks.options import parser
from sixpeer.cilium import as_yaml, build
from sixpeer.configtree.facts import RouterFacts
from sixpeer.errors import ExitCode
from sixpeer.intent import Intent, Secret
from sixpeer.reports.report import HostChange
from tasks.render import render as render_router


def _render_host(task: Task, intent: Intent, shown: dict[str, Secret]) -> Result:
    name = task.host.name
    if task.host.platform == "kubernetes":
        manifests = (as_yaml(resource.shown()) for resource in build(intent, name, shown.get(name)))
        return Result(host=task.host, result="\n---\n".join(manifests))
    placeholders = {cluster: secret.placeholder for cluster, secret in shown.items()}
    return Result(host=task.host, result=render_router(task, intent, RouterFacts(), placeholders))


def render(this: Run, network: Network) -> ExitCode:
    """As for routers without any configuration, where the BGP instance would be ours too."""
    intent = network.intent
    shown = {
        name: Secret(f"{name}-bgp-password", "-") for name, cluster in intent.clusters.items() if cluster.bgp.password
    }
    chosen = network.nornir.filter(filter_func=lambda host: host.platform != "linux")
    with this.phases.phase("render"):
        result = chosen.run(_render_host, name="render", intent=intent, shown=shown)
    result.raise_on_error()
    this.report.changes = tuple(HostChange(host, tuple(multi[0].result.splitlines())) for host, multi in result.items())
    this.report.summary = f"rendered for {', '.join(result)}"
    return ExitCode.OK


def main(arguments: Sequence[str] | None = None) -> int:
    """The command; answers its exit code."""
    what = "Write what is ours on routers and clusters, without asking any of them."
    return run(parser("render", what, ("table", "json")), render, arguments)


if __name__ == "__main__":
    sys.exit(main())
