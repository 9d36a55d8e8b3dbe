"""A router on which there is something to get: sessions of IPv4 and IPv6, of a dynamic neighbour and in a VRF, some
of them down, and routes of theirs. NAPALM's tests want a BGP route to 1.0.4.0/24 and an answer from 8.8.8.8.

VRFs are network namespaces here (a kernel without VRF devices runs them, too).
"""

from __future__ import annotations

from labs import Bare
from network import eventually

from lab.bare import BareRouter, RouterSpec

LINKS = {
    "upstream": {"r1": (), "isp": ()},
    "nodes": {"r1": (), "node": ()},
    "customer": {"r1": (), "branch": ()},
    "spare": {"r1": ()},
}

R1 = """\
hostname r1
service integrated-vtysh-config
ip route 8.8.8.8/32 192.0.2.2
ipv6 route 2001:db8:dead::/48 blackhole
ipv6 route 2001:db8:beef::/48 2001:db8:1::2
ipv6 route 2001:db8:cafe::/48 2001:db8:beef::1
!
interface upstream
 description to the ISP
 ip address 192.0.2.1/24
 ipv6 address 2001:db8:1::1/64
exit
interface nodes
 ipv6 address 2001:db8:2::1/64
exit
interface customer vrf red
 ipv6 address 2001:db8:3::1/64
exit
!
ipv6 prefix-list ANY seq 5 permit any
route-map ALL permit 10
exit
route-map ALL6 permit 10
exit
!
router bgp 64512
 bgp router-id 10.255.0.1
 no bgp default ipv4-unicast
 neighbor NODES peer-group
 neighbor NODES remote-as 64514
 neighbor NODES description nodes of the cluster
 neighbor NODES timers 3 9
 neighbor NODES password s3cret
 neighbor EDGE peer-group
 neighbor EDGE description upstreams
 neighbor EDGE update-source upstream
 neighbor 192.0.2.2 remote-as 64513
 neighbor 192.0.2.2 peer-group EDGE
 neighbor 2001:db8:1::2 remote-as 64513
 neighbor 2001:db8:1::2 peer-group EDGE
 neighbor 2001:db8:1::2 description upstream, IPv6
 neighbor 2001:db8:1::2 timers 3 9
 neighbor 2001:db8:1::2 local-as 64600 no-prepend
 neighbor 2001:db8:1::5 remote-as 64512
 neighbor 2001:db8:1::5 shutdown
 neighbor 2001:db8:1::5 update-source 2001:db8:1::1
 neighbor 2001:db8:1::dead remote-as 64999
 neighbor 2001:db8:1::dead description nobody there
 neighbor 2001:db8:1::dead ebgp-multihop 3
 neighbor 2001:db8:1::dead password hunter2
 bgp listen range 2001:db8:2::/64 peer-group NODES
 !
 address-family ipv4 unicast
  network 203.0.113.0/24
  neighbor 192.0.2.2 activate
  neighbor 192.0.2.2 route-map ALL in
  neighbor 192.0.2.2 route-map ALL out
 exit-address-family
 !
 address-family ipv6 unicast
  network 2001:db8:dead::/48
  neighbor NODES activate
  neighbor NODES prefix-list ANY in
  neighbor NODES maximum-prefix 10 warning-only
  neighbor NODES route-map ALL in
  neighbor NODES route-map ALL6 out
  neighbor 2001:db8:1::2 activate
  neighbor 2001:db8:1::2 remove-private-AS
  neighbor 2001:db8:1::2 maximum-prefix 100 80 restart 5
  neighbor 2001:db8:1::2 route-map ALL in
  neighbor 2001:db8:1::2 route-map ALL out
  neighbor 2001:db8:1::5 activate
  neighbor 2001:db8:1::5 next-hop-self
  neighbor 2001:db8:1::5 route-reflector-client
  neighbor 2001:db8:1::dead activate
  maximum-paths 1
  maximum-paths ibgp 4
 exit-address-family
 !
 address-family l2vpn evpn
  neighbor 2001:db8:1::2 activate
  neighbor 2001:db8:1::2 route-map ALL in
  neighbor 2001:db8:1::2 route-map ALL out
 exit-address-family
exit
!
router bgp 64512 vrf red
 bgp router-id 10.255.0.3
 no bgp default ipv4-unicast
 neighbor 2001:db8:3::2 remote-as 64515
 !
 address-family ipv6 unicast
  neighbor 2001:db8:3::2 activate
  neighbor 2001:db8:3::2 route-map ALL in
  neighbor 2001:db8:3::2 route-map ALL out
  rd vpn export 64512:3
 exit-address-family
exit
"""

