"""From what is wanted and what is there to what has to change, in the order in which it can."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from sixpeer.cilium.diff import differences
from sixpeer.cilium.manifest import Manifest
from sixpeer.cilium.resources import Key, Resource


@dataclass(frozen=True, slots=True)
class ResourceChange:
    """One object's change. `before` and `after` may have a Secret's value in them: show `lines`.

    `resource` is what to apply; None is to delete.
    """

    key: Key
    before: Manifest | None = field(repr=False, hash=False)
    after: Manifest | None = field(repr=False, hash=False)
    lines: tuple[str, ...]
    resource: Resource | None = None

    @property
    def verb(self) -> Literal["create", "update", "delete"]:
        if self.before is None:
            return "create"
        return "delete" if self.after is None else "update"

    def __str__(self) -> str:
        return f"{self.verb} {self.key}"


RESETTING = {
    "spec.timers.holdTimeSeconds": True,  # needsHardReset of Cilium 1.20's pkg/bgp/gobgp/peer.go, and seen
    "spec.timers.keepAliveTimeSeconds": True,
    "spec.gracefulRestart": True,  # seen on 1.20.2
    "spec.timers.connectRetryTimeSeconds": False,
}
"""Whether Cilium resets the sessions of a CiliumBGPPeerConfig when a field of it changes, as
tests/lab/test_cluster_resets.py sees it. Of other fields it is not known."""


def resets(changes: Iterable[ResourceChange]) -> tuple[str, ...]:
    """Which changes of peer configurations reset all their sessions from the nodes' end, or may, in words."""
    found = []
    for change in changes:
        if change.key.kind != "CiliumBGPPeerConfig" or change.verb != "update":
            continue
        fields = [line.split()[1].rstrip(":") for line in change.lines]
        known = {
            field: next((does for it, does in RESETTING.items() if field.startswith(it)), None) for field in fields
        }
        for certain, verb in ((True, "will reset"), (None, "may reset")):
            if why := [field for field, does in known.items() if does is certain]:
                found.append(f"all sessions by {change.key.name} {verb}, on all routers at once: {', '.join(why)}")
                break
    return tuple(found)


def plan(
    wanted: Iterable[Resource],
    live: Mapping[Key, Manifest | None],
    dry_runs: Mapping[Key, Manifest],
    owned: Iterable[tuple[Key, Manifest]] = (),
) -> tuple[ResourceChange, ...]:
    """The changes: creations and updates in the order of creation, then deletions in the reverse of it.

    `live` and `dry_runs` have an entry for each of `wanted`; `owned` is what carries our labels. What
    is equal is left out, and what is owned but not wanted is deleted.
    """
    resources = sorted(wanted, key=lambda resource: resource.key)
    changes = []
    for resource in resources:
        before, after = live[resource.key], dry_runs[resource.key]
        if lines := differences(before, after, resource.secrets):
            changes.append(ResourceChange(resource.key, before, after, lines, resource))
    kept = {resource.key.identity for resource in resources}
    for key, before in sorted(owned, key=lambda entry: entry[0], reverse=True):
        if key.identity not in kept:
            changes.append(ResourceChange(key, before, None, differences(before, None)))
    return tuple(changes)
