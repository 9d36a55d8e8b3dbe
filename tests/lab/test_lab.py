"""The lab itself: what is there before any deploy, and that it comes and goes without a trace."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
import uuid
from pathlib import Path

import pytest
from labs import CHECKOUT, Lab, brought_up, new_lab
from network import eventually

from lab.health import running
from lab.management import Management
from lab.process import Process, in_namespace_of
from lab.state import State

pytestmark = pytest.mark.lab

CLIENT_TRIES = ("curl", "-s", "--max-time", "2", "http://[2001:db8:0:6400::80]/")
NODE_TRIES = {
    "a pod on another node": ("ping", "-c1", "-W1", "-I", "2001:db8:0:4200::10", "2001:db8:0:4201::10"),
    "a node in another subnet": ("ping", "-c1", "-W1", "2001:db8:0:1::a"),
    "an IPv4-only server through NAT64": ("curl", "-s", "--max-time", "2", "http://[64:ff9b::8c52:7103]/"),
}


@pytest.fixture(scope="module")
def fresh():
    """A lab on which nothing has been deployed."""
    yield from brought_up("fresh")


@pytest.fixture
def down():
    """A lab that is not up; whatever a test does with it is cleared away."""
    lab = new_lab(f"test-{uuid.uuid4().hex[:6]}")
    yield lab
    lab("down")
    shutil.rmtree(lab.folder)


def processes(lab: Lab) -> dict[str, set[Process]]:
    """All processes of a lab that is up, by machine."""
    inside = running(State(lab.state).read()) or {}
    found: dict[str, set[Process]] = {}
    for name, machine in inside.items():
        found[name] = set()
        for pid in in_namespace_of(machine.pid):
            try:
                found[name].add(Process.of(pid))
            except OSError:  # a short one, such as a health check of watchfrr
                continue
    return found


def lasting(lab: Lab) -> dict[str, set[Process]]:
    """Those that are there twice in a row."""
    first = processes(lab)
    time.sleep(0.3)
    return {name: found & first[name] for name, found in processes(lab).items()}


def marked(mark: str) -> list[str]:
    """The command lines of all processes on this machine that were started below one with `mark` as variable."""
    found = []
    for entry in Path("/proc").iterdir():
        try:
            if entry.name.isdigit() and f"LAB_MARK={mark}".encode() in (entry / "environ").read_bytes().split(b"\0"):
                found.append((entry / "cmdline").read_bytes().replace(b"\0", b" ").decode())
        except OSError:
            continue
    return found


def trace(lab: Lab) -> list[str]:
    """What is left of a lab on this machine: interface, mounts, state folder."""
    management = Management.of(lab.state)
    left = [str(path) for path in (lab.state, Path("/sys/class/net") / management.interface) if path.exists()]
    left += [line for line in Path("/proc/self/mountinfo").read_text().splitlines() if str(lab.folder) in line]
    routes = subprocess.run(["ip", "-6", "route", "show", "table", "all"], capture_output=True, text=True, check=True)
    return left + [line for line in routes.stdout.splitlines() if line.startswith(str(management.prefix.ip)[:14])]


class TestBeforeAnyDeploy:
    def test_both_routers_have_a_default_route_from_the_provider_and_know_each_other(self, fresh):
        for router, provider, other in (
            ("r1", "2001:db8:1:1::1", "2001:db8:0:ff01::2"),
            ("r2", "2001:db8:1:2::1", "2001:db8:0:ff01::1"),
        ):
            peers = json.loads(fresh.vtysh(router, "show bgp ipv6 unicast summary json"))["peers"]
            assert {peer: seen["state"] for peer, seen in peers.items()} == dict.fromkeys(
                (provider, other), "Established"
            )
            assert "proto bgp" in fresh.run(router, "ip", "-6", "route", "show", "default").stdout

    def test_the_provider_knows_the_network_by_both_routers_and_no_more(self, fresh):
        routes = json.loads(fresh.vtysh("isp", "show bgp ipv6 unicast json"))["routes"]
        assert {prefix: len(paths) for prefix, paths in routes.items()} == {"2001:db8::/48": 2}

    def test_the_client_does_not_reach_the_load_balancer(self, fresh):
        assert fresh.run("client", *CLIENT_TRIES, check=False).returncode != 0

    @pytest.mark.parametrize("what", NODE_TRIES)
    def test_a_node_does_not_reach(self, fresh, what):
        assert fresh.run("control1", *NODE_TRIES[what], check=False).returncode != 0

    def test_no_router_has_an_address_on_a_node_subnet(self, fresh):
        for router in ("r1", "r2"):
            for interface in ("control", "workers"):
                shown = fresh.run(router, "ip", "-6", "address", "show", "dev", interface, "scope", "global").stdout
                assert shown == ""

    def test_running_and_startup_configuration_are_the_same_text(self, fresh):
        for router in ("r1", "r2", "isp"):
            shown = fresh.vtysh(router, "show running-config no-header").removesuffix("!\nend\n")
            assert fresh.run(router, "cat", "/etc/frr/frr.conf").stdout.removesuffix("!\n") == shown

    def test_the_nodes_are_as_described(self, fresh):
        nodes = json.loads(fresh.kubectl("get", "nodes", "-o", "json"))["items"]
        assert {node["metadata"]["name"]: node["spec"]["podCIDRs"] for node in nodes} == {
            "control1": ["2001:db8:0:4200::/64"],
            "worker1": ["2001:db8:0:4201::/64"],
            "worker2": ["2001:db8:0:4202::/64"],
        }
        assert "node-role.kubernetes.io/control-plane" in nodes[0]["metadata"]["labels"]
        ready = [c["status"] for node in nodes for c in node["status"]["conditions"] if c["type"] == "Ready"]
        assert ready == ["True"] * 3
        link = json.loads(fresh.run("control1", "ip", "-json", "link", "show", "eth0").stdout)[0]
        assert link["address"] == "bc:24:11:7f:9a:6d"
        route = json.loads(fresh.run("control1", "ip", "-6", "-json", "route", "show", "default").stdout)[0]
        assert route["gateway"] == "2001:db8::1"

    def test_cilium_has_the_settings_of_its_config_map(self, fresh):
        data = json.loads(fresh.kubectl("get", "-n", "kube-system", "configmap", "cilium-config", "-o", "json"))["data"]
        assert data["ipam"] == "kubernetes"
        assert fresh.run("worker1", "cat", "/run/lab/cilium-config/ipam").stdout == "kubernetes"
        assert (
            "--config-dir=/run/lab/cilium-config"
            in fresh.run("worker1", "sh", "-c", "cat /proc/$(pidof cilium)/cmdline").stdout
        )

    def test_the_api_server_tells_its_users_apart(self, fresh):
        assert fresh.kubectl("auth", "can-i", "create", "secrets") == "yes\n"
        with pytest.raises(AssertionError, match="no"):
            fresh.kubectl("auth", "can-i", "create", "secrets", "--as=somebody")


class TestLogins:
    def test_a_router_lets_netops_in_who_is_not_root_but_has_vtysh(self, fresh):
        done = fresh.ssh("r1", "id -un; id -Gn; vtysh -c 'show bgp summary' -c 'write memory'")
        assert done.stdout.splitlines()[:2] == ["netops", "netops frrvty frr"]
        assert "Total number of neighbors 2" in done.stdout
        assert (done.returncode, done.stderr) == (0, "")

    def test_netops_can_reload_frr_and_keep_a_record(self, fresh):
        script = """
            set -e
            folder=/var/lib/sixpeer/test && mkdir -m 700 $folder && cd $folder
            echo 'service integrated-vtysh-config' > vtysh.conf
            vtysh -c 'show running-config no-header' > frr.conf
            echo 'ipv6 prefix-list TEST seq 5 permit any' >> frr.conf
            /usr/lib/frr/frr-reload.py --reload --stdout --log-level error --confdir . --rundir . $folder/frr.conf
            vtysh -c 'show running-config' | grep TEST
            vtysh -c 'configure terminal' -c 'no ipv6 prefix-list TEST'
            rm -r $folder
        """
        done = fresh.ssh("r1", script)
        assert (done.stdout.splitlines()[-1:], done.returncode) == (["ipv6 prefix-list TEST seq 5 permit any"], 0)

    @pytest.mark.parametrize("name", ["control1", "lab/control1"])
    def test_a_node_lets_ops_in_who_can_ping_and_curl(self, fresh, name):
        done = fresh.ssh(name, "id -un; hostname; ping -q -c1 ::1 > /dev/null && curl -s http://[2001:db8:0:6400::80]/")
        assert (done.stdout.split(), done.returncode) == (["ops", "control1", "control1"], 0)

    def test_a_machine_with_another_key_is_not_talked_to(self, fresh):
        keys = {line.split()[-1] for line in (fresh.state / "known_hosts").read_text().splitlines()}
        assert len(keys) == 5
        done = fresh.ssh("r1", "-o", "UserKnownHostsFile=/dev/null", "true")
        assert done.returncode == 255
        assert "Host key verification failed" in done.stderr

    def test_exec_ends_as_the_command_does(self, fresh):
        assert fresh("exec", "r1", "sh", "-c", "echo here; exit 7", check=False).returncode == 7
        assert fresh("exec", "r1", "hostname").stdout == "r1\n"
        assert "there is no machine r9" in fresh("exec", "r9", "true", check=False).stderr


def test_a_second_up_changes_nothing_and_says_so(fresh):
    was, record = lasting(fresh), (fresh.state / "state.json").stat()
    assert "it is up already; nothing was changed" in fresh("up").stdout
    assert {name: found >= was[name] for name, found in processes(fresh).items()} == dict.fromkeys(was, True)
    assert (fresh.state / "state.json").stat() == record
    assert fresh("status").returncode == 0


def test_up_of_another_description_is_refused_while_the_lab_is_up(fresh):
    hosts = fresh.folder / "inventory/hosts.yaml"
    was = hosts.read_text()
    hosts.write_text(was.replace("router_id: 10.255.0.1", "router_id: 10.255.0.9"))
    try:
        done = fresh("up", check=False)
    finally:
        hosts.write_text(was)
    assert done.returncode == 1
    assert "of another description" in done.stderr


def test_what_no_longer_runs_is_told_and_down_leaves_nothing_but_others_files(down):
    password = down.state / "bgp-password"
    password.parent.mkdir()
    password.write_text("its owner's\n")
    down("up")
    assert password.read_text() == "its owner's\n"
    everything = set().union(*processes(down).values())
    assert len(everything) > 30

    down.run("nat64", "sh", "-c", "kill $(pidof tayga)")
    assert "lost: tayga" in down("status", check=False).stdout
    told = down("up", check=False)
    assert (told.returncode, "tayga on nat64" in told.stderr) == (1, True)

    left = down("down").stdout
    assert [process for process in everything if process.alive] == []
    assert str(password) in left
    password.unlink()
    password.parent.rmdir()
    assert trace(down) == []
    assert "there is none" in down("down").stdout


@pytest.mark.parametrize("after", [0.5, 0.7, 0.9, 1.2, 2.0, 4.0])
def test_down_clears_away_what_a_killed_up_left(down, after):
    mark = kill_up(down, after)
    down("down")
    eventually(lambda: marked(mark) == [], seconds=2)  # an `ip` that was at work on the host ends by itself
    assert trace(down) == []


def test_up_clears_away_what_a_killed_up_left_and_begins_anew(down):
    mark = kill_up(down, 1.5)
    down("up")
    eventually(lambda: marked(mark) == [], seconds=2)
    down("down")
    assert trace(down) == []


def test_down_finds_a_lab_whose_state_folder_was_removed(down):
    down("up")
    everything = set().union(*processes(down).values())
    shutil.rmtree(down.state)
    assert "lab: down" in down("down").stdout
    assert [process for process in everything if process.alive] == []
    assert trace(down) == []


def kill_up(lab: Lab, after: float) -> str:
    """SIGKILL an `up` after so many seconds. Returns the mark of all that it has started."""
    mark = uuid.uuid4().hex
    command = [sys.executable, "-m", "lab", "--config", str(lab.folder / "config.yaml"), "up"]
    environment = {**os.environ, "LAB_MARK": mark}
    with subprocess.Popen(command, cwd=CHECKOUT, env=environment, stdout=subprocess.DEVNULL) as up:
        time.sleep(after)
        up.send_signal(signal.SIGKILL)
    return mark


class TestClashes:
    def test_an_interface_of_the_same_name_is_left_alone(self, down):
        name = Management.of(down.state).interface
        peer = f"{name[:-1]}x"
        subprocess.run(["ip", "link", "add", name, "type", "veth", "peer", "name", peer], check=True)
        try:
            done = down("up", check=False)
            assert done.returncode == 1
            assert f"the host has an interface {name} already" in done.stderr
            assert Path(f"/sys/class/net/{name}").exists()
        finally:
            subprocess.run(["ip", "link", "delete", name], check=True)

    def test_a_prefix_that_the_host_uses_is_left_alone(self, down):
        prefix = Management.of(down.state).prefix
        subprocess.run(["ip", "address", "add", f"{prefix[5]}/128", "dev", "lo"], check=True)
        try:
            done = down("up", check=False)
            assert done.returncode == 1
            assert f"the host uses {prefix[5]}/128 already" in done.stderr
        finally:
            subprocess.run(["ip", "address", "delete", f"{prefix[5]}/128", "dev", "lo"], check=True)

    def test_files_outside_the_state_folder_are_refused(self, down, tmp_path):
        done = down("--state", str(tmp_path / "elsewhere"), "up", check=False)
        assert done.returncode == 1
        assert "the lab writes only below its state folder" in done.stderr

    def test_two_ups_at_once_are_refused(self, down):
        with State(down.state).lock():
            done = down("up", check=False)
        assert done.returncode == 1
        assert "another `up` or `down` is at work" in done.stderr
