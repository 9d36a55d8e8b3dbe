"""The lab's Go programs: compiled from lab/cluster once, and kept in a cache outside the checkout."""

from __future__ import annotations

import fcntl
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

SOURCE = Path(__file__).parent / "cluster"
NAMES = ("apiserver", "cilium", "kubectl")


def cache() -> Path:
    """The folder of everything that is kept between checkouts."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "sixpeer"


@contextmanager
def alone(work: str) -> Iterator[None]:
    """Let no other process do this work on the cache at the same time; waits for one that does."""
    cache().mkdir(parents=True, exist_ok=True)
    with (cache() / f"{work}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def folder() -> Path:
    """Where the programs of this source are, or will be."""
    digest = hashlib.sha256()
    for path in sorted(path for path in SOURCE.rglob("*") if path.suffix in (".go", ".mod", ".sum")):
        digest.update(f"{path.relative_to(SOURCE)}\0".encode() + path.read_bytes() + b"\0")
    return cache() / "bin" / digest.hexdigest()[:16]


def built() -> bool:
    """Whether there is nothing to build."""
    return all((folder() / name).is_file() for name in NAMES)
