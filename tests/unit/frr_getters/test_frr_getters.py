"""NAPALM's own suite of getters, on what routers of each version of FRR have said. Nothing of it is overridden."""

from __future__ import annotations

import pytest
from napalm.base.test.getters import BaseTestGetters


@pytest.mark.usefixtures("set_device_parameters", "accepted")
class TestGetters(BaseTestGetters):
    """What the driver does not implement, the suite skips itself."""
