"""NAPALM's live suite of the configuration contract. Nothing of it is overridden; its files are in frr_config/."""

from __future__ import annotations

from pathlib import Path

import pytest
from napalm.base.test.base import TestConfigNetworkDriver as Suite
from napalm_suites import UnderPytest

from custom_napalm.frr import FRRDriver

pytestmark = [pytest.mark.lab, pytest.mark.matrix]

FILES = Path(__file__).parent / "frr_config"


@pytest.fixture(scope="module")
def driver(module_bare):
    (router,) = module_bare((FILES / "initial.conf").read_text(encoding="utf-8"))
    with FRRDriver(router.name, "", "", optional_args={"ssh_config_file": str(router.ssh.config_file)}) as driver:
        yield driver


@pytest.fixture(scope="class", autouse=True)
def device(driver, request):
    if request.cls:
        request.cls.device = driver


class TestConfig(Suite, UnderPytest):
    vendor = str(FILES)
