"""Whose a line is. Ours are three kinds: named, keyed by the record, and the BGP instance if we made it."""

from __future__ import annotations

from dataclasses import dataclass

from sixpeer.configtree import frr
from sixpeer.configtree.record import Keyed, Record
from sixpeer.configtree.tree import Path, Tree, lines


@dataclass(frozen=True, slots=True)
class Ownership:
    """What decides: the prefix of our names, the members of our groups, and the record's objects."""

    prefix: str
    members: frozenset[str]
    objects: frozenset[Keyed]

    def is_ours(self, path: Path, text: str) -> bool:
        """Whether we may change or remove this line, with all that is in it."""
        if path and not frr.is_shared((), path[0]):
            return self.is_ours((), path[0])
        name = frr.name_of(path, text)
        if name is not None:
            return name.startswith(self.prefix) or name in self.members
        if (item := frr.keyed(path, text)) is not None:
            return item in self.objects
        return frr.is_setting(path, text) and self.owns_instance(path[0])

    def owns_instance(self, router_bgp: str) -> bool:
        """Whether we created this BGP instance."""
        return Keyed((), router_bgp) in self.objects

    def foreign(self, tree: Tree) -> frozenset[tuple[Path, str]]:
        """What is not ours, line by line with the contexts. Contexts that anyone may open do not count."""
        return frozenset(
            (path, text) for path, text in lines(tree) if not frr.is_shared(path, text) and not self.is_ours(path, text)
        )


def of(prefix: str, record: Record, *trees: Tree) -> Ownership:
    """The ownership by a record, with the members that our groups have in any of `trees`."""
    found: frozenset[str] = frozenset().union(*(frr.members(tree, prefix) for tree in trees))
    return Ownership(prefix, found, frozenset(record.objects))
