"""The Nornir connection `kubernetes`: a cluster's API, with the verbs that our tasks need.

The client is lightkube: plain synchronous HTTP with connections kept open, server-side apply with a
dry run, and raw objects for custom resources, in a twentieth of the official client's size and
import time. Requests time out after 10 s; a read is then tried once more, and after a write what
is there is read: a timeout does not tell whether it was done.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache, partial
from typing import Any, TypeVar

import httpx2
from lightkube import Client, KubeConfig
from lightkube.core.exceptions import ConfigError
from lightkube.core.resource import ApiInfo, ResourceDef
from lightkube.generic_resource import GenericGlobalResource, GenericNamespacedResource
from nornir.core.configuration import Config

from sixpeer.cilium import KINDS, ClusterState, Key, Manifest, Resource, differences, labels, parse
from sixpeer.cilium.manifest import content, redact, secrets_in
from sixpeer.cilium.resources import SECRETS_NAMESPACE
from sixpeer.errors import DeviceError, SixpeerError, Unreachable, UsageError
from sixpeer.intent import Secret
from sixpeer.plugins.kubernetes_errors import is_conflict, is_not_found, is_not_served, not_served, translated

FIELD_MANAGER = "sixpeer"
TIMEOUT = 10.0  # seconds for an answer
RESTORE_ATTEMPTS = 10

CILIUM = ("cilium.io/v2", "cilium.io/v2alpha1")
"""The versions that we know, the better first."""

_PLURALS = {
    "Secret": "secrets",
    "Node": "nodes",
    "Service": "services",
    "EndpointSlice": "endpointslices",
    "CiliumNode": "ciliumnodes",
    "CiliumBGPPeerConfig": "ciliumbgppeerconfigs",
    "CiliumBGPAdvertisement": "ciliumbgpadvertisements",
    "CiliumBGPClusterConfig": "ciliumbgpclusterconfigs",
    "CiliumBGPNodeConfig": "ciliumbgpnodeconfigs",
    "CiliumLoadBalancerIPPool": "ciliumloadbalancerippools",
}
_NAMESPACED = ("Secret", "Service", "EndpointSlice")
_STATE = {
    "Node": ("v1",),
    "Service": ("v1",),
    "EndpointSlice": ("discovery.k8s.io/v1",),
    "CiliumNode": ("cilium.io/v2",),
    "CiliumBGPNodeConfig": CILIUM,
    "CiliumBGPClusterConfig": CILIUM,
    "CiliumBGPPeerConfig": CILIUM,
    "CiliumLoadBalancerIPPool": CILIUM,
}
_VERBS = ["get", "list", "global_list", "patch", "post", "put", "delete"]

T = TypeVar("T")


class Kubernetes:
    """The connection plugin. `extras`: `kubeconfig` (an absolute path) and `context`.

    Without `kubeconfig`: the service account of the pod that we run in, KUBECONFIG or ~/.kube/config.
    Nothing is sent before the first verb.
    """

    def __init__(self) -> None:
        self._connection: KubernetesAPI | None = None

    def open(  # noqa: PLR0917
        self,
        hostname: str | None,
        username: str | None,  # noqa: ARG002 - the signature is Nornir's; a kubeconfig says who we are
        password: str | None,  # noqa: ARG002
        port: int | None,  # noqa: ARG002
        platform: str | None,  # noqa: ARG002
        extras: dict[str, Any] | None = None,
        configuration: Config | None = None,  # noqa: ARG002
    ) -> None:
        """Read the kubeconfig. Raises UsageError if it is no good."""
        options = extras or {}
        self._connection = KubernetesAPI(_client(options.get("kubeconfig"), options.get("context"), hostname), hostname)

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    @property
    def connection(self) -> KubernetesAPI:
        if self._connection is None:
            raise DeviceError("the connection to the cluster is not open")
        return self._connection


class KubernetesAPI:
    """A cluster's API. `host` is the cluster's name, for the errors.

    Each verb raises Unreachable (no answer, also when asked again), DeviceError (not allowed, or an
    answer that makes no sense) and PlanError (the API server refuses what is asked, a conflict with
    another field manager included). No message carries a secret.
    """

    def __init__(self, client: Client, host: str | None = None) -> None:
        self._client: Any = client  # untyped: lightkube's overloads do not know classes made at run time
        self._host = host

    def close(self) -> None:
        self._client.close()

    def read_state(self) -> ClusterState:
        """What the cluster says about its nodes, sessions, services and faults."""
        return parse({kind: self._list(kind, versions, namespace="*") for kind, versions in _STATE.items()})

    def owned(self, owner: str, cluster: str) -> list[tuple[Key, Manifest]]:
        """What carries our labels, of all kinds that we write. A kind that is not served has no objects."""
        ours = labels(owner, cluster)
        found: list[tuple[Key, Manifest]] = []
        for kind in KINDS:
            versions = ("v1",) if kind == "Secret" else CILIUM
            manifests = self._list(kind, versions, labels=ours, namespace=SECRETS_NAMESPACE)
            found += ((Key.of(manifest), manifest) for manifest in manifests)
        return found

    def get(self, key: Key) -> Manifest | None:
        """The object as it is; None if there is none."""
        try:
            found = self._read(lambda: self._client.get(_class_of(key), key.name, namespace=key.namespace))
        except httpx2.HTTPError as error:
            if is_not_found(error) and not is_not_served(error):
                return None
            raise self._explained(error, "read", key) from None
        return dict(found)

    def snapshot(self, keys: Iterable[Key]) -> dict[Key, Manifest | None]:
        """Each object as it is now, for `restore`."""
        return {key: self.get(key) for key in keys}

    def dry_run(self, resource: Resource, *, take_over: bool = False) -> Manifest:
        """What the object would be after `apply`, defaults included; nothing is written."""
        try:
            return dict(self._read(lambda: self._server_side_apply(resource, take_over, dry_run=True)))
        except httpx2.HTTPError as error:
            raise self._explained(error, "apply", resource.key, resource.secrets) from None

    def apply(self, resource: Resource, *, take_over: bool = False) -> None:
        """Create or update the object by server-side apply. `take_over`: also fields that another manager set."""
        try:
            self._server_side_apply(resource, take_over, dry_run=False)
        except httpx2.TimeoutException:
            if differences(self.get(resource.key), self.dry_run(resource, take_over=take_over)):
                raise self._in_doubt("apply", resource.key) from None
        except httpx2.HTTPError as error:
            raise self._explained(error, "apply", resource.key, resource.secrets) from None

    def delete(self, key: Key) -> None:
        """Delete the object; one that is not there is deleted already. What it owns goes after it."""
        try:
            self._client.delete(_class_of(key), key.name, namespace=key.namespace)
        except httpx2.TimeoutException:
            if self.get(key) is not None:
                raise self._in_doubt("delete", key) from None
        except httpx2.HTTPError as error:
            if not is_not_found(error):
                raise self._explained(error, "delete", key) from None

    def restore(self, key: Key, before: Manifest | None) -> None:
        """Put the object back as a snapshot has it, with who manages which of its fields; None deletes it."""
        if before is None:
            self.delete(key)
            return
        for _ in range(RESTORE_ATTEMPTS):
            live = self.get(key)
            if (step := towards(before, live)) is None:
                return
            write = self._client.create if live is None else self._client.replace
            try:
                write(_class_of(key)(step))
            except httpx2.TimeoutException:
                continue  # to see whether it was done
            except httpx2.HTTPError as error:
                if is_conflict(error):
                    continue  # somebody was faster: Cilium's operator, say, with the object's status
                raise self._explained(error, "restore", key, secrets_in(before)) from None
        if (live := self.get(key)) is None or content(live) != content(before):
            raise self._in_doubt("restore", key)

    def _server_side_apply(self, resource: Resource, take_over: bool, *, dry_run: bool) -> Any:
        return self._client.apply(_class_of(resource.key)(resource.manifest()), force=take_over, dry_run=dry_run)

    def _list(
        self, kind: str, versions: Iterable[str], *, labels: dict[str, str] | None = None, namespace: str
    ) -> list[Manifest]:
        """The objects of a kind in the first of `versions` that is served; none if none is."""
        options = {"labels": labels} | ({"namespace": namespace} if kind in _NAMESPACED else {})
        for version in versions:
            key = Key(version, kind, "")
            try:
                found = self._read(partial(self._items, key, options))
            except httpx2.HTTPError as error:
                if not is_not_found(error):
                    raise self._explained(error, "list", key) from None
            else:  # the items of a list do not say what they are
                return [{**item, "apiVersion": version, "kind": kind} for item in found]
        return []

    def _items(self, key: Key, options: dict[str, Any]) -> list[Manifest]:
        return list(self._client.list(_class_of(key), **options))

    def _read(self, request: Callable[[], T]) -> T:
        try:
            return request()
        except httpx2.TimeoutException:
            return request()

    def _explained(self, error: httpx2.HTTPError, verb: str, key: Key, secrets: Iterable[Secret] = ()) -> SixpeerError:
        if is_not_served(error):
            return not_served(key, self._host)
        explained = translated(error, f"{verb} {key}".strip(), self._host)
        explained.args = (redact(str(explained.args[0]), secrets),)
        return explained

    def _in_doubt(self, verb: str, key: Key) -> Unreachable:
        return Unreachable(f"{verb} {key}: no answer in time, and not done when looked at again", host=self._host)


def towards(before: Manifest, live: Manifest | None) -> Manifest | None:
    """The next object to write on the way from `live` back to `before`; None if that is where it is.

    First the content, then the ownership of its fields: what is written in one request belongs to
    its writer, and our next server-side apply would conflict with ourselves.
    """
    wanted = content(before)
    if live is None:
        return wanted
    version = {"resourceVersion": live["metadata"]["resourceVersion"]}
    if content(live) != wanted:
        return wanted | {"metadata": wanted["metadata"] | version}
    if _owners(live) == _owners(before):
        return None
    of_status = [entry for entry in _managed(live) if entry.get("subresource")]
    owners = {"managedFields": _owners(before) + of_status}
    return wanted | {"metadata": wanted["metadata"] | version | owners}


def _managed(manifest: Manifest) -> list[dict[str, Any]]:
    return manifest["metadata"].get("managedFields") or []


def _owners(manifest: Manifest) -> list[dict[str, Any]]:
    """Who manages what, the status aside: that is its controller's business."""
    return [entry for entry in _managed(manifest) if not entry.get("subresource")]


