"""The resources that a cluster gets, built from the intent.

In the order of their creation, which is that of their use of each other: a ClusterConfig that comes
before the Secret would open its sessions without a password (Cilium fails open).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

from sixpeer.cilium.manifest import Manifest, content, encoded, hide
from sixpeer.intent import Cluster, Intent, LabelSelector, Router, Secret, Serves

KINDS = (
    "Secret",
    "CiliumBGPPeerConfig",
    "CiliumBGPAdvertisement",
    "CiliumLoadBalancerIPPool",
    "CiliumBGPClusterConfig",
)
"""The kinds that we write, in the order of creation; deletion is the reverse."""

SECRETS_NAMESPACE = "kube-system"  # bgpControlPlane.secretsNamespace.name, unless Cilium is told otherwise
FIRST_WITH_V2 = (1, 18)
MANAGED_BY = "app.kubernetes.io/managed-by"
OWNER = "sixpeer.dev/owner"
CLUSTER = "sixpeer.dev/cluster"


@dataclass(frozen=True, slots=True)
class Key:
    """Which object: what a URL of the Kubernetes API says. Keys sort in the order of creation."""

    api_version: str
    kind: str
    name: str
    namespace: str | None = None

    @classmethod
    def of(cls, manifest: Manifest) -> Key:
        """The key of a manifest."""
        metadata = manifest["metadata"]
        return cls(manifest["apiVersion"], manifest["kind"], metadata["name"], metadata.get("namespace"))

    @property
    def identity(self) -> tuple[str, str, str]:
        """The object whatever the API version: v2alpha1 and v2 are two views of one."""
        return (self.kind, self.namespace or "", self.name)

    def __lt__(self, other: Key) -> bool:
        return self._order < other._order

    @property
    def _order(self) -> tuple[int, str, str, str, str]:
        rank = KINDS.index(self.kind) if self.kind in KINDS else len(KINDS)
        return (rank, *self.identity, self.api_version)

    def __str__(self) -> str:
        return f"{self.kind} {self.namespace}/{self.name}" if self.namespace else f"{self.kind} {self.name}"


@dataclass(frozen=True, slots=True)
class Resource:
    """One object as we want it. `body` is the manifest, in which a Secret has its value: show `shown()`."""

    key: Key
    body: Manifest = field(repr=False, hash=False)
    secrets: tuple[Secret, ...] = ()

    def manifest(self) -> Manifest:
        """The manifest for the API, with the secrets in it; the caller's own copy."""
        return deepcopy(self.body)

    def shown(self) -> Manifest:
        """The manifest for people and files: `<secret:NAME>` in the place of a secret."""
        return hide(content(self.body), self.secrets)


def labels(owner: str, cluster: str) -> dict[str, str]:
    """The labels that each of our objects has, and by which it is known to be ours."""
    return {MANAGED_BY: "sixpeer", OWNER: kubernetes_name(owner)[:63].rstrip("-"), CLUSTER: cluster}


def kubernetes_name(*parts: str) -> str:
    """The parts as one lower-case name of RFC 1123."""
    return re.sub(r"[^a-z0-9-]+", "-", "-".join(parts).lower()).strip("-")


def build(intent: Intent, cluster: str, password: Secret | None) -> tuple[Resource, ...]:
    """The resources of one cluster, in the order of creation.

    `password` is that of the TCP-MD5 signature (RFC 2385), if there is one: resolved by the caller.
    """
    return tuple(_Builder(intent, intent.clusters[cluster], password).resources())


