"""The lab's machines: those that the description knows, and what it does not know, which stands here as data.

Not described are the upstream router and its client, the links off the node subnets, the IPv4 side of
NAT64, and what the routers are configured with before any run of ours (`lab.brownfield`). All addresses
are of the documentation prefix, or of 2001:db8::/48, the network of the reference.
"""

from __future__ import annotations

from netaddr import EUI, IPAddress, IPNetwork, mac_unix_expanded

from lab.brownfield import Uplink, isp_config, router_config
from lab.description import Description
from lab.errors import LabError
from lab.frr import Frr
from lab.machine import Interface, Machine
from lab.management import MANAGEMENT, Management
from lab.nat64 import Translator
from lab.ssh import Key, SshServer
from lab.web import WebServer
from sixpeer.intent import Cluster, Node, Router

ISP, CLIENT, NAT64, IPV4_ONLY = "isp", "client", "nat64", "inet4"

ISP_ASN = 64500
ISP_ROUTER_ID = IPAddress("10.255.0.100")
UPLINKS = (IPNetwork("2001:db8:1:1::/64"), IPNetwork("2001:db8:1:2::/64"))  # of the first router, of the second
CLIENT_LINK = IPNetwork("2001:db8:2::/64")  # the isp is ::1, the client ::c
PARTNER = IPNetwork("2001:db8:3::/48")  # somebody to whom the routers have a static route, through the isp
ROUTERS_LINK = IPNetwork("2001:db8:0:ff01::/64")  # ::1 the first router, ::2 the second
NAT64_LINK = IPNetwork("2001:db8:0:ff00::/64")  # likewise
TRANSLATOR = IPAddress("2001:db8:0:ff02::64")  # what tayga answers errors with
IPV4_LINK = IPNetwork("192.0.2.0/24")  # .1 the gateway, .2 the IPv4-only server
IPV4_POOL = IPNetwork("192.168.255.0/24")  # what sources become

WEB_SERVICE = 0x80  # the load-balancer address of the service, counted from its pool's first
POD = 0x10  # the pod on each node, counted from its prefix's first
NODE_LOGIN, ROUTER_LOGIN = "ops", "netops"
ROUTER_GROUPS = ("frr", "frrvty")  # what reads and writes FRR's configuration without being root


