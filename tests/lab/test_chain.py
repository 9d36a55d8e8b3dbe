"""The chain on the reference network, as a user runs it: deploy, verify, drift, and what puts back what.

"Unchanged" is measured on the devices: uptimes, the startup file, the BGP table's version, resource
versions. What is ours on a router stands here by hand, so that our own parser is not its own judge.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from network import (
    PODS,
    ROUTERS,
    command,
    dump,
    eventually,
    failing,
    measured,
    out_of_reach,
    resources,
    running,
    sessions,
    startup,
    unbroken,
    works,
)

pytestmark = pytest.mark.lab

CHECKOUT = Path(__file__).parents[2]
OURS = {
    " neighbor SIXPEER-LAB peer-group",
    " neighbor SIXPEER-LAB remote-as 64513",
    " neighbor SIXPEER-LAB passive",
    " neighbor SIXPEER-LAB timers 3 9",
    " neighbor 2001:db8::a peer-group SIXPEER-LAB",
    " bgp listen range 2001:db8:0:1::/64 peer-group SIXPEER-LAB",
    " address-family ipv4 unicast",
    "  no neighbor SIXPEER-LAB activate",
    "  neighbor SIXPEER-LAB activate",
    "  neighbor SIXPEER-LAB maximum-prefix 1000 restart 1",
    "  neighbor SIXPEER-LAB route-map SIXPEER-LAB-IN in",
    "  neighbor SIXPEER-LAB route-map SIXPEER-LAB-OUT out",
    "ipv6 prefix-list SIXPEER-LAB-PODS seq 5 permit 2001:db8:0:4200::/56 ge 64 le 64",
    "ipv6 prefix-list SIXPEER-LAB-LOADBALANCERS seq 2587288081 permit 2001:db8:0:6400::/112 ge 128 le 128",
    "route-map SIXPEER-LAB-IN permit 10",
    " match ipv6 address prefix-list SIXPEER-LAB-PODS",
    "route-map SIXPEER-LAB-IN permit 20",
    " match ipv6 address prefix-list SIXPEER-LAB-LOADBALANCERS",
    "route-map SIXPEER-LAB-OUT deny 10",
    "ipv6 route 64:ff9b::/96 2001:db8:0:ff00::64",
    "ipv6 route 2001:db8:0:4200::/56 blackhole",
    "ipv6 route 2001:db8:0:6400::/112 blackhole",
    "interface control",
    "interface workers",
}
ADDRESSES = {
    "r1": {" ipv6 address 2001:db8::1/64", " ipv6 address 2001:db8:0:1::1/64"},
    "r2": {" ipv6 address 2001:db8::2/64", " ipv6 address 2001:db8:0:1::2/64"},
}

WITH_ANOTHER = """
import sys, tasks.plan
from sixpeer.intent import Secret
build = tasks.plan.build
tasks.plan.build = lambda intent, cluster, password: build(intent, cluster, Secret("other", "not-the-routers-password"))
from runbooks.deploy import main
sys.exit(main(sys.argv[1:]))
"""


def deploy_with_another_password_on_the_cluster(lab):
    return subprocess.run(
        [sys.executable, "-c", WITH_ANOTHER, "--yes", "--timeout", "15"],
        cwd=lab.folder, capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip


@pytest.fixture(scope="module")
def before(lab):
    """The network as the lab left it."""
    return {
        "dump": dump(lab),
        "works": works(lab),
        "isp": sessions(lab, "isp"),
        "failing": failing(lab, "--timeout", "3"),
    }


@pytest.fixture(scope="module")
def put_back(lab, before):
    """A first deploy that cannot be verified."""
    return {"done": deploy_with_another_password_on_the_cluster(lab), "dump": dump(lab)}


@pytest.fixture(scope="module")
def first(lab, put_back):
    """The first deploy."""
    return command(lab, "deploy", "--yes", code=0)


@pytest.fixture
def deployed(lab, first):
    """A network that equals its description, before and after each test."""
    yield lab
    command(lab, "deploy", "--yes", code=0)


def test_before_the_first_deploy_nothing_works_and_the_checks_say_so(before):
    assert before["works"] == {"pods": False, "load balancer": False, "nat64": False}
    checks, code = before["failing"]
    assert checks == {"session-router", "session-cluster", "load-balancer", "nat64-route", "pod-ping", "nat64-http"}
    assert code == 1


def test_a_first_deploy_that_is_not_verified_leaves_no_trace(before, put_back):
    assert put_back["done"].returncode == 3, put_back["done"].stdout + put_back["done"].stderr
    assert "everything was put back" in put_back["done"].stdout
    assert put_back["dump"] == before["dump"]


def test_the_first_deploy_shows_plan_sessions_routes_checks_and_times(first):
    assert "+   neighbor SIXPEER-LAB route-map SIXPEER-LAB-IN in" in first.stdout
    assert "create CiliumBGPClusterConfig sixpeer-lab-workers" in first.stdout
    rows = [line.split() for line in first.stdout.split("\n") if " Established " in line]
    assert [(row[0], row[1], row[7], row[8]) for row in rows] == [
        (router, f"lab/{node}", "2", "2") for node in PODS for router in ROUTERS
    ]
    hops = "2001:db8::a 2001:db8:0:1::a 2001:db8:0:1::b"
    assert re.search(rf"r2 +load balancer +2001:db8:0:6400::80/128 +{hops}", first.stdout)
    assert re.search(r"nat64-http +3 +success", first.stdout)
    assert re.search(r"plan \d+\.\d s  snapshot \d+\.\d s  push \d+\.\d s  verify \d+\.\d s  confirm", first.stdout)


def test_after_it_everything_works(lab, first):
    assert works(lab) == {"pods": True, "load balancer": True, "nat64": True}


@pytest.mark.parametrize("router", ROUTERS)
def test_only_our_lines_came_to_a_router(lab, before, first, router):
    was, now = (text.splitlines() for text in (before["dump"]["running"][router], running(lab, router)))
    come = [line for line in now if line not in was and line.strip()]
    passwords = [line for line in come if line.startswith(" neighbor SIXPEER-LAB password ")]
    assert set(come) - set(passwords) == OURS | ADDRESSES[router]
    assert len(passwords) == 1
    assert [line for line in was if line not in now] == []


def test_the_sessions_that_are_not_ours_ran_on(lab, before, first):
    assert unbroken(before["isp"], sessions(lab, "isp"))


def test_the_startup_file_has_what_runs(lab, first):
    for router in ROUTERS:
        shown = [line for line in running(lab, router).splitlines() if line.strip(" !") not in ("", "end")]
        saved = startup(lab, router).splitlines()[1:]
        assert set(shown) <= set(saved)


def test_a_second_deploy_touches_nothing(lab, first):
    was, up = measured(lab), {router: sessions(lab, router) for router in ROUTERS}
    done = command(lab, "deploy", code=0)
    assert "deploy: nothing changes, all checks hold" in done.stdout
    assert measured(lab) == was
    assert all(unbroken(up[router], sessions(lab, router)) for router in ROUTERS)


def test_drift_is_in_sync_and_asks_no_node(lab, first):
    was = measured(lab)
    done = command(lab, "drift", code=0)
    assert "drift: in sync" in done.stdout
    assert measured(lab) == was
    assert "pod-ping" not in done.stdout


def test_drift_speaks_to_machines(lab, first):
    assert 'sixpeer_exit_code{command="drift"} 0' in command(lab, "drift", "--format", "prometheus", code=0).stdout
    assert 'failures="0"' in command(lab, "drift", "--format", "junit", code=0).stdout


RANGE = "bgp listen range 2001:db8:0:1::/64 peer-group SIXPEER-LAB"
BY_HAND = {
    "a route removed": ("r1", "no ipv6 route 64:ff9b::/96 2001:db8:0:ff00::64"),
    "an address removed": ("r2", "interface workers", "no ipv6 address 2001:db8:0:1::2/64"),
    "an entry added to a list of ours": ("r1", "ipv6 prefix-list SIXPEER-LAB-PODS seq 7 permit any"),
    "a group's timers changed": ("r2", "router bgp 64512", "neighbor SIXPEER-LAB timers 20 60"),
    "a listen range removed": ("r1", "router bgp 64512", f"no {RANGE}"),
    "a route-map of ours removed": ("r2", "no route-map SIXPEER-LAB-IN permit 20"),
}  # fmt: skip


def test_what_someone_changes_by_hand_is_drift_and_deploy_mends_it(deployed, before):
    good = {router: running(deployed, router) for router in ROUTERS}
    for router, *lines in BY_HAND.values():
        was = running(deployed, router)
        shown = command(deployed, "drift").stdout
        deployed.vtysh(router, "configure terminal", *lines)
        assert running(deployed, router) != was
        done = command(deployed, "drift", code=1)
        assert re.search(rf"^drift: .*{router}.* differ", done.stdout, re.MULTILINE)
        assert len(re.findall(r"^  [+-]", done.stdout, re.MULTILINE)) > len(re.findall(r"^  [+-]", shown, re.MULTILINE))
    command(deployed, "deploy", "--yes", code=0)
    for router in ROUTERS:
        assert sorted(running(deployed, router).splitlines()) == sorted(good[router].splitlines())
    assert unbroken(before["isp"], sessions(deployed, "isp"))


def test_a_deleted_resource_is_drift_and_deploy_mends_it(deployed):
    was = resources(deployed)
    for kind, name in (
        ("ciliumbgpadvertisement", "sixpeer-lab"),
        ("ciliumbgpclusterconfig", "sixpeer-lab-workers"),
        ("ciliumloadbalancerippool", "sixpeer-lab-default"),
    ):
        deployed.kubectl("delete", kind, name)
        done = command(deployed, "drift", code=1)
        assert re.search(rf"create \w+ {name}\n", done.stdout)
        assert "lab differ" in done.stdout
    command(deployed, "deploy", "--yes", code=0)
    assert resources(deployed) == was


def test_a_password_that_is_rotated_on_one_side_only_is_put_back(deployed):
    was, up = dump(deployed), set(sessions(deployed, "r1"))
    done = deploy_with_another_password_on_the_cluster(deployed)
    assert done.returncode == 3, done.stdout + done.stderr
    assert "not-the-routers-password" not in done.stdout + done.stderr
    assert dump(deployed) == was
    eventually(lambda: set(sessions(deployed, "r1")) == up)


def test_a_signal_in_the_middle_puts_everything_back(deployed):
    was = dump(deployed)
    deployed.vtysh("r1", "configure terminal", "no ipv6 route 64:ff9b::/96 2001:db8:0:ff00::64")
    broken = dump(deployed)
    assert broken != was
    process = subprocess.Popen(
        [sys.executable, "-c", WITH_ANOTHER, "--yes"],
        cwd=deployed.folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert any(line.startswith("verify …") for line in process.stderr)
    process.terminate()
    shown, _ = process.communicate(timeout=60)
    assert process.returncode == 3
    assert "interrupted\neverything was put back" in shown
    assert dump(deployed) == broken


def test_nobody_listening_any_more_stops_no_putting_back(deployed):
    was = dump(deployed)
    process = subprocess.Popen(
        [sys.executable, "-c", WITH_ANOTHER, "--yes", "--timeout", "10"],
        cwd=deployed.folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    assert any(line.startswith("verify …") for line in process.stdout)
    process.stdout.close()
    assert process.wait(timeout=90) == 3
    assert dump(deployed) == was


MEANWHILE = """
import subprocess, sys, runbooks.deploy
words = ["-c", "configure terminal", "-c", "ipv6 route 2001:db8:4::/48 2001:db8:1:1::1"]
change = [sys.executable, "-m", "lab", "--config", sys.argv[1], "exec", "r1", "vtysh", *words]
runbooks.deploy._approve = lambda this, plan: subprocess.run(change, check=True, cwd=sys.argv[2])
sys.exit(runbooks.deploy.main(["--yes"]))
"""


def test_a_router_that_somebody_changes_meanwhile_refuses_and_keeps_it(deployed):
    for router in ROUTERS:
        deployed.vtysh(router, "configure terminal", "no ipv6 route 64:ff9b::/96 2001:db8:0:ff00::64")
    was = dump(deployed)
    done = subprocess.run(
        [sys.executable, "-c", MEANWHILE, str(deployed.folder / "config.yaml"), str(CHECKOUT)],
        cwd=deployed.folder, capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert done.returncode == 3, done.stdout + done.stderr
    assert "changed since it was read" in done.stdout
    assert "+ipv6 route 2001:db8:4::/48 2001:db8:1:1::1" in done.stdout
    deployed.vtysh("r1", "configure terminal", "no ipv6 route 2001:db8:4::/48 2001:db8:1:1::1")
    assert dump(deployed) == was


def test_what_others_have_not_saved_is_not_saved_by_us(deployed):
    foreign = "ipv6 route 2001:db8:4::/48 2001:db8:1:1::1"
    deployed.vtysh("r1", "configure terminal", foreign, "no ipv6 route 64:ff9b::/96 2001:db8:0:ff00::64")
    was = startup(deployed, "r1")
    done = command(deployed, "deploy", "--yes", code=2)
    assert f"not saved, and not ours: + {foreign}" in done.stdout
    assert startup(deployed, "r1") == was
    deployed.vtysh("r1", "configure terminal", f"no {foreign}")


def test_a_foreign_route_to_our_prefix_is_refused_without_adopt(deployed):
    ours = "ipv6 route 2001:db8:0:6400::/112 blackhole"
    record = deployed.run("r1", "cat", "/var/lib/sixpeer/SIXPEER.json").stdout
    deployed.run("r1", "rm", "/var/lib/sixpeer/SIXPEER.json")
    deployed.vtysh("r1", "configure terminal", f"no {ours}", ours.replace("blackhole", "reject"), "end", "write memory")
    done = command(deployed, "deploy", "--yes", code=2)
    assert "--adopt takes it over" in done.stdout
    assert "2001:db8:0:6400::/112 reject" in running(deployed, "r1")
    command(deployed, "deploy", "--yes", "--adopt", code=0)
    assert ours in running(deployed, "r1")
    assert "2001:db8:0:6400::/112 reject" not in running(deployed, "r1")
    assert json.loads(deployed.run("r1", "cat", "/var/lib/sixpeer/SIXPEER.json").stdout) == json.loads(record)


def test_a_router_out_of_reach_is_5_and_touches_nothing(deployed):
    deployed.vtysh("r1", "configure terminal", "no ipv6 route 64:ff9b::/96 2001:db8:0:ff00::64")
    was = dump(deployed)
    with out_of_reach(deployed, "r2"):
        done = command(deployed, "deploy", "--yes", code=5)
        assert re.search(r"^deploy: r2: ", done.stdout, re.MULTILINE)
        assert "Traceback" not in done.stderr
        drift = command(deployed, "drift", code=5)
        assert "+ ipv6 route 64:ff9b::/96" in drift.stdout
    assert dump(deployed) == was


def test_without_a_terminal_and_without_yes_nothing_is_done(deployed):
    deployed.vtysh("r1", "configure terminal", "no ipv6 route 64:ff9b::/96 2001:db8:0:ff00::64")
    was = dump(deployed)
    done = command(deployed, "deploy", code=2)
    assert "say --yes" in done.stdout
    assert dump(deployed) == was
