"""Bare routers, on each version of FRR: as described, reached by SSH, and what is left of one after a reboot."""

from __future__ import annotations

import json
import signal
import subprocess
import sys

import pytest
from labs import CHECKOUT
from network import eventually

from lab.bare import BareRouter, RouterSpec
from lab.down import down
from lab.errors import LabError
from lab.management import Management
from lab.namespaces import root
from lab.process import in_namespace_of
from lab.state import State
from lab.versions import INSTALLED

pytestmark = [pytest.mark.lab, pytest.mark.matrix]

CONFIG = """\
frr defaults traditional
hostname {name}
!
ipv6 route 2001:db8:{number}::/48 blackhole
!
router bgp 64512
 bgp router-id 10.0.0.{number}
 neighbor 2001:db8:12::{other} remote-as 64512
 neighbor 2001:db8:12::{other} timers connect 1
 !
 address-family ipv6 unicast
  network 2001:db8:{number}::/48
  neighbor 2001:db8:12::{other} activate
 exit-address-family
exit
!
ipv6 prefix-list ANY seq 5 permit any
!
"""
LINKS = {"core": {"r1": ["2001:db8:12::1/64"], "r2": ["2001:db8:12::2/64"]}}


@pytest.fixture(scope="module")
def pair(module_bare):
    """Two routers with a BGP session between them."""
    specs = {f"r{n}": RouterSpec(CONFIG.format(name=f"r{n}", number=n, other=3 - n)) for n in (1, 2)}
    return module_bare(routers=specs, links=LINKS)


def prefixes(router: BareRouter) -> set[str]:
    return set(json.loads(router.vtysh("show bgp ipv6 unicast json"))["routes"])


def dropped(router: BareRouter) -> int:
    """How often its only session was lost."""
    (peer,) = json.loads(router.vtysh("show bgp ipv6 unicast summary json"))["peers"].values()
    return peer["connectionsDropped"]


