"""The laws of configuration as values, on FRR: it answers what was composed, and the opposite change undoes it."""

from __future__ import annotations

import pytest
from frr_configs import LINKS, commit, driver_of, running, type_in
from frr_worlds import PREFIX, ours, theirs
from hypothesis import HealthCheck, Phase, given, settings
from reference_intent import NO_RECORD, foreign

from sixpeer.configtree import tree
from sixpeer.configtree.compose import Composition, compose
from sixpeer.configtree.record import Record
from sixpeer.configtree.tree import Tree

pytestmark = [pytest.mark.lab, pytest.mark.matrix]


@pytest.fixture(scope="module")
def router(module_bare):
    (r1,) = module_bare(daemons=("bgpd", "ospfd"), links=LINKS)
    return r1


def wanted(there: Tree, intended: str, known: Record = NO_RECORD) -> Composition:
    return compose(there, tree.parse(intended), PREFIX, known, ["lab"] if intended else [], ["lab"])


@settings(
    max_examples=6,
    deadline=None,
    derandomize=True,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(theirs, ours, ours)
def test_frr_answers_what_was_composed_and_the_opposite_change_undoes_it(router, others, before, after):
    lines = [line for line in others.splitlines() if not line.startswith(("frr ", "hostname ", "end"))]
    router.write("/etc/frr/frr.conf", "")
    router.restart_frr()
    with driver_of(router) as driver:
        type_in(router, "\n".join(lines) + "\n")
        first = running(driver)
        one = wanted(first, before)
        assert one.problems == ()
        second = commit(driver, one)
        other = wanted(second, after, one.record)
        third = commit(driver, other)
        assert foreign(other, third) == foreign(other, first)
        back = commit(driver, wanted(third, before, other.record))
        assert tree.difference(second, back) == ()
        left = commit(driver, wanted(back, "", one.record))
        assert tree.difference(first, left) == ()
