"""Passwords of listen ranges, which some versions of FRR leave in the kernel when they are taken away.

From then on the kernel drops what comes unsigned from that prefix, until bgpd starts anew (measured on 8.4.4 and
10.3; 10.7.1 takes them away. Case `range-password` of tests/lab/test_impact.py). So a password cannot be taken
from such a range; and one that is given to a range cannot be taken back by loading the old configuration.
"""

from __future__ import annotations

from collections.abc import Mapping

from sixpeer.configtree.impact.bgp import Instance, instances
from sixpeer.configtree.impact.sessions import as_network
from sixpeer.configtree.impact.values import Version
from sixpeer.configtree.tree import Tree

TAKES_THEM_AWAY: Version = (10, 7)


def kept_passwords(running: Tree, candidate: Tree, version: Version | None) -> tuple[str, ...]:
    """What cannot be taken back, and what to do then."""
    if version and version >= TAKES_THEM_AWAY:
        return ()
    before, after = instances(running), instances(candidate)
    found = []
    for vrf in sorted({*before, *after}):
        had, has = _by_range(before.get(vrf)), _by_range(after.get(vrf))
        for range_ in sorted({*had, *has}):
            where = f"listen range {range_}" + ("" if vrf == "default" else f" (VRF {vrf})")
            then = "until bgpd is restarted on the router: systemctl restart frr"
            if had.get(range_) and not has.get(range_) and _unsigned(after.get(vrf), range_):
                found.append(
                    f"{where} loses its password, but FRR before 10.7 leaves it in the kernel: neighbours without "
                    f"it cannot connect {then}"
                )
            if has.get(range_) and not had.get(range_) and _unsigned(before.get(vrf), range_):
                found.append(
                    f"{where} gets a password, which FRR before 10.7 leaves in the kernel if this is put back: "
                    f"neighbours without it could not connect {then}"
                )
    return tuple(found)


def _by_range(instance: Instance | None) -> Mapping[str, str | None]:
    """The password of each listen range, if it has one."""
    sessions = instance.sessions if instance else {}
    return {peer: instance.text_of(group, "password") for peer, group in sessions.items() if instance and "/" in peer}


def _unsigned(instance: Instance | None, range_: str) -> bool:
    """Whether anybody in the range has a session without a password."""
    if instance is None:
        return False
    prefix = as_network(range_)
    for peer, group in instance.sessions.items():
        network = as_network(peer)
        if network and prefix and (network in prefix or prefix in network):
            own = instance.text_of(peer, "password") or (group and instance.text_of(group, "password"))
            if not own:
                return True
    return False
