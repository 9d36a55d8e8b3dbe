"""The driver on a recorded router: what each command said is a file, as NAPALM's tests want it.

`mocked_data/<test>/<case>/` is written by `make record`; a case is a version of FRR.
"""

from __future__ import annotations

from typing import Any

from napalm.base.test.double import BaseTestDouble

from custom_napalm.frr import FRRDriver
from custom_napalm.ssh import Completed


class Recorded(BaseTestDouble):
    """The folder of the current test and case."""

    def said(self, command: str) -> str:
        return self.read_txt_file(self.find_file(f"{self.sanitize_text(command)}.txt"))

    # what a driver needs of an ExecSession

    def is_alive(self) -> bool:
        return True

    def disconnect(self) -> None:
        """There is nothing to end."""


class PatchedFRRDriver(FRRDriver):
    """The driver with files in the place of the connection."""

    patched_attrs = ("session",)

    def __init__(
        self,
        hostname: str,
        username: str,
        password: str,
        timeout: int = 60,
        optional_args: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(hostname, username, password, timeout, {"session": Recorded()})

    def _batch(self, *commands: str, timeout: float = 0) -> list[Completed]:
        return [Completed(0, self.session.said(command), "") for command in commands]
