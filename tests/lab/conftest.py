"""The labs that the tests share."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[2]))  # the package `lab` is not installed

from labs import Lab, brought_up


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
