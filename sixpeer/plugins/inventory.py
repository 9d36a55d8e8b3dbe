"""The Nornir inventory `sixpeer`: routers as in SimpleInventory, and every cluster and node as a host too.

A cluster's host is named as the cluster (platform `kubernetes`), a node's `<cluster>/<node>`
(platform `linux`). The description itself is in `inventory.defaults.data["intent"]`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from nornir.core.inventory import ConnectionOptions, Defaults, Group, Host, Inventory, ParentGroups
from nornir.plugins.inventory import SimpleInventory

from sixpeer.intent import Intent, load

EXEC_SESSION = "sixpeer_exec"  # netmiko's device type, see custom_napalm/ssh.py
_PATHS = ("ssh_config_file", "kubeconfig", "key_file", "alt_key_file")


class SixpeerInventory:
    """Reads `folder` (hosts.yaml, groups.yaml, defaults.yaml, clusters/*.yaml).

    `owner` begins the names of all that is ours; `base` is what relative paths in the inventory are
    relative to, by default the folder above. Raises IntentError with every problem found.
    """

    def __init__(self, folder: str = "inventory", owner: str = "", base: str = "") -> None:
        self.folder = Path(folder).resolve()
        self.owner = owner
        self.base = Path(base).resolve() if base else self.folder.parent

    def load(self) -> Inventory:
        intent = load(self.folder, self.owner, self.base)
        inventory = SimpleInventory(
            str(self.folder / "hosts.yaml"), str(self.folder / "groups.yaml"), str(self.folder / "defaults.yaml")
        ).load()
        defaults = inventory.defaults
        defaults.data = {**(defaults.data or {}), "intent": intent}
        for host in _clusters(intent, inventory):
            inventory.hosts[host.name] = host
        elements: list[Host | Group | Defaults] = [*inventory.hosts.values(), *inventory.groups.values(), defaults]
        for element in elements:
            self._resolve_paths(element)
        for host in inventory.hosts.values():
            host.hostname = host.hostname or host.name
        return inventory

    def _resolve_paths(self, element: Host | Group | Defaults) -> None:
        for options in element.connection_options.values():
            for name in _PATHS:
                if options.extras and isinstance(options.extras.get(name), str):
                    options.extras[name] = str(self.base / Path(options.extras[name]).expanduser())
        netmiko = element.connection_options.get("netmiko")
        if netmiko is not None:
            netmiko.extras = {"device_type": EXEC_SESSION, **(netmiko.extras or {})}


def _clusters(intent: Intent, inventory: Inventory) -> list[Host]:
    hosts = []
    for name, cluster in intent.clusters.items():
        extras = {"kubeconfig": cluster.kubeconfig} if cluster.kubeconfig else {}
        hosts.append(_host(name, "kubernetes", inventory, {}, {"kubernetes": ConnectionOptions(extras=extras)}))
        hosts += [
            _host(f"{name}/{node}", "linux", inventory, {"cluster": name, "login": described.login}, {})
            for node, described in cluster.nodes.items()
        ]
    return hosts


def _host(
    name: str, platform: str, inventory: Inventory, data: dict[str, Any], options: dict[str, ConnectionOptions]
) -> Host:
    """A host in the group of its platform, if groups.yaml has one."""
    group = inventory.groups.get(platform)
    return Host(
        name=name,
        platform=platform,
        data=data,
        groups=ParentGroups([group] if group else []),
        defaults=inventory.defaults,
        connection_options=options,
    )
