"""The driver on a recorded router: what each command said is a file, as NAPALM's tests want it.

`mocked_data/<test>/<case>/` is written by `make record`; a case is a version of FRR.
"""

from __future__ import annotations

from napalm.base.test.double import BaseTestDouble

from custom_napalm.frr import FRRDriver
from custom_napalm.frr.connection import Connection
from custom_napalm.ssh import Completed


class Recorded(Connection, BaseTestDouble):
    """The folder of the current test and case, in the place of a connection."""

    def open(self) -> None:
        """There is nobody to log in to."""

    def is_alive(self) -> bool:
        return True

    def batch(self, *commands: str, timeout: float = 0) -> list[Completed]:
        return [Completed(0, self._recorded(command), "") for command in commands]

    def _recorded(self, command: str) -> str:
        return self.read_txt_file(self.find_file(f"{self.sanitize_text(command)}.txt"))


class PatchedFRRDriver(FRRDriver):
    """The driver with files in the place of the connection."""

    patched_attrs = ("connection",)
    connects_by = Recorded
