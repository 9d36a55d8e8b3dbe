"""How an object differs from the one wanted: a line a field, by its path; no secret in any of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from sixpeer.cilium.manifest import HIDDEN, Manifest, as_yaml, content, hide, redact, scalar
from sixpeer.intent import Secret

IDENTITIES = (("name",), ("type",), ("advertisementType",), ("afi", "safi"), ("cidr",), ("key", "operator"))
"""What tells the elements of a list apart, whichever comes first that all have and no two share.
Other lists are compared as sets: order means nothing in any that we write."""


def differences(live: Manifest | None, wanted: Manifest | None, secrets: Iterable[Secret] = ()) -> tuple[str, ...]:
    """What has to happen to `live` for it to be `wanted`; nothing if they are equal.

    Each line begins with + (added), - (removed) or ~ (changed). Meant for a live object and the
    result of a dry run, which have the same defaults. None is "not there": then every line of the
    manifest is added or removed.
    """
    if live is None or wanted is None:
        lines = unified(live, wanted, secrets)
    elif wanted.get("kind") == "Secret":
        lines = tuple(_of_secret(content(live), content(wanted)))
    else:
        lines = tuple(_compare("", content(live), content(wanted)))
    return tuple(redact(line, secrets) for line in lines)


def unified(live: Manifest | None, wanted: Manifest | None, secrets: Iterable[Secret] = ()) -> tuple[str, ...]:
    """The whole manifest of an object that comes (+) or goes (-), as YAML."""
    return tuple(
        f"{sign} {line}"
        for sign, manifest in (("-", live), ("+", wanted))
        if manifest is not None
        for line in as_yaml(hide(content(manifest), secrets)).splitlines()
    )


def _of_secret(live: Manifest, wanted: Manifest) -> Iterator[str]:
    """Values are compared, and not shown; what only hides the value is shown as ever."""
    for field in ("data", "stringData"):
        before, after = live.get(field) or {}, wanted.get(field) or {}
        for key in {**before, **after}:
            path = f"{field}.{key}"
            if key not in before:
                yield f"+ {path}: {HIDDEN}"
            elif key not in after:
                yield f"- {path}: {HIDDEN}"
            elif before[key] != after[key]:
                yield f"~ {path}: differs"
    before, after = _annotations(live), _annotations(wanted)
    yield from (
        f"~ metadata.annotations.{key}: differs" for key in {**before, **after} if before.get(key) != after.get(key)
    )
    yield from _compare("", _without_values(live), _without_values(wanted))


def _annotations(manifest: Manifest) -> dict[str, Any]:
    return manifest["metadata"].get("annotations") or {}


def _without_values(manifest: Manifest) -> Manifest:
    metadata = {key: value for key, value in manifest["metadata"].items() if key != "annotations"}
    return {key: value for key, value in manifest.items() if key not in ("data", "stringData")} | {"metadata": metadata}


def _compare(path: str, live: Any, wanted: Any) -> Iterator[str]:
    if isinstance(live, dict) and isinstance(wanted, dict):
        for key in {**live, **wanted}:
            inner = f"{path}.{key}" if path else str(key)
            if key not in live:
                yield from _all("+", inner, wanted[key])
            elif key not in wanted:
                yield from _all("-", inner, live[key])
            else:
                yield from _compare(inner, live[key], wanted[key])
    elif isinstance(live, list) and isinstance(wanted, list):
        yield from _compare_lists(path, live, wanted)
    elif live != wanted:
        yield f"~ {path}: {scalar(live)} → {scalar(wanted)}"


def _compare_lists(path: str, live: list[Any], wanted: list[Any]) -> Iterator[str]:
    fields = _identity(live, wanted)
    if fields:
        by_name = ({_named(item, fields): item for item in items} for items in (live, wanted))
        before, after = by_name
        for name in {**before, **after}:
            inner = f"{path}[{name}]"
            if name not in before:
                yield from _all("+", inner, after[name])
            elif name not in after:
                yield from _all("-", inner, before[name])
            else:
                yield from _compare(inner, before[name], after[name])
    else:
        yield from (f"- {path}: {scalar(item)}" for item in _less(live, wanted))
        yield from (f"+ {path}: {scalar(item)}" for item in _less(wanted, live))


def _identity(*lists: list[Any]) -> tuple[str, ...]:
    for fields in IDENTITIES:
        if all(_tells_apart(items, fields) for items in lists):
            return fields
    return ()


def _tells_apart(items: list[Any], fields: tuple[str, ...]) -> bool:
    if not all(isinstance(item, dict) and all(isinstance(item.get(field), str) for field in fields) for item in items):
        return False
    return len({_named(item, fields) for item in items}) == len(items)


def _named(item: dict[str, Any], fields: tuple[str, ...]) -> str:
    return "/".join(item[field] for field in fields)


def _less(items: list[Any], others: list[Any]) -> list[Any]:
    """`items` without one of them for each equal one of `others`."""
    rest = list(others)
    left = []
    for item in items:
        for index, other in enumerate(rest):
            if not any(_compare("", item, other)):
                del rest[index]
                break
        else:
            left.append(item)
    return left


def _all(sign: str, path: str, value: Any) -> Iterator[str]:
    """A line for each value that is under `path`."""
    if isinstance(value, dict) and value:
        for key, inner in value.items():
            yield from _all(sign, f"{path}.{key}", inner)
    elif isinstance(value, list) and value and (fields := _identity(value)):
        for item in value:
            yield from _all(sign, f"{path}[{_named(item, fields)}]", item)
    else:
        yield f"{sign} {path}: {scalar(value)}"
