"""Links between machines: a veth pair where two ends meet, a bridge in the lab's root where more do."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from lab.machine import Interface, Machine
from lab.management import MANAGEMENT

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
        bridge = bridge_of(link, number)
        lines.append(f"link add {bridge} type bridge stp_state 0 forward_delay 0 mcast_snooping 0")
        lines.append(f"link set {bridge} up")
        for port, end in enumerate(plugged):
            lines.append(f"link add {bridge}p{port} type veth peer {_end(end, pids)}")
            lines.append(f"link set {bridge}p{port} master {bridge} up")
    return "\n".join(lines) + "\n"


def bridge_of(link: str, number: int = 0) -> str:
    """The name of a link's bridge in the lab's root (at most 15 characters: IFNAMSIZ)."""
    return MANAGEMENT if link == MANAGEMENT else f"br{number}"


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


def forwarding(machine: Machine) -> list[str]:
    """The command that makes a machine a router of IPv6 (and of IPv4 where it has any), or not."""
    if not machine.forwards:
        return ["true"]
    ipv4 = any("." in address for interface in machine.interfaces for address in interface.addresses)
    settings = ["net/ipv6/conf/all/forwarding", "net/ipv6/fib_multipath_hash_policy"]  # 1: by flow, not by host
    settings += ["net/ipv4/ip_forward"] if ipv4 else []
    return ["sh", "-ec", "".join(f"echo 1 > /proc/sys/{setting}\n" for setting in settings)]


def _end(end: End, pids: Mapping[str, int]) -> str:
    machine, interface = end
    mac = f" address {interface.mac}" if interface.mac else ""
    return f"name {interface.name}{mac} netns {pids[machine.name]}"
