"""End a lab, and remove all that it left."""

from __future__ import annotations

from pathlib import Path

from lab.management import Management
from lab.namespaces import end, without_record
from lab.state import Record, State


def down(state: State) -> tuple[bool, list[Path]]:
    """End the lab of this folder, in whatever condition it is. Returns whether there was one, and the files left."""
    was = state.read() is not None or without_record(state.machines) is not None
    if not was and not state.folder.exists():
        return False, []
    with state.lock():
        clear(state, state.read())
        return was, state.leave()


def clear(state: State, record: Record | None) -> None:
    """End every process, remove the host's interface and all files of the lab."""
    outer = record.outer if record else without_record(state.machines)
    if outer:
        end(outer)
        Management.of(state.folder).unplug()
    state.empty(record)