def _class_of(key: Key) -> Any:
    return _class(key.api_version, key.kind)


@cache
def _class(api_version: str, kind: str) -> Any:
    """lightkube's class for a kind, whose objects are dictionaries."""
    group, _, version = api_version.rpartition("/")
    base = GenericNamespacedResource if kind in _NAMESPACED else GenericGlobalResource
    info = ApiInfo(resource=ResourceDef(group, version, kind), plural=_PLURALS[kind], verbs=_VERBS)
    return type(kind, (base,), {"_api_info": info})


def _client(path: str | None, context: str | None, host: str | None) -> Client:
    name = f"kubeconfig {path}" if path else "the kubeconfig of the environment"
    try:
        config = (KubeConfig.from_file(path) if path else KubeConfig.from_env()).get(context)
        # trust_env would send a cluster's traffic through the web's proxy.
        return Client(config, timeout=httpx2.Timeout(TIMEOUT), field_manager=FIELD_MANAGER, trust_env=False)
    except (ConfigError, OSError, AssertionError) as error:
        raise UsageError(f"{name}: {error}", host=host) from None
    except Exception as error:  # of YAML, msgspec or ssl; their text may quote the file, and so a token
        raise UsageError(f"{name} cannot be used ({type(error).__name__})", host=host) from None
