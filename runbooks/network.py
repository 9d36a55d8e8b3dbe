"""The network of a config.yaml: its Nornir, its description, and what an invocation is limited to."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nornir import InitNornir
from nornir.core import Nornir
from nornir.core.inventory import Host

from runbooks.options import Options
from sixpeer.errors import IntentError, SixpeerError, UsageError
from sixpeer.intent import Intent, Secret
from sixpeer.intent.source import read


@dataclass(frozen=True)
class Network:
    """What a command works on: `nornir` has the chosen hosts."""

    nornir: Nornir
    intent: Intent

    def passwords(self) -> dict[str, Secret]:
        """The TCP-MD5 password of each chosen cluster that has one. Raises UsageError with all that cannot be had."""
        found, wrong = {}, []
        for name in sorted(set(self.intent.clusters) & set(self.nornir.inventory.hosts)):
            try:
                if secret := self.intent.password(name):
                    found[name] = secret
            except UsageError as error:
                wrong.append(str(error))
        if wrong:
            raise UsageError("\n".join(wrong))
        return found


@contextmanager
def opened(options: Options) -> Iterator[Network]:
    """The network, with its connections closed at the end. Raises UsageError and IntentError."""
    nornir = _nornir(options.config)
    intent: Intent = nornir.inventory.defaults.data["intent"]
    try:
        yield Network(_chosen(nornir, intent, options), intent)
    finally:
        nornir.close_connections(on_good=True, on_failed=True)


def _nornir(config: Path) -> Nornir:
    for name in ("nornir", "paramiko", "netmiko"):  # what failed is in the results; their tracebacks are for log files
        logging.getLogger(name).addHandler(logging.NullHandler())
    if not config.is_file():
        raise UsageError(f"{config} does not exist; run in the folder with config.yaml, or name it with --config")
    settings = read(config, str(config))
    folder = config.resolve().parent
    inventory: dict[str, Any] = settings.data.get("inventory") or {}
    if not isinstance(inventory, dict) or inventory.get("plugin") != "sixpeer":
        raise IntentError([settings.problem(("inventory", "plugin"), "has to be sixpeer")])
    asked = inventory.get("options") or {}
    if unknown := sorted(set(asked) - {"folder"}):
        raise IntentError([settings.problem(("inventory", "options"), f"{', '.join(unknown)} is not known here")])
    where = {
        "folder": str(folder / asked.get("folder", "inventory")),
        "owner": str((settings.data.get("user_defined") or {}).get("owner") or ""),
        "base": str(folder),
    }
    try:
        return InitNornir(config_file=str(config), inventory={"plugin": "sixpeer", "options": where})
    except SixpeerError:
        raise
    except Exception as error:  # Nornir's own are of many kinds
        raise UsageError(f"{config}: Nornir does not take it: {type(error).__name__}: {error}") from error


def _chosen(nornir: Nornir, intent: Intent, options: Options) -> Nornir:
    """The hosts that --limit and --filter leave: routers, the clusters that they serve, and their nodes."""
    known = {*intent.routers, *intent.clusters}
    if unknown := sorted(set(options.limit) - known):
        raise UsageError(f"--limit: no host {', '.join(unknown)}; there are {', '.join(sorted(known))}")
    routers = {
        name
        for name in intent.routers
        if not options.limit or name in options.limit or set(options.limit) & set(intent.clusters_of(name))
    }
    routers = {
        name
        for name in routers
        if all(str(nornir.inventory.hosts[name].get(key)) == value for key, value in options.filter)
    }
    if not routers:
        raise UsageError("no router is left by --limit and --filter")
    clusters = {cluster for name in routers for cluster in intent.clusters_of(name)}

    def is_chosen(host: Host) -> bool:
        return host.name in routers or host.name.partition("/")[0] in clusters

    return nornir.filter(filter_func=is_chosen)
