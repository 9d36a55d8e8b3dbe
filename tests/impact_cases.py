"""Two routers with sessions of every kind between them, and the changes whose effect on these is predicted and seen.

A case's edits are replacements in the running configuration. Those of `each` and `each_family` are about a
neighbour, a peer group and the peer group of a listen range at once.
"""

from __future__ import annotations

from dataclasses import dataclass

Edits = tuple[tuple[str, str], ...]

NEIGHBOUR, MEMBER, DYNAMIC, IBGP, VIEW, OWN = (f"fd00:{n}::2" for n in range(1, 7))
"""The far ends: a neighbour by itself; a member of GROUP; a dynamic one of the group RANGE; one by itself of our AS;
one of the instance `view blue`; a member of GROUP with timers of its own."""

PEERS = {peer: ("blue" if peer == VIEW else "default", peer) for peer in (NEIGHBOUR, MEMBER, DYNAMIC, IBGP, VIEW, OWN)}
"""Their sessions, as FRR names them."""

_TIMERS = " neighbor {0} timers 1 15\n neighbor {0} timers connect 1\n"
_POLICY = "  neighbor {0} route-map IN in\n  neighbor {0} route-map OUT out\n"

CONFIG = f"""\
frr defaults traditional
hostname r1
service integrated-vtysh-config
!
ipv6 prefix-list IN seq 5 permit fd00:a::/47 le 64
ipv6 prefix-list OUT seq 5 permit fd00:d::/48
!
route-map IN permit 10
 match ipv6 address prefix-list IN
exit
!
route-map OUT permit 10
 match ipv6 address prefix-list OUT
exit
!
ipv6 route fd00:d::/48 blackhole
ipv6 route 64:ff9b::/96 fd00:1::2
!
interface lan
{"".join(f" ipv6 address fd00:{n}::1/64{chr(10)}" for n in range(1, 7))}exit
!
router bgp 64512
 bgp router-id 10.0.0.1
 no bgp default ipv4-unicast
 neighbor GROUP peer-group
 neighbor GROUP remote-as 64513
{_TIMERS.format("GROUP")} neighbor RANGE peer-group
 neighbor RANGE remote-as 64513
{_TIMERS.format("RANGE")} neighbor {MEMBER} peer-group GROUP
 neighbor {OWN} peer-group GROUP
 neighbor {OWN} timers 1 20
 neighbor {NEIGHBOUR} remote-as 64513
{_TIMERS.format(NEIGHBOUR)} neighbor {IBGP} remote-as 64512
{_TIMERS.format(IBGP)} bgp listen range fd00:3::/64 peer-group RANGE
 !
 address-family ipv6 unicast
  network fd00:d::/48
  neighbor GROUP activate
{_POLICY.format("GROUP")}  neighbor RANGE activate
{_POLICY.format("RANGE")}  neighbor {NEIGHBOUR} activate
{_POLICY.format(NEIGHBOUR)}  neighbor {IBGP} activate
 exit-address-family
exit
!
router bgp 64512 view blue
 bgp router-id 10.0.0.1
 no bgp default ipv4-unicast
 neighbor {VIEW} remote-as 64513
{_TIMERS.format(VIEW)} !
 address-family ipv6 unicast
  neighbor {VIEW} activate
  neighbor {VIEW} route-map IN in
 exit-address-family
exit
!
"""


def _far_instance(numbers: tuple[int, ...], *announced: str) -> str:
    sessions = "".join(f" neighbor fd00:{n}::1 remote-as 64512\n{_TIMERS.format(f'fd00:{n}::1')}" for n in numbers)
    networks = "".join(f"  network {prefix}\n" for prefix in announced)
    activated = "".join(f"  neighbor fd00:{n}::1 activate\n" for n in numbers)
    return f"{sessions} !\n address-family ipv6 unicast\n{networks}{activated} exit-address-family\nexit\n!\n"


FAR = f"""\
frr defaults traditional
hostname r2
service integrated-vtysh-config
!
ipv6 route fd00:a::/48 blackhole
ipv6 route fd00:a:1::/48 blackhole
!
interface lan
{"".join(f" ipv6 address fd00:{n}::2/64{chr(10)}" for n in range(1, 7))}exit
!
router bgp 64513
 bgp router-id 10.0.0.2
 no bgp ebgp-requires-policy
 no bgp default ipv4-unicast
{_far_instance((1, 2, 3, 5, 6), "fd00:a::/48", "fd00:a:1::/48")}router bgp 64512 view inner
 bgp router-id 10.0.0.3
 no bgp default ipv4-unicast
{_far_instance((4,), "fd00:a::/48")}"""


@dataclass(frozen=True)
class Case:
    """A change.

    `resets`: whether it interrupts a session; a number, if only on that major version. `since`: the first major
    version that loads it (8.4 refuses a neighbour's graceful restart when frr-reload.py says it a second time).
    """

    name: str
    edits: Edits
    resets: bool | int = False
    since: int = 8