def ssh(router: BareRouter, command: str) -> str:
    words = ["ssh", "-F", str(router.ssh.config_file), "-o", "BatchMode=yes", router.name, command]
    done = subprocess.run(words, capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 0, done.stderr  # FRR 10 says there what went well, too
    return done.stdout


def test_they_run_the_wanted_version_also_over_ssh(pair, frr_version):
    for router in pair:
        if frr_version in ("8.4", "10.3"):
            assert router.version.startswith(frr_version)
        assert f"FRRouting {router.version} ({router.name})" in ssh(router, "vtysh -c 'show version'")


def test_startup_and_running_configuration_are_the_same_text_from_the_start(pair):
    for router in pair:
        assert "neighbor 2001:db8:12::" in router.running
        startup = router.run("cat", "/etc/frr/frr.conf").stdout
        assert startup.removesuffix("!\n") == router.running.removesuffix("!\nend\n")


def test_they_have_a_session_over_their_link(pair):
    for router in pair:
        eventually(lambda router=router: prefixes(router), {"2001:db8:1::/48", "2001:db8:2::/48"}, seconds=20)


def test_the_login_is_not_root_and_has_what_a_commit_needs(pair):
    script = """
        set -e
        id -un
        for command in flock setsid timeout sha256sum ping awk; do command -v $command > /dev/null; done
        folder=/var/lib/sixpeer/test && mkdir -m 700 $folder && cd $folder
        echo 'service integrated-vtysh-config' > vtysh.conf
        vtysh -c 'show running-config no-header' > frr.conf
        echo 'ipv6 prefix-list TEST seq 5 permit any' >> frr.conf
        /usr/lib/frr/frr-reload.py --reload --stdout --log-level error \\
          --confdir $folder --rundir $folder $folder/frr.conf
        rm -r $folder
    """
    router = pair[0]
    assert ssh(router, script).splitlines()[0] == "netops"
    assert "prefix-list TEST" in router.running
    router.vtysh("configure terminal", "no ipv6 prefix-list TEST")


def test_after_a_reboot_it_is_what_its_startup_file_and_its_disk_say(pair):
    router, other = pair
    running, boot_ids = router.running, {router.boot_id, other.boot_id}
    router.vtysh("configure terminal", "ipv6 prefix-list UNSAVED seq 5 permit any")
    for path in ("/run/volatile", "/var/lib/sixpeer/kept", "/etc/frr/kept"):
        router.write(path, "of before\n")
    router.run("sh", "-c", "setsid -f sleep 4242 > /dev/null 2>&1")
    router.run("ip", "address", "add", "2001:db8:ffff::1/128", "dev", "lo")
    downs, lost = json.loads(other.vtysh("show interface core json"))["core"]["linkDowns"], dropped(other)

    router.reboot()

    assert router.running == running
    assert len({router.boot_id, ssh(router, "cat /proc/sys/kernel/random/boot_id").strip()} | boot_ids) == 3
    assert other.boot_id in boot_ids
    assert "4242" not in router.run("sh", "-c", "cat /proc/[0-9]*/cmdline | tr '\\0' ' '").stdout
    assert router.run("cat", "/run/volatile", check=False).returncode != 0
    assert "ffff::1" not in router.run("ip", "address", "show").stdout
    assert router.run("cat", "/var/lib/sixpeer/kept", "/etc/frr/kept").stdout == "of before\n" * 2
    eventually(lambda: prefixes(router), {"2001:db8:1::/48", "2001:db8:2::/48"}, seconds=20)
    assert dropped(other) == lost + 1
    assert json.loads(other.vtysh("show interface core json"))["core"]["linkDowns"] == downs + 1


def test_a_restart_of_frr_loads_the_startup_file(pair):
    router = pair[0]
    running, boot_id = router.running, router.boot_id
    router.vtysh("configure terminal", "ipv6 prefix-list UNSAVED seq 5 permit any")
    router.restart_frr()
    assert router.running == running
    assert router.boot_id == boot_id


def test_other_daemons_and_versions_run_beside_each_other(bare, frr_version):
    specs = {"r1": RouterSpec(daemons=("bgpd", "bfdd", "ospfd", "ospf6d", "isisd")), "r2": RouterSpec(daemons=())}
    r1, r2 = bare(routers=specs)
    assert {"bgpd", "bfdd", "ospfd", "ospf6d", "isisd"} <= set(r1.vtysh("show daemons").split())
    assert "bgpd" not in r2.vtysh("show daemons").split()
    (installed,) = bare(routers={"r1": RouterSpec(version="8.4" if frr_version == INSTALLED else frr_version)})
    assert installed.name == "r1"


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("neighbour of ours", "Unknown command"),
        ("neighbor 2001:db8::9 peer-group NOPE", "Configure the peer-group first"),
    ],
)
def test_a_configuration_that_frr_refuses_is_an_error(bare, line, reason):
    with pytest.raises(LabError, match=f"(?s){reason}.*{line}"):
        bare(f"router bgp 64512\n {line}\n")


def test_a_long_configuration_is_there_as_soon_as_the_router_is(bare):
    entries = [f"ipv6 prefix-list LONG seq {number} permit 2001:db8:{number:x}::/48" for number in range(1, 501)]
    (router,) = bare("\n".join(entries))
    assert router.running.count("LONG") == len(entries)
    router.restart_frr()
    assert router.running.count("LONG") == len(entries)


def test_a_daemon_that_does_not_start_is_named(bare):
    with pytest.raises(LabError, match="nosuchd did not start"):
        bare(daemons=("bgpd", "nosuchd"))


def test_links_of_unknown_routers_are_refused(bare):
    with pytest.raises(LabError, match="r9"):
        bare(links={"core": {"r1": [], "r9": []}})


def test_down_clears_away_those_of_a_killed_run(tmp_path):
    state = State(tmp_path / ".lab")
    program = f"""
from pathlib import Path
from lab.bare import RouterSpec, bare_routers
from lab.state import State
with bare_routers(State(Path({str(state.folder)!r})), {{"r1": RouterSpec()}}):
    print("up", flush=True)
    input()
"""
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen([sys.executable, "-c", program], cwd=CHECKOUT, **pipes) as run:
        assert run.stdout.readline() == b"up\n"
        run.send_signal(signal.SIGKILL)
    record = state.read()
    inside = root(record.outer)
    assert in_namespace_of(inside.pid)

    assert down(state) == (True, [])
    assert not record.outer.alive
    assert root(record.outer) is None
    assert not Management.of(state.folder).exists
    assert not state.folder.exists()
