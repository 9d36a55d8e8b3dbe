"""What NAPALM's suite of getters needs: the driver on a recorded router, and the cases that there are.

`pytest --accept` writes what the driver makes of the recordings as what is expected; look at git diff.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from mocked_frr import PatchedFRRDriver
from napalm.base.test import conftest as suite

from custom_napalm.frr import FRRDriver


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    suite.pytest_generate_tests(metafunc, __file__)


@pytest.fixture(scope="class")
def set_device_parameters(request: pytest.FixtureRequest) -> None:
    request.cls.driver, request.cls.patched_driver = FRRDriver, PatchedFRRDriver
    suite.set_device_parameters(request)


@pytest.fixture
def accepted(request: pytest.FixtureRequest) -> None:
    """With --accept: what the test returns is written as what it expects, before it runs."""
    case = getattr(request.node, "callspec", None)
    if not case or not request.config.getoption("--accept"):
        return
    name, case = request.node.originalname, case.params["test_case"]
    folder = Path(__file__).parent / "mocked_data" / name / case
    if folder.is_dir():
        recorded = request.cls.device.connection
        recorded.current_test, recorded.current_test_case = name, case
        answer = request.function.__wrapped__(request.instance, case)
        (folder / "expected_result.json").write_text(json.dumps(answer, indent=2) + "\n", encoding="utf-8")
