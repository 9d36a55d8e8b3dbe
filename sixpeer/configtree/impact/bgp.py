"""The BGP of a configuration: its instances, and the sessions that each has."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from sixpeer.configtree.tree import Tree, walk

_INSTANCE = re.compile(r"router bgp (?P<asn>\S+)(?: (?:vrf|view) (?P<vrf>\S+))?(?: as-notation \S+)?")
_MEMBER = re.compile(r"neighbor (?P<peer>\S+)(?: interface(?: v6only)?)? peer-group (?P<group>\S+)")
_OF_ITS_OWN = re.compile(r"neighbor (?P<peer>\S+)(?: interface(?: v6only)?)? remote-as \S+")
_GROUP = re.compile(r"neighbor (?P<group>\S+) peer-group")
_RANGE = re.compile(r"bgp listen range (?P<range>\S+) peer-group (?P<group>\S+)")
_SETTING = re.compile(r"(?P<no>no )?neighbor (?P<who>\S+) (?P<setting>.+)")

Entry = tuple[str, str]
"""An address family ("" outside any) and a line of it, of one instance."""


@dataclass(frozen=True, slots=True)
class Setting:
    """A line about a neighbour or a group; `text` is what it says, with its `no`."""

    who: str
    text: str

    @property
    def kind(self) -> str:
        """What can be said once about a neighbour: the setting without its value."""
        words = self.text.removeprefix("no ").split()
        taken = 2 if words[0] in ("timers", "capability", "bgp") and len(words) > 1 and words[1].isalpha() else 1
        last = words[-1:] if words[0] in ("route-map", "prefix-list", "filter-list", "distribute-list") else []
        return " ".join((*words[:taken], *last))


@dataclass(frozen=True, slots=True)
class Instance:
    """One `router bgp`. `groups` by session: "" for one that is in no group; of ranges, that of the range."""

    vrf: str
    header: str
    asn: str
    lines: frozenset[Entry]
    sessions: Mapping[str, str]
    group_names: frozenset[str]

    def settings(self, who: str) -> frozenset[tuple[str, str]]:
        """Address family and kind of all that is set for a neighbour or a group."""
        found = ((family, setting_of(line)) for family, line in self.lines)
        return frozenset((family, one.kind) for family, one in found if one and one.who == who)

    def text_of(self, who: str, setting: str) -> str | None:
        """The value of a setting outside address families, or None."""
        wanted = f"neighbor {who} {setting} "
        return next(
            (line[len(wanted) :] for family, line in self.lines if not family and line.startswith(wanted)), None
        )


def setting_of(line: str) -> Setting | None:
    """What a line says about a neighbour or a group; None if it is about the instance."""
    found = _SETTING.fullmatch(line)
    return Setting(found["who"], f"{found['no'] or ''}{found['setting']}") if found else None


def instances(tree: Tree) -> dict[str, Instance]:
    """The BGP instances by VRF; a view counts as one."""
    found = {}
    for line in tree:
        header = _INSTANCE.fullmatch(line.text)
        if not header:
            continue
        vrf = header["vrf"] or "default"
        inside = walk(line.children)
        lines = frozenset(
            (path[0] if path else "", one.text)
            for path, one in inside
            if not one.children and not one.text.startswith("address-family ")
        )
        texts = [text for family, text in lines if not family]
        groups = frozenset(made["group"] for made in map(_GROUP.fullmatch, texts) if made)
        alone = (made["peer"] for made in map(_OF_ITS_OWN.fullmatch, texts) if made)
        sessions = {peer: "" for peer in alone if peer not in groups}
        for pattern, name in ((_MEMBER, "peer"), (_RANGE, "range")):
            sessions |= {made[name]: made["group"] for made in map(pattern.fullmatch, texts) if made}
        found[vrf] = Instance(vrf, line.text, header["asn"], lines, sessions, groups)
    return found
