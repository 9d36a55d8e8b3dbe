"""Every resource fits the CRD of its Cilium release, where the CRDs are at hand."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
from cilium_intents import REPOSITORY, intents, on_cilium, shipped
from hypothesis import given, settings
from ruamel.yaml import YAML

from sixpeer.cilium import Resource, build
from sixpeer.intent import Secret

CRDS = REPOSITORY.parent / "shared" / "data" / "cilium-crds"
RELEASES = ("1.16.12", "1.17.6", "1.18-branchpoint", "1.19.4", "1.20.0-dev")
PASSWORD = Secret("lab-bgp-password", "Tr0ub4dor&3")

with_crds = pytest.mark.skipif(not CRDS.is_dir(), reason="no CRDs of Cilium in ../shared/data/cilium-crds")


@cache
def schemas(release: str) -> dict[tuple[str, str], Any]:
    """The OpenAPI schema by (kind, API version) of one release."""
    found = {}
    for path in CRDS.glob(f"{release}/*/*.yaml"):
        spec = YAML(typ="safe").load(path)["spec"]
        for version in spec["versions"]:
            if version["served"]:
                schema = version["schema"]["openAPIV3Schema"]
                found[spec["names"]["kind"], f"{spec['group']}/{version['name']}"] = schema
    return found


TYPES = {"object": dict, "array": list, "string": str, "integer": int, "boolean": bool}


def violations(value: Any, schema: dict[str, Any], path: str = "") -> Iterator[str]:
    """What an API server says against a value, by the rules that Cilium's CRDs use."""
    expected = TYPES[schema["type"]]
    if not isinstance(value, expected) or (expected is int and isinstance(value, bool)):
        yield f"{path}: {value!r} is not of type {schema['type']}"
    elif isinstance(value, dict):
        yield from _of_object(value, schema, path)
    elif isinstance(value, list):
        yield from _of_list(value, schema, path)
    else:
        yield from _of_scalar(value, schema, path)


def _of_list(value: list[Any], schema: dict[str, Any], path: str) -> Iterator[str]:
    if not schema.get("minItems", 0) <= len(value) <= schema.get("maxItems", len(value)):
        yield f"{path}: {len(value)} items"
    keys = schema.get("x-kubernetes-list-map-keys", ())
    if keys and len({tuple(item.get(key) for key in keys) for item in value}) != len(value):
        yield f"{path}: two items with the same {keys}"
    for index, item in enumerate(value):
        yield from violations(item, schema["items"], f"{path}[{index}]")


def _of_scalar(value: Any, schema: dict[str, Any], path: str) -> Iterator[str]:
    if isinstance(value, str):
        if not schema.get("minLength", 0) <= len(value) <= schema.get("maxLength", len(value)):
            yield f"{path}: {len(value)} characters"
        if "pattern" in schema and not re.search(schema["pattern"], value):
            yield f"{path}: {value!r} does not match"
    elif not schema.get("minimum", value) <= value <= schema.get("maximum", value):
        yield f"{path}: {value} is out of range"
    if "enum" in schema and value not in schema["enum"]:
        yield f"{path}: {value!r} is none of {schema['enum']}"


def _of_object(value: dict[str, Any], schema: dict[str, Any], path: str) -> Iterator[str]:
    yield from (f"{path}.{key} is missing" for key in schema.get("required", ()) if key not in value)
    for key, inner in value.items():
        if key in schema.get("properties", {}):
            yield from violations(inner, schema["properties"][key], f"{path}.{key}")
        elif "additionalProperties" in schema:
            yield from violations(inner, schema["additionalProperties"], f"{path}.{key}")
        else:
            yield f"{path}.{key} is not known"
    for rule in schema.get("x-kubernetes-validations", ()):
        if not CEL[rule["rule"]](value):
            yield f"{path}: {rule['message']}"


CEL = {
    "self.keepAliveTimeSeconds <= self.holdTimeSeconds": lambda it: it["keepAliveTimeSeconds"] <= it["holdTimeSeconds"],
    "self.advertisementType != 'Service' || has(self.service)": (
        lambda it: it["advertisementType"] != "Service" or "service" in it
    ),
    "self.advertisementType == 'Service' || !has(self.service)": (
        lambda it: it["advertisementType"] == "Service" or "service" not in it
    ),
    "self.advertisementType != 'Interface' || has(self.interface)": (
        lambda it: it["advertisementType"] != "Interface" or "interface" in it
    ),
    "self.advertisementType == 'Interface' || !has(self.interface)": (
        lambda it: it["advertisementType"] == "Interface" or "interface" not in it
    ),
    "self.advertisementType != 'PodCIDR' || !has(self.selector)": (
        lambda it: it["advertisementType"] != "PodCIDR" or "selector" not in it
    ),
}
"""The rules of the CRDs, in Python. A rule that is new in a CRD is a KeyError here."""


def refused(resource: Resource, release: str) -> list[str]:
    if resource.key.kind == "Secret":
        return []
    schema = schemas(release).get((resource.key.kind, resource.key.api_version))
    if schema is None:
        return [f"{resource.key.kind} is not served as {resource.key.api_version}"]
    body = resource.manifest()
    del body["metadata"]  # its rules are not in the CRD
    schema = schema | {"required": [key for key in schema["required"] if key != "metadata"]}
    return list(violations(body, schema))


def _version(release: str) -> str:
    return {"1.18-branchpoint": "1.18.0", "1.20.0-dev": "1.20.0"}.get(release, release)


@with_crds
@pytest.mark.parametrize("release", RELEASES)
def test_the_shipped_inventory_fits_every_release(release):
    resources = build(on_cilium(_version(release)), "lab", PASSWORD)
    assert {str(resource.key): refused(resource, release) for resource in resources} == {
        str(resource.key): [] for resource in resources
    }


@with_crds
@pytest.mark.parametrize("release", RELEASES)
def test_any_valid_intent_fits_every_release(release):
    @settings(max_examples=30, deadline=None)
    @given(intents())
    def holds(intent):
        for resource in build(on_cilium(_version(release), intent), "any", PASSWORD):
            assert refused(resource, release) == []

    holds()


@with_crds
def test_the_check_itself_refuses_what_an_api_server_would():
    resources = {resource.key.kind: resource for resource in build(shipped(), "lab", None)}

    def after(kind, change):
        resource = resources[kind]
        body = resource.manifest()
        change(body["spec"])
        return refused(Resource(resource.key, body), "1.19.4")

    peer_config, config = "CiliumBGPPeerConfig", "CiliumBGPClusterConfig"
    assert after(peer_config, lambda spec: spec.update(nonsense=1)) == [".spec.nonsense is not known"]
    assert after(peer_config, lambda spec: spec["timers"].update(holdTimeSeconds=2)) == [
        ".spec.timers.holdTimeSeconds: 2 is out of range",
        ".spec.timers: keepAliveTimeSeconds can not be larger than holdTimeSeconds",
    ]
    assert after(config, lambda spec: spec.pop("bgpInstances")) == [".spec.bgpInstances is missing"]
    assert after(config, lambda spec: spec["bgpInstances"][0]["peers"][0].update(peerAddress="fd00::/64"))
    assert after("CiliumLoadBalancerIPPool", lambda spec: spec.update(allowFirstLastIPs=False))
    assert after("CiliumBGPAdvertisement", lambda spec: spec["advertisements"][1].pop("service")) == [
        ".spec.advertisements[1]: service field is required for the 'Service' advertisementType"
    ]
