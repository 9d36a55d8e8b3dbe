"""Read the description from an inventory folder, and say everything that is wrong with it at once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pydantic import ValidationError

from sixpeer.errors import IntentError, Problem
from sixpeer.intent.cluster import Cluster
from sixpeer.intent.model import Intent
from sixpeer.intent.router import Router
from sixpeer.intent.rules import problems_across
from sixpeer.intent.source import Source, read

Sources = dict[str, Source]
"""The file that each part came from: hosts, groups, and clusters/<name>."""


def load(inventory: Path, owner: str, folder: Path) -> Intent:
    """The description in `inventory` (hosts.yaml, groups.yaml, clusters/*.yaml).

    `owner` begins the name of all that is ours on a router; `folder` is where config.yaml is.
    Raises IntentError with every problem found.
    """
    problems: list[Problem] = []
    sources: Sources = {}
    for key in ("hosts", "groups", *(f"clusters/{path.stem}" for path in sorted(inventory.glob("clusters/*.yaml")))):
        try:
            sources[key] = read(inventory / f"{key}.yaml", f"{inventory.name}/{key}.yaml")
        except IntentError as error:
            problems += error.problems
    hosts = sources.get("hosts")
    routers = _routers(hosts, sources.get("groups"), problems) if hosts else {}
    clusters = {
        key.removeprefix("clusters/"): cluster
        for key, source in sources.items()
        if key.startswith("clusters/") and (cluster := _cluster(key, source, problems))
    }
    intent = Intent(owner, folder, routers, clusters)
    if not any(key.startswith("clusters/") for key in sources) and not problems:
        problems.append(Problem(f"{inventory.name}/clusters", None, "", "has no *.yaml file", "describe a cluster"))
    if not problems:  # rules across parts speak of parts that are right in themselves
        problems += problems_across(intent, sources)
    if problems:
        raise IntentError(problems)
    return intent


def _cluster(key: str, source: Source, problems: list[Problem]) -> Cluster | None:
    name = key.removeprefix("clusters/")
    try:
        return Cluster.model_validate({"name": name, **source.data})
    except ValidationError as error:
        problems += _explained(error, source, ())
        return None


def _routers(hosts: Source, groups: Source | None, problems: list[Problem]) -> dict[str, Router]:
    routers = {}
    for name, host in hosts.data.items():
        if not isinstance(host, dict):
            problems.append(hosts.problem((name,), "is not a mapping", "groups and data are expected"))
            continue
        platform = _platform(host, groups.data if groups else {})
        try:
            routers[name] = Router.model_validate({"name": name, "platform": platform, **(host.get("data") or {})})
        except ValidationError as error:
            problems += _explained(error, hosts, (name, "data"))
    return routers


def _platform(element: dict[str, Any], groups: dict[str, Any]) -> str | None:
    """As Nornir resolves it: the host's own, else that of the first group that has one."""
    if element.get("platform"):
        return str(element["platform"])
    for group in element.get("groups") or ():
        if isinstance(groups.get(group), dict) and (platform := _platform(groups[group], groups)):
            return platform
    return None


def _explained(error: ValidationError, source: Source, above: tuple[str | int, ...]) -> list[Problem]:
    """pydantic's findings as ours: the place in the file, without its vocabulary."""
    problems = []
    for found in error.errors():
        path = (*above, *(part for part in found["loc"] if part != "[key]"))
        what, mend = found["msg"].removeprefix("Value error, "), ""
        if found["type"] == "extra_forbidden":
            what, mend = "is not known here", "misspelled, or one level too high or too deep"
        elif found["type"] == "missing":
            what = "is missing"
        elif found["type"] == "string_type" and isinstance(found["input"], int | float):
            what, mend = f"{found['input']!r} is read as a number", "put it in quotes"
        elif found["type"] == "literal_error":
            what = f"is {found['input']!r}, not {found['ctx']['expected']}"
        elif what.startswith("Input should be ") and not isinstance(found["input"], dict | list):
            what = f"is {found['input']!r}; it should be {what.removeprefix('Input should be ')}"
        problems.append(source.problem(path, what, mend))
    return problems
