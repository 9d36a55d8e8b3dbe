"""Lines that FRR takes and does not show, since they are its defaults, that it shows in another spelling, or unasked.

A candidate that has one never compares equal with what the router shows: frr-reload adds it at each run (phantom
drift; some reset a session each time). What counts as a default depends on version and profile (`frr defaults`).
Each row was seen on FRR 8.4.4, 10.3 or 10.7.1 (tests/lab/test_frr_hidden.py): a line is left out only where it was
seen to be hidden. Not here: what depends on how FRR was built (maximum-paths) or on the system (ipv6 forwarding).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from sixpeer.configtree import frr
from sixpeer.configtree.frr import Rule
from sixpeer.configtree.tree import Line, Path, Tree

Version = tuple[int, int]

_BGP = (r"router bgp .+",)
_FAMILY = (*_BGP, r"address-family .+")
_INTERFACE = (r"interface .+",)


@dataclass(frozen=True, slots=True)
class Hidden:
    """A line that is hidden, or shown as `shown` (as in re.sub), from `since` to `last` in these profiles.

    `example` is such a line, for the test on FRR.
    """

    rule: Rule
    example: str
    shown: str | None = None
    profile: str | None = None
    since: Version = (8, 4)
    last: Version | None = None

    def applies(self, version: Version, profile: str) -> bool:
        """Whether an FRR of this version and profile does so."""
        in_time = self.since <= version and (self.last is None or version <= self.last)
        return in_time and self.profile in (None, profile)


def _lines(
    path: Path, *texts: str, profile: str | None = None, since: Version = (8, 4), last: Version | None = None
) -> tuple[Hidden, ...]:
    return tuple(Hidden(Rule(path, text), text, profile=profile, since=since, last=last) for text in texts)


def _neighbor(path: Path, *texts: str, profile: str | None = None, since: Version = (8, 4)) -> tuple[Hidden, ...]:
    return tuple(
        Hidden(Rule(path, rf"neighbor \S+ {text}"), f"neighbor 2001:db8::7 {text}", profile=profile, since=since)
        for text in texts
    )


HIDDEN: tuple[Hidden, ...] = (
    *_lines(
        _BGP,
        "bgp default ipv4-unicast",
        "no bgp default ipv6-unicast",
        "bgp graceful-restart restart-time 120",
        "bgp graceful-restart stalepath-time 360",
        "bgp graceful-restart rib-stale-time 500",
        "bgp graceful-restart notification",
        "bgp listen limit 100",
        "bgp default local-preference 100",
        "bgp default subgroup-pkt-queue-max 40",
        "bgp client-to-client reflection",
        "bgp fast-external-failover",
        "bgp network import-check",
        "bgp suppress-duplicates",
        "bgp hard-administrative-reset",
        "bgp conditional-advertisement timer 60",
        "bgp route-map delay-timer 5",
        "no bgp suppress-fib-pending",
        "no bgp fast-convergence",
        "no bgp always-compare-med",
        "no bgp allow-martian-nexthop",
        "update-delay 0",
        "read-quanta 10",
        "write-quanta 64",
    ),
    *_lines(
        _BGP,
        "timers bgp 60 180",
        "no bgp log-neighbor-changes",
        "bgp ebgp-requires-policy",
        "no bgp deterministic-med",
        profile="traditional",
    ),
    *_lines(
        _BGP,
        "timers bgp 3 9",
        "bgp log-neighbor-changes",
        "no bgp ebgp-requires-policy",
        "bgp deterministic-med",
        "bgp default show-hostname",
        "bgp default show-nexthop-hostname",
        profile="datacenter",
    ),
    *_lines(_BGP, "bgp graceful-restart select-defer-time 360", last=(10, 3)),
    *_lines(_BGP, "bgp enforce-first-as", "bgp ipv6-auto-ra", since=(10, 3)),
    *_lines(_BGP, "no bgp default software-version-capability", profile="traditional", since=(10, 3)),
    *_lines(_BGP, "bgp default dynamic-capability", profile="datacenter", since=(10, 3)),
    *_lines(_BGP, "bgp reject-as-sets", since=(10, 7)),
    *_neighbor(_BGP, "port 179", "ebgp-multihop 1"),
    *_neighbor(_BGP, "enforce-first-as", "capability fqdn", since=(10, 3)),
    *_neighbor(_BGP, "capability dynamic", "capability software-version", profile="datacenter", since=(10, 3)),
    Hidden(Rule(_BGP, r"(neighbor \S+ ebgp-multihop)"), "neighbor 2001:db8::8 ebgp-multihop", r"\1 255", last=(8, 4)),
    Hidden(
        Rule(_BGP, r"(neighbor \S+ ebgp-multihop) 255"), "neighbor 2001:db8::8 ebgp-multihop 255", r"\1", since=(10, 3)
    ),
    Hidden(Rule(_BGP, r"(neighbor \S+ bfd) 3 300 300"), "neighbor 2001:db8::7 bfd 3 300 300", r"\1"),
    *_neighbor(
        _FAMILY,
        "send-community",
        "send-community both",
        "send-community all",
        "send-community standard",
        "send-community extended",
        "send-community large",
    ),
    *_lines(_FAMILY, "distance bgp 20 200 200"),
    Hidden(Rule(_FAMILY, r"(neighbor \S+ allowas-in) 3"), "neighbor 2001:db8::7 allowas-in 3", r"\1"),
    Hidden(
        Rule(_FAMILY, r"(neighbor \S+ maximum-prefix \d+) 75(.*)"),
        "neighbor 2001:db8::7 maximum-prefix 10 75 restart 1",
        r"\1\2",
    ),
    Hidden(Rule(_FAMILY, r"bgp dampening 15 750 2000 60"), "bgp dampening 15 750 2000 60", "bgp dampening"),
    Hidden(
        Rule((), r"(ip(?:v6)? route \S+(?: \S+)+)(?<! tag)(?<! table)(?<! label) 1"),
        "ipv6 route 2001:db8:1::/48 2001:db8::9 tag 1 1",
        r"\1",
    ),
    *_lines((), "log facility daemon", "zebra nexthop kernel enable"),
    *_lines((), "ip nht resolve-via-default", "ipv6 nht resolve-via-default", profile="traditional", since=(10, 3)),
    *_lines((), "no ip nht resolve-via-default", "no ipv6 nht resolve-via-default", profile="datacenter"),
    *_lines((), "no ip nht resolve-via-default", "no ipv6 nht resolve-via-default", profile="traditional", last=(8, 4)),
    *_lines(
        _INTERFACE,
        "no shutdown",
        "link-detect",
        "ipv6 nd suppress-ra",
        "ipv6 nd ra-interval 600",
        "ipv6 nd router-preference medium",
        "ipv6 nd ra-retrans-interval 0",
    ),
)


SHOWN_UNASKED = (
    # The same bit as deterministic-med's, which is on in this profile: it can be neither removed nor added by itself.
    Hidden(
        Rule((r"router bgp \d+",), "use-underlays-nexthop-weight"),
        "use-underlays-nexthop-weight",
        profile="datacenter",
        since=(10, 7),
    ),
)
"""What FRR shows in a BGP instance as soon as there is one."""


def as_shown(tree: Tree, running: Tree) -> Tree:
    """`tree` as the FRR that shows `running` would show it: without its defaults, in its spelling, with what it adds.

    Of an FRR that does not say its version nothing is known, and everything is kept.
    """
    version, profile = frr.version(running), frr.profile(running)
    if version is None:
        return tree
    rows = [row for row in HIDDEN if row.applies(version, profile)]
    shown = _shown(tree, (), (*rows, *_activations(tree, running)))
    unasked = [row.example for row in SHOWN_UNASKED if row.applies(version, profile)]
    return tuple(_with(line, unasked, running) if frr.is_instance(line.text) else line for line in shown)


def _with(instance: Line, unasked: list[str], running: Tree) -> Line:
    """A BGP instance with what FRR shows in it unasked, if it is new, or shown there now."""
    there = frr.bgp_settings(running)
    added = tuple(Line(text) for text in unasked if frr.bgp_asn(running) is None or text in there)
    return instance.with_children((*added, *instance.children))


def _activations(tree: Tree, running: Tree) -> tuple[Hidden, ...]:
    """Whether a peer group speaks an address family is shown only where the instance's default is the other one."""
    groups = "|".join(map(re.escape, sorted(frr.groups(tree))))
    families = "|".join(frr.families_by_default((*running, *tree)))
    instance = r"router bgp \d+"
    active = Rule((instance, rf"address-family (?:{families})"), rf"neighbor (?:{groups}) activate")
    silent = Rule((instance, rf"address-family (?!(?:{families})$).+"), rf"no neighbor (?:{groups}) activate")
    return tuple(Hidden(rule, "") for rule in (active, silent))


def _shown(tree: Tree, path: Path, rows: tuple[Hidden, ...]) -> Tree:
    kept: list[Line] = []
    for line in tree:
        row, found = next(((row, found) for row in rows if (found := row.rule.match(path, line.text))), (None, None))
        if row is None or found is None:
            left = _shown(line.children, (*path, line.text), rows)
            if not path or not line.children or not all(child.is_separator for child in left):
                kept.append(line.with_children(left))
        elif row.shown is not None:
            kept.append(Line(found.expand(row.shown)))
    return tuple(kept)
