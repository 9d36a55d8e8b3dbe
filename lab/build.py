"""Compile the lab's Go programs: long the first time, and then only what changed."""

from __future__ import annotations

import os
import shutil
import subprocess
import threading
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import IO

from lab import programs, toolchain
from lab.errors import LabError

# Without optimisation and inlining it takes half the time. No VCS stamp: it would change with every commit.
FLAGS = ("-trimpath", "-buildvcs=false", "-gcflags=all=-N -l", "-ldflags=-s -w")

Progress = Callable[[str], None]


def build(say: Callable[[str], None], progress: Progress) -> bool:
    """Compile what is not compiled. Returns whether there was anything to do.

    `say` takes lines, `progress` the state of the step under way, which replaces the one before. Can
    be interrupted at any moment: Go's cache keeps what is compiled, and the programs appear only when done.
    """
    if programs.built():
        return False
    cache = programs.cache()
    with programs.alone("build"):
        if programs.built():  # somebody else was faster
            return True
        say("compiling kube-apiserver and Cilium: about 5 minutes on two cores the first time, seconds later on")
        go = toolchain.go(toolchain.wanted(programs.SOURCE / "go.mod"), cache, say)
        variables = environment(cache)
        packages = _stale(go, variables, progress)
        unfinished = cache / "unfinished"
        shutil.rmtree(unfinished, ignore_errors=True)
        _compile(go, variables, unfinished, len(packages), progress)
        programs.folder().parent.mkdir(exist_ok=True)
        unfinished.rename(programs.folder())
    return True


def environment(cache: Path) -> dict[str, str]:
    """What Go is to be run with: everything that it keeps stays in `cache`."""
    own = {
        "GOPATH": str(cache / "go"),
        "GOCACHE": str(cache / "go-build"),
        "GOTOOLCHAIN": "local",
        "GOFLAGS": "-mod=readonly",
        "GOWORK": "off",
        "CGO_ENABLED": "0",
    }
    return {**os.environ, **own}


def _stale(go: Path, environment: dict[str, str], progress: Progress) -> list[str]:
    """The packages that are to be compiled; fetches their source on the way."""
    template = "{{if .Stale}}{{.ImportPath}}{{end}}"
    command = [str(go), "list", *FLAGS, "-deps", "-f", template, "./..."]
    fetched = 0

    def note(lines: Iterable[str]) -> list[str]:
        nonlocal fetched
        rest = []
        for line in lines:
            if line.startswith("go: downloading"):
                fetched += 1
                progress(f"fetching modules: {fetched}")
            else:
                rest.append(line)
        return rest

    return _run(command, environment, note).split()


def _compile(go: Path, environment: dict[str, str], output: Path, total: int, progress: Progress) -> None:
    names = {f"./{name}" for name in programs.NAMES}
    command = [str(go), "build", "-v", *FLAGS, "-o", f"{output}/", *sorted(names)]
    done = 0

    def note(lines: Iterable[str]) -> list[str]:
        nonlocal done
        rest: list[str] = []
        for line in lines:
            if " " in line.strip():  # a message, not the path of a package
                rest.append(line)
                continue
            done += 1
            progress(f"compiling: {min(done, total)} of {total} packages ({min(100, 100 * done // max(total, 1))} %)")
        return rest

    _run(command, environment, note)


def _run(command: list[str], environment: dict[str, str], note: Callable[[Iterable[str]], list[str]]) -> str:
    """What `command` prints; `note` reads its messages as they come, and returns those that matter."""
    with subprocess.Popen(
        command,
        cwd=programs.SOURCE,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout
        assert process.stderr
        output: list[str] = []
        reader = threading.Thread(target=_drain, args=(process.stdout, output))
        reader.start()
        try:
            messages = note(process.stderr)
        except BaseException:  # Ctrl-C, too: nothing may go on behind our back
            process.kill()
            raise
        reader.join()
    if process.returncode != 0:
        raise LabError(f"{' '.join(command[:2])} ended with {process.returncode}:\n{''.join(messages[-20:]).strip()}")
    return "".join(output)


def _drain(stream: IO[str], into: list[str]) -> None:
    into.append(stream.read())
