"""A cluster as described in inventory/clusters/<name>.yaml: addresses, nodes, BGP, NAT64, Cilium."""

from __future__ import annotations

from typing import Any, Literal

from netaddr import IPAddress, IPNetwork
from pydantic import Field, field_validator, model_validator

from sixpeer.intent.secrets import SecretReference
from sixpeer.intent.values import DnsLabel, IPv4, IPv6, Mac, Model, Prefix, UsableAsn

WELL_KNOWN_NAT64 = IPNetwork("64:ff9b::/96")  # RFC 6052, section 2.1


class FirstHop(Model):
    """How the nodes of a subnet find their router: a static default route to this address."""

    static: IPv6


class Peering(Model):
    """How the routers take the sessions of a subnet's nodes. The nodes open them: Cilium does not listen.

    `static`: a passive neighbour for each node of the description. `listen`: a listen range over
    the whole subnet, so that nodes come and go without a change on the routers.
    """

    neighbors: Literal["static", "listen"] = "listen"


class LabelSelector(Model):
    """A Kubernetes label selector, as in a CiliumBGPClusterConfig."""

    matchLabels: dict[str, str] = Field(default_factory=dict)
    matchExpressions: tuple[dict[str, Any], ...] = ()

    @model_validator(mode="after")
    def _operators(self) -> LabelSelector:
        for expression in self.matchExpressions:
            operator = expression.get("operator")
            if operator not in ("In", "NotIn", "Exists", "DoesNotExist") or "key" not in expression:
                raise ValueError("each of matchExpressions has a key and an operator In, NotIn, Exists or DoesNotExist")
        return self

    def matches(self, labels: dict[str, str]) -> bool:
        """Whether an object with these labels is selected."""
        return all(labels.get(key) == value for key, value in self.matchLabels.items()) and all(
            _satisfied(expression, labels) for expression in self.matchExpressions
        )


def _satisfied(expression: dict[str, Any], labels: dict[str, str]) -> bool:
    value = labels.get(expression["key"])
    match expression["operator"]:
        case "In":
            return value in expression.get("values", ())
        case "NotIn":
            return value not in expression.get("values", ())
        case "Exists":
            return value is not None
        case _:
            return value is None


class Subnet(Model):
    """A /64 of the address plan. A reserved one is kept free; the others have nodes and routers on them."""

    prefix: Prefix
    reserved: bool = False
    first_hop: FirstHop | None = None
    node_selector: LabelSelector | None = None
    peering: Peering = Peering()

    @field_validator("prefix")
    @classmethod
    def _is_a_link(cls, prefix: IPNetwork) -> IPNetwork:
        if prefix.prefixlen != 64:
            raise ValueError(f"{prefix} is a /{prefix.prefixlen}; links are /64 (RFC 7421)")
        return prefix

    @model_validator(mode="after")
    def _complete(self) -> Subnet:
        if not self.reserved and (self.first_hop is None or self.node_selector is None):
            raise ValueError("a subnet with nodes needs first_hop and node_selector; or say reserved: true")
        if self.first_hop is not None and self.first_hop.static not in self.prefix:
            raise ValueError(f"the first hop {self.first_hop.static} is not in {self.prefix}")
        return self


class Node(Model):
    """A node that the description knows by name. `login`: its shell can be reached by SSH (Talos' cannot)."""

    subnet: str
    address: IPv6
    mac: Mac | None = None
    labels: dict[str, str] = Field(default_factory=dict)
    login: bool = False


class Pods(Model):
    """The pod prefix, and the length of the part of it that each node has."""

    prefix: Prefix
    node_prefix_length: int = Field(ge=1, le=128)

    @model_validator(mode="after")
    def _fits(self) -> Pods:
        # kube-controller-manager's node IPAM allows 16 bits of subnets at most.
        if not self.prefix.prefixlen <= self.node_prefix_length <= self.prefix.prefixlen + 16:
            raise ValueError(
                f"node_prefix_length {self.node_prefix_length} does not fit {self.prefix}: "
                f"{self.prefix.prefixlen} to {self.prefix.prefixlen + 16}"
            )
        return self


