"""Read the description from an inventory folder, and say everything that is wrong with it at once."""

from __future__ import annotations

import re
from collections.abc import Iterator
from difflib import get_close_matches
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
"""The file that each part came from: hosts, groups, defaults, and clusters/<name>."""


def load(inventory: Path, owner: str, folder: Path) -> Intent:
    """The description in `inventory` (hosts.yaml, groups.yaml, defaults.yaml, clusters/*.yaml).

    `owner` begins the name of all that is ours on a router; `folder` is where config.yaml is.
    Raises IntentError with every problem found.
    """
    problems: list[Problem] = []
    sources: Sources = {}
    for key in (
        "hosts",
        "groups",
        "defaults",
        *(f"clusters/{path.stem}" for path in sorted(inventory.glob("clusters/*.yaml"))),
    ):
        try:
            sources[key] = read(inventory / f"{key}.yaml", f"{inventory.name}/{key}.yaml")
        except IntentError as error:
            problems += error.problems
    routers = _routers(sources, problems) if "hosts" in sources else {}
    clusters = {
        key.removeprefix("clusters/"): cluster
        for key, source in sources.items()
        if key.startswith("clusters/") and (cluster := _cluster(key, source, problems))
    }
    intent = Intent(owner, folder, routers, clusters)
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9_]{0,19}", owner):
        what = f"{owner!r} is no owner: 1 to 20 letters, digits and _, a letter first"
        problems.append(Problem("config.yaml", None, "user_defined.owner", what))
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


def _routers(sources: Sources, problems: list[Problem]) -> dict[str, Router]:
    hosts, routers = sources["hosts"], {}
    groups = sources["groups"].data if "groups" in sources else {}
    defaults = sources["defaults"].data if "defaults" in sources else {}
    for name, host in hosts.data.items():
        if not isinstance(host, dict):
            problems.append(hosts.problem((name,), "is not a mapping", "groups and data are expected"))
            continue
        unknown = [group for group in host.get("groups") or () if not isinstance(groups.get(group), dict)]
        problems += [hosts.problem((name, "groups"), f"{group} is not in groups.yaml") for group in unknown]
        described = _resolved(host, groups, defaults)
        data = described.get("data") or {}
        problems += _misspelled(hosts, name, data)
        ours = {key: value for key, value in data.items() if key in Router.model_fields}
        try:
            routers[name] = Router.model_validate({**ours, "name": name, "platform": described.get("platform")})
        except ValidationError as error:
            problems += _explained(error, hosts, (name, "data"))
    return routers


def _resolved(element: dict[str, Any], groups: dict[str, Any], defaults: dict[str, Any]) -> dict[str, Any]:
    """As Nornir resolves it: the element's own, then its groups' in their order, then the defaults."""
    above = [
        _resolved(groups[group], groups, {})
        for group in element.get("groups") or ()
        if isinstance(groups.get(group), dict)
    ]
    resolved: dict[str, Any] = {"data": {}}
    for one in (defaults, *reversed(above), element):
        if one.get("platform"):
            resolved["platform"] = one["platform"]
        resolved["data"] = {**resolved["data"], **(one.get("data") or {})}
    return resolved


def _misspelled(hosts: Source, name: str, data: dict[str, Any]) -> Iterator[Problem]:
    """Data of others is none of our business, unless it is nearly ours."""
    ours = [key for key in Router.model_fields if key not in ("name", "platform")]
    for key in data:
        if key not in ours and (near := get_close_matches(key, ours, 1, 0.75)):
            yield hosts.problem((name, "data", key), "is not known here", f"is {near[0]} meant?")


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
