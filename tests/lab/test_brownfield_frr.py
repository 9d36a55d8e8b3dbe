"""The reference description on real routers of others: only what is ours changes, or it is refused with the reason."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from frr_configs import DAEMONS, LINKS, commit, driver_of, running, type_in
from reference_intent import composed, described, foreign, without_us

from sixpeer.configtree import tree

pytestmark = [pytest.mark.lab, pytest.mark.matrix]

CORPUS = sorted((Path(__file__).parents[1] / "corpus/frr").glob("*.conf"))
GOLDEN = Path(__file__).parents[1] / "golden/brownfield"


@pytest.fixture(scope="module")
def intent(tmp_path_factory):
    return described(tmp_path_factory.mktemp("description"))


@pytest.mark.parametrize("path", CORPUS, ids=lambda path: path.stem)
def test_only_ours_changes_or_it_is_refused(path, bare, intent):
    (router,) = bare(daemons=DAEMONS, links=LINKS)
    type_in(router, path.read_text())
    with driver_of(router) as driver:
        first = running(driver)
        assert [gone for gone in tree.difference(tree.parse(path.read_text()), first) if gone.startswith("- ")] == []
        assert tree.render(tree.parse(router.running)) == router.running

        seen = json.loads(driver.cli(["show interface brief json"])["show interface brief json"])
        addresses = {name: frozenset(interface["addresses"]) for name, interface in seen.items()}
        made, problems = composed(intent, first, addresses=addresses)
        expected = (GOLDEN / f"{path.stem}.txt").read_text()
        if problems:
            assert "".join(f"refused: {problem}\n" for problem in problems) == expected
            return
        assert "refused" not in expected

        after = commit(driver, made)
        assert foreign(made, after) == foreign(made, first)

        there = commit(driver, without_us(made))
        assert {gone.partition(" ")[2] for gone in tree.difference(first, there)} == set(made.adopted)
