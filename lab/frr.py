"""FRR as Debian packages it, with configuration, sockets and logs of its own."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from lab.errors import LabError
from lab.namespaces import Inside
from lab.poll import wait_for
from lab.private import give, private_folder, private_subfolder
from lab.process import daemons

ALWAYS = ("zebra", "staticd", "mgmtd")  # mgmtd: FRR 10
LOG = "/var/log/frr/frrinit.log"
LOCKED = "locked by another session"


@dataclass(frozen=True, slots=True)
class Frr:
    """A router whose startup configuration is `config`, in FRR's own words (`show running-config`).

    `daemons` are those that run besides zebra, staticd and, on FRR 10, mgmtd.
    """

    config: str
    daemons: tuple[str, ...] = ("bgpd",)

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
            "daemons": self._daemons(),
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
        first = inside.run("cat", "/etc/frr/frr.conf") == self.config
        if first:
            inside.run("vtysh", "-C")
        self._init(inside, "start")
        refused = re.findall(r"^(?:%|line \d+:) .*", inside.run("cat", LOG), re.MULTILINE)
        if first and (lines := [line for line in refused if LOCKED not in line]):
            raise LabError(f"{inside.name}: FRR refuses its configuration: {'; '.join(lines)}")
        if first and self.config:  # from the start, running and startup configuration are the same text
            inside.run("vtysh", "-c", "write memory")

    def restart(self, inside: Inside) -> None:
        """Restart all of FRR, from the startup file."""
        self._init(inside, "restart")

    def _init(self, inside: Inside, verb: str) -> None:
        # FRR 10's watchfrr keeps the output of its starter open for ever: hence the file. It returns when the
        # startup file is loaded; 8.4 takes half a minute for 1,500 lines.
        script = f": > {LOG}; /usr/lib/frr/frrinit.sh {verb} >> {LOG} 2>&1 < /dev/null"
        inside.run("sh", "-c", script, seconds=120)
        if LOCKED in inside.run("cat", LOG):  # FRR 10, now and then on a busy host: mgmtd may not have loaded its part
            again = ("sh", "-c", "vtysh -b 2>&1 || true")
            wait_for(f"{inside.name}: FRR's lock", lambda: LOCKED not in inside.run(*again, seconds=120), 30, 0.2)
        if missing := {"watchfrr", "zebra", "staticd", *self.daemons} - set(daemons(inside.pid)):
            raise LabError(f"{inside.name}: {', '.join(sorted(missing))} did not start, see {LOG} there")

    def _daemons(self) -> str:
        """/etc/frr/daemons: a shell script that those that start the daemons read."""
        # On 8.4 what FRR says to its startup configuration would be lost.
        log = f"case $0 in */watchfrr.sh) exec >> {LOG} 2>&1 ;; esac\n"
        enabled = "".join(f"{daemon}=yes\n" for daemon in self.daemons)
        options = "".join(f'{daemon}_options="-A ::1"\n' for daemon in (*ALWAYS, *self.daemons))
        return f"{enabled}vtysh_enable=yes\n{options}{log}"
