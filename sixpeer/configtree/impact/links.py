"""Sessions that lose the link or the route they run over: an interface's address goes, or the interface is shut."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from netaddr import IPNetwork

from sixpeer.configtree.impact.bgp import Instance, instances
from sixpeer.configtree.impact.sessions import as_network
from sixpeer.configtree.impact.values import Effect, Reason, RouteChange, SessionImpact
from sixpeer.configtree.tree import Tree

_ADDRESS = re.compile(r"ip(?:v6)? address (\S+)")
_HOLDS = "FRR 8.4–10.x"
_OFF_LINK = ("ebgp-multihop", "disable-connected-check", "update-source")


@dataclass(frozen=True, slots=True)
class Link:
    """An interface as configured: its addresses with length, and whether it is shut down."""

    addresses: frozenset[str] = frozenset()
    shut: bool = False


def links(tree: Tree) -> dict[str, Link]:
    """The interfaces by name."""
    found: dict[str, Link] = {}
    for line in tree:
        if line.text.startswith("interface "):
            name, texts = line.text.split()[1], [child.text for child in line.children]
            addresses = frozenset(made[1] for made in map(_ADDRESS.fullmatch, texts) if made)
            there = found.get(name, Link())
            found[name] = Link(there.addresses | addresses, there.shut or "shutdown" in texts)
    return found


def link_impacts(running: Tree, candidate: Tree, routes: tuple[RouteChange, ...]) -> tuple[SessionImpact, ...]:
    """The sessions of `running` that what happens to interfaces and static routes may interrupt."""
    old, new = links(running), links(candidate)
    found = []
    for vrf, instance in instances(running).items():
        for peer in instance.sessions:
            reasons = (*_by_interfaces(instance, peer, old, new), *_by_routes(instance, peer, routes))
            if reasons:
                found.append(SessionImpact(vrf, peer, reasons))
    return tuple(found)


def _by_interfaces(instance: Instance, peer: str, old: Mapping[str, Link], new: Mapping[str, Link]) -> Iterator[Reason]:
    source = _own(instance, peer, "update-source")
    for name, was in old.items():
        now = new.get(name, Link())
        if now.shut and not was.shut and (name in (peer, source) or _on_link(peer, was.addresses)):
            yield Reason(Effect.RESETS, f"interface {name} is shut down", _HOLDS, "interface-shutdown")
        for address in sorted(was.addresses - now.addresses):
            ip = address.partition("/")[0]
            if source not in (ip, name) and not _on_link(peer, (address,)):
                continue
            if any(there.partition("/")[0] == ip for there in now.addresses):
                why = f"address {address} is taken from interface {name}, and given to it with another length"
                yield Reason(Effect.MAY_RESET, why, _HOLDS, "address-length")
            else:
                why = f"interface {name} loses the address {address}; at the latest when the hold time is over"
                yield Reason(Effect.RESETS, why, _HOLDS, "address-removed")


def _by_routes(instance: Instance, peer: str, routes: tuple[RouteChange, ...]) -> Iterator[Reason]:
    """A session with a neighbour on the link needs no route."""
    there = as_network(peer)
    if there is None or not any(_own(instance, peer, setting) is not None for setting in _OFF_LINK):
        return
    for route in routes:
        if route.kind == "static route" and route.vrf == instance.vrf and there in IPNetwork(route.prefix):
            yield Reason(Effect.MAY_RESET, f"the route to it changes: {route.prefix}", _HOLDS)


def _own(instance: Instance, peer: str, setting: str) -> str | None:
    """The value of a setting of the neighbour or of its group; "" if it has none, None if it is not set."""
    for who in filter(None, (peer, instance.sessions[peer])):
        for family, line in instance.lines:
            if not family and f"{line} ".startswith(f"neighbor {who} {setting} "):
                return line.removeprefix(f"neighbor {who} {setting}").strip()
    return None


def _on_link(peer: str, addresses: frozenset[str] | tuple[str, ...]) -> bool:
    there = as_network(peer)
    networks = [IPNetwork(address).cidr for address in addresses]
    return there is not None and any(there in network or network in there for network in networks)
