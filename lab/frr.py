"""FRR as Debian packages it, with configuration, sockets and logs of its own."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from lab.namespaces import Inside
from lab.poll import wait_for
from lab.private import give, private_folder, private_subfolder

DAEMONS = """\
bgpd=yes
vtysh_enable=yes
zebra_options="-A 127.0.0.1"
bgpd_options="-A ::1"
staticd_options="-A ::1"
mgmtd_options="-A ::1"
"""


@dataclass(frozen=True, slots=True)
class Frr:
    """A router whose startup configuration is `config`, in FRR's own words (`show running-config`)."""

    config: str

    @property
    def neighbors(self) -> list[str]:
        """The BGP neighbours of this configuration."""
        return re.findall(r"^ neighbor (\S+) remote-as", self.config, re.MULTILINE)

    def prepare(self, folder: Path) -> None:
        # The login is a member of frr and frrvty: it may save the configuration, and write the log of frr-reload.
        etc = private_folder(folder, "/etc/frr", 0o2770, "frr", "frr")
        for name, text in {
            "frr.conf": self.config,
            "vtysh.conf": "service integrated-vtysh-config\n",
            "daemons": DAEMONS,
        }.items():
            (etc / name).write_text(text, encoding="utf-8")
            give(etc / name, 0o660, "frr", "frr")
        private_subfolder(folder, "/var/log/frr", 0o2770, "frr", "frr")
        private_subfolder(folder, "/var/tmp/frr", 0o755, "frr", "frr")  # noqa: S108
        private_folder(folder, "/var/lib")
        private_subfolder(folder, "/var/lib/frr", 0o755, "frr", "frr")
        # What the runs of ours remember on a router.
        private_subfolder(folder, "/var/lib/sixpeer", 0o2770, "root", "frrvty")

    def start(self, inside: Inside) -> None:
        # FRR 10's watchfrr keeps the output of its starter open for ever: hence the file.
        inside.run("sh", "-c", "/usr/lib/frr/frrinit.sh start > /var/log/frr/frrinit.log 2>&1 < /dev/null")
        wanted = {line.strip() for line in self.config.splitlines() if line.strip("! ")}

        def loaded() -> bool:
            shown = inside.run("vtysh", "-c", "show running-config no-header")
            return wanted <= {line.strip() for line in shown.splitlines()}

        wait_for(f"{inside.name}: FRR with the whole of its configuration", loaded, 20, 0.1)
        if self.config:  # from the start, running and startup configuration are the same text
            inside.run("vtysh", "-c", "write memory")
