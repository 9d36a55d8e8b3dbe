"""The labs that the tests share."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[2]))  # the package `lab` is not installed

import frr_commits
import labs
from labs import Bare, Lab, brought_up

from custom_napalm.frr import FRRDriver


@pytest.fixture(scope="session", params=labs.VERSIONS)
def frr_version(request: pytest.FixtureRequest) -> str:
    """The version of FRR that the routers run: `installed`, or each of SIXPEER_FRR in turn (8.4, 10.3, newest)."""
    return str(request.param)


@pytest.fixture
def bare(frr_version: str) -> Iterator[Bare]:
    """`(r1,) = bare(config)`: bare routers without a cluster, up in a second; see `labs.Bare`. They end with the test.

    Mark the tests with `lab`, and with `matrix` if they are to run on each version in `make test-matrix`.
    """
    yield from labs.bare(frr_version)


@pytest.fixture(scope="module")
def module_bare(frr_version: str) -> Iterator[Bare]:
    """The same for fixtures that live as long as the module."""
    yield from labs.bare(frr_version)


@pytest.fixture(scope="session")
def lab() -> Iterator[Lab]:
    """The reference network, brownfield; one for all tests."""
    yield from brought_up("brownfield")


@pytest.fixture(scope="module")
def empty_lab() -> Iterator[Lab]:
    """The same with routers that nobody has configured."""
    yield from brought_up("greenfield", "--empty-frr")


@pytest.fixture(scope="session")
def kubeconfig(lab: Lab) -> Path:
    """The lab's kubeconfig."""
    return lab.state / "kubeconfig"


@pytest.fixture(scope="module")
def router(module_bare: Bare) -> frr_commits.Router:
    """The first of a pair of bare routers with sessions between them."""
    return frr_commits.pair(module_bare)


@pytest.fixture
def driver(router: frr_commits.Router) -> Iterator[FRRDriver]:
    """The driver on it; afterwards the router runs what it ran, and no session was interrupted."""
    with frr_commits.undisturbed(router) as driver:
        yield driver
