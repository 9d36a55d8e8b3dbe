"""The files and folders that a machine has for itself; all others are the host's, seen through it.

A machine's folder has `private/`, which mirrors the file system, and `mounts`, the list of what in it
is bound over the host's. What is in a folder that is bound hides what the host has there.
"""

from __future__ import annotations

import grp
import os
import pwd
from pathlib import Path


def private_folder(folder: Path, path: str, mode: int = 0o755, owner: str = "root", group: str = "root") -> Path:
    """The machine's own `path` (absolute, must exist on the host), empty at first. Returns where to fill it."""
    mine = private_subfolder(folder, path, mode, owner, group)
    _mount(folder, path)
    return mine


def private_subfolder(folder: Path, path: str, mode: int = 0o755, owner: str = "root", group: str = "root") -> Path:
    """A folder inside a private one: the host need not have it."""
    mine = folder / "private" / path.lstrip("/")
    mine.mkdir(parents=True, exist_ok=True)
    give(mine, mode, owner, group)
    return mine


def private_file(
    folder: Path, path: str, text: str, mode: int = 0o644, owner: str = "root", group: str = "root"
) -> None:
    """The machine's own version of a file that the host has."""
    mine = folder / "private" / path.lstrip("/")
    mine.parent.mkdir(parents=True, exist_ok=True)
    mine.write_text(text, encoding="utf-8")
    give(mine, mode, owner, group)
    _mount(folder, path)


def give(path: Path, mode: int, owner: str = "root", group: str = "root") -> None:
    """Set owner and mode. FRR's user and groups have other numbers on each host."""
    os.chown(path, pwd.getpwnam(owner).pw_uid, grp.getgrnam(group).gr_gid)
    path.chmod(mode)


def _mount(folder: Path, path: str) -> None:
    with (folder / "mounts").open("a", encoding="utf-8") as mounts:
        mounts.write(f"{path}\n")
