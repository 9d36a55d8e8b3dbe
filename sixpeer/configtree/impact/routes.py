"""Routes that a configuration makes by itself, static, connected and announced: which come, go or change."""

from __future__ import annotations

import re

from netaddr import IPNetwork

from sixpeer.configtree.impact.values import RouteChange, Version
from sixpeer.configtree.tree import Path, Tree, walk

_STATIC = re.compile(r"ip(?:v6)? route (?P<prefix>\S+) (?P<via>.+)")
_ADDRESS = re.compile(r"ip(?:v6)? address (?P<address>\S+)")
_ANNOUNCED = re.compile(r"network (?P<prefix>\S+)(?: .+)?")
_VRF = re.compile(r"(?:vrf|router bgp \S+ (?:vrf|view)|interface \S+ vrf) (?P<vrf>\S+)")

Key = tuple[str, str, str]
"""VRF, kind and prefix."""


def routes(tree: Tree) -> dict[Key, tuple[str, ...]]:
    """The next hops of each route; of one that is announced, nothing."""
    found: dict[Key, list[str]] = {}
    for path, line in walk(tree):
        if one := _route(path, line.text):
            key, via = one
            found.setdefault(key, []).append(via)
    return {key: tuple(sorted(via)) for key, via in found.items()}


def _route(path: Path, text: str) -> tuple[Key, str] | None:
    vrf = found["vrf"] if path and (found := _VRF.match(path[0])) else "default"
    if (made := _STATIC.fullmatch(text)) and (not path or path[0].startswith("vrf ")):
        return (vrf, "static route", made["prefix"]), made["via"]
    if path and path[0].startswith("interface ") and (made := _ADDRESS.fullmatch(text)):
        return (vrf, "connected network", str(IPNetwork(made["address"]).cidr)), path[0].split()[1]
    if path and path[0].startswith("router bgp ") and (made := _ANNOUNCED.fullmatch(text)):
        return (vrf, "announced network", made["prefix"]), ""
    return None


def route_changes(running: Tree, candidate: Tree, version: Version | None) -> tuple[RouteChange, ...]:
    """The routes that differ."""
    had, has = routes(running), routes(candidate)
    changes = []
    for key in sorted({*had, *has}):
        before, after = had.get(key, ()), has.get(key, ())
        if before != after or (key in had) != (key in has):
            vrf, kind, prefix = key
            moved = bool(before and after) and not set(before) & set(after)
            changes.append(RouteChange(vrf, kind, prefix, before, after, _how(version) if moved else ""))
    return tuple(changes)


def _how(version: Version | None) -> str:
    """What the forwarding table sees when all next hops of a static route change (kernel events, 8.4.4 and 10.3)."""
    return "replaced at once, FRR 10.x" if version and version >= (10, 3) else "gone in between, FRR 8.4"
