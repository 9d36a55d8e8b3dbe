"""What FRR does to a session when a line about it comes, goes or changes: measured, version by version.

Each rule says what was seen on the versions in `MEASURED`, with two routers and an established session, applied
by frr-reload.py. Between two versions that agree, what they agree on holds; between two that do not, and for a
line that no rule knows, the session may reset. Where `evidence` names a case, tests/lab/test_impact.py repeats the
measurement; else it was made by hand, the same way, on 2026-11-24.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from sixpeer.configtree.impact.values import Effect, Reason, Version

MEASURED: tuple[Version, ...] = ((8, 4), (10, 3), (10, 7))
"""FRR 8.4.4 (Debian 12), 10.3 (Debian 13) and 10.7.1."""

BY_HAND = "measured by hand"

_RESETS, _SOFT, _LATER, _NONE = Effect.RESETS, Effect.SOFT, Effect.LATER, Effect.NONE


@dataclass(frozen=True, slots=True)
class Rule:
    """What happens when a line that matches `line` changes. `only`: ibgp or ebgp, if other sessions do not care."""

    line: str
    why: str
    effects: tuple[Effect, Effect, Effect]
    evidence: str = BY_HAND
    only: str = ""

    def reason(self, version: Version | None) -> Reason:
        """The rule's word on a version; None if it is not known which."""
        measured = dict(zip(MEASURED, self.effects, strict=True))
        near = {*[measured[at] for at in MEASURED if version and at <= version][-1:]}
        near |= {*[measured[at] for at in MEASURED if version and at >= version][:1]}
        near = near or set(self.effects)
        worst = min(near, key=list(Effect).index)
        if len(near) > 1:
            seen = ", ".join(f"{_number(at)} {effect.name.lower()}" for at, effect in measured.items())
            unsure = Effect.MAY_RESET if worst.interrupts else worst
            return Reason(unsure, self.why, f"FRR {seen}", self.evidence)
        return Reason(worst, self.why, f"FRR {_span([at for at in MEASURED if measured[at] is worst])}", self.evidence)


Rules = tuple[Rule, ...]


def _number(version: Version) -> str:
    return ".".join(map(str, version))


def _span(versions: list[Version]) -> str:
    """Versions from the first to the last; the last that was measured stands for those after it."""
    first, last = versions[0], versions[-1]
    if last == MEASURED[-1]:
        return f"{_number(first)}–{last[0]}.x"
    return _number(first) if first == last else f"{_number(first)}–{_number(last)}"


def _always(effect: Effect) -> tuple[Effect, Effect, Effect]:
    return (effect, effect, effect)


NEIGHBOUR: Rules = (
    Rule(r"remote-as .+", "remote AS changes", _always(_RESETS), "remote-as"),
    Rule(r"password .+", "password changes", _always(_RESETS), "password"),
    Rule(r"passive", "passive changes", _always(_RESETS), "passive"),
    Rule(r"shutdown.*", "shutdown changes", _always(_RESETS), "shutdown"),
    Rule(r"ebgp-multihop.*", "eBGP multihop changes", _always(_RESETS), "ebgp-multihop"),
    Rule(r"ttl-security .+", "TTL security changes", _always(_RESETS), "ttl-security", only="ebgp"),
    Rule(r"ttl-security .+", "TTL security changes", _always(_NONE), only="ibgp"),
    Rule(r"local-as .+", "local AS changes", _always(_RESETS), "local-as"),
    Rule(r"update-source .+", "update source changes", _always(_RESETS), "update-source"),
    Rule(r"disable-connected-check", "the check for connected neighbours changes", _always(_RESETS), "connected-check"),
    Rule(r"capability extended-nexthop", "extended next hop changes", _always(_RESETS), "extended-nexthop"),
    Rule(r"capability dynamic", "dynamic capability changes", (_RESETS, _LATER, _LATER), "capability-dynamic"),
    Rule(r"local-role .+", "local role changes", (_RESETS, _LATER, _LATER), "local-role"),
    Rule(r"port .+", "port changes", _always(_RESETS)),
    Rule(r"extended-optional-parameters", "extended optional parameters change", _always(_RESETS)),
    Rule(r"sender-as-path-loop-detection", "loop detection changes", (_SOFT, _SOFT, _RESETS)),
    Rule(r"graceful-restart(-disable)?", "graceful restart changes", (_LATER, _RESETS, _RESETS), "neighbour-gr"),
    Rule(r"graceful-restart-helper", "graceful restart changes", _always(_LATER), "neighbour-gr-helper"),
    Rule(r"timers .+", "timers change", _always(_LATER), "timers"),
    Rule(
        r"dont-capability-negotiate|override-capability|strict-capability-match",
        "capability negotiation changes",
        _always(_LATER),
        "later",
    ),
    Rule(r"tcp-mss .+", "maximum segment size changes", _always(_LATER)),
    Rule(r"(description|bfd|advertisement-interval)( .+)?", "", _always(_NONE), "harmless"),
    Rule(r"solo|enforce-first-as", "what is exchanged with it changes", _always(_SOFT)),
)
"""By what stands after `neighbor X`, outside address families. For a peer group: to each of its sessions."""

