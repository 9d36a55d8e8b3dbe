"""A router of files: real sh runs commit_confirm.sh, and a fake vtysh and frr-reload.py stand in for FRR.

Running is a file; loading copies it. A line with NOPE in it is refused when half of the file is loaded, one with
BOGUS does not parse. Every command line is kept in `argv`, which is what a process list would show.
"""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from custom_napalm.ssh import Completed

RUNNING = """\
frr version 8.4.4
frr defaults traditional
hostname r1
service integrated-vtysh-config
!
router bgp 64512
 bgp router-id 10.255.0.1
 neighbor 2001:db8::9 remote-as 64513
 neighbor 2001:db8::9 description hand made
 !
 address-family ipv6 unicast
  network 2001:db8::/48
 exit-address-family
exit
!
ipv6 prefix-list HAND seq 5 permit 2001:db8::/32
!
end
"""

VTYSH = r"""printf 'vtysh %s\n' "$*" >>"$FAKE/argv"
[ ! -e "$FAKE/warns" ] || echo '% Cannot open configuration file vtysh.conf: Permission denied' >&2
[ ! -e "$FAKE/vtysh-fails" ] || { echo 'failed to connect to any daemons.' >&2; exit 1; }
case "$1 $2" in
  '-C -f') n=$(grep -n BOGUS "$3") || exit 0
    echo "line ${n%%:*}: % Unknown command[25]: ${n#*:}" >&2; exit 2 ;;
  '-c show running-config no-header') echo 'Building configuration...'; cat "$FAKE/running" ;;
  '-c show version') echo "FRRouting $(cat "$FAKE/version" 2>/dev/null || echo 8.4.4) (r1) on Linux(6.1)." ;;
  '-c write memory') sed '/^end$/d' "$FAKE/running" >"$FRR_ETC/frr.conf"
    [ ! -e "$FAKE/disk-full" ] || head -n 3 "$FAKE/running" >"$FRR_ETC/frr.conf"
    echo '[OK]' ;;
  '-c configure terminal') neighbor=${6#no }
    grep -v "^ $neighbor " "$FAKE/running" >"$FAKE/new"; mv "$FAKE/new" "$FAKE/running" ;;
  *) echo "% Unknown command: $2"; exit 1 ;;
esac
"""

RELOAD = r"""printf 'frr-reload.py %s\n' "$*" >>"$FAKE/argv"
for file; do :; done
confdir=${file%/frr.conf}
grep -q integrated "$confdir/vtysh.conf" || exit 1
[ ! -e "$FAKE/slow" ] || sleep "$(cat "$FAKE/slow")"
case $1 in
  --test) cat "$FAKE/delta" 2>/dev/null; exit 0 ;;
  --reload) [ ! -e "$FAKE/reload-fails" ] || { rm "$FAKE/reload-fails"; exit 1; }
    if grep -q NOPE "$file"; then
      { sed '/NOPE/,$d' "$file"; echo end; } >"$FAKE/running"
      for pass in 1 2; do
        echo '% Configure the peer-group first'
        echo "line $pass: Failure to communicate[13] to bgpd, line: $(grep NOPE "$file")"
      done
      exit 1
    fi
    { sed '/^end$/d' "$file"; echo end; } >"$FAKE/running" ;;
esac
"""


class FakeRouter:
    """Stands in for an `ExecSession`; its files are in `folder`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.state = folder / "state"
        self.startup_file = folder / "etc" / "frr.conf"
        self.programs: list[str] = []
        for made in (self.state, folder / "etc", folder / "bin"):
            made.mkdir()
        self.state.chmod(0o2770)
        for name, script in (("vtysh", VTYSH), ("frr-reload.py", RELOAD)):
            self.replace(name, script)
        self.running = RUNNING
        self.startup_file.write_text(RUNNING.replace("end\n", ""), encoding="utf-8")
        self.env = {
            "PATH": f"{folder / 'bin'}:{os.environ['PATH']}",
            "FAKE": str(folder),
            "FRR_ETC": str(folder / "etc"),
            "FRR_RELOAD": str(folder / "bin" / "frr-reload.py"),
            "SYSTEMD_RUN": str(folder / "no-systemd"),
            "SYSTEMD_LINGER": str(folder / "no-linger"),
            "BOOT_ID": str(folder / "boot_id"),
            "TMPDIR": str(folder),
        }
        (folder / "boot_id").write_text("first\n", encoding="utf-8")

    @property
    def running(self) -> str:
        return (self.folder / "running").read_text(encoding="utf-8")

    @running.setter
    def running(self, config: str) -> None:
        (self.folder / "running").write_text(config, encoding="utf-8")

    @property
    def startup(self) -> str:
        return self.startup_file.read_text(encoding="utf-8")

    @property
    def argv(self) -> str:
        return (self.folder / "argv").read_text(encoding="utf-8")

    def replace(self, tool: str, script: str) -> None:
        """Put a shell script in the place of one of the router's tools."""
        path = self.folder / "bin" / tool
        path.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
        path.chmod(0o755)

    def will(self, what: str, value: str = "") -> None:
        """Make the fakes do something: `slow` (seconds), `vtysh-fails`, `disk-full`, `delta` (text), `version`, …"""
        (self.folder / what).write_text(value, encoding="utf-8")

    def login_is_not_root(self) -> None:
        self.replace("id", "[ $1 = -u ] && echo 1500 || echo netops")
        self.replace("sudo", "exit 1")

    def has_systemd(self, kills_sessions: bool) -> None:
        """It only notes what it is asked to run."""
        (self.folder / "no-systemd").mkdir()
        self.replace("busctl", f"echo b {'true' if kills_sessions else 'false'}")
        self.replace("systemd-run", 'printf "systemd-run %s\\n" "$*" >>"$FAKE/argv"')

    def reboot(self) -> None:
        (self.folder / "boot_id").write_text("second\n", encoding="utf-8")
        self.running = self.startup + "end\n"

    def changes(self) -> list[Path]:
        return sorted(self.state.glob("change-*"))

    # what a driver needs of an ExecSession

    def run(self, command: str, *, stdin: bytes | str | None = None, timeout: float = 60) -> Completed:
        text = stdin.decode() if isinstance(stdin, bytes) else stdin or ""
        self.programs.append(text)
        done = subprocess.run(
            ["sh", "-c", command],
            input=text,
            env=self.env,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            timeout=timeout,
            check=False,
        )
        return Completed(done.returncode, done.stdout, done.stderr)

    def is_alive(self) -> bool:
        return True

    def disconnect(self) -> None:
        raise AssertionError("a session that was lent is not ours to close")
