"""Routers as Hypothesis draws them: what others have configured on one, and what is ours beside it."""

from __future__ import annotations

from hypothesis import strategies as st

PREFIX = "SIXPEER-"
ASN = 64512

HEADER = "frr version {version}\nfrr defaults {profile}\nhostname r1\nservice integrated-vtysh-config\n!\n"


def some(*lines: str) -> st.SearchStrategy[list[str]]:
    """Some of these lines, in their order."""
    return st.lists(st.booleans(), min_size=len(lines), max_size=len(lines)).map(
        lambda chosen: [line for line, taken in zip(lines, chosen, strict=True) if taken]
    )


def context(opening: str, lines: st.SearchStrategy[list[str]], closing: str = "exit", always: bool = True):
    """A context of the top level with its lines; where not `always`, only if there are any."""
    indented = lines.map(lambda found: "".join(f" {line}\n" for line in found))
    return indented.map(lambda inside: f"{opening}\n{inside}{closing}\n!\n" if inside or always else "")


def block(lines: st.SearchStrategy[list[str]]) -> st.SearchStrategy[str]:
    """Lines of the top level, with a separator after them."""
    return lines.map(lambda found: "".join(f"{line}\n" for line in found) + "!\n" if found else "")


def family(name: str, *lines: str) -> st.SearchStrategy[list[str]]:
    """A family inside an instance as its lines, if there are any."""
    return some(*lines).map(
        lambda found: (
            [" !", f"address-family {name}", *(f" {line}" for line in found), "exit-address-family"] if found else []
        )
    )


def joined(*parts: st.SearchStrategy[list[str]]) -> st.SearchStrategy[list[str]]:
    return st.tuples(*parts).map(lambda drawn: [line for part in drawn for line in part])


_THEIR_POLICY = block(
    some(
        "ip prefix-list UPLINK4 seq 5 permit 192.0.2.0/24",
        "ipv6 prefix-list UPLINK seq 5 permit 2001:db8::/48",
        "ipv6 prefix-list UPLINK seq 10 deny any",
        "bgp community-list standard BLACKHOLE seq 5 permit 64512:666",
        "bgp as-path access-list PEERS seq 5 permit _64500$",
    )
)
_THEIR_ROUTES = block(
    some(
        "ip route 192.0.2.0/24 Null0",
        "ipv6 route 2001:db8::/48 blackhole",
        "ipv6 route 2001:db8:f::/48 2001:db8:1:1::1 tag 7",
        "ipv6 route 2001:db8:f::/48 2001:db8:1:1::2 200",
    )
)
_THEIR_BGP = context(
    f"router bgp {ASN}",
    joined(
        some(
            "bgp router-id 10.255.0.1",
            "no bgp default ipv4-unicast",
            "bgp default ipv6-unicast",
            "bgp default l2vpn-evpn",
            "bgp bestpath as-path multipath-relax",
            "neighbor FABRIC peer-group",
            "neighbor FABRIC remote-as external",
            "neighbor 192.0.2.1 remote-as 64500",
            "neighbor 2001:db8:1:1::1 remote-as 64500",
            "neighbor 2001:db8:1:1::1 description sixpeer's neighbour SIXPEER",
            "neighbor eth7 interface peer-group FABRIC",
            "bgp listen range 2001:db8:9::/64 peer-group FABRIC",
        ),
        family("ipv4 unicast", "network 192.0.2.0/24", "redistribute connected", "maximum-paths 4"),
        family("ipv6 unicast", "network 2001:db8::/48", "neighbor 2001:db8:1:1::1 activate", "import vrf red"),
        family("l2vpn evpn", "neighbor FABRIC activate", "advertise-all-vni"),
    ),
    always=False,
)
_THEIRS = (
    _THEIR_POLICY,
    context("route-map UPLINK permit 10", some("match ipv6 address prefix-list UPLINK", "set local-preference 200")),
    context("vrf red", some("ipv6 route 64:ff9b::/96 2001:db8:ed::1", "vni 4001"), "exit-vrf", always=False),
    _THEIR_ROUTES,
    context("interface control", some("description a subnet", "ipv6 address 2001:db8:7::1/64"), always=False),
    context(
        "interface eth0", some("ip address 192.0.2.2/24", "ip ospf area 0", "ipv6 nd ra-interval 30"), always=False
    ),
    _THEIR_BGP | st.just(""),
    context(f"router bgp {ASN} vrf red", some("neighbor 2001:db8::a remote-as 64777"), always=False),
    context("router ospf", some("ospf router-id 10.255.0.1", "redistribute static"), always=False),
)

theirs: st.SearchStrategy[str] = st.tuples(
    st.sampled_from(["8.4.4", "10.3", "10.7.1"]), st.sampled_from(["traditional", "datacenter"]), st.tuples(*_THEIRS)
).map(lambda drawn: HEADER.format(version=drawn[0], profile=drawn[1]) + "".join(drawn[2]) + "end\n")
"""A router of others; nothing there is keyed as what is ours."""

ours: st.SearchStrategy[str] = st.tuples(
    block(
        some(
            "ipv6 prefix-list SIXPEER-LAB-PODS seq 5 permit 2001:db8:0:4200::/56 ge 64 le 64",
            "ipv6 prefix-list SIXPEER-LAB-POOLS seq 7 permit 2001:db8:0:6400::/112 ge 128 le 128",
            "ipv6 prefix-list SIXPEER-LAB-POOLS seq 9 permit 2001:db8:0:6500::/112 ge 128 le 128",
        )
    ),
    context("route-map SIXPEER-LAB-IN permit 10", some("match ipv6 address prefix-list SIXPEER-LAB-PODS")),
    context("route-map SIXPEER-LAB-OUT deny 10", some("set local-preference 50"), always=False),
    block(
        some(
            "ipv6 route 64:ff9b::/96 2001:db8:0:ff00::64",
            "ipv6 route 64:ff9b::/96 2001:db8:0:ff00::65 1",
            "ipv6 route 2001:db8:0:6400::/112 blackhole",
        )
    ),
    context("interface control", some("ipv6 address 2001:db8::1/64"), always=False),
    context("interface workers", some("ipv6 address 2001:db8:0:1::1/64"), always=False),
    context(
        f"router bgp {ASN}",
        joined(
            st.just(["neighbor SIXPEER-LAB peer-group", "neighbor SIXPEER-LAB remote-as 64513"]),
            some(
                "neighbor SIXPEER-LAB port 179",
                "neighbor SIXPEER-LAB timers 3 9",
                "neighbor 2001:db8::a peer-group SIXPEER-LAB",
                "neighbor 2001:db8::b peer-group SIXPEER-LAB",
                "bgp listen range 2001:db8:0:1::/64 peer-group SIXPEER-LAB",
            ),
            family("ipv4 unicast", "no neighbor SIXPEER-LAB activate"),
            family(
                "ipv6 unicast",
                "network 2001:db8:0:6400::/112",
                "neighbor SIXPEER-LAB activate",
                "neighbor SIXPEER-LAB maximum-prefix 10 75 restart 1",
                "neighbor SIXPEER-LAB route-map SIXPEER-LAB-IN in",
            ),
        ),
    ),
).map("".join)
"""What is ours on a router, at most one cluster; some of it in words that FRR hides or shows otherwise."""
