"""Labs for the tests: brought up from a copy of the shipped description, beside a demo that may be running.

Or bare routers. The versions of FRR are those of SIXPEER_FRR: `8.4,10.3,newest`, or some of them.

Where a lab cannot run, its tests are skipped; with SIXPEER_LAB=required, or in CI, they fail instead.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from lab.bare import BareRouter, Links, RouterSpec, bare_routers
from lab.health import running
from lab.prerequisites import missing
from lab.state import State
from lab.versions import INSTALLED

CHECKOUT = Path(__file__).parents[2]
LABS = CHECKOUT / "build" / "labs"  # where `make clean` looks for what a killed run left
VERSIONS = os.environ.get("SIXPEER_FRR", INSTALLED).split(",")
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


class Bare:
    """Makes bare routers, which run until `close`; each call has a network of its own."""

    def __init__(self, version: str) -> None:
        self._version = version
        self._open = ExitStack()

    def __call__(
        self,
        config: str = "",
        *,
        daemons: Sequence[str] = ("bgpd",),
        links: Links | None = None,
        routers: Mapping[str, RouterSpec] | None = None,
    ) -> list[BareRouter]:
        """Run routers, of the version of the fixture `frr_version`; they are up when this returns.

        One, r1, with this `config` and these `daemons` besides zebra and staticd; or several: `routers`, by
        name, of which those that say no version of their own have the fixture's. `links`: see `lab.bare.Links`.

            (r1,) = bare(config, daemons=("bgpd", "ospf6d"), links={"lan": {"r1": ["2001:db8::1/64"]}})
            r1, r2 = bare(
                routers={"r1": RouterSpec(ONE), "r2": RouterSpec(OTHER)},
                links={"core": {"r1": ["2001:db8:12::1/64"], "r2": ["2001:db8:12::2/64"]}},
            )
        """
        specs = routers or {"r1": RouterSpec(config, tuple(daemons))}
        specs = {
            name: replace(spec, version=self._version) if spec.version == INSTALLED else spec
            for name, spec in specs.items()
        }
        folder = Path(tempfile.mkdtemp(prefix="bare-", dir=LABS))
        self._open.callback(folder.rmdir)
        return self._open.enter_context(bare_routers(State(folder / ".lab"), specs, links))

    def close(self) -> None:
        """End all that it has made."""
        self._open.close()


def bare(version: str) -> Iterator[Bare]:
    """A factory of bare routers, which end with the fixture."""
    need(missing(cluster=False))
    LABS.mkdir(parents=True, exist_ok=True)
    factory = Bare(version)
    try:
        yield factory
    finally:
        factory.close()


def need(lacks: list[str]) -> None:
    """Skip, or fail where the lab is required, if this machine lacks anything."""
    if lacks:
        reason = f"the lab cannot run: {'; '.join(lacks)}"
        if REQUIRED:
            pytest.fail(reason, pytrace=False)
        pytest.skip(reason)


def new_lab(name: str) -> Lab:
    """A folder with the shipped description; nothing is brought up yet."""
    need(missing())
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
