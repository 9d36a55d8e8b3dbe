"""What a change does to each session that there is before it.

FRR's answer follows from what frr-reload.py executes: what is removed it removes first, line by line, also what
comes back with another value; what is added comes after that. So a session is judged by each line about it, its
group, its address family and its instance that goes or comes; a neighbour whose group, remote AS or way of being
configured changes is deleted and made anew.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from netaddr import AddrFormatError, IPNetwork

from sixpeer.configtree.impact import rules
from sixpeer.configtree.impact.bgp import Instance, Setting, instances, setting_of
from sixpeer.configtree.impact.values import Effect, Reason, SessionImpact, Version
from sixpeer.configtree.redact import redact
from sixpeer.configtree.tree import Tree

_ALL_VERSIONS = "FRR 8.4–10.x"


def session_impacts(running: Tree, candidate: Tree, version: Version | None) -> tuple[SessionImpact, ...]:
    """Each session that something is done to, in the order of their addresses."""
    before, after = instances(running), instances(candidate)
    found = []
    for vrf, old in sorted(before.items()):
        new = after.get(vrf)
        common = tuple(_by_views(before, after, version)) if vrf == "default" else ()
        for peer in sorted(old.sessions, key=_order):
            reasons = (*_reasons(old, new, peer, version), *common)
            found += [SessionImpact(vrf, peer, reasons)] if reasons else []
        found += _refused(old, new)
    return tuple(impact for impact in found if impact.effect is not Effect.NONE)


def _by_views(
    before: Mapping[str, Instance], after: Mapping[str, Instance], version: Version | None
) -> Iterator[Reason]:
    """What the default instance suffers from the end of another."""
    if any(" view " in old.header for vrf, old in before.items() if vrf not in after):
        yield rules.DEFAULT_REMOVED.reason(version)


def _order(peer: str) -> tuple[bool, int, str]:
    network = as_network(peer)
    return (network is None, int(network.first) if network else 0, peer)


def as_network(peer: str) -> IPNetwork | None:
    """The addresses of a session's other end, None for an interface."""
    try:
        return IPNetwork(peer)
    except (AddrFormatError, ValueError):
        return None


def _reasons(old: Instance, new: Instance | None, peer: str, version: Version | None) -> Iterator[Reason]:
    if new is None and " view " in old.header:
        yield rules.VIEW_REMOVED.reason(version)
    elif new is None:
        yield Reason(Effect.ENDS, "the BGP instance is removed", _ALL_VERSIONS, "instance-removed")
    elif new.header != old.header:
        yield Reason(Effect.RESETS, f"{old.header} becomes {new.header}", _ALL_VERSIONS, "asn")
    elif peer not in new.sessions:
        yield _gone(new, peer)
    elif (was := old.sessions[peer]) != (now := new.sessions[peer]):
        groups = f"peer group {was or 'none'} becomes {now or 'none'}"
        yield Reason(Effect.RESETS, groups, _ALL_VERSIONS, "range-other-group" if "/" in peer else "into-group")
    else:
        for family, line in sorted(old.lines ^ new.lines):
            yield from _of_line(old, new, peer, family, line, version)


def _gone(new: Instance, peer: str) -> Reason:
    there = as_network(peer)
    others = (as_network(other) for other in new.sessions)
    if there and any(other in there or there in other for other in others if other):
        kind = "a dynamic neighbour" if "/" not in peer else "another listen range or neighbour"
        return Reason(Effect.RESETS, f"it becomes {kind}", _ALL_VERSIONS, "members-to-range")
    if "/" in peer:
        return Reason(Effect.ENDS, "the listen range is removed", _ALL_VERSIONS, "range-removed")
    return Reason(Effect.ENDS, "the neighbour is removed", _ALL_VERSIONS, "neighbour-removed")


def _of_line(
    old: Instance, new: Instance, peer: str, family: str, line: str, version: Version | None
) -> Iterator[Reason]:
    """What one line that goes or comes does to a session that stays configured as it is."""
    setting = setting_of(line)
    if setting is None:
        if line.startswith("bgp listen range "):
            return
        table, text = rules.INSTANCE_FAMILY if family else rules.INSTANCE, line
    elif setting.who == peer or (
        setting.who == old.sessions[peer] and not _overridden(old, new, peer, family, setting)
    ):
        table, text = rules.FAMILY if family else rules.NEIGHBOUR, setting.text.removeprefix("interface ")
    else:
        return
    rule = rules.rule_for(table, text, _kind_of(old, peer))
    if rule is None:
        shown = f"neighbor {setting.who} {setting.kind} …" if setting else redact(line)  # no value that may be a secret
        yield Reason(Effect.MAY_RESET, f"no rule says what this does: {shown}")
    else:
        reason = rule.reason(version)
        yield replace(reason, why=reason.why.format(what=family.removeprefix("address-family ")))


def _overridden(old: Instance, new: Instance, peer: str, family: str, setting: Setting) -> bool:
    """Whether the session has this setting of its own, before and after: then its group's does not count."""
    own = (family, setting.kind)
    return own in old.settings(peer) and own in new.settings(peer)


def _kind_of(instance: Instance, peer: str) -> str:
    """ibgp or ebgp."""
    remote = instance.text_of(peer, "remote-as") or instance.text_of(instance.sessions[peer], "remote-as")
    return "ibgp" if remote in ("internal", instance.asn) else "ebgp"


def _refused(old: Instance, new: Instance | None) -> Iterator[SessionImpact]:
    """Neighbours that come where a listen range stays: FRR refuses them as long as the dynamic neighbour is there."""
    ranges = [IPNetwork(peer) for peer in old.sessions if "/" in peer and new and peer in new.sessions]
    for peer in sorted(set(new.sessions) - set(old.sessions)) if new else ():
        network = as_network(peer)
        if network and "/" not in peer and any(network in range_ for range_ in ranges):
            why = "it is given a neighbour of its own, which FRR refuses while it is a dynamic one"
            yield SessionImpact(old.vrf, peer, (Reason(Effect.MAY_RESET, why, _ALL_VERSIONS),))
