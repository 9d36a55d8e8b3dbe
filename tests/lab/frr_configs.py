"""A bare router and its driver, for tests of what FRR makes of a whole configuration."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from reference_intent import OWNER

from custom_napalm.frr import FRRDriver
from lab.bare import BareRouter
from sixpeer.configtree import tree
from sixpeer.configtree.compose import Composition
from sixpeer.configtree.tree import Tree

LINES = "/run/lines.conf"
"""On the router: what `type_in` last had read."""
DAEMONS = (
    "bgpd", "ospfd", "ospf6d", "isisd", "bfdd", "ripd", "ripngd", "pimd", "pbrd", "vrrpd", "ldpd", "nhrpd", "pathd",
)  # fmt: skip
LINKS = {name: {"r1": []} for name in ("control", "workers", "eth0", "eth1")}


@contextlib.contextmanager
def driver_of(router: BareRouter) -> Iterator[FRRDriver]:
    """The router's driver, open."""
    args = {"ssh_config_file": str(router.ssh.config_file), "owner": OWNER}
    driver = FRRDriver(router.name, "", "", optional_args=args)
    driver.open()
    try:
        yield driver
    finally:
        driver.close()


def running(driver: FRRDriver) -> Tree:
    return tree.parse(driver.get_config("running")["running"])


def type_in(router: BareRouter, text: str) -> None:
    """Have FRR read these lines, as it reads frr.conf; what it says about them is not an error."""
    router.write(LINES, text)
    router.run("vtysh", "-f", LINES, check=False)


def commit(driver: FRRDriver, made: Composition) -> Tree:
    """Load a composition and confirm it. Returns what FRR then shows, which is the candidate, in FRR's own eyes too.

    But for interfaces with nothing in them: FRR 10 cannot be told to forget them, nor does it show them.
    """
    driver.load_replace_candidate(config=tree.render(made.candidate))
    driver.configuration.load_record(made.record.dumps())
    driver.commit_config()
    after = running(driver)
    assert tree.difference(made.candidate, after) == ()
    driver.load_replace_candidate(config=tree.render(made.candidate))
    assert [line for line in driver.compare_config().splitlines() if not line.startswith("+ interface ")] == []
    driver.discard_config()
    return after
