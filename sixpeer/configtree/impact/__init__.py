"""What a change does to a router's sessions, policies and routes, said before the push.

`impacts(running, candidate)` compares two configurations as trees. The version of FRR is the one that
the running configuration names. What is not known to leave a session alone may reset it.
"""

from __future__ import annotations

from sixpeer.configtree.impact.links import link_impacts
from sixpeer.configtree.impact.passwords import kept_passwords
from sixpeer.configtree.impact.policy import by_policies, policy_changes
from sixpeer.configtree.impact.routes import route_changes
from sixpeer.configtree.impact.sessions import session_impacts
from sixpeer.configtree.impact.unjudged import unjudged
from sixpeer.configtree.impact.values import (
    Announced,
    Effect,
    Impacts,
    Peer,
    PolicyChange,
    Reason,
    RouteChange,
    SessionImpact,
    resetting,
    version_of,
)
from sixpeer.configtree.tree import Tree

__all__ = [
    "Announced",
    "Effect",
    "Impacts",
    "Peer",
    "PolicyChange",
    "Reason",
    "RouteChange",
    "SessionImpact",
    "impacts",
    "resetting",
    "version_of",
]


def impacts(running: Tree, candidate: Tree) -> Impacts:
    """All that is known beforehand of loading `candidate` on a router that runs `running`."""
    if candidate == running:
        return Impacts()
    version = version_of(running)
    routes = route_changes(running, candidate, version)
    sessions: dict[Peer, tuple[Reason, ...]] = {}
    for one in (
        *session_impacts(running, candidate, version),
        *link_impacts(running, candidate, routes),
        *by_policies(running, candidate, version),
    ):
        sessions[one.vrf, one.peer] = (*sessions.get((one.vrf, one.peer), ()), *one.reasons)
    return Impacts(
        tuple(SessionImpact(*peer, reasons) for peer, reasons in sessions.items()),
        policy_changes(running, candidate),
        routes,
        kept_passwords(running, candidate, version),
        unjudged(running, candidate),
    )
