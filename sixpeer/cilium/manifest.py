"""A manifest as text: secrets hidden, server-made fields left out, YAML that kubectl reads as it was meant."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterable, Iterator
from typing import Any

from sixpeer.intent import Secret

Manifest = dict[str, Any]

HIDDEN = "<secret>"
SERVER_MADE = (
    "creationTimestamp",
    "deletionGracePeriodSeconds",
    "deletionTimestamp",
    "generation",
    "managedFields",
    "resourceVersion",
    "selfLink",
    "uid",
)


def content(manifest: Manifest) -> Manifest:
    """What somebody has written: without status and without the metadata that the API server keeps.

    In the order in which people write manifests; the API server's is the alphabet's, or none.
    """
    metadata = _first(("name", "namespace"), manifest.get("metadata", {}), without=SERVER_MADE)
    return _first(("apiVersion", "kind", "metadata"), {**manifest, "metadata": metadata}, without=("status",))


def _first(keys: tuple[str, ...], mapping: dict[str, Any], without: tuple[str, ...]) -> dict[str, Any]:
    order = (*(key for key in keys if key in mapping), *(key for key in mapping if key not in keys))
    return {key: mapping[key] for key in order if key not in without}


def encoded(secret: Secret) -> str:
    """A secret as in `data` of a Kubernetes Secret."""
    return base64.b64encode(secret.reveal().encode()).decode()


def secrets_in(manifest: Manifest) -> tuple[Secret, ...]:
    """The values that a manifest of kind Secret carries."""
    if manifest.get("kind") != "Secret":
        return ()
    return tuple(
        Secret(key, base64.b64decode(value).decode(errors="replace"))
        for key, value in (manifest.get("data") or {}).items()
        if value
    )


def hide(manifest: Manifest, secrets: Iterable[Secret] = ()) -> Manifest:
    """The same manifest to show: of a Secret, no value of data and of annotations.

    Annotations too: `kubectl apply` keeps a copy of the data in one of them. A value that is one of
    `secrets` gets its placeholder, any other a general one.
    """
    if manifest.get("kind") != "Secret":
        return manifest
    known = {value: secret.placeholder for secret in secrets for value in (secret.reveal(), encoded(secret))}
    shown = dict(manifest)
    for field in ("data", "stringData"):
        if field in manifest:
            shown[field] = {key: known.get(value, HIDDEN) for key, value in (manifest[field] or {}).items()}
    metadata = manifest.get("metadata", {})
    if "annotations" in metadata:
        shown["metadata"] = metadata | {"annotations": dict.fromkeys(metadata["annotations"], HIDDEN)}
    return shown


def redact(text: str, secrets: Iterable[Secret]) -> str:
    """`text` without the secrets, plain or as in a Kubernetes Secret."""
    for secret in secrets:
        text = secret.redact(text).replace(encoded(secret), secret.placeholder)
    return text


def as_yaml(value: Any) -> str:
    """A manifest as YAML, its keys in their own order.

    Whatever YAML 1.1 would not read as a string is quoted: kubectl takes a bare No for false.
    """
    return "\n".join(_block(value))


_PLAIN = re.compile(r"[A-Za-z/][A-Za-z0-9_./-]*")
_NOT_STRINGS = {"y", "n", "yes", "no", "on", "off", "true", "false", "null"}


def _block(value: Any) -> Iterator[str]:
    if isinstance(value, dict) and value:
        for key, inner in value.items():
            if isinstance(inner, dict | list) and inner:
                yield f"{scalar(key)}:"
                yield from (f"  {line}" for line in _block(inner))
            else:
                yield f"{scalar(key)}: {scalar(inner)}"
    elif isinstance(value, list) and value:
        for inner in value:
            for index, line in enumerate(_block(inner)):
                yield f"- {line}" if index == 0 else f"  {line}"
    else:
        yield scalar(value)


def scalar(value: Any) -> str:
    """One value on one line: YAML for a scalar, JSON (which is YAML too) for anything else."""
    if isinstance(value, str) and _PLAIN.fullmatch(value) and value.lower() not in _NOT_STRINGS:
        return value
    return json.dumps(value, ensure_ascii=False)
