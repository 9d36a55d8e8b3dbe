"""get_bgp_config: BGP instances, peer groups and neighbours as they are configured."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from custom_napalm.frr.getters.answers import DEFAULT, asn
from sixpeer.configtree import tree
from sixpeer.configtree.redact import SECRET

COMMAND = "vtysh -c 'show running-config no-header'"

NO_GROUP = "_"
_ROUTER = re.compile(r"router bgp (\S+)(?: (?:vrf|view) (\S+))?(?: as-notation \S+)?$")
_MEMBER = re.compile(r"(?:interface (?:v6only )?)?peer-group (\S+)$")
_LISTEN = re.compile(r"bgp listen range (\S+) peer-group (\S+)$")
_FAMILIES = {"ipv4": "inet", "ipv6": "inet6"}  # in prefix_limit NAPALM has the names of Junos

Lines = dict[str, list[str]]
"""What is said of a peer after its name, by address family; "" for the instance itself."""


@dataclass(slots=True)
class Instance:
    """`router bgp ASN`, in a VRF; the names of VRFs are FRR's. `peers` has the peer groups, too."""

    asn: int
    vrf: str
    route_distinguisher: str = ""
    peers: dict[str, Lines] = field(default_factory=dict)
    ranges: dict[str, str] = field(default_factory=dict)
    limits: dict[tuple[str, str], int] = field(default_factory=dict)

    @property
    def groups(self) -> list[str]:
        return [name for name, said in self.peers.items() if "peer-group" in said.get("", ())]

    def group_of(self, name: str) -> str:
        """The peer group of a neighbour or of a listen range; "" if it has none."""
        if name in self.ranges:
            return self.ranges[name]
        found = [match.group(1) for line in self.peers.get(name, {}).get("", ()) if (match := _MEMBER.match(line))]
        return found[0] if found else ""

    def multipath(self, families: Iterable[str], *, internal: bool) -> bool:
        """Whether routes of these unicast families may be used side by side. FRR does it unless `maximum-paths 1`."""
        kind = "ibgp" if internal else "ebgp"
        return any(self.limits.get((family, kind), 2) > 1 for family in families if family.endswith("unicast"))

    def said(self, name: str, keyword: str) -> dict[str, str]:
        """What follows `neighbor NAME KEYWORD`, by address family: the neighbour's own word, else its group's."""
        found = {}
        for source in (self.group_of(name), name):
            for family, lines in self.peers.get(source, {}).items():
                for line in lines:
                    if line == keyword or line.startswith(f"{keyword} "):
                        found[family] = line.removeprefix(keyword).strip()
        return found


def instances(config: str) -> list[Instance]:
    """The BGP instances of a running configuration."""
    found = []
    for line in tree.parse(config):
        router = _ROUTER.match(line.text)
        if router:
            instance = Instance(asn(router.group(1)), router.group(2) or DEFAULT)
            _read(instance, "", line.children)
            found.append(instance)
    return found


def _read(instance: Instance, family: str, lines: tree.Tree) -> None:
    for line in lines:
        words = line.text.split()
        if words[:1] == ["address-family"]:
            _read(instance, " ".join(words[1:]), line.children)
        elif words[:1] == ["neighbor"]:
            instance.peers.setdefault(words[1], {}).setdefault(family, []).append(" ".join(words[2:]))
        elif words[:1] == ["rd"]:  # `rd vpn export RD` of a family, `rd RD` of EVPN
            instance.route_distinguisher = words[-1]
        elif words[:1] == ["maximum-paths"]:
            kind, paths = ("ibgp", words[2]) if words[1] == "ibgp" else ("ebgp", words[1])
            instance.limits[family, kind] = int(paths)
        elif listen := _LISTEN.match(line.text):
            instance.ranges[listen.group(1)] = listen.group(2)


def bgp_config(config: str, *, group: str = "", neighbor: str = "") -> dict[str, dict[str, Any]]:
    """Peer groups by name, and `_` for neighbours without one; those of a VRF are `VRF/NAME`.

    A listen range is a neighbour of its group, by its prefix. A neighbour has what is said of its group, unless
    it is said of itself. `remote_as` is 0 where it is left open; keys are shown as `<secret>`.
    """
    found: dict[str, dict[str, Any]] = {}
    for instance in instances(config):
        for name in (NO_GROUP, *instance.groups):
            key = name if instance.vrf == DEFAULT else f"{instance.vrf}/{name}"
            members = {peer: _neighbor(instance, peer) for peer in _members(instance, name) if neighbor in ("", peer)}
            if group in ("", name, key) and (members or not neighbor):
                found[key] = {**_group(instance, name), "neighbors": members}
    return found


