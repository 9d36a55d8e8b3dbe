"""Manifests as text that kubectl reads as it was meant, and that gives no secret away."""

from __future__ import annotations

import base64

from hypothesis import given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from sixpeer.cilium import as_yaml, hide
from sixpeer.cilium.manifest import content, redact, secrets_in
from sixpeer.intent import Secret

_scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**40), 2**40),
    st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), max_size=8),
    st.sampled_from(
        ["No", "yes", "on", "null", "~", "", "1.20", "0x1f", "1e3", "2001:db8::/64", "1:20", "a: b", "#", "- x"]
    ),
)
_keys = st.text("abcXYZ./-_09", min_size=1, max_size=8)
_values = st.recursive(_scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_keys, inner, max_size=3))


@settings(max_examples=200, deadline=None)
@given(_values)
def test_yaml_reads_back_as_what_was_written_in_both_versions_of_yaml(value):
    for version in ((1, 1), (1, 2)):
        reader = YAML(typ="safe", pure=True)
        reader.version = version
        assert reader.load(as_yaml(value)) == value


def test_words_that_kubectl_would_take_for_booleans_are_quoted():
    assert as_yaml({"allowFirstLastIPs": "No", "name": "lab"}) == 'allowFirstLastIPs: "No"\nname: lab'


def test_the_content_is_what_somebody_has_written_in_the_order_of_a_manifest():
    live = {
        "metadata": {"uid": "1", "labels": {"a": "b"}, "resourceVersion": "7", "name": "x", "managedFields": []},
        "status": {"conditions": []},
        "spec": {"timers": {}},
        "kind": "CiliumBGPPeerConfig",
        "apiVersion": "cilium.io/v2",
    }
    assert as_yaml(content(live)).splitlines() == [
        "apiVersion: cilium.io/v2",
        "kind: CiliumBGPPeerConfig",
        "metadata:",
        "  name: x",
        "  labels:",
        "    a: b",
        "spec:",
        "  timers: {}",
    ]


def test_a_secret_is_hidden_wherever_kubernetes_may_keep_it():
    password = Secret("lab-bgp-password", "Tr0ub4dor&3")
    value = base64.b64encode(b"Tr0ub4dor&3").decode()
    copy = f'{{"data":{{"password":"{value}"}}}}'
    manifest = {
        "kind": "Secret",
        "metadata": {"name": "x", "annotations": {"kubectl.kubernetes.io/last-applied-configuration": copy}},
        "data": {"password": value, "other": "Zm9v"},
        "stringData": {"password": "Tr0ub4dor&3"},
    }
    shown = hide(manifest, [password])
    assert shown["data"] == {"password": "<secret:lab-bgp-password>", "other": "<secret>"}
    assert shown["stringData"] == {"password": "<secret:lab-bgp-password>"}
    assert value not in as_yaml(shown)
    assert manifest["data"]["password"] == value  # the manifest itself is as it was
    assert redact(f"{value} and Tr0ub4dor&3", secrets_in(manifest)) == "<secret:password> and <secret:password>"


def test_only_secrets_are_hidden():
    manifest = {"kind": "ConfigMap", "metadata": {"name": "x"}, "data": {"a": "b"}}
    assert hide(manifest) == manifest
    assert secrets_in(manifest) == ()
