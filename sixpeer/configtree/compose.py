"""The candidate: running configuration − what is ours + what is intended, each line where it stood.

An unchanged intent gives back the very tree it was given, so that there is nothing to push.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from sixpeer.configtree import frr, hidden, ownership
from sixpeer.configtree.ownership import Ownership
from sixpeer.configtree.record import Keyed, Record, digest
from sixpeer.configtree.tree import Line, Path, Tree, lines, walk


@dataclass(frozen=True, slots=True)
class Composition:
    """A candidate and what to know about it.

    `known` and `record`: what is ours by key now, and once it is confirmed. `adopted`: lines that were
    there already, equal, and become ours. `problems`: why it must not be pushed; empty if it may be.
    """

    running: Tree
    candidate: Tree
    known: Record
    record: Record
    ownership: Ownership
    adopted: tuple[str, ...]
    problems: tuple[str, ...]

    def unsaved(self, startup: Tree) -> tuple[str, ...]:
        """Lines that are not ours in which the running configuration differs from `startup`.

        They are somebody's unsaved work (or file that FRR has not read): our save would make them permanent. What FRR
        hides as its defaults is not missing.
        """
        startup = hidden.as_shown(startup, self.running)
        saved, runs = (self.ownership.foreign(tree) for tree in (startup, self.running))
        changed = [(sign, *entry) for sign, entries in (("-", saved - runs), ("+", runs - saved)) for entry in entries]
        return tuple(
            f"{sign} {_shown(path, text)}"
            for sign, path, text in sorted(changed, key=lambda entry: entry[1:])
            if not frr.is_set_by_itself(path, text)
        )

    @property
    def changes(self) -> bool:
        """Whether the router's configuration would change, or the record of what is ours in it."""
        return lines(self.running) != lines(self.candidate) or self.record != self.known


def compose(
    running: Tree,
    intended: Tree,
    prefix: str,
    record: Record,
    clusters: Collection[str] = (),
    described: Collection[str] | None = None,
    adopt: bool = False,
) -> Composition:
    """The candidate for a router that runs `running` and should have `intended` besides what is not ours.

    `prefix` begins our names; `record` is what the router says is ours by key; `clusters` are those
    that the intent has on this router, `described` those that it has at all. With `adopt`, what is
    keyed alike but differs becomes ours.
    """
    intended = hidden.as_shown(intended, running)
    before = ownership.of(prefix, record, running)
    wanted_keys = _keyed_lines(intended, frozenset())
    present = _keyed_lines(running, frozenset(wanted_keys))
    problems = [
        *_foreign_members(running, intended, before),
        *_foreign_ranges(running, intended, prefix),
        *_departed(record, clusters if described is None else described),
    ]
    adopted: list[str] = []
    for item, wanted in wanted_keys.items():
        if item in record.objects or item not in present:
            continue
        if present[item] == wanted:
            adopted += [_shown(item.path, text) for text in wanted]
        elif adopt:
            adopted += [_shown(item.path, text) for text in present[item]]
        else:
            there = "; ".join(present[item])
            problems.append(f"{_shown(item.path, there)} is there already and not ours; --adopt takes it over")
    objects = {item: digest(texts) for item, texts in wanted_keys.items()}
    for line in intended:  # an instance that we made stays ours; one that is missing becomes ours
        if frr.is_instance(line.text) and (before.owns_instance(line.text) or frr.bgp_asn(running) is None):
            objects[Keyed((), line.text)] = ""
    new_record = Record(record.owner, objects, tuple(sorted(clusters)))
    left = _left_to_others(running, intended, before)
    both = {item: value for item, value in (record.objects | objects).items() if item not in left}
    owned = ownership.of(prefix, Record(record.owner, both), running, intended)
    candidate = _merge(running, intended, (), owned)
    problems += _still_used(running, candidate, owned)
    if candidate != running and owned.foreign(running) != owned.foreign(candidate):
        problems.append("composing would change lines that are not ours: a bug, please report it")
    return Composition(running, candidate, record, new_record, owned, tuple(adopted), tuple(problems))


def _shown(path: Path, text: str) -> str:
    return " / ".join((*path, text))


def _keyed_lines(tree: Tree, only: frozenset[Keyed]) -> dict[Keyed, list[str]]:
    found: dict[Keyed, list[str]] = {}
    for path, line in walk(tree):
        item = frr.keyed(path, line.text)
        if item is not None and (not only or item in only):
            found.setdefault(item, []).append(line.text)
    return {item: sorted(set(texts)) for item, texts in found.items()}


