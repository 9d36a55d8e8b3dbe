"""The Kubernetes API, as far as the lab needs it, and what the lab says there in place of kubelets and controllers."""

from __future__ import annotations

import base64
import json
import ssl
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from typing import Any

from lab.errors import LabError
from lab.poll import wait_for
from lab.topology import Topology

Object = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Api:
    """An API server, and an identity for it."""

    server: str
    authority: str
    token: str = field(repr=False)

    def get(self, path: str) -> Any:
        """What is at `path`, or None. Raises LabError for an error of the server, OSError while it is not reached."""
        return self._request("GET", path)

    def apply(self, path: str, value: Object) -> None:
        """Server-side apply: make the object at `path` have these values. A server that is starting is waited for."""

        def applied() -> bool:
            self._request("PATCH", f"{path}?fieldManager=lab&force=true", value)
            return True

        wait_for(f"the API server with {path}", applied, 20, 0.2)

    def kubeconfig(self) -> str:
        """The file by which kubectl and others reach it with this identity."""
        return f"""\
apiVersion: v1
kind: Config
current-context: lab
clusters:
- name: lab
  cluster:
    server: {self.server}
    certificate-authority-data: {base64.b64encode(self.authority.encode()).decode()}
users:
- name: lab
  user:
    token: {self.token}
contexts:
- name: lab
  context: {{cluster: lab, user: lab}}
"""

    def _request(self, method: str, path: str, value: Object | None = None) -> Any:
        request = urllib.request.Request(  # noqa: S310 - the server's address is ours
            f"{self.server}{path}",
            method=method,
            data=json.dumps(value).encode() if value is not None else None,
            headers={"Authorization": f"Bearer {self.token}", "Content-Type": "application/apply-patch+yaml"},
        )
        context = ssl.create_default_context(cadata=self.authority)
        opener = urllib.request.build_opener(
            urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=context)
        )
        try:
            with opener.open(request, timeout=10) as answer:
                text = answer.read().decode()
        except urllib.error.HTTPError as error:
            if error.code >= 500 or error.code == 429:  # it is starting
                raise OSError(f"HTTP status {error.code}") from None
            if error.code == 404 and method == "GET":
                return None
            raise LabError(f"{method} {path}: {error.code} {error.read().decode(errors='replace')}") from None
        return json.loads(text) if text.startswith(("{", "[")) else text


def objects(topology: Topology) -> list[tuple[str, Object]]:
    """The Nodes, the Service and its EndpointSlice, each with its path."""
    found = []
    for name in topology.cluster.nodes:
        found += _node(topology, name)
    return [*found, _service(topology), _endpoints(topology)]


def _node(topology: Topology, name: str) -> list[tuple[str, Object]]:
    node = topology.cluster.nodes[name]
    head = {"apiVersion": "v1", "kind": "Node", "metadata": {"name": name}}
    pods = str(topology.pods(name))
    labels = {"kubernetes.io/hostname": name, "kubernetes.io/os": "linux", **node.labels}
    path = f"/api/v1/nodes/{name}"
    ready = {"type": "Ready", "status": "True", "reason": "Lab", "message": "the lab stands in for the kubelet"}
    addresses = [{"type": "InternalIP", "address": str(node.address)}, {"type": "Hostname", "address": name}]
    return [
        (path, head | {"metadata": {"name": name, "labels": labels}, "spec": {"podCIDR": pods, "podCIDRs": [pods]}}),
        (f"{path}/status", head | {"status": {"addresses": addresses, "conditions": [ready]}}),
    ]


def _service(topology: Topology) -> tuple[str, Object]:
    return "/api/v1/namespaces/default/services/web", {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {
            "name": "web",
            "labels": {"app": "web"},
            "annotations": {"lbipam.cilium.io/ips": str(topology.web_address)},
        },
        "spec": {
            "type": "LoadBalancer",
            "ipFamilies": ["IPv6"],
            "ipFamilyPolicy": "SingleStack",
            "selector": {"app": "web"},
            "ports": [{"name": "http", "port": 80, "protocol": "TCP"}],
        },
    }


def _endpoints(topology: Topology) -> tuple[str, Object]:
    return "/apis/discovery.k8s.io/v1/namespaces/default/endpointslices/web-lab", {
        "apiVersion": "discovery.k8s.io/v1",
        "kind": "EndpointSlice",
        "metadata": {"name": "web-lab", "labels": {"kubernetes.io/service-name": "web"}},
        "addressType": "IPv6",
        "ports": [{"name": "http", "port": 80, "protocol": "TCP"}],
        "endpoints": [
            {"addresses": [str(topology.pod(name))], "nodeName": name, "conditions": {"ready": True}}
            for name in topology.cluster.nodes
        ],
    }
