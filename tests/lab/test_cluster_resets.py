"""Which changes of the cluster's half reset sessions: what the plan says is what Cilium does."""

from __future__ import annotations

import pytest
from network import ROUTERS, command, eventually, sessions

pytestmark = pytest.mark.lab

CLUSTER = "inventory/clusters/lab.yaml"
NODES = {"2001:db8::a", "2001:db8:0:1::a", "2001:db8:0:1::b"}


@pytest.fixture
def deployed(lab):
    """A deployed network, and again when its description is as before."""
    command(lab, "deploy", "--yes", code=0)
    shipped = (lab.folder / CLUSTER).read_text()
    yield lab
    (lab.folder / CLUSTER).write_text(shipped)
    command(lab, "deploy", "--yes", code=0)


def connected(lab):
    """How often each node's session has come up, by router."""
    eventually(lambda: all(set(sessions(lab, router)) >= NODES for router in ROUTERS))
    return {(router, node): sessions(lab, router)[node][1] for router in ROUTERS for node in NODES}


@pytest.mark.parametrize(
    ("old", "new", "reset"),
    [
        ("restart_time: 60", "restart_time: 90", True),
        ("hold: 9, keepalive: 3", "hold: 12, keepalive: 4", True),
        ("connect_retry: 5", "connect_retry: 7", False),
    ],
)
def test_sessions_are_reset_from_the_nodes_end_where_the_plan_says_so(deployed, old, new, reset):
    description = (deployed.folder / CLUSTER).read_text()
    assert old in description
    (deployed.folder / CLUSTER).write_text(description.replace(old, new))
    before = connected(deployed)
    done = command(deployed, "deploy", "--yes", code=0)
    assert ("all sessions by sixpeer-lab will reset" in done.stdout) is reset
    after = connected(deployed)
    assert {peer: after[peer] > before[peer] for peer in before} == dict.fromkeys(before, reset)
