"""The Nornir connection `kubernetes`: a cluster's API, with the verbs that our tasks need.

The client is lightkube: plain synchronous HTTP on connections that stay open, server-side apply with
a dry run, and custom resources as plain dictionaries, without a generated model of all of Kubernetes.
Requests time out after 10 s. Without an answer a read is tried once more, and after a write what is
there is read: silence does not tell whether it was done.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
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
from sixpeer.cilium.ownership import FIELD_MANAGER, towards
from sixpeer.cilium.resources import SECRETS_NAMESPACE
from sixpeer.errors import DeviceError, Unreachable, UsageError
from sixpeer.intent import Secret
from sixpeer.plugins.kubernetes_errors import is_conflict, is_not_found, is_not_served, not_served, translated

TIMEOUT = 10.0  # seconds for an answer
RESTORE_ATTEMPTS = 10

_NO_ANSWER = (httpx2.TimeoutException, httpx2.ReadError, httpx2.WriteError, httpx2.RemoteProtocolError)
"""The request may have arrived: too late, or cut off by the server's restart or a connection gone stale."""

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

    def open(
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
        with self._explaining("read", key):
            try:
                return dict(self._read(partial(self._client.get, _class_of(key), key.name, namespace=key.namespace)))
            except httpx2.HTTPStatusError as error:
                if is_not_found(error) and not is_not_served(error):
                    return None
                raise

    def snapshot(self, keys: Iterable[Key]) -> dict[Key, Manifest | None]:
        """Each object as it is now, for `restore`."""
        return {key: self.get(key) for key in keys}

    def dry_run(self, resource: Resource, *, take_over: bool = False) -> Manifest:
        """What the object would be after `apply`, defaults included; nothing is written."""
        with self._explaining("apply", resource.key, resource.secrets):
            return dict(self._read(partial(self._server_side_apply, resource, take_over, dry_run=True)))

    def apply(self, resource: Resource, *, take_over: bool = False) -> None:
        """Create or update the object by server-side apply. `take_over`: also fields that another manager set."""
        with self._explaining("apply", resource.key, resource.secrets):
            try:
                self._server_side_apply(resource, take_over, dry_run=False)
            except _NO_ANSWER:
                if differences(self.get(resource.key), self.dry_run(resource, take_over=take_over)):
                    raise self._in_doubt("apply", resource.key) from None

    def delete(self, key: Key) -> None:
        """Delete the object; one that is not there is deleted already. What it owns goes after it."""
        with self._explaining("delete", key):
            try:
                self._client.delete(_class_of(key), key.name, namespace=key.namespace)
            except _NO_ANSWER:
                if self.get(key) is not None:
                    raise self._in_doubt("delete", key) from None
            except httpx2.HTTPStatusError as error:
                if not is_not_found(error):
                    raise

    def restore(self, key: Key, before: Manifest | None) -> None:
        """Put the object back as a snapshot has it, with who manages which of its fields; None deletes it."""
        if before is None:
            self.delete(key)
            return
        with self._explaining("restore", key, secrets_in(before)):
            for _ in range(RESTORE_ATTEMPTS):
                live = self.get(key)
                step = towards(before, live)
                if step is None:
                    return
                write = self._client.create if live is None else self._client.replace
                try:
                    write(_class_of(key)(step))
                except _NO_ANSWER:
                    continue  # to see whether it was done
                except httpx2.HTTPStatusError as error:
                    if not is_conflict(error):
                        raise
                    # Somebody was faster: Cilium's operator, say, with the object's status.
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
            with self._explaining("list", key):
                try:
                    found = self._read(partial(self._items, key, options))
                except httpx2.HTTPStatusError as error:
                    if not is_not_found(error):
                        raise
                else:  # the items of a list do not say what they are
                    return [{**item, "apiVersion": version, "kind": kind} for item in found]
        return []

    def _items(self, key: Key, options: dict[str, Any]) -> list[Manifest]:
        return list(self._client.list(_class_of(key), **options))

    def _read(self, request: Callable[[], T]) -> T:
        try:
            return request()
        except _NO_ANSWER:
            return request()

    @contextmanager
    def _explaining(self, verb: str, key: Key, secrets: Iterable[Secret] = ()) -> Iterator[None]:
        """Make the client's exceptions ours, without the secrets that the API server may have quoted."""
        try:
            yield
        except (httpx2.HTTPError, httpx2.InvalidURL, ConfigError, OSError, ValueError, KeyError) as error:
            if is_not_served(error):
                raise not_served(key, self._host) from None
            explained = translated(error, f"{verb} {key}".strip(), self._host)
            explained.args = (redact(str(explained.args[0]), secrets),)
            raise explained from None

    def _in_doubt(self, verb: str, key: Key) -> Unreachable:
        return Unreachable(f"{verb} {key}: no answer, and not done when looked at again", host=self._host)


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
