"""YAML files read with the line of each key, so that an error can say where it is."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from sixpeer.errors import IntentError, Problem

Path_ = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Source:
    """One YAML file: its plain data, and the line (from 1) of each key."""

    file: str
    data: dict[str, Any]
    lines: dict[Path_, int]

    def problem(self, path: Path_, what: str, mend: str = "") -> Problem:
        """A problem at `path`, or at the nearest thing above it that the file has."""
        at = path
        while at and at not in self.lines:
            at = at[:-1]
        return Problem(self.file, self.lines.get(at), ".".join(map(str, path)), what, mend)


def read(path: Path, shown: str) -> Source:
    """The mapping in a YAML file; an empty or absent file is an empty one. Raises IntentError."""
    try:
        loaded = YAML(typ="rt").load(path.read_text(encoding="utf-8")) if path.exists() else None
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else None
        raise IntentError([Problem(shown, line, "", f"not YAML: {error.problem}")]) from None
    except (OSError, UnicodeDecodeError, YAMLError) as error:
        raise IntentError([Problem(shown, None, "", f"cannot be read: {error}")]) from None
    lines: dict[Path_, int] = {}
    data = _plain(loaded if loaded is not None else {}, (), lines)
    if not isinstance(data, dict):
        raise IntentError([Problem(shown, 1, "", "is not a mapping of names to values")])
    return Source(shown, data, lines)


def _plain(node: Any, path: Path_, lines: dict[Path_, int]) -> Any:
    if isinstance(node, dict):
        result = {}
        for key, value in node.items():
            name = str(key)
            lines[(*path, name)] = node.lc.key(key)[0] + 1  # type: ignore[attr-defined]
            result[name] = _plain(value, (*path, name), lines)
        return result
    if isinstance(node, list):
        for index in range(len(node)):
            lines[(*path, index)] = node.lc.item(index)[0] + 1  # type: ignore[attr-defined]
        return [_plain(value, (*path, index), lines) for index, value in enumerate(node)]
    if isinstance(node, bool) or node is None:
        return node
    return next((kind(node) for kind in (int, float) if isinstance(node, kind)), str(node))
