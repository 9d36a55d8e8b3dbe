"""gofmt and go vet for the lab's Go programs, with the toolchain and the cache that `build` uses."""

from __future__ import annotations

import subprocess

from lab import programs, toolchain
from lab.build import FLAGS, environment


def vet() -> bool:
    """Whether gofmt and go vet have nothing to say; what they say goes to the terminal."""
    cache = programs.cache()
    go = toolchain.go(toolchain.wanted(programs.SOURCE / "go.mod"), cache, print)
    unformatted = subprocess.run(
        [go.with_name("gofmt"), "-l", "."], cwd=programs.SOURCE, stdout=subprocess.PIPE, text=True, check=False
    )
    print(unformatted.stdout, end="")
    # With the flags of the build, so that nothing is compiled anew.
    vetted = subprocess.run([go, "vet", *FLAGS, "./..."], cwd=programs.SOURCE, env=environment(cache), check=False)
    return not unformatted.stdout and unformatted.returncode == 0 and vetted.returncode == 0