def add(after: str, *lines: str) -> Edits:
    """Lines behind one that is there."""
    return ((after, after + "".join(f"{line}\n" for line in lines)),)


def each(*settings: str) -> Edits:
    return tuple(
        edit
        for who in (NEIGHBOUR, "GROUP", "RANGE")
        for edit in add(f" neighbor {who} timers 1 15\n", *(f" neighbor {who} {setting}" for setting in settings))
    )


def each_family(*settings: str) -> Edits:
    return tuple(
        edit
        for who in (NEIGHBOUR, "GROUP", "RANGE")
        for edit in add(f"  neighbor {who} activate\n", *(f"  neighbor {who} {setting}" for setting in settings))
    )


def change(old: str, new: str) -> Edits:
    """Another value, of all three."""
    return tuple((f" neighbor {who} {old}\n", f" neighbor {who} {new}\n") for who in (NEIGHBOUR, "GROUP", "RANGE"))


def change_family(old: str, new: str) -> Edits:
    return tuple((f"  neighbor {who} {old}\n", f"  neighbor {who} {new}\n") for who in (NEIGHBOUR, "GROUP", "RANGE"))


def instance(*lines: str) -> Edits:
    return add(" bgp router-id 10.0.0.1\n", *(f" {line}" for line in lines))


def gone(*lines: str) -> Edits:
    return tuple((f"{line}\n", "") for line in lines)


_END = " exit-address-family\n"
PREFIX_LIST = "ipv6 prefix-list IN seq 5 permit fd00:a::/47 le 64\n"
STATIC = "ipv6 route 64:ff9b::/96 fd00:1::2\n"
_LISTEN = " bgp listen range fd00:3::/64 peer-group RANGE\n"
_OF_NEIGHBOUR = f" neighbor {NEIGHBOUR} remote-as 64513\n{_TIMERS.format(NEIGHBOUR)}"
_ROUTE_MAP = "route-map IN permit 10\n match ipv6 address prefix-list IN\nexit\n"
_VIEW = CONFIG[CONFIG.index("router bgp 64512 view blue") :]
_ADDRESS = " ipv6 address fd00:1::1/64"

RENAMED = (
    *change_family("route-map IN in", "route-map TAKEN in"),
    (f"  neighbor {VIEW} route-map IN in\n", f"  neighbor {VIEW} route-map TAKEN in\n"),
    (_ROUTE_MAP, _ROUTE_MAP.replace("IN permit", "TAKEN permit")),
)

