"""What FRR's lines are: which carry a name, which a key, and which set the whole BGP instance.

The rules are data. A path is matched from the top level; `router bgp` stands for the instance of
the default VRF.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from netaddr import IPNetwork

from sixpeer.configtree.record import Keyed
from sixpeer.configtree.tree import Path, Tree, walk

_BGP = r"router bgp \d+"
_UNICAST = r"address-family ipv[46] unicast"
_FAMILY = r"address-family .+"


@dataclass(frozen=True, slots=True)
class Rule:
    """Lines that match `line` inside contexts that match `path`; its group `name` or `key` says whose it is."""

    path: tuple[str, ...]
    line: str

    def match(self, path: Path, text: str) -> re.Match[str] | None:
        if len(path) != len(self.path):
            return None
        if not all(re.fullmatch(pattern, context) for pattern, context in zip(self.path, path, strict=True)):
            return None
        return re.fullmatch(self.line, text)


_MEMBER = Rule((_BGP,), r"neighbor (?P<member>\S+) peer-group (?P<name>\S+)")
_NEIGHBOR = Rule((_BGP,), r"(?:no )?neighbor (?P<name>\S+) .+")
_RANGE = Rule((_BGP,), r"bgp listen range (?P<range>\S+) peer-group (?P<name>\S+)")

NAMED = (
    Rule((), r"(?:ip|ipv6) prefix-list (?P<name>\S+) .+"),
    Rule((), r"route-map (?P<name>\S+) (?:permit|deny) \d+"),
    Rule((), r"bgp (?:community-list|large-community-list|extcommunity-list)(?: standard| expanded)? (?P<name>\S+) .+"),
    _MEMBER,
    _RANGE,
    _NEIGHBOR,
    Rule((_BGP, _FAMILY), r"(?:no )?neighbor (?P<name>\S+) .+"),
)

KEYED = (
    Rule((), r"(?P<key>ipv6 route \S+) .+"),
    Rule((r"interface \S+",), r"(?P<key>ipv6 address \S+)"),
    Rule((_BGP, _UNICAST), r"(?P<key>network \S+)(?: .+)?"),
)

SETTINGS = (
    Rule(
        (_BGP,),
        r"(?:no )?(?:bgp (?:router-id|default|bestpath|listen limit|graceful-restart(?:-disable)?)|timers bgp)(?: .+)?",
    ),
    Rule((_BGP,), r"use-underlays-nexthop-weight"),
    Rule((_BGP, _FAMILY), r"maximum-paths .+"),
)
"""What holds for every session of the BGP instance, whoever has made it."""

SHARED_CONTEXTS = (
    Rule((), r"interface \S+"),
    Rule((), _BGP),
    Rule((_BGP,), _FAMILY),
)
"""Contexts in which ours and others' lines stand together."""


_remembered = lru_cache(maxsize=1 << 16)
"""The same lines are asked about many times, of one router and of all."""

_SET_BY_ITSELF = (
    r"frr (?:version|defaults) .+|(?:hostname|domainname|log) .+"
    r"|service integrated-vtysh-config|(?:no )?ip(?:v6)? forwarding"
)


def is_set_by_itself(path: Path, text: str) -> bool:
    """Whether FRR shows this line from what the system or its package gave it, configured or not."""
    return not path and re.fullmatch(_SET_BY_ITSELF, text) is not None


@_remembered
def name_of(path: Path, text: str) -> str | None:
    """The name that a line defines or belongs to: a list, a route-map, a group, a neighbour."""
    for rule in NAMED:
        if found := rule.match(path, text):
            return found["name"]
    return None


@_remembered
def keyed(path: Path, text: str) -> Keyed | None:
    """What identifies a line that carries no name: the prefix of a route, an address of an interface."""
    for rule in KEYED:
        if found := rule.match(path, text):
            return Keyed(path, found["key"])
    return None


