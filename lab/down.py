"""End a lab, and remove all that it left."""

from __future__ import annotations

from pathlib import Path

from lab.management import Management
from lab.namespaces import end
from lab.state import Record, State


def down(state: State) -> tuple[bool, list[Path]]:
    """End the lab in this folder, in whatever condition it is. Returns whether there was one, and the files left."""
    if not state.folder.exists():
        return False, []
    with state.lock():
        record = state.read()
        clear(state, record)
        return record is not None, state.leave()


def clear(state: State, record: Record | None) -> None:
    """End every process, remove the host's interface and all files of the lab."""
    if record and record.outer:
        end(record.outer)
        Management.of(state.folder).unplug()
    state.empty(record)
