"""A router's NAPALM driver, over the one SSH session that nornir_netmiko opens for the host."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from napalm import get_network_driver
from nornir.core.task import Task

import custom_napalm.ssh  # noqa: F401 - registers the device type that the inventory names

CONNECTION = "router"


@dataclass
class OpenDriver:
    """The driver among the host's connections, so that Nornir closes it with them."""

    connection: Any

    def open(self, *_: object, **__: object) -> None:
        """It is opened where it is made."""

    def close(self) -> None:
        self.connection.close()


def driver(task: Task, owner: str) -> Any:
    """The host's driver; opened at first use, closed by `nornir.close_connections()`."""
    host = task.host
    if CONNECTION not in host.connections:
        session = host.get_connection("netmiko", task.nornir.config)
        made = get_network_driver(host.platform or "")(
            host.hostname or host.name, host.username or "", "", optional_args={"session": session, "owner": owner}
        )
        made.open()
        host.connections[CONNECTION] = OpenDriver(made)
    return host.connections[CONNECTION].connection