class Services(Model):
    prefix: Prefix

    @field_validator("prefix")
    @classmethod
    def _length(cls, prefix: IPNetwork) -> IPNetwork:
        if prefix.prefixlen < 108:
            raise ValueError(f"{prefix} is too large: Kubernetes takes service prefixes of /108 and longer")
        return prefix


class LoadBalancerPool(Model):
    prefix: Prefix


class Timers(Model):
    """BGP timers in seconds, RFC 4271. The lower hold time of the two ends applies.

    `connect_retry` is Cilium's: with its default of 120 a cold start can wait up to 240 s.
    """

    hold: int = Field(default=9, ge=3, le=65535)
    keepalive: int = Field(default=3, ge=1, le=65535)
    connect_retry: int = Field(default=5, ge=1, le=65535)

    @model_validator(mode="after")
    def _ratio(self) -> Timers:
        if self.keepalive > self.hold:
            raise ValueError(f"keepalive {self.keepalive} is longer than hold {self.hold}")
        return self


class GracefulRestart(Model):
    """RFC 4724, the nodes' side: for how many seconds routers keep the routes of a restarting agent."""

    restart_time: int = Field(default=120, ge=1, le=4095)


class Bgp(Model):
    """The cluster's side of the sessions, and what its nodes may announce.

    `maximum_prefixes`: a session that brings more is closed, and tried again after a minute.
    """

    asn: UsableAsn
    password: SecretReference | None = None
    timers: Timers = Timers()
    graceful_restart: GracefulRestart | None = None
    announce: tuple[Literal["pods", "load_balancers"], ...] = ("pods", "load_balancers")
    maximum_prefixes: int = Field(default=1000, ge=1, le=4294967295)


class Nat64(Model):
    """Where the routers send the NAT64 prefix. Several gateways share the traffic (ECMP)."""

    prefix: Prefix = WELL_KNOWN_NAT64
    gateways: tuple[IPv6, ...] = Field(min_length=1)

    @field_validator("prefix")
    @classmethod
    def _rfc6052(cls, prefix: IPNetwork) -> IPNetwork:
        if prefix.prefixlen != 96:
            raise ValueError(f"{prefix}: only /96 is supported (RFC 6052 allows 32, 40, 48, 56, 64 and 96)")
        return prefix

    def embed(self, ipv4: IPAddress) -> IPAddress:
        """The IPv6 address by which an IPv4 host is reached through the gateway (RFC 6052, section 2.2)."""
        return IPAddress(self.prefix.first + int(ipv4), 6)


class Dns64(Model):
    """The nodes' resolvers, and names (with the IPv4 address behind them) to try from the nodes."""

    resolvers: tuple[IPv6, ...] = ()
    names: dict[str, IPv4] = Field(default_factory=dict)


class Cilium(Model):
    """The version decides API version and fields; the IPAM mode where pod prefixes come from."""

    version: str = Field(pattern=r"^\d+\.\d+(\.\d+)?$")
    ipam: Literal["kubernetes", "cluster-pool"] = "kubernetes"

    @property
    def minor(self) -> tuple[int, int]:
        major, minor = self.version.split(".")[:2]
        return int(major), int(minor)

    @field_validator("version")
    @classmethod
    def _known(cls, version: str) -> str:
        major, minor = (int(part) for part in version.split(".")[:2])
        if (major, minor) < (1, 16):
            raise ValueError(f"Cilium {version} has no CiliumBGPClusterConfig; 1.16 is the first with it")
        return version


class Cluster(Model):
    """One cluster. `name` is the file's name."""

    name: DnsLabel
    parent: Prefix
    subnets: dict[DnsLabel, Subnet]
    nodes: dict[DnsLabel, Node] = Field(default_factory=dict)
    pods: Pods
    services: Services
    load_balancers: dict[DnsLabel, LoadBalancerPool] = Field(default_factory=dict)
    bgp: Bgp
    nat64: Nat64 | None = None
    dns64: Dns64 = Dns64()
    cilium: Cilium
    kubeconfig: str | None = None

    @property
    def node_subnets(self) -> dict[str, Subnet]:
        """The subnets that have nodes."""
        return {name: subnet for name, subnet in self.subnets.items() if not subnet.reserved}

    def nodes_of(self, subnet: str) -> dict[str, Node]:
        """The described nodes of one subnet."""
        return {name: node for name, node in self.nodes.items() if node.subnet == subnet}
