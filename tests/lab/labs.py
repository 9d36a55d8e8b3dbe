"""Labs for the tests: brought up from a copy of the shipped description, beside a demo that may be running.

Where a lab cannot run, its tests are skipped; with SIXPEER_LAB=required, or in CI, they fail instead.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from lab.health import running
from lab.prerequisites import missing
from lab.state import State

CHECKOUT = Path(__file__).parents[2]
LABS = CHECKOUT / "build" / "labs"  # where `make clean` looks for what a killed run left
REQUIRED = bool(os.environ.get("CI")) or os.environ.get("SIXPEER_LAB") == "required"


@dataclass(frozen=True)
class Lab:
    """A lab of its own. `folder` has config.yaml and inventory/, and .lab with its state."""

    folder: Path

    def __call__(self, *words: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """`python -m lab …` for this lab."""
        command = [sys.executable, "-m", "lab", "--config", str(self.folder / "config.yaml"), *words]
        done = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, timeout=300, check=False)
        assert done.returncode == 0 or not check, (
            f"lab {words} ended with {done.returncode}\n{done.stdout}{done.stderr}"
        )
        return done

    @property
    def state(self) -> Path:
        return self.folder / ".lab"

    def run(self, node: str, *command: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Run a command on a machine of the lab, as root: what `python -m lab exec` does, but for its own start."""
        machines = running(State(self.state).read())
        assert machines, "the lab is not up"
        words = machines[node].enter(*command)
        done = subprocess.run(words, capture_output=True, text=True, timeout=300, check=False)
        assert done.returncode == 0 or not check, f"{command} ended with {done.returncode}\n{done.stdout}{done.stderr}"
        return done

    def vtysh(self, router: str, *commands: str) -> str:
        """What a router's vtysh answers."""
        return self.run(router, "vtysh", *(word for command in commands for word in ("-c", command))).stdout

    def kubectl(self, *words: str) -> str:
        """What kubectl answers, as the administrator."""
        command = [str(self.state / "kubectl"), *words]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 0, f"kubectl {words} ended with {done.returncode}\n{done.stdout}{done.stderr}"
        return done.stdout

    def ssh(self, host: str, *command: str) -> subprocess.CompletedProcess[str]:
        """Run a command by SSH, as the user that the lab's configuration names."""
        words = ["ssh", "-F", str(self.state / "ssh_config"), "-o", "BatchMode=yes", host, *command]
        return subprocess.run(words, capture_output=True, text=True, timeout=60, check=False)


def new_lab(name: str) -> Lab:
    """A folder with the shipped description; nothing is brought up yet."""
    if lacks := missing():
        reason = f"the lab cannot run: {'; '.join(lacks)}"
        if REQUIRED:
            pytest.fail(reason, pytrace=False)
        pytest.skip(reason)
    folder = LABS / f"{name}-{os.getpid()}"
    folder.mkdir(parents=True)
    shutil.copy(CHECKOUT / "config.yaml", folder)
    shutil.copytree(CHECKOUT / "inventory", folder / "inventory")
    return Lab(folder)


def brought_up(name: str, *options: str) -> Iterator[Lab]:
    """A lab that is up for as long as the fixture lasts."""
    lab = new_lab(name)
    try:
        lab("up", *options)
        yield lab
    finally:
        lab("down")
        shutil.rmtree(lab.folder)
