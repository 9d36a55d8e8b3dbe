"""The state folder: what is recorded about a lab so that it can be found again, and ended, after any accident."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from lab.errors import LabError
from lab.process import Process


@dataclass(frozen=True, slots=True)
class Ran:
    """A machine at the end of `up`: its address on the management network, and its daemons by name."""

    management: str
    daemons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Record:
    """What a lab left in its state folder.

    `outer`: the process whose end is the end of all, if it was started. `made`: the files it wrote for
    others. `complete`: whether `up` came to its end; then `digest` tells what it brought up, `empty_frr`
    and `frr` how it was told to (see `lab.topology`), and `machines` what ran then.
    """

    outer: Process | None = None
    made: tuple[str, ...] = ()
    complete: bool = False
    digest: str = ""
    empty_frr: bool = False
    frr: dict[str, str] = field(default_factory=dict)
    machines: dict[str, Ran] = field(default_factory=dict)


class State:
    """A lab's folder.

    `ssh_key` and `known_hosts` go with the SSH configuration that the description names, the command
    `kubectl` with its kubeconfig.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder.resolve()
        self.machines = self.folder / "machines"
        self.ssh_key = self.folder / "id_ed25519"
        self.known_hosts = self.folder / "known_hosts"
        self.kubectl = self.folder / "kubectl"
        self.log = self.folder / "root.log"
        self._record = self.folder / "state.json"

    def machine(self, name: str) -> Path:
        """The folder of one machine."""
        return self.machines / name

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Let no other `up` or `down` work on this folder. Raises LabError if one does already."""
        self.folder.mkdir(parents=True, exist_ok=True)
        handle = os.open(self.folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if not self.folder.exists() or not os.path.samestat(os.fstat(handle), self.folder.stat()):
                raise BlockingIOError
            yield
        except BlockingIOError:
            raise LabError(f"another `up` or `down` is at work on {self.folder}") from None
        finally:
            os.close(handle)

    def read(self) -> Record | None:
        """What is recorded, or None if there is no lab here."""
        try:
            data = json.loads(self._record.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return None
        # Of another version of the lab no more may be understood than what `down` needs.
        least = Record(Process(**data["outer"]) if data["outer"] else None, tuple(data["made"]))
        try:
            ran = {name: Ran(ran["management"], tuple(ran["daemons"])) for name, ran in data["machines"].items()}
            told = {key: data[key] for key in ("complete", "digest", "empty_frr", "frr")}
            return replace(least, **told, machines=ran)
        except KeyError:
            return least

    def write(self, record: Record) -> None:
        """Replace what is recorded; a crash leaves the old or the new."""
        new = self._record.with_suffix(".new")
        new.write_text(json.dumps(asdict(record), indent=1), encoding="utf-8")
        new.rename(self._record)

    def empty(self, record: Record | None) -> None:
        """Remove all that a lab wrote here."""
        shutil.rmtree(self.machines, ignore_errors=True)
        own = [self.ssh_key, self.ssh_key.with_suffix(".pub"), self.known_hosts, self.kubectl, self.log]
        for path in (*own, *map(Path, record.made if record else ()), self._record.with_suffix(".new"), self._record):
            path.unlink(missing_ok=True)  # the record last: until then this can be taken up again

    def leave(self) -> list[Path]:
        """Remove the folder if nothing is in it. Returns what is, which is not the lab's and stays."""
        try:
            self.folder.rmdir()
        except OSError:
            return sorted(self.folder.iterdir())
        return []