FAMILY: Rules = (
    Rule(r"activate", "{what} comes or goes", _always(_RESETS), "family"),
    Rule(r"addpath-.+|disable-addpath-rx", "additional paths change", _always(_RESETS), "addpath"),
    Rule(r"route-server-client", "route server client changes", _always(_RESETS), "route-server-client"),
    Rule(r"route-reflector-client", "route reflector client changes", _always(_RESETS), "route-reflector-client"),
    Rule(r"capability orf .+", "outbound route filtering changes", _always(_RESETS)),
    Rule(r"soo .+", "site of origin changes", _always(_RESETS)),
    Rule(r"maximum-prefix(-out)? .+", "", _always(_NONE), "harmless-family"),
    Rule(r"(route-map|prefix-list|filter-list|distribute-list) .+", "its policy changes", _always(_SOFT), "route-map"),
    Rule(
        r"(allowas-in|weight|soft-reconfiguration|as-override|remove-private-AS|next-hop-self|nexthop-local"
        r"|attribute-unchanged|send-community|default-originate|unsuppress-map|advertise-map)( .+)?",
        "what is exchanged with it changes",
        _always(_SOFT),
        "harmless-family",
    ),
)
"""By what stands after `neighbor X` in an address family."""

INSTANCE: Rules = (
    Rule(r"bgp router-id .+", "router ID changes", _always(_RESETS), "router-id"),
    Rule(r"bgp graceful-restart(-disable)?", "graceful restart changes", (_LATER, _RESETS, _RESETS), "instance-gr"),
    Rule(r"bgp (long-lived-)?graceful-restart .+", "graceful restart changes", _always(_LATER), "instance-gr-times"),
    Rule(r"bgp cluster-id .+", "cluster ID changes", _always(_RESETS), "cluster-id", only="ibgp"),
    Rule(r"bgp cluster-id .+", "", _always(_NONE), "cluster-id", only="ebgp"),
    Rule(r"bgp confederation identifier .+", "confederation changes", _always(_RESETS), only="ebgp"),
    Rule(r"bgp shutdown.*", "the instance is shut down, or no longer", _always(_RESETS), "instance-shutdown"),
    Rule(r"bgp suppress-fib-pending.*", "suppress-fib-pending changes", (_NONE, _RESETS, _RESETS)),
    Rule(r"bgp reject-as-sets", "AS sets are rejected, or no longer", _always(_RESETS)),
    Rule(r"timers bgp .+", "timers change", _always(_LATER), "instance-harmless"),
    Rule(r"bgp (minimum-holdtime|tcp-keepalive) .+", "timers change", _always(_LATER)),
    Rule(r"bgp listen limit .+", "", _always(_NONE), "instance-harmless"),
    Rule(
        r"bgp (log-neighbor-changes|hard-administrative-reset|fast-external-failover|default (shutdown|ipv4-unicast)"
        r"|default show-.*hostname|conditional-advertisement timer .+)|(coalesce-time|write-quanta|read-quanta) .+",
        "",
        _always(_NONE),
    ),
    Rule(
        r"bgp bestpath .+|bgp deterministic-med",
        "how the instance chooses routes changes",
        _always(_SOFT),
        "instance-harmless",
    ),
    Rule(
        r"bgp (always-compare-med|default local-preference .+|ebgp-requires-policy|network import-check"
        r"|graceful-shutdown|client-to-client .+|route-reflector .+|max-med .+|disable-ebgp-connected-route-check"
        r"|fast-convergence|suppress-duplicates|enforce-first-as|allow-martian-nexthop|confederation peers .+)",
        "how the instance chooses and announces routes changes",
        _always(_SOFT),
    ),
)
"""By a line of the instance itself."""

INSTANCE_FAMILY: Rules = (
    Rule(r"(network|redistribute|maximum-paths) .+", "", _always(_NONE), "network"),
    Rule(r"(aggregate-address|distance|bgp dampening).*", "", _always(_NONE)),
)
"""By a line of an address family that is about no neighbour."""

RENAMED = Rule(
    r"route-map .+",
    "{what} goes before another is in force, so that its routes are withdrawn and come back after 5 s",
    (_SOFT, _SOFT, _NONE),
    "renamed",
)
"""A policy that is given another name. The time is that of FRR's `bgp route-map delay-timer`."""

VIEW_REMOVED = Rule(
    r"router bgp .+ view .+", "the view is removed", (Effect.ENDS, _NONE, Effect.ENDS), "instance-removed"
)
"""What becomes of its own sessions."""

DEFAULT_REMOVED = Rule(
    r"router bgp .+ view .+",
    "a view is removed, and FRR 10.3 removes the default instance instead",
    (_NONE, _RESETS, _NONE),
    "instance-removed",
)
"""What becomes of those of the default instance then."""


def rule_for(rules: Rules, line: str, kind: str) -> Rule | None:
    """The rule for a line, whether it has a `no` or not, and a session that is ibgp or ebgp."""
    text = line.removeprefix("no ")
    return next((rule for rule in rules if rule.only in ("", kind) and re.fullmatch(rule.line, text)), None)
