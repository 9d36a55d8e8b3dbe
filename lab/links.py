"""Links between machines: a veth pair where two ends meet, a bridge in the lab's root where more do."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from lab.machine import Interface, Machine

MANAGEMENT = "management"
"""The link that every machine is plugged into, and the name of its bridge in the lab's root."""

End = tuple[Machine, Interface]


def links(machines: Sequence[Machine], pids: Mapping[str, int]) -> str:
    """The `ip -batch` input that makes all links, for the lab's root. `pids`: PID 1 of each machine."""
    ends: defaultdict[str, list[End]] = defaultdict(list)
    for machine in machines:
        for interface in machine.interfaces:
            ends[interface.link].append((machine, interface))
    lines = ["link set lo up"]
    for number, (link, plugged) in enumerate(ends.items()):
        if len(plugged) == 2 and link != MANAGEMENT:
            first, second = (_end(end, pids) for end in plugged)
            lines.append(f"link add {first} type veth peer {second}")
            continue
        # No spanning tree and no snooping: a port forwards from the first moment.
        bridge = MANAGEMENT if link == MANAGEMENT else f"br{number}"  # at most 15 characters: IFNAMSIZ
        lines.append(f"link add {bridge} type bridge stp_state 0 forward_delay 0 mcast_snooping 0")
        lines.append(f"link set {bridge} up")
        for port, end in enumerate(plugged):
            lines.append(f"link add {bridge}p{port} type veth peer {_end(end, pids)}")
            lines.append(f"link set {bridge}p{port} master {bridge} up")
    return "\n".join(lines) + "\n"


def addresses(machine: Machine) -> str:
    """The `ip -batch` input that brings a machine's interfaces up, with the addresses that the system sets."""
    lines = ["link set lo up", *(f"address add {address} dev lo" for address in machine.loopback)]
    if machine.cilium_host:
        lines.append(f"link add cilium_host address {machine.cilium_host} type veth peer name cilium_net")
        lines += ["link set cilium_net up", "link set cilium_host up"]
    for interface in machine.interfaces:
        lines.append(f"link set {interface.name} up")
        lines += [f"address add {address} dev {interface.name}" for address in interface.addresses]
    lines += [f"route add {route}" for route in machine.routes]
    return "\n".join(lines) + "\n"


def settings(machine: Machine) -> list[str]:
    """The kernel's settings (below /proc/sys) that are to be 1: a router forwards IPv6, and IPv4 where it has any."""
    if not machine.forwards:
        return []
    ipv4 = any("." in address for interface in machine.interfaces for address in interface.addresses)
    by_flow = "net/ipv6/fib_multipath_hash_policy"  # of several next hops, each flow takes its own
    return ["net/ipv6/conf/all/forwarding", by_flow, *(["net/ipv4/ip_forward"] if ipv4 else [])]


def _end(end: End, pids: Mapping[str, int]) -> str:
    machine, interface = end
    mac = f" address {interface.mac}" if interface.mac else ""
    return f"name {interface.name}{mac} netns {pids[machine.name]}"
