"""What rendering needs to know of a router as it stands: its BGP instance, interfaces and their addresses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from sixpeer.configtree import frr
from sixpeer.configtree.record import Keyed, Record
from sixpeer.configtree.tree import Tree
from sixpeer.intent import Router


@dataclass(frozen=True, slots=True)
class RouterFacts:
    """A router before a change.

    `instance_is_ours`: there is no BGP instance, or we made the one there is; else its settings are
    read and respected. `families_by_default`: those (`ipv4 unicast`) in which a group is active unless told otherwise.
    `system_addresses`: by interface, those (with length) that the system set outside FRR.
    """

    instance_is_ours: bool = True
    families_by_default: tuple[str, ...] = ()
    interfaces: frozenset[str] | None = None
    system_addresses: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def has_system_address(self, interface: str, address: str) -> bool:
        return address in self.system_addresses.get(interface, frozenset())


def facts(running: Tree, record: Record, addresses: Mapping[str, frozenset[str]]) -> RouterFacts:
    """The facts of a router with this configuration and record, whose interfaces have `addresses` now."""
    asn = frr.bgp_asn(running)
    ours = asn is None or Keyed((), f"router bgp {asn}") in record.objects
    configured = frr.interface_addresses(running)
    return RouterFacts(
        instance_is_ours=ours,
        families_by_default=() if ours else frr.families_by_default(running),
        interfaces=frozenset(addresses),
        system_addresses={
            name: there - configured.get(name, frozenset()) - _recorded(record, name)
            for name, there in addresses.items()
        },
    )


def _recorded(record: Record, interface: str) -> frozenset[str]:
    """The addresses of ours on an interface: one that FRR has lost and the kernel still has is not the system's."""
    context = (f"interface {interface}",)
    return frozenset(item.key.split()[-1] for item in record.objects if item.path == context)


def conflicts(running: Tree, router: Router, known: RouterFacts) -> list[str]:
    """What on the router contradicts the description, each with what to do."""
    found = [
        f"it runs `{notation}`: AS numbers in another notation than plain are not supported"
        for notation in frr.instances_in_another_notation(running)
    ]
    asn = frr.bgp_asn(running)
    if asn is not None and asn != router.asn:
        found.append(f"it runs AS {asn}, the inventory says {router.asn}: mend the one that is wrong")
    for setting in frr.bgp_settings(running):
        words = setting.split()
        if words[:2] == ["bgp", "router-id"] and not known.instance_is_ours and words[2] != str(router.router_id):
            found.append(
                f"its router ID is {words[2]}, the inventory says {router.router_id}: mend the one that is wrong"
            )
    if known.interfaces is not None:
        there = ", ".join(sorted(known.interfaces))
        found += [
            f"it has no interface {tie.interface} (for {tie.subnet}); it has {there}"
            for tie in router.serves
            if tie.interface not in known.interfaces
        ]
    return found
