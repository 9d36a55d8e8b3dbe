"""What the routers are configured with before any run of ours, in FRR's own words.

Kept as `show running-config` of FRR 8.4 prints it, so that nothing of it ever looks like a change.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from netaddr import IPAddress, IPNetwork

from sixpeer.intent import Router


@dataclass(frozen=True, slots=True)
class Uplink:
    """A router's way out: the provider is the first address of `prefix`, the router the second.

    `partner` is somebody behind the provider to whom a static route leads.
    """

    provider: str
    asn: int
    prefix: IPNetwork
    partner: IPNetwork


@dataclass(frozen=True, slots=True)
class Customer:
    """A router as its provider sees it, on the same link."""

    name: str
    asn: int
    prefix: IPNetwork


def _header(name: str) -> str:
    """What FRR itself writes first."""
    return f"""\
frr defaults traditional
hostname {name}
log file /var/log/frr/frr.log informational
no ip forwarding
service integrated-vtysh-config
!
"""


def router_config(
    router: Router,
    parent: IPNetwork,
    links: Mapping[str, IPAddress],
    uplink: Uplink,
    peers: Mapping[str, IPAddress],
) -> str:
    """A described router: `links` has its interfaces off the node subnets, `peers` the other routers."""
    provider = uplink.prefix[1]
    neighbors = {provider: (uplink.asn, uplink.provider)}
    neighbors |= {address: (router.asn, name) for name, address in peers.items()}
    activated = []
    for address in sorted(neighbors):
        activated.append(f"  neighbor {address} activate")
        if address == provider:
            activated.append(f"  neighbor {address} prefix-list UPLINK-IN in")
            activated.append(f"  neighbor {address} prefix-list UPLINK-OUT out")
        else:
            activated.append(f"  neighbor {address} next-hop-self")
    return _header(router.name) + _text(
        f"ipv6 route {parent} blackhole",
        f"ipv6 route {uplink.partner} {provider}",
        "!",
        *_interfaces(links),
        *_bgp(router.asn, router.router_id, neighbors),
        f"  network {parent}",
        *activated,
        " exit-address-family",
        "exit",
        "!",
        "ipv6 prefix-list UPLINK-IN seq 5 permit ::/0",
        f"ipv6 prefix-list UPLINK-OUT seq 5 permit {parent}",
        "!",
    )


def isp_config(
    name: str,
    asn: int,
    router_id: IPAddress,
    prefix: IPNetwork,
    customers: Sequence[Customer],
    links: Mapping[str, IPAddress],
    *,
    static: bool,
) -> str:
    """The provider: gives its customers a default route, and takes from them no more than `prefix`.

    `links` has its further interfaces. `static`: it reaches `prefix` by static routes, since the
    customers have no BGP.
    """
    routes = [f"ipv6 route {prefix} {customer.prefix[2]}" for customer in customers]
    neighbors = {customer.prefix[2]: (customer.asn, customer.name) for customer in customers}
    activated = []
    for address in sorted(neighbors):
        activated.append(f"  neighbor {address} activate")
        activated.append(f"  neighbor {address} default-originate")
        activated.append(f"  neighbor {address} prefix-list CUSTOMERS in")
        activated.append(f"  neighbor {address} prefix-list DEFAULT out")
    return _header(name) + _text(
        *([*routes, "!"] if static else ()),
        *_interfaces({**links, **{customer.name: customer.prefix[1] for customer in customers}}),
        *_bgp(asn, router_id, neighbors),
        *activated,
        " exit-address-family",
        "exit",
        "!",
        f"ipv6 prefix-list CUSTOMERS seq 5 permit {prefix}",
        "ipv6 prefix-list DEFAULT seq 5 permit ::/0",
        "!",
    )


def _interfaces(addresses: Mapping[str, IPAddress]) -> Iterator[str]:
    for name in sorted(addresses):
        yield from (f"interface {name}", f" description to {name}", f" ipv6 address {addresses[name]}/64", "exit", "!")


def _bgp(asn: int, router_id: IPAddress, neighbors: Mapping[IPAddress, tuple[int, str]]) -> Iterator[str]:
    """The instance, as far as the address family; `neighbors` has the ASN and the description of each."""
    yield from (f"router bgp {asn}", f" bgp router-id {router_id}")
    for address in sorted(neighbors):
        asn, name = neighbors[address]
        yield f" neighbor {address} remote-as {asn}"
        yield f" neighbor {address} description {name}"
        yield f" neighbor {address} timers connect 5"  # FRR's default of 120 s is long where all start at once
    yield from (" !", " address-family ipv6 unicast")


def _text(*lines: str) -> str:
    return "\n".join(lines) + "\n"
