"""`make record`: record what a router of each version says to NAPALM's suite of getters.

    PYTHONPATH=. python tests/lab/record.py [VERSION…]      as root, from the checkout; by default all of VERSIONS

Runs the suite's own tests with a driver that writes down what each command said, into
tests/unit/frr_getters/mocked_data/<test>/<version>/. `pytest --accept` then writes what is expected.
"""

from __future__ import annotations

import inspect
import shutil
import sys
from collections.abc import Callable, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace

import getters_network
import labs
from napalm.base.test.double import BaseTestDouble
from napalm.base.test.getters import BaseTestGetters

from custom_napalm.frr import FRRDriver
from custom_napalm.frr.connection import Connection
from custom_napalm.ssh import Completed
from lab.bare import BareRouter

MOCKED = Path(__file__).parents[1] / "unit" / "frr_getters" / "mocked_data"
VERSIONS = ("8.4", "10.3", "newest")

# The suite takes an empty answer to these, which is that of a router on which nothing is configured.
MAY_BE_EMPTY = (
    "test_get_bgp_config",
    "test_get_bgp_neighbors",
    "test_get_config",
    "test_get_ipv6_neighbors_table",
    "test_get_network_instances",
)


class Recorder(Connection):
    """A connection that writes down what each command said."""

    folder: Path

    def batch(self, *commands: str, timeout: float = 0) -> list[Completed]:
        done = super().batch(*commands, timeout=timeout)
        for command, one in zip(commands, done, strict=True):
            assert one.status == 0, f"{command}: {one}"
            name = f"{BaseTestDouble.sanitize_text(command)}.txt"
            (self.folder / name).write_text(one.stdout, encoding="utf-8")
        return done


class RecordingDriver(FRRDriver):
    connects_by = Recorder


def tests() -> list[tuple[str, Callable[..., object]]]:
    """The suite's tests that want recordings, by name."""
    found = inspect.getmembers(BaseTestGetters, inspect.isfunction)
    return [(name, inspect.unwrap(test)) for name, test in found if vars(test).get("build_test_cases")]


def record(router: BareRouter, case: str, names: Sequence[str] = ()) -> None:
    """Run each test, or those with these names, and keep what it asked for; nothing of those that the driver does
    not implement."""
    args = {"ssh_config_file": str(router.ssh.config_file)}
    with RecordingDriver(router.name, "", "", optional_args=args) as driver:
        for name, test in tests():
            if not names or name in names:
                _record(driver, case, name, test)


def _record(driver: RecordingDriver, case: str, name: str, test: Callable[..., object]) -> None:
    driver.connection.folder = MOCKED / name / case
    shutil.rmtree(driver.connection.folder, ignore_errors=True)
    driver.connection.folder.mkdir(parents=True)
    try:
        test(SimpleNamespace(device=driver), case)
    except NotImplementedError:
        shutil.rmtree(driver.connection.folder)
        if not any(driver.connection.folder.parent.iterdir()):
            driver.connection.folder.parent.rmdir()


def main(versions: list[str]) -> None:
    for version in versions or VERSIONS:
        with contextmanager(labs.bare)(version) as bare:
            (empty,) = bare()
            record(empty, f"{version}-empty", MAY_BE_EMPTY)
            router = getters_network.bring_up(bare)
            record(router, version)
        sys.stdout.write(f"recorded FRR {router.version} as {version}\n")


if __name__ == "__main__":
    main(sys.argv[1:])
