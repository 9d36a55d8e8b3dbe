"""Routers that are not ours alone: what they lack is said before, and nobody's session is interrupted unseen."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest
from network import command, dump, running, sessions, unbroken

from custom_napalm.frr import FRRDriver

pytestmark = pytest.mark.lab

NAT64 = "ipv6 route 64:ff9b::/96 2001:db8:0:ff00::64"
UPSTREAM = "2001:db8:1:1::1"


@pytest.fixture
def drifted(lab):
    """A deployed network with a line to put in place on each router."""
    command(lab, "deploy", "--yes", code=0)
    for router in ("r1", "r2"):
        lab.vtysh(router, "configure terminal", f"no {NAT64}")
    yield lab
    command(lab, "deploy", "--yes", code=0)


def test_what_routers_lack_is_said_at_once_before_anything_is_touched(drifted):
    was = dump(drifted)
    drifted.run("r1", "chmod", "2750", "/var/lib/sixpeer")
    drifted.run("r2", "mount", "--bind", "/dev/null", "/usr/lib/frr/frr-reload.py")  # in its namespace
    try:
        done = command(drifted, "deploy", "--yes", code=2)
        planned = command(drifted, "plan", code=0)
        drift = command(drifted, "drift", code=1)
    finally:
        drifted.run("r2", "umount", "/usr/lib/frr/frr-reload.py")
        drifted.run("r1", "chmod", "2770", "/var/lib/sixpeer")
    assert "r1: netops cannot write to /var/lib/sixpeer, or " in done.stdout
    assert "sudo install -d -m 2770 -g frrvty /var/lib/sixpeer" in done.stdout
    assert "r2: /usr/lib/frr/frr-reload.py is missing: apt-get install frr-pythontools" in done.stdout
    for shown in (planned.stdout, drift.stdout):
        assert "missing for a deploy: /usr/lib/frr/frr-reload.py" in shown
        assert shown.count(f"+ {NAT64}") == 2
    assert dump(drifted) == was


def test_comments_that_saving_loses_are_named(drifted):
    drifted.run("r1", "sh", "-c", "sed -i '1i # the night watch: call 555-0100' /etc/frr/frr.conf")
    done = command(drifted, "deploy", "--yes", code=0)
    note = "FRR saves no comments, this one will be gone from frr.conf: # the night watch: call 555-0100"
    assert done.stdout.count(note) == 1
    assert "555-0100" not in drifted.run("r1", "cat", "/etc/frr/frr.conf").stdout


RESET_MEANWHILE = """
import subprocess, sys, runbooks.deploy
from tasks.verbs import NornirVerbs
verify = NornirVerbs.verify
def and_then(self):
    clear = ["exec", "r1", "vtysh", "-c", "clear bgp " + sys.argv[3]]
    subprocess.run([sys.executable, "-m", "lab", "--config", sys.argv[1], *clear], check=True, cwd=sys.argv[2])
    NornirVerbs.verify = verify
    return verify(self)
NornirVerbs.verify = and_then
sys.exit(runbooks.deploy.main(["--yes"]))
"""


def test_a_session_of_others_that_is_reset_within_a_change_puts_it_back(drifted, pytestconfig):
    was = dump(drifted)
    up = sessions(drifted, "r2")
    checkout = str(pytestconfig.rootpath)
    done = subprocess.run(
        [sys.executable, "-c", RESET_MEANWHILE, str(drifted.folder / "config.yaml"), checkout, UPSTREAM],
        cwd=drifted.folder, capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert done.returncode == 3, done.stdout + done.stderr
    assert f"the session with {UPSTREAM}, which is not ours, " in done.stdout
    assert NAT64 not in running(drifted, "r1")
    assert dump(drifted)["startup"] == was["startup"]
    assert unbroken(up, sessions(drifted, "r2"))


def test_what_a_dead_run_has_left_is_said_with_the_command_that_ends_it(drifted):
    """By hand, as by a controller that is gone; and then by that command."""
    was = dump(drifted)
    left = FRRDriver(
        "r1", "", "", optional_args={"ssh_config_file": str(drifted.state / "ssh_config"), "owner": "SIXPEER"}
    )
    left.open()
    left.load_merge_candidate(config=NAT64)
    left.commit_config("by a run that died", revert_in=300)
    left.close()
    for name in ("deploy", "plan", "drift"):
        done = command(drifted, name, *(["--yes"] if name == "deploy" else []), code=5)
        pending = r"r1: the commit \S+ by netops for SIXPEER \(by a run that died\) is pending there, .*"
        said = re.search(pending, done.stdout)
        assert said, done.stdout
    script = re.search(r"sh (/var/lib/sixpeer/change-\S+/commit_confirm\.sh) revert", said[0])
    ended = drifted.ssh("r1", "sh", script[1], "revert")
    assert (ended.returncode, ended.stdout[:8]) == (0, "reverted"), ended
    assert dump(drifted) == was