@dataclass(frozen=True, slots=True)
class _Builder:
    intent: Intent
    cluster: Cluster
    password: Secret | None

    def resources(self) -> Iterator[Resource]:
        if self.password is not None:
            yield self._secret(self.password)
        yield self._peer_config()
        if self.cluster.bgp.announce:
            yield self._advertisement()
        for name, pool in self.cluster.load_balancers.items():
            # The first address of a prefix is the Subnet-Router anycast address (RFC 4291), so it is nobody's.
            spec = {"allowFirstLastIPs": "No", "blocks": [{"cidr": str(pool.prefix)}]}
            yield self._resource("CiliumLoadBalancerIPPool", self._name(name), {"spec": spec})
        for name, subnet in self.cluster.node_subnets.items():
            if subnet.node_selector is not None:
                yield self._cluster_config(name, subnet.node_selector)

    def _secret(self, password: Secret) -> Resource:
        body = {"type": "Opaque", "data": {"password": encoded(password)}}
        return self._resource("Secret", self._secret_name, body, password)

    def _peer_config(self) -> Resource:
        bgp = self.cluster.bgp
        spec: dict[str, Any] = {
            "timers": {
                "connectRetryTimeSeconds": bgp.timers.connect_retry,
                "holdTimeSeconds": bgp.timers.hold,
                "keepAliveTimeSeconds": bgp.timers.keepalive,
            },
            "families": [{"afi": "ipv6", "safi": "unicast", "advertisements": {"matchLabels": self._labels}}],
        }
        if bgp.graceful_restart is not None:
            restart_time = bgp.graceful_restart.restart_time
            spec["gracefulRestart"] = {"enabled": True, "restartTimeSeconds": restart_time}
        if self.password is not None:
            spec["authSecretRef"] = self._secret_name
        return self._resource("CiliumBGPPeerConfig", self._name(), {"spec": spec})

    def _advertisement(self) -> Resource:
        advertisements: list[dict[str, Any]] = []
        if "pods" in self.cluster.bgp.announce:
            advertisements.append({"advertisementType": "PodCIDR"})
        if "load_balancers" in self.cluster.bgp.announce:
            # No selector selects no service; Cilium's documentation says "all" this way.
            everything = {"key": OWNER, "operator": "NotIn", "values": ["never-used-value"]}
            advertisements.append(
                {
                    "advertisementType": "Service",
                    "service": {"addresses": ["LoadBalancerIP"]},
                    "selector": {"matchExpressions": [everything]},
                }
            )
        return self._resource("CiliumBGPAdvertisement", self._name(), {"spec": {"advertisements": advertisements}})

    def _cluster_config(self, subnet: str, nodes: LabelSelector) -> Resource:
        asn = self.cluster.bgp.asn
        instance = {
            "name": f"as{asn}",
            "localASN": asn,
            "peers": [self._peer(router, tie) for router, tie in self._ties(subnet)],
        }
        spec = {"nodeSelector": _selector(nodes), "bgpInstances": [instance]}
        return self._resource("CiliumBGPClusterConfig", self._name(subnet), {"spec": spec})

    def _ties(self, subnet: str) -> Iterator[tuple[Router, Serves]]:
        for _, router in sorted(self.intent.routers_of(self.cluster.name).items()):
            for tie in router.serves_cluster(self.cluster.name):
                if tie.subnet_name == subnet:
                    yield router, tie

    def _peer(self, router: Router, tie: Serves) -> dict[str, Any]:
        return {
            "name": router.name,
            "peerASN": router.asn,
            "peerAddress": str(tie.address),  # RFC 5952, or Cilium's status would not know the peer
            "peerConfigRef": {"name": self._name()},
        }

    @property
    def _labels(self) -> dict[str, str]:
        return labels(self.intent.owner, self.cluster.name)

    @property
    def _secret_name(self) -> str:
        return self._name("bgp-password")

    def _name(self, *parts: str) -> str:
        return kubernetes_name(self.intent.owner, self.cluster.name, *parts)

    def _resource(self, kind: str, name: str, body: dict[str, Any], *secrets: Secret) -> Resource:
        metadata: dict[str, Any] = {"name": name, "labels": self._labels}
        if kind == "Secret":
            api_version, metadata["namespace"] = "v1", SECRETS_NAMESPACE
        else:
            api_version = "cilium.io/v2" if self.cluster.cilium.minor >= FIRST_WITH_V2 else "cilium.io/v2alpha1"
        manifest = {"apiVersion": api_version, "kind": kind, "metadata": metadata, **body}
        return Resource(Key.of(manifest), manifest, secrets)


def _selector(selector: LabelSelector) -> dict[str, Any]:
    """As it stands in a manifest; nothing selects every node."""
    spelled: dict[str, Any] = {}
    if selector.matchLabels:
        spelled["matchLabels"] = dict(selector.matchLabels)
    if selector.matchExpressions:
        spelled["matchExpressions"] = [deepcopy(expression) for expression in selector.matchExpressions]
    return spelled
