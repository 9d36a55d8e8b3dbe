"""What the routers are configured with before any run of ours, in FRR's own words.

Kept as `show running-config` of FRR 8.4 prints it, so that nothing of it ever looks like a change.
"""

from __future__ import annotations

from collections.abc import Mapping
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


def empty_config(name: str) -> str:
    """A router that nobody has configured."""
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
    *,
    empty: bool = False,
) -> str:
    """One of the described routers: `links` are its interfaces off the node subnets, `peers` the other routers."""
    if empty:
        return empty_config(router.name)
    provider = uplink.prefix[1]
    lines = [
        f"ipv6 route {parent} blackhole",
        f"ipv6 route {uplink.partner} {provider}",
        "!",
    ]
    for name in sorted(links):
        lines += [f"interface {name}", f" description to {name}", f" ipv6 address {links[name]}/64", "exit", "!"]
    lines += [f"router bgp {router.asn}", f" bgp router-id {router.router_id}"]
    neighbors = {provider: (uplink.asn, uplink.provider)} | {
        address: (router.asn, name) for name, address in peers.items()
    }
    for address, (asn, name) in sorted(neighbors.items()):
        lines += [
            f" neighbor {address} remote-as {asn}",
            f" neighbor {address} description {name}",
            f" neighbor {address} timers connect 5",
        ]
    lines += [" !", " address-family ipv6 unicast", f"  network {parent}"]
    for address in sorted(neighbors):
        lines.append(f"  neighbor {address} activate")
        if address == provider:
            lines += [
                f"  neighbor {address} prefix-list UPLINK-IN in",
                f"  neighbor {address} prefix-list UPLINK-OUT out",
            ]
        else:
            lines.append(f"  neighbor {address} next-hop-self")
    lines += [
        " exit-address-family",
        "exit",
        "!",
        "ipv6 prefix-list UPLINK-IN seq 5 permit ::/0",
        f"ipv6 prefix-list UPLINK-OUT seq 5 permit {parent}",
        "!",
    ]
    return empty_config(router.name) + "\n".join(lines) + "\n"


def isp_config(
    asn: int,
    router_id: IPAddress,
    customer: IPNetwork,
    uplinks: Mapping[str, IPNetwork],
    routers: Mapping[str, Router],
    client: str,
    client_address: IPAddress,
    static: bool,
) -> str:
    """The provider: gives its customers a default route, and takes from them their own prefix only.

    `static`: customers without BGP are reached by static routes.
    """
    lines = [f"ipv6 route {customer} {prefix[2]}" for prefix in uplinks.values()] + ["!"] if static else []
    interfaces = {client: client_address} | {name: prefix[1] for name, prefix in uplinks.items()}
    for name in sorted(interfaces):
        lines += [f"interface {name}", f" ipv6 address {interfaces[name]}/64", "exit", "!"]
    lines += [f"router bgp {asn}", f" bgp router-id {router_id}"]
    for name, prefix in uplinks.items():
        lines += [
            f" neighbor {prefix[2]} remote-as {routers[name].asn}",
            f" neighbor {prefix[2]} description {name}",
            f" neighbor {prefix[2]} timers connect 5",
        ]
    lines += [" !", " address-family ipv6 unicast"]
    for prefix in uplinks.values():
        lines += [
            f"  neighbor {prefix[2]} activate",
            f"  neighbor {prefix[2]} default-originate",
            f"  neighbor {prefix[2]} prefix-list CUSTOMER in",
            f"  neighbor {prefix[2]} prefix-list DEFAULT out",
        ]
    lines += [
        " exit-address-family",
        "exit",
        "!",
        f"ipv6 prefix-list CUSTOMER seq 5 permit {customer}",
        "ipv6 prefix-list DEFAULT seq 5 permit ::/0",
        "!",
    ]
    return empty_config("isp") + "\n".join(lines) + "\n"
