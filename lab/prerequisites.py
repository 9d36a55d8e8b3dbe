"""What a machine must have for a lab to run on it."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from lab import programs

FILES = ("/usr/lib/frr/frrinit.sh", "/usr/lib/frr/frr-reload.py", "/usr/sbin/sshd", "/usr/bin/python3")
COMMANDS = ("curl", "ip", "nsenter", "ping", "setsid", "ss", "tayga", "tini", "unshare", "vtysh")


def missing(*, cluster: bool = True) -> list[str]:
    """What this machine lacks, each with what to do about it; nothing if a lab can be brought up.

    Without a `cluster` it need not have what only that needs.
    """
    lacks = [] if os.geteuid() == 0 else ["root's rights are needed, for namespaces and links: sudo"]
    absent = [path for path in FILES if not Path(path).exists()]
    absent += [command for command in COMMANDS if not shutil.which(command)]
    if absent:
        lacks.append(f"{', '.join(absent)} not found: lab/setup.sh installs what Debian has")
    if cluster and not Path("/dev/net/tun").exists():
        lacks.append("/dev/net/tun, for NAT64, is not there: modprobe tun")
    if cluster and not programs.built():
        lacks.append("the API server and Cilium are not compiled: python -m lab build")
    return lacks
