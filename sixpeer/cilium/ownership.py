"""Who manages which field of an object (metadata.managedFields), and the way back that keeps it so."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from sixpeer.cilium.manifest import Manifest, content

FIELD_MANAGER = "sixpeer"


def towards(before: Manifest, live: Manifest | None) -> Manifest | None:
    """The next object to write on the way from `live` back to `before`; None if that is where it is.

    First the content, then who manages its fields: what is written in one request belongs to its
    writer, and our next server-side apply would conflict with ourselves.
    """
    wanted = content(before)
    if live is None:
        return wanted
    metadata = wanted["metadata"] | {"resourceVersion": live["metadata"]["resourceVersion"]}
    if content(live) == wanted:
        if _managers(live) == _managers(before):
            return None
        of_status = [entry for entry in _entries(live) if entry.get("subresource")]
        metadata["managedFields"] = _managers(before) + of_status
    return wanted | {"metadata": metadata}


def foreign_fields(live: Manifest) -> tuple[str, ...]:
    """The fields outside metadata and status that others have set and we have not, each with who it was.

    Server-side apply leaves them alone, so they are in no dry run: a peer that was added by hand to
    our CiliumBGPClusterConfig stays, and shows here only.
    """
    ours = {path for entry in _managers(live) if entry.get("manager") == FIELD_MANAGER for path in _paths(entry)}
    return tuple(
        f"{path}: set by {entry.get('manager', '?')}"
        for entry in _managers(live)
        if entry.get("manager") != FIELD_MANAGER
        for path in _paths(entry)
        if path not in ours and not path.startswith("metadata.")
    )


def _entries(manifest: Manifest) -> list[dict[str, Any]]:
    return manifest["metadata"].get("managedFields") or []


def _managers(manifest: Manifest) -> list[dict[str, Any]]:
    """Without those of the status, which is its controller's business."""
    return [entry for entry in _entries(manifest) if not entry.get("subresource")]


def _paths(entry: dict[str, Any]) -> Iterator[str]:
    return _leaves(entry.get("fieldsV1") or {}, "")


def _leaves(fields: dict[str, Any], path: str) -> Iterator[str]:
    """FieldsV1 is a tree of f:<field>, k:<keys of a list's element>, v:<value of a set> and "." for itself."""
    inner = {key: below for key, below in fields.items() if key != "."}
    if not inner and path:
        yield path
    for key, below in inner.items():
        kind, _, name = key.partition(":")
        yield from _leaves(below, f"{path}{_element(name)}" if kind in "kv" else f"{path}.{name}".lstrip("."))


def _element(name: str) -> str:
    """The element of a list as in our differences: [r1] for k:{"name":"r1"}."""
    keys = json.loads(name)
    return f"[{'/'.join(str(value) for value in keys.values()) if isinstance(keys, dict) else keys}]"
