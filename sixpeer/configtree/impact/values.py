"""What a change does to a router's sessions, policies and routes, as values and in words."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from enum import StrEnum

from netaddr import AddrFormatError, IPNetwork

from sixpeer.configtree.tree import Tree

Version = tuple[int, int]
"""FRR's, without what a patch release changes: (10, 3)."""

Peer = tuple[str, str]
"""VRF (`default`, or its name) and neighbour: address, interface, or the prefix of a listen range."""


class Effect(StrEnum):
    """What becomes of a session that there is before the change; the worst first."""

    RESETS = "will reset"
    ENDS = "will end"
    MAY_RESET = "may reset"
    SOFT = "stays up, its routes are evaluated again"
    LATER = "stays up; this takes effect when it next starts"
    NONE = "stays up"

    @property
    def interrupts(self) -> bool:
        """Whether the session may be lost."""
        return self in (Effect.RESETS, Effect.ENDS, Effect.MAY_RESET)


@dataclass(frozen=True, slots=True)
class Reason:
    """One cause: what it does, why, in which FRR versions, and how that is known."""

    effect: Effect
    why: str
    holds: str = ""
    evidence: str = ""

    def __str__(self) -> str:
        return f"{self.why} ({self.holds})" if self.holds else self.why


@dataclass(frozen=True, slots=True)
class SessionImpact:
    """One session and all that the change does to it.

    `peer` is the prefix of a listen range for its dynamic neighbours: which of them there are, only the
    router knows.
    """

    vrf: str
    peer: str
    reasons: tuple[Reason, ...]

    @property
    def effect(self) -> Effect:
        """The worst of what is done to it."""
        return min((reason.effect for reason in self.reasons), key=list(Effect).index)

    @property
    def why(self) -> tuple[str, ...]:
        """The reasons for its effect, without those for lesser ones."""
        return tuple(dict.fromkeys(str(reason) for reason in self.reasons if reason.effect is self.effect))

    @property
    def name(self) -> str:
        """The session in words."""
        who = f"dynamic neighbours of {self.peer}" if "/" in self.peer else self.peer
        return who if self.vrf == "default" else f"{who} (VRF {self.vrf})"

    def __str__(self) -> str:
        return f"session with {self.name} {self.effect}: {', '.join(self.why)}"


@dataclass(frozen=True, slots=True)
class PolicyChange:
    """A list or route-map that sessions use: which of its lines come and go, and who uses it which way."""

    name: str
    come: tuple[str, ...]
    go: tuple[str, ...]
    used_by: tuple[str, ...]

    def __str__(self) -> str:
        lines = "; ".join((*(f"- {line}" for line in self.go), *(f"+ {line}" for line in self.come)))
        return f"{self.name} changes for {shortened(self.used_by)}: {lines}"


@dataclass(frozen=True, slots=True)
class RouteChange:
    """A route of the configuration's own: static, connected, or announced. Next hops as configured; none: no route."""

    vrf: str
    kind: str
    prefix: str
    before: tuple[str, ...]
    after: tuple[str, ...]
    how: str = ""

    def __str__(self) -> str:
        what = f"{self.kind} {self.prefix}" + ("" if self.vrf == "default" else f" (VRF {self.vrf})")
        if not self.before:
            return f"{what} comes{_via(self.after)}"
        if not self.after:
            return f"{what} goes{_via(self.before)}"
        how = f" ({self.how})" if self.how else ""
        return f"{what} changes its next hop{_via(self.before)} to{_via(self.after)[4:]}{how}"


@dataclass(frozen=True, slots=True)
class Impacts:
    """All that is known beforehand of what a change does.

    `irreversible`: what cannot be taken back by loading the old configuration, and how it can. `unjudged`: what
    changes outside BGP, policies, routes and interfaces, whose effect no rule knows.
    """

    sessions: tuple[SessionImpact, ...] = ()
    policies: tuple[PolicyChange, ...] = ()
    routes: tuple[RouteChange, ...] = ()
    irreversible: tuple[str, ...] = ()
    unjudged: tuple[str, ...] = ()

    @property
    def lines(self) -> tuple[str, ...]:
        """In words: sessions that come to the same together, the worst first."""
        return (
            *(f"cannot be taken back: {text}" for text in self.irreversible),
            *_sessions_in_words(self.sessions),
            *map(str, self.policies),
            *map(str, self.routes),
            *(f"no rule says what this does: {text}" for text in self.unjudged),
        )


@dataclass(frozen=True, slots=True)
class Announced(Collection[Peer]):
    """The sessions that a plan says it will or may interrupt. A dynamic neighbour is in it if its listen range is."""

    peers: frozenset[Peer]

    def __contains__(self, peer: object) -> bool:
        if peer in self.peers or not isinstance(peer, tuple):
            return peer in self.peers
        vrf, name = peer
        ranges = [IPNetwork(range_) for there, range_ in self.peers if there == vrf and "/" in range_]
        try:
            return any(IPNetwork(name) in range_ for range_ in ranges)
        except (AddrFormatError, ValueError):  # an interface
            return False

    def __iter__(self) -> Iterator[Peer]:
        return iter(self.peers)

    def __len__(self) -> int:
        return len(self.peers)


def resetting(impacts: Impacts) -> Announced:
    """The sessions that will or may be interrupted."""
    return Announced(frozenset((it.vrf, it.peer) for it in impacts.sessions if it.effect.interrupts))


def version_of(tree: Tree) -> Version | None:
    """The version that wrote a configuration, as it says itself; None if it does not."""
    for line in tree:
        if line.text.startswith("frr version "):
            major, _, rest = line.text.split()[2].partition(".")
            minor = rest.split(".")[0].split("-")[0]
            return (int(major), int(minor)) if major.isdigit() and minor.isdigit() else None
    return None


def shortened(names: Collection[str], most: int = 6) -> str:
    """A list of names as far as one can read it."""
    shown = list(names)[:most]
    more = len(names) - len(shown)
    return ", ".join(shown) + (f" and {more} more" if more else "")


def _via(next_hops: tuple[str, ...]) -> str:
    return f" via {' '.join(next_hops)}" if any(next_hops) else ""


def _sessions_in_words(sessions: Collection[SessionImpact]) -> Iterator[str]:
    alike: dict[tuple[Effect, tuple[str, ...]], list[str]] = {}
    for one in sorted(sessions, key=lambda it: list(Effect).index(it.effect)):
        if one.effect is not Effect.NONE:
            alike.setdefault((one.effect, one.why), []).append(one.name)
    for (effect, why), names in alike.items():
        noun = "session" if len(names) == 1 and "/" not in names[0] else "sessions"
        yield f"{noun} with {shortened(names)} {effect}: {', '.join(why)}"
