"""A change over fakes: what is done in which order, and what becomes of it when a verb fails."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sixpeer.change.clock import Phases
from sixpeer.change.plan import ClusterPlan, Plan, RouterPlan, plan
from sixpeer.change.settle import settle
from sixpeer.change.transaction import Budgets, Failure, carry_out
from sixpeer.checks.verdict import Status, Verdict, holds
from sixpeer.cilium import Key, ResourceChange
from sixpeer.configtree import compose, record, tree
from sixpeer.errors import NotBegun, NotPutBack, PlanError, PutBack

GOOD = (Verdict("session", ("r1",), "up", Status.SUCCESS),)
BAD = (Verdict("session", ("r1",), "up", Status.FAILURE),)


class FakeClock:
    """Time that passes only by sleeping."""

    def __init__(self):
        self.time = 0.0

    def now(self):
        return self.time

    def sleep(self, seconds):
        self.time += seconds


class FakeNetwork:
    """Hosts with a value each. Routers keep a candidate back until confirm; `faults` raise or fail verbs."""

    def __init__(self, faults=(), verdicts=GOOD, untouched=""):
        self.faults, self.verdicts, self.untouched = dict(faults), verdicts, untouched
        self.value = dict.fromkeys(("r1", "r2", "lab"), "old")
        self.saved = dict(self.value)
        self.calls = []

    def _verb(self, name, hosts):
        self.calls.append((name, tuple(hosts)))
        fault = self.faults.get(name)
        if isinstance(fault, BaseException) or (isinstance(fault, type) and issubclass(fault, BaseException)):
            raise fault
        return {host: Failure("refused", touched=name != self.untouched) for host in hosts if fault and host in fault}

    def snapshot(self, hosts):
        return self._verb("snapshot", hosts)

    def apply(self, hosts, window):
        assert window > 0
        for host in hosts:
            self.value[host] = "new"
        return self._verb("apply", hosts)

    def verify(self):
        self._verb("verify", ())
        return self.verdicts

    def confirm(self, hosts):
        failed = self._verb("confirm", hosts)
        self.saved |= {host: self.value[host] for host in hosts if host not in failed}
        return failed

    def revert(self, hosts):
        failed = self._verb("revert", hosts)
        for host in hosts:
            if host not in failed:
                self.value[host] = self.saved[host] = "old"
        return failed


def router_plan(host: str, new: str = "hostname new\n") -> RouterPlan:
    composition = compose.compose(tree.parse(""), tree.parse(new), "X-", record.Record("X", {}))
    return RouterPlan(host, composition, "+ hostname new")


CHANGE = Plan(
    {"r1": router_plan("r1"), "r2": router_plan("r2")},
    {"lab": ClusterPlan("lab", (ResourceChange(Key("v1", "Secret", "s", "kube-system"), None, {}, ("+ s",)),))},
)


def run(network: FakeNetwork):
    clock = FakeClock()
    seen = []
    carry_out(CHANGE, network, Budgets(verify=10), clock, Phases(clock), seen.append)
    return seen


def test_routers_go_before_the_cluster_and_are_confirmed_last():
    network = FakeNetwork()
    assert run(network) == [GOOD]
    assert [call for call in network.calls if call[0] != "verify"] == [
        ("snapshot", ("r1", "r2", "lab")),
        ("apply", ("r1", "r2")),
        ("apply", ("lab",)),
        ("confirm", ("r1", "r2", "lab")),
    ]
    assert set(network.saved.values()) == {"new"}


def test_what_is_not_verified_is_put_back_cluster_first():
    network = FakeNetwork(verdicts=BAD)
    with pytest.raises(PutBack, match="1 of 1 verdicts"):
        run(network)
    assert network.calls[-1] == ("revert", ("lab", "r2", "r1"))
    assert set(network.value.values()) == {"old"}


def test_a_router_that_refuses_takes_the_others_back_with_it():
    network = FakeNetwork({"apply": {"r2"}})
    with pytest.raises(PutBack, match="r2: refused"):
        run(network)
    assert ("apply", ("lab",)) not in network.calls
    assert set(network.value.values()) == {"old"}


def test_a_host_that_refused_before_anything_changed_is_left_alone():
    network = FakeNetwork({"apply": {"r2"}}, untouched="apply")
    with pytest.raises(PutBack):
        run(network)
    assert network.calls[-1] == ("revert", ("r1",))


def test_a_change_that_all_refused_did_not_begin():
    network = FakeNetwork({"apply": {"r1", "r2"}}, untouched="apply")
    with pytest.raises(NotBegun):
        run(network)
    assert "revert" not in {name for name, _ in network.calls}


@pytest.mark.parametrize("fault", [KeyboardInterrupt, RuntimeError("bug")])
def test_what_is_cut_off_while_putting_back_is_not_put_back(fault):
    with pytest.raises(NotPutBack, match="look at lab, r2, r1"):
        run(FakeNetwork({"revert": fault}, verdicts=BAD))


def test_nothing_is_reverted_where_nothing_was_begun():
    network = FakeNetwork({"snapshot": {"lab"}})
    with pytest.raises(NotBegun, match="nothing was changed") as caught:
        run(network)
    assert int(caught.value.exit_code) == 5
    assert "revert" not in {name for name, _ in network.calls}


def test_what_cannot_be_put_back_is_named():
    network = FakeNetwork({"revert": {"r1"}}, verdicts=BAD)
    with pytest.raises(NotPutBack, match="r1: refused") as caught:
        run(network)
    assert int(caught.value.exit_code) == 4


@given(
    verb=st.sampled_from(["snapshot", "apply", "verify", "confirm"]),
    fault=st.sampled_from([KeyboardInterrupt, SystemExit, RuntimeError("bug"), {"r1"}, {"r2", "lab"}, {"lab"}]),
)
def test_whatever_happens_before_the_end_everything_is_old(verb, fault):
    network = FakeNetwork({verb: fault})
    if verb == "verify" and isinstance(fault, set):
        return  # verdicts are its failures
    with pytest.raises(NotBegun if verb == "snapshot" else PutBack):
        run(network)
    assert set(network.value.values()) == set(network.saved.values()) == {"old"}


def test_settling_ends_at_once_when_it_holds_and_at_the_deadline_when_not():
    clock = FakeClock()
    looks = iter([BAD, BAD, GOOD])
    assert settle(lambda: next(looks), 10, clock) == GOOD
    assert clock.time == 2
    assert settle(lambda: BAD, 10, clock) == BAD
    assert clock.time <= 12


def test_nothing_seen_does_not_hold():
    assert not holds(())
    assert settle(lambda: (), 3, FakeClock()) == ()


def test_a_plan_is_refused_with_every_host_s_reasons():
    running = tree.parse("ipv6 route 64:ff9b::/96 2001:db8::9\n")
    intended = tree.parse("ipv6 route 64:ff9b::/96 2001:db8::1\n")
    refused = compose.compose(running, intended, "X-", record.Record("X", {}))
    with pytest.raises(PlanError) as caught:
        plan([RouterPlan("r1", refused, ""), RouterPlan("r2", refused, "")])
    assert {line.split(":")[0] for line in str(caught.value).split("\n")} == {"r1", "r2"}