@_remembered
def is_shared(path: Path, text: str) -> bool:
    """Whether this line opens a context that may hold lines of several owners."""
    return any(rule.match(path, text) for rule in SHARED_CONTEXTS)


@_remembered
def is_instance(text: str) -> bool:
    """Whether this line opens the default VRF's BGP instance."""
    return re.fullmatch(_BGP, text) is not None


@_remembered
def is_setting(path: Path, text: str) -> bool:
    """Whether this line sets the whole BGP instance."""
    return any(rule.match(path, text) for rule in SETTINGS)


def neighbors(tree: Tree) -> frozenset[str]:
    """The addresses, interfaces and peer groups that the default VRF's BGP instance has lines for."""
    found = (_NEIGHBOR.match(path, line.text) for path, line in walk(tree))
    return frozenset(match["name"] for match in found if match)


def groups(tree: Tree) -> frozenset[str]:
    """The peer groups that the default VRF's BGP instance defines."""
    found = (re.fullmatch(r"neighbor (\S+) peer-group", text) for text in bgp_settings(tree))
    return frozenset(match[1] for match in found if match)


def members(tree: Tree, prefix: str) -> frozenset[str]:
    """The addresses of neighbours in peer groups whose name begins with `prefix`."""
    found = (_MEMBER.match(path, line.text) for path, line in walk(tree))
    return frozenset(match["member"] for match in found if match and match["name"].startswith(prefix))


def listen_ranges(tree: Tree) -> dict[IPNetwork, str]:
    """The ranges from which the default VRF's BGP instance takes sessions, each with its peer group."""
    found = (_RANGE.match(path, line.text) for path, line in walk(tree))
    return {IPNetwork(match["range"]): match["name"] for match in found if match}


def version(tree: Tree) -> tuple[int, int] | None:
    """Major and minor version of the FRR that shows this configuration, if it says so."""
    for line in tree:
        if found := re.match(r"frr version (\d+)\.(\d+)", line.text):
            return int(found[1]), int(found[2])
    return None


def profile(tree: Tree) -> str:
    """The profile of defaults in this configuration."""
    return next((line.text.split()[2] for line in tree if line.text.startswith("frr defaults ")), "traditional")


def bgp_asn(tree: Tree) -> int | None:
    """The AS of the default VRF's BGP instance, if there is one."""
    for line in tree:
        if re.fullmatch(_BGP, line.text):
            return int(line.text.split()[-1])
    return None


def bgp_settings(tree: Tree) -> frozenset[str]:
    """The lines directly in the default VRF's BGP instance."""
    return frozenset(child.text for line in tree if re.fullmatch(_BGP, line.text) for child in line.children)


def instances_in_another_notation(tree: Tree) -> tuple[str, ...]:
    """The default VRF's BGP instance where it shows AS numbers with dots, or says how it shows them."""
    return tuple(line.text for line in tree if re.fullmatch(r"router bgp \S+ as-notation \S+", line.text))


def families_by_default(tree: Tree) -> tuple[str, ...]:
    """The address families in which neighbours of the default VRF's instance are active unless told otherwise."""
    settings = bgp_settings(tree)
    found = [match for text in settings if (match := re.fullmatch(r"bgp default (ipv[46]|l2vpn)-(\S+)", text))]
    further = {f"{match[1]} {match[2]}" for match in found}
    return tuple(sorted(further | (set() if "no bgp default ipv4-unicast" in settings else {"ipv4 unicast"})))


def interface_addresses(tree: Tree) -> dict[str, frozenset[str]]:
    """The IPv6 addresses (with length) that the configuration gives to each interface."""
    found: dict[str, set[str]] = {}
    for path, line in walk(tree):
        if path and path[0].startswith("interface ") and line.text.startswith("ipv6 address "):
            found.setdefault(path[0].split()[1], set()).add(line.text.split()[-1])
    return {name: frozenset(addresses) for name, addresses in found.items()}
