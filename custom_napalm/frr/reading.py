"""NAPALM's getters on a router: each asks for all it needs in one round trip, and `getters` reads the answers."""

from __future__ import annotations

import shlex
from typing import Any

from custom_napalm.frr import getters
from custom_napalm.frr.connection import Connection


class Reading(Connection):
    """What can be read from a router, in NAPALM's terms."""

    def get_facts(self) -> dict[str, Any]:  # type: ignore[override]
        return getters.facts(self._said(*getters.FACTS))

    def ping(  # type: ignore[override]
        self,
        destination: str,
        source: str = "",
        ttl: int = 255,
        timeout: int = 2,
        size: int = 100,
        count: int = 5,
        vrf: str = "",
        source_interface: str = "",
    ) -> dict[str, Any]:
        """iputils' ping on the router; `size` is that of the payload, `timeout` seconds an answer."""
        words = getters.ping_words(
            destination, source=source, ttl=ttl, timeout=timeout, size=size, count=count, device=vrf or source_interface
        )
        with self._translated():
            done = self.session.run(shlex.join(words), timeout=count * (1 + timeout) + 10)
        return getters.ping_result(done.stdout + done.stderr, done.status, count)
