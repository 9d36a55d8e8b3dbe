"""The lab's web servers: behind the load-balancer address on each node, and the IPv4-only one."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from lab.namespaces import Inside
from lab.poll import wait_for

PROGRAM = Path(__file__).parent / "webserver.py"


@dataclass(frozen=True, slots=True)
class WebServer:
    """Answers every request to `address` with `text`."""

    address: str
    text: str

    def prepare(self, folder: Path) -> None:
        shutil.copy(PROGRAM, folder)

    def start(self, inside: Inside) -> None:
        inside.spawn("web.log", "/usr/bin/python3", "-IS", f"/run/lab/{PROGRAM.name}", self.address, self.text)
        wait_for(f"{inside.name}: web server", lambda: bool(inside.network("ss", "-Hltn", "sport = :80")), 10)
