"""What the lab is brought up from: config.yaml and the inventory that it names."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lab.errors import LabError
from sixpeer.intent import Cluster, Intent, load
from sixpeer.intent.source import read


@dataclass(frozen=True, slots=True)
class Description:
    """The network as described, and the files by which its users reach it (absolute paths).

    `password` is None where the description does not take the BGP password from a file.
    """

    intent: Intent
    cluster: Cluster
    ssh_config: Path
    kubeconfig: Path
    password: Path | None

    @property
    def files(self) -> tuple[Path, ...]:
        """The files that the lab writes for others."""
        return (self.ssh_config, self.kubeconfig, *([self.password] if self.password else []))


def describe(config: Path) -> Description:
    """Read config.yaml and its inventory. Raises IntentError, or LabError if the lab cannot be what is described."""
    if not config.is_file():
        raise LabError(f"there is no {config}; say --config FILE")
    folder = config.resolve().parent
    settings = read(config, config.name).data
    inventory = folder / _at(settings, "inventory", "options", "folder", default="inventory")
    intent = load(inventory, str(_at(settings, "user_defined", "owner", default="")), folder)
    if len(intent.clusters) != 1:
        raise LabError(f"the lab brings up one cluster; {inventory} describes {len(intent.clusters)}")
    (cluster,) = intent.clusters.values()
    if cluster.kubeconfig is None:
        raise LabError(f"clusters/{cluster.name}.yaml says no kubeconfig: where is the lab to write it?")
    password = cluster.bgp.password
    return Description(
        intent,
        cluster,
        folder / _ssh_config(inventory),
        folder / cluster.kubeconfig,
        folder / password.file if password and password.file else None,
    )


def _ssh_config(inventory: Path) -> str:
    """The SSH configuration file that groups.yaml gives to netmiko."""
    for group in read(inventory / "groups.yaml", "groups.yaml").data.values():
        path = _at(group or {}, "connection_options", "netmiko", "extras", "ssh_config_file", default="")
        if path:
            return str(path)
    raise LabError("no group in groups.yaml has connection_options.netmiko.extras.ssh_config_file")


def _at(tree: Any, *keys: str, default: str) -> Any:
    for key in keys:
        if not isinstance(tree, dict) or key not in tree:
            return default
        tree = tree[key]
    return tree