CASES = (
    Case("remote-as", change("remote-as 64513", "remote-as 64599"), True),
    Case("remote-as-external", change("remote-as 64513", "remote-as external"), True),
    Case("password", add(f" neighbor {NEIGHBOUR} timers 1 15\n", f" neighbor {NEIGHBOUR} password x"), True),
    Case("password-of-a-group", add(" neighbor GROUP timers 1 15\n", " neighbor GROUP password x"), True),
    Case("password-of-a-member", add(f" neighbor {OWN} timers 1 20\n", f" neighbor {OWN} password x"), True),
    Case("passive", each("passive"), True),
    Case("shutdown", each("shutdown"), True),
    Case("ebgp-multihop", each("ebgp-multihop 2"), True),
    Case("ttl-security", each("ttl-security hops 1"), True),
    Case("local-as", each("local-as 64555"), True),
    Case("update-source", each("update-source lan"), True),
    Case("extended-nexthop", each("capability extended-nexthop"), True),
    Case("connected-check", each("disable-connected-check"), True),
    Case("capability-dynamic", each("capability dynamic"), 8),
    Case("local-role", each("local-role provider"), 8),
    Case("neighbour-gr", each("graceful-restart"), 10, since=10),
    Case("neighbour-gr-disable", each("graceful-restart-disable"), 10, since=10),
    Case("neighbour-gr-helper", each("graceful-restart-helper"), since=10),
    Case("timers", change("timers 1 15", "timers 2 10")),
    Case("later", each("timers delayopen 5", "override-capability")),
    Case("harmless", each("description text", "bfd", "advertisement-interval 5")),
    Case("family", gone(f"  neighbor {NEIGHBOUR} activate", "  neighbor RANGE activate"), True),
    Case(
        "family-ipv4",
        add(
            " exit-address-family\n",
            " address-family ipv4 unicast",
            "  neighbor GROUP activate",
            " exit-address-family",
        ),
        True,
    ),
    Case("addpath", each_family("addpath-tx-all-paths"), True),
    Case("route-server-client", each_family("route-server-client"), True),
    Case(
        "route-reflector-client",
        add(f"  neighbor {IBGP} activate\n", f"  neighbor {IBGP} route-reflector-client"),
        True,
    ),
    Case(
        "harmless-family",
        each_family(
            "maximum-prefix 10 restart 1",
            "allowas-in",
            "weight 5",
            "soft-reconfiguration inbound",
            "as-override",
            "next-hop-self",
            "prefix-list OUT out",
            "default-originate",
            "maximum-prefix-out 5",
        ),
    ),
    Case("route-map", change_family("route-map IN in", "route-map OUT in")),
    Case("renamed", RENAMED),
    Case("policy-gone", tuple((f"  neighbor {who} route-map OUT out\n", "") for who in (NEIGHBOUR, "GROUP", "RANGE"))),
    Case(
        "prefix-list", add("ipv6 prefix-list IN seq 5 permit fd00:a::/47 le 64\n", "ipv6 prefix-list IN seq 9 deny any")
    ),
    Case("prefix-list-gone", ((PREFIX_LIST, ""),)),
    Case("route-map-gone", ((_ROUTE_MAP, ""),)),
    Case("router-id", ((" bgp router-id 10.0.0.1\n", " bgp router-id 10.0.0.9\n"),), True),
    Case("instance-gr", instance("bgp graceful-restart"), 10),
    Case("instance-gr-disable", instance("bgp graceful-restart-disable"), 10, since=10),
    Case("instance-gr-times", instance("bgp graceful-restart stalepath-time 100")),
    Case("cluster-id", instance("bgp cluster-id 10.0.0.9"), True),
    Case("instance-shutdown", instance("bgp shutdown"), True),
    Case(
        "instance-harmless",
        instance(
            "bgp listen limit 50", "bgp bestpath as-path multipath-relax", "bgp deterministic-med", "timers bgp 4 12"
        ),
    ),
    Case(
        "network",
        add("  network fd00:d::/48\n", "  network fd00:d:1::/64", "  maximum-paths 4", "  redistribute connected"),
    ),
    Case("another-neighbour", add(_OF_NEIGHBOUR, " neighbor fd00:1::9 remote-as 64513")),
    Case("another-member", add(f" neighbor {MEMBER} peer-group GROUP\n", " neighbor fd00:2::9 peer-group GROUP")),
    Case(
        "neighbour-removed",
        ((_OF_NEIGHBOUR, ""), (f"  neighbor {NEIGHBOUR} activate\n{_POLICY.format(NEIGHBOUR)}", "")),
        True,
    ),
    Case("member-removed", gone(f" neighbor {OWN} peer-group GROUP", f" neighbor {OWN} timers 1 20"), True),
    Case(
        "into-group",
        (
            (_OF_NEIGHBOUR, ""),
            (
                f" neighbor {MEMBER} peer-group GROUP\n",
                f" neighbor {NEIGHBOUR} peer-group GROUP\n neighbor {MEMBER} peer-group GROUP\n",
            ),
            (f"  neighbor {NEIGHBOUR} activate\n{_POLICY.format(NEIGHBOUR)}", ""),
        ),
        True,
    ),
    Case("range-removed", ((_LISTEN, ""),), True),
    Case("range-wider", ((_LISTEN, _LISTEN.replace("/64", "/56")),), True),
    Case("range-another", add(_LISTEN, " bgp listen range fd00:33::/64 peer-group RANGE")),
    Case("range-other-group", ((_LISTEN, _LISTEN.replace("RANGE", "GROUP")),), True),
    Case(
        "members-to-range",
        (
            (f" neighbor {MEMBER} peer-group GROUP\n", ""),
            (_LISTEN, f" bgp listen range fd00:2::/64 peer-group GROUP\n{_LISTEN}"),
        ),
        True,
    ),
    Case(
        "range-to-member",
        (
            (_LISTEN, ""),
            (
                f" neighbor {OWN} peer-group GROUP\n",
                f" neighbor {DYNAMIC} peer-group RANGE\n neighbor {OWN} peer-group GROUP\n",
            ),
        ),
        True,
    ),
    Case("password-of-a-view", add(f" neighbor {VIEW} timers 1 15\n", f" neighbor {VIEW} password x"), True),
    Case("instance-removed", ((_VIEW, ""),), True),
    Case("asn", (("router bgp 64512\n", "router bgp 64999\n"),), True),
    Case("address-added", add(f"{_ADDRESS}\n", " ipv6 address fd00:11::1/64")),
    Case("address-removed", gone(_ADDRESS), True),
    Case("interface-shutdown", (("interface lan\n", "interface lan\n shutdown\n"),), True),
    Case("static-routes", ((STATIC, STATIC.replace(":1:", ":2:") + "ipv6 route fd00:e::/48 fd00:1::2\n"),)),
)


def edited(config: str, edits: Edits) -> str:
    """The configuration with a case's edits."""
    for old, new in edits:
        assert old in config, f"there is no {old!r} in\n{config}"
        config = config.replace(old, new, 1)
    return config