class Topology:
    """The machines of one lab. `empty_frr`: the routers start with an empty configuration instead of the brownfield."""

    def __init__(self, description: Description, management: Management, authorized: str, empty_frr: bool) -> None:
        self.intent = description.intent
        self.cluster: Cluster = description.cluster
        self.management = management
        self.authorized = authorized
        self.empty_frr = empty_frr
        self.routers = list(self.intent.routers.values())
        if not 1 <= len(self.routers) <= len(UPLINKS):
            raise LabError(f"the lab has links for 1 to {len(UPLINKS)} routers; {len(self.routers)} are described")
        self._machines = 0
        self.machines: tuple[Machine, ...] = (
            *(self._router(index, router) for index, router in enumerate(self.routers)),
            *(self._node(index, name, node) for index, (name, node) in enumerate(self.cluster.nodes.items())),
            self._isp(),
            self._client(),
            *self._translation(),
        )

    @property
    def control_plane(self) -> str:
        """The node that the API server and the operator run on."""
        label = "node-role.kubernetes.io/control-plane"
        nodes = self.cluster.nodes
        return next((name for name, node in nodes.items() if label in node.labels), next(iter(nodes)))

    @property
    def web_address(self) -> IPAddress:
        """The load-balancer address that the lab's service asks for."""
        pool = next(iter(self.cluster.load_balancers.values()))
        return pool.prefix[WEB_SERVICE]

    def pods(self, node: str) -> IPNetwork:
        """The pod prefix of a node, as a controller would have given it out."""
        pods = self.cluster.pods
        index = list(self.cluster.nodes).index(node)
        return list(pods.prefix.subnet(pods.node_prefix_length, count=index + 1))[index]

    def pod(self, node: str) -> IPAddress:
        """The address of the pod on a node."""
        return self.pods(node)[POD]

    def _machine(self, name: str, *interfaces: Interface, **more: object) -> Machine:
        address = self.management.machine(self._machines)
        self._machines += 1
        plug = Interface("mgmt0", MANAGEMENT, (f"{address}/{self.management.prefix.prefixlen}",))
        return Machine(name, str(address), (*interfaces, plug), **more)  # type: ignore[arg-type]

    def _router(self, index: int, router: Router) -> Machine:
        others = [other.name for other in self.routers if other is not router]
        uplink = Uplink(ISP, ISP_ASN, UPLINKS[index], PARTNER)
        links = {ISP: uplink.prefix[2], "nat64": NAT64_LINK[index + 1]}
        links |= {other: ROUTERS_LINK[index + 1] for other in others}
        peers = {other: ROUTERS_LINK[self._index(other) + 1] for other in others}
        config = router_config(router, self.cluster.parent, links, uplink, peers, empty=self.empty_frr)
        by_system = {name: (f"{address}/64",) for name, address in links.items()} if self.empty_frr else {}
        plugs = {ISP: f"uplink-{router.name}", "nat64": "nat64", **dict.fromkeys(others, "routers")}
        return self._machine(
            router.name,
            *(Interface(tie.interface, f"subnet-{tie.subnet_name}") for tie in router.serves),
            *(Interface(name, plug, by_system.get(name, ())) for name, plug in plugs.items()),
            services=(Frr(config), self._ssh(ROUTER_LOGIN, ROUTER_GROUPS)),
            routes=(f"default via {uplink.prefix[1]}",) if self.empty_frr else (),
            forwards=True,
            login=ROUTER_LOGIN,
        )

    def _index(self, router: str) -> int:
        return [other.name for other in self.routers].index(router)

    def _node(self, index: int, name: str, node: Node) -> Machine:
        subnet = self.cluster.subnets[node.subnet]
        assert subnet.first_hop
        eth0 = Interface(
            "eth0",
            f"subnet-{node.subnet}",
            (f"{node.address}/{subnet.prefix.prefixlen}",),
            str(node.mac) if node.mac else None,
        )
        return self._machine(
            name,
            eth0,
            services=(WebServer(str(self.web_address), name), self._ssh(NODE_LOGIN)),
            loopback=(f"{self.pod(name)}/128", f"{self.web_address}/128"),
            routes=(f"default via {subnet.first_hop.static} dev eth0",),
            login=NODE_LOGIN,
            aliases=(f"{self.cluster.name}/{name}",),
            # Router ID 10.255.1.<n>: the last four bytes.
            cilium_host=str(EUI(0x02AA0AFF0100 + index + 1, dialect=mac_unix_expanded)),
        )

    def _ssh(self, login: str, groups: tuple[str, ...] = ()) -> SshServer:
        return SshServer(login, Key.generate(), self.authorized, groups)

    def _isp(self) -> Machine:
        uplinks = {router.name: UPLINKS[index] for index, router in enumerate(self.routers)}
        config = isp_config(
            ISP_ASN,
            ISP_ROUTER_ID,
            self.cluster.parent,
            uplinks,
            self.intent.routers,
            CLIENT,
            CLIENT_LINK[1],
            self.empty_frr,
        )
        return self._machine(
            ISP,
            *(Interface(router, f"uplink-{router}") for router in uplinks),
            Interface(CLIENT, CLIENT),
            services=(Frr(config),),
            forwards=True,
        )

    def _client(self) -> Machine:
        eth0 = Interface("eth0", CLIENT, (f"{CLIENT_LINK[0xC]}/64",))
        return self._machine(CLIENT, eth0, routes=(f"default via {CLIENT_LINK[1]}",))

    def _translation(self) -> tuple[Machine, ...]:
        """The NAT64 gateway, and what is to be reached through it."""
        nat64 = self.cluster.nat64
        if nat64 is None or not any(gateway in NAT64_LINK for gateway in nat64.gateways):
            return ()
        gateway = next(address for address in nat64.gateways if address in NAT64_LINK)
        servers = tuple(self.cluster.dns64.names.values())
        return (
            self._machine(
                NAT64,
                Interface("eth0", "nat64", (f"{gateway}/64",)),
                Interface("eth1", "ipv4", (f"{IPV4_LINK[1]}/24",)),
                services=(Translator(str(nat64.prefix), str(TRANSLATOR), str(IPV4_POOL[1]), str(IPV4_POOL)),),
                routes=(f"default via {NAT64_LINK[1]}", *(f"{server}/32 via {IPV4_LINK[2]}" for server in servers)),
                forwards=True,
            ),
            self._machine(
                IPV4_ONLY,
                Interface("eth0", "ipv4", (f"{IPV4_LINK[2]}/24", *(f"{server}/32" for server in servers))),
                services=tuple(
                    WebServer(str(server), f"{name}, an IPv4-only server")
                    for name, server in self.cluster.dns64.names.items()
                ),
                routes=(f"{IPV4_POOL} via {IPV4_LINK[1]}",),
            ),
        )
