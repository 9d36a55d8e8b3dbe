"""Which lists and route-maps change, and which sessions use them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from sixpeer.configtree.impact import rules
from sixpeer.configtree.impact.bgp import Instance, instances, setting_of
from sixpeer.configtree.impact.values import Effect, PolicyChange, SessionImpact, Version
from sixpeer.configtree.tree import Tree, walk

_LISTS = (
    re.compile(r"(?P<name>ip(?:v6)? prefix-list \S+) (?P<line>.+)"),
    re.compile(r"(?P<name>(?:ip(?:v6)? )?access-list \S+) (?P<line>.+)"),
    re.compile(r"(?P<name>bgp as-path access-list \S+) (?P<line>.+)"),
)
_COMMUNITIES = re.compile(
    r"bgp (?P<kind>(?:large-|ext)?community-list)(?: standard| expanded)? (?P<id>\S+) (?P<line>(?:seq|permit|deny) .+)"
)
_ROUTE_MAP = re.compile(r"(?P<name>route-map \S+) (?P<line>(?:permit|deny) \d+)")

_IN_ROUTE_MAP = (
    (re.compile(r"match (ipv?6?) (?:address|next-hop|route-source) prefix-list (\S+)"), "{0} prefix-list {1}"),
    (re.compile(r"match (ipv6) address (\S+)"), "ipv6 access-list {1}"),
    (re.compile(r"match (ip) address (\S+)"), "access-list {1}"),
    (re.compile(r"match (community|large-community|extcommunity) (\S+).*"), "{0}-list {1}"),
    (re.compile(r"match (as-path) (\S+)"), "bgp as-path access-list {1}"),
    (re.compile(r"(call) (\S+)"), "route-map {1}"),
)
_OF_A_NEIGHBOUR = (
    (re.compile(r"route-map (\S+) (?:in|out)"), "route-map {0}"),
    (re.compile(r"(?:unsuppress-map|default-originate route-map) (\S+)"), "route-map {0}"),
    (re.compile(r"advertise-map (\S+) (?:non-)?exist-map (\S+)"), "route-map {0}"),
    (re.compile(r"advertise-map (\S+) (?:non-)?exist-map (\S+)"), "route-map {1}"),
    (re.compile(r"prefix-list (\S+) (?:in|out)"), "{family} prefix-list {0}"),
    (re.compile(r"filter-list (\S+) (?:in|out)"), "bgp as-path access-list {0}"),
    (re.compile(r"distribute-list (\S+) (?:in|out)"), "{list} {0}"),
)
_OF_THE_INSTANCE = re.compile(r".* route-map (\S+)(?: .*)?|table-map (\S+)")

Policies = Mapping[str, tuple[str, ...]]
"""The lines of each list and route-map, those of a route-map's entry with the entry."""


def policies(tree: Tree) -> Policies:
    """All lists and route-maps of a configuration, by the words that name them."""
    found: dict[str, list[str]] = {}
    for line in tree:
        if made := _ROUTE_MAP.fullmatch(line.text):
            entry = made["line"]
            lines = [" ".join((entry, inner.text)) for _, inner in walk(line.children)]
            found.setdefault(made["name"], []).extend((entry, *lines))
        elif made := _COMMUNITIES.fullmatch(line.text):
            found.setdefault(f"{made['kind']} {made['id']}", []).append(made["line"])
        elif made := next(filter(None, (pattern.fullmatch(line.text) for pattern in _LISTS)), None):
            found.setdefault(made["name"], []).append(made["line"])
    return {name: tuple(lines) for name, lines in found.items()}


def used_by(tree: Tree, known: Policies) -> dict[str, tuple[str, ...]]:
    """Who uses each list and route-map, also by way of another: neighbours and groups, with the direction."""
    users: dict[str, list[str]] = {}
    for instance in instances(tree).values():
        where = "" if instance.vrf == "default" else f" (VRF {instance.vrf})"
        for use in _uses(instance):
            reached: set[str] = set()
            _reach(use.policy, known, reached)
            for one in reached:
                users.setdefault(one, []).append(f"{use.who}{use.way}{where}")
    return {name: tuple(dict.fromkeys(sorted(them))) for name, them in users.items()}


@dataclass(frozen=True, slots=True)
class _Use:
    """A policy that a neighbour, a group or a line of the instance names; `way`: " in", " out" or nothing."""

    who: str
    way: str
    policy: str


def _uses(instance: Instance) -> Iterator[_Use]:
    for family, line in instance.lines:
        ip = "ip" if "ipv4" in family or not family else "ipv6"
        words = {"family": ip, "list": "access-list" if ip == "ip" else "ipv6 access-list"}
        setting = setting_of(line)
        if setting is None:
            if found := _OF_THE_INSTANCE.fullmatch(line):
                yield _Use(line.split(" route-map ")[0], "", f"route-map {found[1] or found[2]}")
            continue
        direction = setting.text.split()[-1]
        way = f" {direction}" if direction in ("in", "out") else ""
        for pattern, name in _OF_A_NEIGHBOUR:
            if found := pattern.fullmatch(setting.text):
                yield _Use(setting.who, way, name.format(*found.groups(), **words))


def _reach(name: str, known: Policies, reached: set[str]) -> None:
    """The policy and all that it refers to."""
    if name in reached:
        return
    reached.add(name)
    for line in known.get(name, ()) if name.startswith("route-map ") else ():
        inner = line.split(" ", 2)[-1]
        for pattern, target in _IN_ROUTE_MAP:
            if found := pattern.fullmatch(inner):
                _reach(target.format(*found.groups()), known, reached)
                break


def policy_changes(running: Tree, candidate: Tree) -> tuple[PolicyChange, ...]:
    """The policies that differ and that BGP uses before or after."""
    had, has = policies(running), policies(candidate)
    before, after = used_by(running, had), used_by(candidate, has)
    changes = []
    for name in sorted({*had, *has}):
        users = tuple(sorted({*before.get(name, ()), *after.get(name, ())}))
        go = tuple(line for line in had.get(name, ()) if line not in has.get(name, ()))
        come = tuple(line for line in has.get(name, ()) if line not in had.get(name, ()))
        if users and (go or come):
            changes.append(PolicyChange(name, come, go, users))
    return tuple(changes)


def by_policies(running: Tree, candidate: Tree, version: Version | None) -> tuple[SessionImpact, ...]:
    """The sessions whose policy is given another name: frr-reload.py removes the old one before it names the new."""
    gone = policies(running).keys() - policies(candidate).keys()
    after = instances(candidate)
    reason = rules.RENAMED.reason(version)
    found = []
    for vrf, old in instances(running).items():
        for peer, group in old.sessions.items() if vrf in after else ():
            had, has = ({use.policy for use in _uses(one) if use.who in (peer, group)} for one in (old, after[vrf]))
            if has - had and (lost := sorted((had - has) & gone)) and reason.effect is not Effect.NONE:
                named = replace(reason, why=reason.why.format(what=", ".join(lost)))
                found.append(SessionImpact(vrf, peer, (named,)))
    return tuple(found)
