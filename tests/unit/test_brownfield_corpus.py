"""The reference description on routers of others: only what is ours changes, or it is refused with the reason."""

from __future__ import annotations

from pathlib import Path

import pytest
from reference_intent import composed, described, foreign, without_us

from sixpeer.configtree import tree
from sixpeer.configtree.redact import redact

CORPUS = sorted((Path(__file__).parents[1] / "corpus/frr").glob("*.conf"))
ADDRESSES = {name: frozenset[str]() for name in ("control", "workers", "eth0", "eth1", "lo")}


@pytest.fixture(scope="module")
def intent(tmp_path_factory):
    return described(tmp_path_factory.mktemp("description"))


@pytest.mark.parametrize("version", ["8.4.4", "10.3", "10.7.1"])
@pytest.mark.parametrize("path", CORPUS, ids=lambda path: path.stem)
def test_only_ours_changes_or_it_is_refused(path, version, intent, golden):
    running = tree.parse(f"frr version {version}\n{path.read_text()}")
    made, problems = composed(intent, running, addresses=ADDRESSES)
    if problems:
        golden(f"brownfield/{path.stem}.txt", "".join(f"refused: {problem}\n" for problem in problems))
        return
    adopted = [f"adopted: {line}" for line in made.adopted]
    changed = [*adopted, *tree.difference(running, made.candidate)]
    golden(f"brownfield/{path.stem}.txt", "".join(f"{redact(line)}\n" for line in changed))
    assert not any(line.startswith("- ") for line in changed)
    assert foreign(made, made.candidate) == foreign(made, running)
    back = without_us(made)
    assert back.problems == ()
    assert {line.partition(" ")[2] for line in tree.difference(running, back.candidate)} == set(made.adopted)
