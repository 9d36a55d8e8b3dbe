"""The lab's machines: those that the description knows, and what it does not know, which stands here as data.

Not described are the upstream router and its client, the links off the node subnets, the IPv4 side of
NAT64, and what the routers are configured with before any run of ours (`lab.brownfield`). All addresses
are of the documentation prefix, or of 2001:db8::/48, the network of the reference.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace

from netaddr import EUI, IPAddress, IPNetwork, mac_unix_expanded

from lab import programs
from lab.brownfield import Customer, Uplink, isp_config, router_config
from lab.description import Description
from lab.errors import LabError
from lab.frr import Frr
from lab.links import MANAGEMENT
from lab.machine import Interface, Machine
from lab.management import Management
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
CILIUM_HOST = 0x02AA_0AFF_0101  # the first node's device: its router ID is the last four bytes, 10.255.1.1
CONTROL_PLANE = "node-role.kubernetes.io/control-plane"
NODE_LOGIN, ROUTER_LOGIN = "ops", "netops"
ROUTER_GROUPS = ("frr", "frrvty")  # what reads and writes FRR's configuration without being root


class Topology:
    """The machines of one lab, made from a description.

    `authorized` is the public SSH key that may log in. `empty_frr`: the described routers start with an
    empty configuration instead of the brownfield, and the system sets their other addresses and routes.
    `frr`: the versions of the routers that do not run the installed one, by name (`lab.versions`).
    """

    def __init__(
        self,
        description: Description,
        management: Management,
        authorized: str,
        *,
        empty_frr: bool = False,
        frr: Mapping[str, str] | None = None,
    ) -> None:
        self.intent = description.intent
        self.cluster: Cluster = description.cluster
        self.routers = list(self.intent.routers.values())
        if not 1 <= len(self.routers) <= len(UPLINKS):
            raise LabError(f"the lab has links for 1 to {len(UPLINKS)} routers; {len(self.routers)} are described")
        if not self.cluster.nodes or not self.cluster.load_balancers:
            raise LabError(f"the lab needs nodes and a load-balancer pool in clusters/{self.cluster.name}.yaml")
        self._authorized = authorized
        self.empty_frr = empty_frr
        self._prefix_length = management.prefix.prefixlen
        names = [*self.intent.routers, *self.cluster.nodes, ISP, CLIENT, NAT64, IPV4_ONLY]
        self._management = {name: management.machine(index) for index, name in enumerate(names)}
        if len(self._management) != len(names):
            raise LabError(f"two machines have one name: {', '.join(names)}")
        machines = (
            *(self._router(index, router) for index, router in enumerate(self.routers)),
            *(self._node(index, name, node) for index, (name, node) in enumerate(self.cluster.nodes.items())),
            self._isp(),
            self._client(),
            *self._translation(),
        )
        frr = frr or {}
        self.machines = tuple(replace(machine, frr=frr.get(machine.name, machine.frr)) for machine in machines)
        if unknown := sorted(frr.keys() - self.frr_routers.keys()):
            raise LabError(f"no router: {', '.join(unknown)}; there are {', '.join(self.frr_routers)}")

    @property
    def frr_routers(self) -> dict[str, Machine]:
        """The machines on which FRR runs, by name."""
        return {m.name: m for m in self.machines if any(isinstance(service, Frr) for service in m.services)}

    @property
    def digest(self) -> str:
        """What the lab is made of, but for its keys."""
        cluster = self.cluster
        parts = (self.machines, cluster.nodes, cluster.services, cluster.cilium, programs.folder())
        return hashlib.sha256(repr(parts).encode()).hexdigest()

    @property
    def control_plane(self) -> str:
        """The node that the API server and the operator run on."""
        nodes = self.cluster.nodes
        return next((name for name, node in nodes.items() if CONTROL_PLANE in node.labels), next(iter(nodes)))

    @property
    def web_address(self) -> IPAddress:
        """The load-balancer address that the lab's service asks for."""
        return next(iter(self.cluster.load_balancers.values())).prefix[WEB_SERVICE]

    def pods(self, node: str) -> IPNetwork:
        """The pod prefix of a node, as a controller would have given it out: in the order of the description."""
        pods = self.cluster.pods
        index = list(self.cluster.nodes).index(node)
        return list(pods.prefix.subnet(pods.node_prefix_length, count=index + 1))[index]

    def pod(self, node: str) -> IPAddress:
        """The address of the pod on a node."""
        return self.pods(node)[POD]

    def _router(self, index: int, router: Router) -> Machine:
        uplink = Uplink(ISP, ISP_ASN, UPLINKS[index], PARTNER)
        others = {other.name: ROUTERS_LINK[i + 1] for i, other in enumerate(self.routers) if i != index}
        addresses = {ISP: uplink.prefix[2], NAT64: NAT64_LINK[index + 1]}
        addresses |= dict.fromkeys(others, ROUTERS_LINK[index + 1])
        links = {ISP: _uplink(router.name), NAT64: NAT64} | dict.fromkeys(others, "routers")
        if self.empty_frr:
            config = ""
            interfaces = [Interface(name, link, (f"{addresses[name]}/64",)) for name, link in links.items()]
        else:
            config = router_config(router, self.cluster.parent, addresses, uplink, others)
            interfaces = [Interface(name, link) for name, link in links.items()]
        return replace(
            self._machine(router.name, *(Interface(tie.interface, tie.subnet) for tie in router.serves), *interfaces),
            services=(Frr(config), self._ssh(ROUTER_LOGIN, ROUTER_GROUPS)),
            routes=(f"default via {uplink.prefix[1]}",) if self.empty_frr else (),
            forwards=True,
            login=ROUTER_LOGIN,
        )

    def _node(self, index: int, name: str, node: Node) -> Machine:
        subnet = self.cluster.subnets[node.subnet]
        assert subnet.first_hop
        address = f"{node.address}/{subnet.prefix.prefixlen}"
        mac = str(node.mac) if node.mac else None
        return replace(
            self._machine(name, Interface("eth0", f"{self.cluster.name}/{node.subnet}", (address,), mac)),
            services=(WebServer(str(self.web_address), name), self._ssh(NODE_LOGIN)),
            loopback=(f"{self.pod(name)}/128", f"{self.web_address}/128"),
            routes=(f"default via {subnet.first_hop.static} dev eth0",),
            login=NODE_LOGIN,
            aliases=(f"{self.cluster.name}/{name}",),
            cilium_host=str(EUI(CILIUM_HOST + index, dialect=mac_unix_expanded)),
        )

    def _isp(self) -> Machine:
        uplinks = {router: UPLINKS[index] for index, router in enumerate(self.routers)}
        config = isp_config(
            ISP,
            ISP_ASN,
            ISP_ROUTER_ID,
            self.cluster.parent,
            [Customer(router.name, router.asn, prefix) for router, prefix in uplinks.items()],
            {CLIENT: CLIENT_LINK[1]},
            static=self.empty_frr,
        )
        links = (Interface(router.name, _uplink(router.name)) for router in self.routers)
        return replace(
            self._machine(ISP, *links, Interface(CLIENT, CLIENT)),
            services=(Frr(config),),
            forwards=True,
        )

    def _client(self) -> Machine:
        eth0 = Interface("eth0", CLIENT, (f"{CLIENT_LINK[0xC]}/64",))
        return replace(self._machine(CLIENT, eth0), routes=(f"default via {CLIENT_LINK[1]}",))

    def _translation(self) -> tuple[Machine, ...]:
        """The NAT64 gateway, and what is to be reached through it; nothing where the gateway is somebody else's."""
        nat64 = self.cluster.nat64
        gateway = next((address for address in nat64.gateways if address in NAT64_LINK), None) if nat64 else None
        if nat64 is None or gateway is None:
            return ()
        servers = {str(address): name for name, address in self.cluster.dns64.names.items()}
        inside = Interface("eth0", NAT64, (f"{gateway}/64",))
        outside = Interface("eth1", "ipv4", (f"{IPV4_LINK[1]}/24",))
        beyond = Interface("eth0", "ipv4", (f"{IPV4_LINK[2]}/24", *(f"{address}/32" for address in servers)))
        return (
            replace(
                self._machine(NAT64, inside, outside),
                services=(Translator(str(nat64.prefix), str(TRANSLATOR), str(IPV4_POOL[1]), str(IPV4_POOL)),),
                routes=(f"default via {NAT64_LINK[1]}", *(f"{address}/32 via {IPV4_LINK[2]}" for address in servers)),
                forwards=True,
            ),
            replace(
                self._machine(IPV4_ONLY, beyond),
                services=tuple(WebServer(address, f"{name}, by IPv4 only") for address, name in servers.items()),
                routes=(f"{IPV4_POOL} via {IPV4_LINK[1]}",),
            ),
        )

    def _machine(self, name: str, *interfaces: Interface) -> Machine:
        """A machine with these interfaces, and one on the management network."""
        address = self._management[name]
        return Machine(
            name, str(address), (*interfaces, Interface("mgmt0", MANAGEMENT, (f"{address}/{self._prefix_length}",)))
        )

    def _ssh(self, login: str, groups: tuple[str, ...] = ()) -> SshServer:
        return SshServer(login, Key.generate(), self._authorized, groups)


def _uplink(router: str) -> str:
    return f"uplink of {router}"
