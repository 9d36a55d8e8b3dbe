"""What changes outside of what the rules know: other protocols, daemons, interfaces' settings."""

from __future__ import annotations

import re

from sixpeer.configtree import frr
from sixpeer.configtree.redact import redact
from sixpeer.configtree.tree import Path, Tree, lines

_KNOWN = re.compile(
    r"router bgp .*|route-map .*|(ip|ipv6) (prefix-list|route|access-list) .*|access-list .*"
    r"|bgp (community-list|large-community-list|extcommunity-list|as-path) .*|(vrf|interface) \S+.*"
)
_OF_AN_INTERFACE = re.compile(r"(no )?(ip(v6)? address .*|description .*|shutdown|ipv6 nd .*)|exit-vrf")
_OF_A_VRF = re.compile(r"ip(v6)? route .*|exit-vrf")


def unjudged(running: Tree, candidate: Tree) -> tuple[str, ...]:
    """The contexts, or lines of the top level, that change and that no rule knows."""
    changed = sorted(lines(running) ^ lines(candidate))
    return tuple(dict.fromkeys(_shown(path, text) for path, text in changed if not _judged(path, text)))


def _judged(path: Path, text: str) -> bool:
    if not path:
        return bool(_KNOWN.fullmatch(text)) or frr.is_set_by_itself(path, text)
    if path[0].startswith("interface "):
        return bool(_OF_AN_INTERFACE.fullmatch(text))
    if path[0].startswith("vrf "):
        return bool(_OF_A_VRF.fullmatch(text))
    return bool(_KNOWN.fullmatch(path[0]))


def _shown(path: Path, text: str) -> str:
    """A line of the top level, of an interface or of a VRF; else the context that it is in."""
    return redact(" / ".join((*path[:1], text)) if not path or path[0].startswith(("interface ", "vrf ")) else path[0])