def _members(instance: Instance, group: str) -> Iterator[str]:
    groups = {NO_GROUP, *instance.groups}
    for name in (*instance.peers, *instance.ranges):
        if name not in groups and (instance.group_of(name) or NO_GROUP) == group:
            yield name


def _group(instance: Instance, name: str) -> dict[str, Any]:
    remote = _remote_as(instance, name)
    hops = _first(instance.said(name, "ebgp-multihop"), "0") or "255"
    word = _first(instance.said(name, "remote-as"))
    internal = word == "internal" or remote == instance.asn
    return {
        "type": "" if not word else "internal" if internal else "external",
        "description": _first(instance.said(name, "description")),
        "apply_groups": [],
        "multihop_ttl": int(hops),
        "multipath": instance.multipath(_families(instance, name), internal=internal),
        "local_address": _first(instance.said(name, "update-source")),
        "local_as": _local_as(instance, name),
        "remote_as": remote,
        "import_policy": _policy(instance, name, "in"),
        "export_policy": _policy(instance, name, "out"),
        "remove_private_as": bool(instance.said(name, "remove-private-AS")),
        "prefix_limit": _prefix_limit(instance.said(name, "maximum-prefix")),
    }


def _families(instance: Instance, group: str) -> set[str]:
    """The address families of a group and its members; IPv4's needs no word of its own."""
    peers = (group, *_members(instance, group))
    return {family for peer in peers for family in instance.peers.get(peer, ()) if family} or {"ipv4 unicast"}


def _neighbor(instance: Instance, name: str) -> dict[str, Any]:
    return {
        "description": _first(instance.said(name, "description")),
        "import_policy": _policy(instance, name, "in"),
        "export_policy": _policy(instance, name, "out"),
        "local_address": _first(instance.said(name, "update-source")),
        "authentication_key": SECRET if instance.said(name, "password") else "",
        "nhs": bool(instance.said(name, "next-hop-self")),
        "route_reflector_client": bool(instance.said(name, "route-reflector-client")),
        "local_as": _local_as(instance, name),
        "remote_as": _remote_as(instance, name),
        "prefix_limit": _prefix_limit(instance.said(name, "maximum-prefix")),
    }


def _first(said: Mapping[str, str], default: str = "") -> str:
    return next(iter(said.values()), default)


def _remote_as(instance: Instance, name: str) -> int:
    word = _first(instance.said(name, "remote-as")) or _first(instance.said(name, "interface remote-as"))
    if word == "internal":
        return instance.asn
    return asn(word) if word[:1].isdigit() else 0


def _local_as(instance: Instance, name: str) -> int:
    word = _first(instance.said(name, "local-as"))
    return asn(word.split()[0]) if word else instance.asn


def _policy(instance: Instance, name: str, direction: str) -> str:
    """The route-map, or several in the order of their families where these differ."""
    families = {
        family: line.split()[1]
        for source in (instance.group_of(name), name)
        for family, lines in instance.peers.get(source, {}).items()
        for line in lines
        if line.startswith("route-map ") and line.endswith(f" {direction}")
    }
    return " ".join(dict.fromkeys(families.values()))


def _prefix_limit(said: Mapping[str, str]) -> dict[str, Any]:
    """As in Junos: `threshold` in percent, `timeout` (minutes) until the session is tried again."""
    limits: dict[str, Any] = {}
    for family, line in said.items():
        words = line.split()
        limit: dict[str, Any] = {"limit": int(words[0])}
        if "warning-only" not in words:
            threshold = int(words[1]) if words[1:] and words[1].isdigit() else 75
            limit["teardown"] = {"threshold": threshold}
            if "restart" in words:
                limit["teardown"]["timeout"] = int(words[words.index("restart") + 1])
        afi, _, safi = family.partition(" ")
        limits.setdefault(_FAMILIES.get(afi, afi), {})[safi] = limit
    return limits