NEIGHBOR = """\
hostname {name}
service integrated-vtysh-config
interface {link}
 ipv6 address 2001:db8:{number}::2/64
exit
router bgp {asn}
 bgp router-id 10.255.1.{number}
 no bgp ebgp-requires-policy
 no bgp default ipv4-unicast
 no bgp network import-check
 neighbor 2001:db8:{number}::1 remote-as {remote}
 neighbor 2001:db8:{number}::1 timers connect 1
 address-family ipv6 unicast
  network 2001:db8:{number}00::/48
  network 2001:db8:100::/48
  neighbor 2001:db8:{number}::1 activate
 exit-address-family
"""

ISP = (
    NEIGHBOR.format(name="isp", link="upstream", number=1, asn=64513, remote=64600)
    + """\
 address-family l2vpn evpn
  neighbor 2001:db8:1::1 activate
 exit-address-family
 neighbor 192.0.2.1 remote-as 64512
 neighbor 192.0.2.1 timers connect 1
 address-family ipv4 unicast
  network 1.0.4.0/24 route-map MARK
  network 1.0.4.128/25
  neighbor 192.0.2.1 activate
 exit-address-family
exit
interface upstream
 ip address 192.0.2.2/24
exit
interface lo
 ip address 8.8.8.8/32
exit
route-map MARK permit 10
 set as-path prepend 64513
 set community 64513:100
 set large-community 64513:1:2
 set metric 7
exit
"""
)
NODE = (
    NEIGHBOR.format(name="node", link="nodes", number=2, asn=64514, remote=64512)
    + " neighbor 2001:db8:2::1 password s3cret\nexit\n"
)
BRANCH = NEIGHBOR.format(name="branch", link="customer", number=3, asn=64515, remote=64512) + "exit\n"

ESTABLISHED = 4  # and two that never are


def bring_up(bare: Bare) -> BareRouter:
    """The router, when all its sessions that can be are Established, and the routes are in."""
    specs = {"r1": RouterSpec(), "isp": RouterSpec(ISP), "node": RouterSpec(NODE), "branch": RouterSpec(BRANCH)}
    r1, *_ = bare(routers=specs, links=LINKS)
    r1.run("ip", "netns", "add", "red")
    r1.run("ip", "link", "set", "customer", "netns", "red")
    r1.run("ip", "-netns", "red", "link", "set", "customer", "up")
    option = 'zebra_options="-n -A ::1"' if r1.version.startswith("8.") else 'frr_global_options="-w"'
    r1.write("/etc/frr/daemons", r1.run("cat", "/etc/frr/daemons").stdout + option + "\n")
    r1.write("/etc/frr/frr.conf", R1)
    r1.restart_frr()
    r1.vtysh("write memory")
    r1.run("ip", "link", "set", "spare", "down")
    eventually(lambda: _established(r1) == ESTABLISHED)
    eventually(lambda: "2001:db8:300::/48" in r1.vtysh("show ipv6 route vrf red bgp"))
    eventually(lambda: "1.0.4.128/25" in r1.vtysh("show ip route bgp"))
    eventually(lambda: "2001:db8:200::/48" in r1.vtysh("show ipv6 route bgp"))
    return r1


def _established(router: BareRouter) -> int:
    return router.vtysh("show bgp vrf all neighbors json").count('"bgpState":"Established"')
