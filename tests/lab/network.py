"""The lab's network as the tests use it: commands run as a user would, and what the devices themselves say."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from contextlib import contextmanager

PODS = {"control1": "2001:db8:0:4200::10", "worker1": "2001:db8:0:4201::10", "worker2": "2001:db8:0:4202::10"}
NAT64 = "64:ff9b::8c52:7103"
KINDS = (
    "ciliumbgpclusterconfigs,ciliumbgppeerconfigs,ciliumbgpadvertisements,ciliumloadbalancerippools"
    ",ciliumbgpnodeconfigoverrides"
)
ROUTERS = ("r1", "r2")


def command(lab, name, *options, code=None):
    """Run a command as a user would, in the folder of its config.yaml."""
    done = subprocess.run(
        [sys.executable, "-m", f"runbooks.{name}", *options],
        cwd=lab.folder,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    secret = (lab.folder / ".lab/bgp-password").read_text().strip()
    assert secret not in done.stdout + done.stderr
    if code is not None:
        assert done.returncode == code, f"{name} ended with {done.returncode}\n{done.stdout}\n{done.stderr}"
    return done


def running(lab, router):
    return lab.vtysh(router, "show running-config no-header")


def startup(lab, router):
    return lab.run(router, "sh", "-c", "stat -c '%Y %i %s' /etc/frr/frr.conf; cat /etc/frr/frr.conf").stdout


def resources(lab):
    """Our kinds of objects as they are, without what changes whenever one is written."""
    found = json.loads(lab.kubectl("get", KINDS, "-o", "json"))["items"]
    found += json.loads(lab.kubectl("get", "secrets", "-n", "kube-system", "-o", "json"))["items"]
    for item in found:
        item.pop("status", None)
        for noise in ("resourceVersion", "uid", "generation", "creationTimestamp", "managedFields"):
            item["metadata"].pop(noise, None)
    return sorted(found, key=lambda item: (item["kind"], item["metadata"]["name"]))


def dump(lab):
    """All that a change may touch."""
    return {
        "running": {router: running(lab, router) for router in ROUTERS},
        "startup": {router: startup(lab, router).split("\n", 1)[1] for router in ROUTERS},
        "resources": resources(lab),
    }


def sessions(lab, router):
    """By neighbour: when its session came up (seconds of the epoch), how often it did, how often it was lost."""
    peers = json.loads(lab.vtysh(router, "show bgp ipv6 unicast summary json"))["peers"]
    return {
        peer: (seen["peerUptimeEstablishedEpoch"], seen["connectionsEstablished"], seen["connectionsDropped"])
        for peer, seen in peers.items()
        if seen["state"] == "Established"
    }


def unbroken(was, now):
    """Whether the same sessions have been up all the time; FRR reckons their beginning anew, and rounds it."""
    return was.keys() == now.keys() and all(
        abs(was[peer][0] - now[peer][0]) <= 1 and was[peer][1:] == now[peer][1:] for peer in was
    )


def measured(lab):
    """What shows a touch besides the sessions: startup files, table versions, resource versions."""
    everything = json.loads(lab.kubectl("get", f"{KINDS},secrets,ciliumbgpnodeconfigs", "-A", "-o", "json"))["items"]
    tables = (json.loads(lab.vtysh(router, "show bgp ipv6 unicast json"))["tableVersion"] for router in ROUTERS)
    return {
        "startup": {router: startup(lab, router) for router in ROUTERS},
        "tables": list(tables),
        "resources": {
            f"{item['kind']}/{item['metadata']['name']}": item["metadata"]["resourceVersion"]
            for item in everything
            if item["kind"] != "CiliumBGPNodeConfig"
        },
    }


def reaches(lab, node, *words):
    return lab.run(node, *words, check=False).returncode == 0


def works(lab):
    """What the network is for, tried by hand."""
    vip = json.loads(lab.kubectl("get", "service", "web", "-o", "json"))["status"]["loadBalancer"].get("ingress")
    return {
        "pods": reaches(lab, "control1", "ping", "-6", "-c1", "-W1", "-I", PODS["control1"], PODS["worker1"]),
        "load balancer": bool(vip)
        and reaches(lab, "client", "curl", "-s", "--max-time", "2", f"http://[{vip[0]['ip']}]/"),
        "nat64": reaches(lab, "worker1", "curl", "-s", "--max-time", "2", f"http://[{NAT64}]/"),
    }


def failing(lab, *options):
    """The checks that fail or cannot tell, by `verify`, and its exit code."""
    done = command(lab, "verify", "--format", "json", *options)
    verdicts = json.loads(done.stdout)["verdicts"]
    return {verdict["check"] for verdict in verdicts if verdict["status"] in ("failure", "error")}, done.returncode


@contextmanager
def out_of_reach(lab, node):
    """The management network does not reach this machine; its address there stays."""
    lab.run(node, "sh", "-c", "echo 1 >/proc/sys/net/ipv6/conf/mgmt0/keep_addr_on_down; ip link set mgmt0 down")
    try:
        yield
    finally:
        lab.run(node, "ip", "link", "set", "mgmt0", "up")


def eventually(look, expected=None, seconds=60, pause=0.5):
    """What `look` answers, as soon as it is `expected` (by default: anything that is true)."""
    deadline = time.monotonic() + seconds
    while True:
        seen = look()
        if seen == expected or (expected is None and seen):
            return seen
        if time.monotonic() > deadline:
            assert seen == expected, f"not {expected} in time, but {seen}"
            raise AssertionError("it did not come true in time")
        time.sleep(pause)