def _foreign_members(running: Tree, intended: Tree, before: Ownership) -> list[str]:
    """Neighbours that the intent wants in a group of ours, and that somebody else has configured."""
    wanted = frr.members(intended, before.prefix) - before.members
    taken = frr.neighbors(running) & wanted
    return [
        f"neighbor {address} is there already and not ours: remove it, or take it out of the inventory"
        for address in sorted(taken)
    ]


def _foreign_ranges(running: Tree, intended: Tree, prefix: str) -> list[str]:
    """Listen ranges of others that overlap ours: FRR takes only one of them."""
    there, wanted = frr.listen_ranges(running), frr.listen_ranges(intended)
    return [
        f"bgp listen range {taken} peer-group {group} is there already and not ours, and overlaps {ours}: "
        f"remove it, or make the neighbours of that subnet static"
        for taken, group in sorted(there.items())
        if not group.startswith(prefix)
        for ours in sorted(wanted)
        if taken in ours or ours in taken
    ]


def _left_to_others(running: Tree, intended: Tree, before: Ownership) -> set[Keyed]:
    """BGP instances that we made and leave while others have lines in them: their settings stay as they are."""
    wanted = {line.text for line in intended}
    used = {path[0] for path, _ in before.foreign(running) if path}
    return {Keyed((), line.text) for line in running if frr.is_instance(line.text) and line.text in used - wanted}


def _departed(record: Record, described: Collection[str]) -> list[str]:
    return [
        f"cluster {name} has configuration here and is not in the inventory; put inventory/clusters/{name}.yaml back"
        for name in sorted(set(record.clusters) - set(described))
    ]


def _still_used(running: Tree, candidate: Tree, owned: Ownership) -> list[str]:
    """Names of ours that would go while a line that is not ours mentions them."""

    def names(tree: Tree) -> set[str]:
        found = (frr.name_of(path, line.text) for path, line in walk(tree))
        return {name for name in found if name and name.startswith(owned.prefix)}

    going = names(running) - names(candidate)
    return [
        f"{name} would be removed, but this line uses it and is not ours: {_shown(path, text)}"
        for path, text in sorted(owned.foreign(running))
        for name in sorted(going & set(text.split()))
    ]


def _merge(running: Tree, intended: Tree, path: Path, owned: Ownership) -> Tree:
    """`running` with our lines as intended: kept in place, taken out, or put behind their predecessor."""
    wanted: Mapping[str, Line] = {line.text: line for line in intended if not line.is_separator}
    result: list[Line] = []
    dropped = False
    for line in running:
        if line.is_separator:
            if not dropped:
                result.append(line)
        elif (new := wanted.get(line.text)) is not None:
            result.append(_merged_line(line, new, path, owned))
        elif owned.is_ours(path, line.text):
            dropped = bool(line.closing)  # with a context goes the separator after it
            continue
        elif line.children:
            kept = line.with_children(_merge(line.children, (), (*path, line.text), owned))
            dropped = _is_left_empty(line, kept, path, owned)
            if dropped:
                continue
            result.append(kept)
        else:
            result.append(line)
        dropped = False
    _insert(result, wanted)
    return tuple(result)


def _merged_line(line: Line, new: Line, path: Path, owned: Ownership) -> Line:
    if frr.is_shared(path, line.text):
        return line.with_children(_merge(line.children, new.children, (*path, line.text), owned))
    return line if lines(line.children) == lines(new.children) else new


def _is_left_empty(line: Line, kept: Line, path: Path, owned: Ownership) -> bool:
    """Whether nothing is left of a context that FRR shows only with something in it, or that we made."""
    if line == kept or not all(child.is_separator for child in kept.children):
        return False
    return owned.owns_instance(line.text) if not path else frr.is_shared(path, line.text)


def _insert(result: list[Line], wanted: Mapping[str, Line]) -> None:
    """Put what is wanted and missing behind the wanted line before it, else in front of families or `end`."""
    place = next(
        (index for index, line in enumerate(result) if line.text == "end" or line.text.startswith("address-family ")),
        len(result),
    )
    for text, line in wanted.items():
        at = next((index for index, there in enumerate(result) if there.text == text), None)
        if at is None:
            at = place
            result.insert(at, line)
            if line.closing:
                result.insert(at + 1, Line("!"))
        place = at + 1
        if result[at].closing and place < len(result) and result[place].is_separator:
            place += 1
