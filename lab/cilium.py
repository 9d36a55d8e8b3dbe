"""Cilium's operator, once, and its agent on every node: the settings of both are those of a ConfigMap."""

from __future__ import annotations

from collections.abc import Iterable

from lab.files import write_secret
from lab.kubernetes import Api, Object
from lab.namespaces import Inside
from lab.state import State
from sixpeer.intent import Cluster

CONFIG_MAP = "/api/v1/namespaces/kube-system/configmaps/cilium-config"
PROGRAM = "/run/lab/bin/cilium"
SETTINGS = "/run/lab/cilium-config"
KINDS = (
    "ciliumbgpadvertisements",
    "ciliumbgpclusterconfigs",
    "ciliumbgpnodeconfigs",
    "ciliumbgpnodeconfigoverrides",
    "ciliumbgppeerconfigs",
    "ciliumloadbalancerippools",
    "ciliumnodes",
)


def config_map(cluster: Cluster) -> Object:
    """What Helm would write into kube-system for this cluster (the keys that concern BGP, addresses and routing)."""
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "cilium-config", "namespace": "kube-system"},
        "data": {
            "enable-ipv4": "false",
            "enable-ipv6": "true",
            "ipam": cluster.cilium.ipam,
            "routing-mode": "native",
            "enable-ipv6-masquerade": "false",
            "kube-proxy-replacement": "true",
            "enable-bgp-control-plane": "true",
            "enable-bgp-control-plane-status-report": "true",
            "bgp-secrets-namespace": "kube-system",
            "bgp-router-id-allocation-mode": "default",
            "bgp-router-id-allocation-ip-pool": "",
            "enable-lb-ipam": "true",
        },
    }


def start(state: State, api: Api, nodes: dict[str, Inside], operator_on: str) -> None:
    """Start operator and agents with the settings that the ConfigMap has now."""
    settings: dict[str, str] = api.get(CONFIG_MAP)["data"]
    for name in nodes:
        _write(state, name, api, settings)
    nodes[operator_on].spawn("cilium-operator.log", PROGRAM, "operator", *_flags())
    for name, inside in nodes.items():
        inside.spawn(
            "cilium-agent.log", PROGRAM, "agent", "--node", name, "--shell-sock-path=/run/cilium.sock", *_flags()
        )


def serves(api: Api, nodes: Iterable[str]) -> bool:
    """Whether the operator has registered the kinds of resources, and the agents know their nodes."""
    group = api.get("/apis/cilium.io/v2")
    if not group or not set(KINDS) <= {kind["name"] for kind in group["resources"]}:
        return False
    known = api.get("/apis/cilium.io/v2/ciliumnodes")
    return bool(known) and set(nodes) <= {node["metadata"]["name"] for node in known["items"]}


def _flags() -> tuple[str, ...]:
    return f"--config-dir={SETTINGS}", "--k8s-kubeconfig-path=/run/lab/kubeconfig"


def _write(state: State, name: str, api: Api, settings: dict[str, str]) -> None:
    """The ConfigMap as a pod would have it mounted, one file a key, and the kubeconfig."""
    write_secret(state.machine(name) / "kubeconfig", api.kubeconfig())
    folder = state.machine(name) / "cilium-config"
    folder.mkdir(exist_ok=True)
    for key, value in settings.items():
        (folder / key).write_text(value, encoding="utf-8")
