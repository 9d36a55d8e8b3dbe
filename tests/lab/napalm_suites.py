"""What NAPALM's live suites, which are written for unittest, need to run under pytest with fixtures."""

from __future__ import annotations

from unittest import TestCase


class UnderPytest:
    """The two assertions that the suites use. (pytest does not parametrise a real TestCase.)"""

    assertEqual = TestCase().assertEqual  # noqa: N815 (unittest's)
    assertTrue = TestCase().assertTrue  # noqa: N815

    @classmethod
    def setUpClass(cls) -> None:
        """The driver comes from a fixture."""
