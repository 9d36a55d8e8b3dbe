"""The shipped description, changed here and there, and what is ours on its routers."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path

from sixpeer.configtree import tree
from sixpeer.configtree.compose import Composition, compose
from sixpeer.configtree.facts import RouterFacts, conflicts, facts
from sixpeer.configtree.record import Record
from sixpeer.configtree.tree import Tree
from sixpeer.intent import Intent, load
from tasks.render import environment

ROOT = Path(__file__).parents[1]
OWNER = "SIXPEER"
NO_RECORD = Record(OWNER, {})
PASSWORD = "hidden"  # noqa: S105


def described(folder: Path, *changes: tuple[str, str], hosts: tuple[tuple[str, str], ...] = ()) -> Intent:
    """The description with each `(old, new)` put in the cluster's file, or in that of the hosts; `folder` is empty."""
    inventory = Path(shutil.copytree(ROOT / "inventory", folder / "inventory", dirs_exist_ok=True))
    for name, replaced in {"clusters/lab.yaml": changes, "hosts.yaml": hosts}.items():
        text = (inventory / name).read_text()
        for old, new in replaced:
            assert old in text
            text = text.replace(old, new)
        (inventory / name).write_text(text)
    return load(inventory, OWNER, folder)


def rendered(intent: Intent, known: RouterFacts, router: str = "r1") -> str:
    """What is ours on a router of which this is known."""
    clusters = intent.clusters_of(router)
    return (
        environment()
        .get_template("frr/router.conf.j2")
        .render(
            intent=intent,
            router=intent.routers[router],
            clusters=list(clusters.values()),
            facts=known,
            passwords={name: PASSWORD for name, cluster in clusters.items() if cluster.bgp.password},
        )
    )


def composed(
    intent: Intent,
    running: Tree,
    record: Record = NO_RECORD,
    addresses: Mapping[str, frozenset[str]] | None = None,
) -> tuple[Composition, list[str]]:
    """What a plan makes of r1 as it runs, and all that speaks against it. `addresses` of the system, by interface."""
    known = facts(running, record, addresses or {"control": frozenset(), "workers": frozenset()})
    made = compose(
        running, tree.parse(rendered(intent, known)), f"{OWNER}-", record, intent.clusters_of("r1"), intent.clusters
    )
    return made, [*conflicts(running, intent.routers["r1"], known), *made.problems]


def without_us(made: Composition) -> Composition:
    """The opposite of a change, on a router that runs its candidate: nothing is ours there any more."""
    return compose(made.candidate, (), f"{OWNER}-", made.record, [], made.record.clusters)


def foreign(made: Composition, of: Tree) -> list[tuple[tree.Path, str]]:
    """The lines of others in a configuration, by context, and there in their order."""
    theirs = made.ownership.foreign(of)
    found = [(path, line.text) for path, line in tree.walk(of) if (path, line.text) in theirs]
    return sorted(found, key=lambda entry: entry[0])
