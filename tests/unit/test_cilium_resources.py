"""The resources that an intent becomes."""

from __future__ import annotations

import base64
import pickle
import re

import pytest
from cilium_intents import intents, on_cilium, shipped
from hypothesis import given, settings
from hypothesis import strategies as st
from netaddr import IPAddress, IPNetwork

from sixpeer.cilium import KINDS, Key, Resource, as_yaml, build, labels
from sixpeer.intent import Secret

PASSWORD = Secret("lab-bgp-password", "Tr0ub4dor&3")
RFC_1123 = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?")


def _of_kind(resources: tuple[Resource, ...], kind: str) -> list[Resource]:
    return [resource for resource in resources if resource.key.kind == kind]


@pytest.mark.parametrize("version", ["1.17.6", "1.20.2"])
def test_the_shipped_inventory_gives_these_manifests(version, golden):
    resources = build(on_cilium(version), "lab", PASSWORD)
    text = "---\n".join(as_yaml(resource.shown()) + "\n" for resource in resources)
    golden(f"cilium/lab-{version}.yaml", text)


@pytest.mark.parametrize(
    ("version", "api_version"),
    [
        ("1.16.12", "cilium.io/v2alpha1"),
        ("1.17.6", "cilium.io/v2alpha1"),
        ("1.18.0", "cilium.io/v2"),
        ("1.20.2", "cilium.io/v2"),
    ],
)
def test_the_cilium_version_decides_the_api_version(version, api_version):
    resources = build(on_cilium(version), "lab", None)
    assert {resource.key.api_version for resource in resources} == {api_version}


def test_without_a_password_there_is_no_secret_and_nothing_refers_to_one():
    resources = build(shipped(), "lab", None)
    assert not _of_kind(resources, "Secret")
    (peer_config,) = _of_kind(resources, "CiliumBGPPeerConfig")
    assert "authSecretRef" not in peer_config.body["spec"]


def test_the_secret_is_where_cilium_looks_for_it():
    resources = build(shipped(), "lab", PASSWORD)
    (secret,), (peer_config,) = (_of_kind(resources, kind) for kind in ("Secret", "CiliumBGPPeerConfig"))
    assert secret.key.namespace == "kube-system"
    assert secret.key.name == peer_config.body["spec"]["authSecretRef"]
    assert base64.b64decode(secret.manifest()["data"]["password"]).decode() == PASSWORD.reveal()


def test_no_text_of_a_resource_has_the_password():
    for resource in build(shipped(), "lab", PASSWORD):
        for text in (repr(resource), str(resource), as_yaml(resource.shown()), f"{resource.key}"):
            assert PASSWORD.reveal() not in text
            assert base64.b64encode(PASSWORD.reveal().encode()).decode() not in text


def test_a_resource_with_a_secret_is_not_to_be_stored():
    (secret,) = _of_kind(build(shipped(), "lab", PASSWORD), "Secret")
    with pytest.raises(TypeError, match="not to be stored"):
        pickle.dumps(secret)


def test_a_changed_manifest_does_not_change_the_resource():
    (peer_config,) = _of_kind(build(shipped(), "lab", None), "CiliumBGPPeerConfig")
    peer_config.manifest()["spec"]["timers"]["holdTimeSeconds"] = 0
    assert peer_config.body["spec"]["timers"]["holdTimeSeconds"] == 9


def test_what_is_not_announced_is_in_no_advertisement():
    def announcing(*what):
        intent = shipped()
        bgp = intent.clusters["lab"].bgp.model_copy(update={"announce": what})
        cluster = intent.clusters["lab"].model_copy(update={"bgp": bgp})
        resources = build(type(intent)(intent.owner, intent.folder, intent.routers, {"lab": cluster}), "lab", None)
        found = _of_kind(resources, "CiliumBGPAdvertisement")
        return [each["advertisementType"] for resource in found for each in resource.body["spec"]["advertisements"]]

    assert announcing("pods") == ["PodCIDR"]
    assert announcing("load_balancers") == ["Service"]
    assert announcing() == []


def test_keys_say_which_object_and_sort_as_they_are_created():
    keys = [resource.key for resource in build(shipped(), "lab", PASSWORD)]
    assert sorted(set(keys)) == keys
    assert str(keys[0]) == "Secret kube-system/sixpeer-lab-bgp-password"
    assert str(keys[1]) == "CiliumBGPPeerConfig sixpeer-lab"
    assert Key("v1", "Zebra", "a") > keys[-1]  # a kind that is not ours comes last


@settings(max_examples=50, deadline=None)
@given(intents(), st.booleans())
def test_any_valid_intent_gives_named_labelled_resources_in_the_order_of_creation(intent, with_password):
    resources = build(intent, "any", PASSWORD if with_password else None)
    kinds = [KINDS.index(resource.key.kind) for resource in resources]
    assert kinds == sorted(kinds)
    assert len({resource.key for resource in resources}) == len(resources)
    for resource in resources:
        assert RFC_1123.fullmatch(resource.key.name)
        assert resource.key == Key.of(resource.body)
        assert resource.body["metadata"]["labels"] == labels(intent.owner, "any")
    for value in labels(intent.owner, "any").values():
        assert re.fullmatch(r"[A-Za-z0-9]([-_.A-Za-z0-9]{0,61}[A-Za-z0-9])?", value)


@settings(max_examples=50, deadline=None)
@given(intents())
def test_each_router_of_a_subnet_is_a_peer_of_its_nodes_in_canonical_spelling(intent):
    cluster = intent.clusters["any"]
    configs = _of_kind(build(intent, "any", None), "CiliumBGPClusterConfig")
    assert len(configs) == len(cluster.node_subnets)
    for config, subnet in zip(configs, cluster.node_subnets, strict=True):
        (instance,) = config.body["spec"]["bgpInstances"]
        assert instance["localASN"] == cluster.bgp.asn
        peers = {(peer["name"], peer["peerAddress"], peer["peerASN"]) for peer in instance["peers"]}
        assert len(peers) == len(instance["peers"])
        assert peers == {
            (router.name, str(tie.address), router.asn)
            for router in intent.routers.values()
            for tie in router.serves_cluster("any")
            if tie.subnet_name == subnet
        }
        for _, address, _ in peers:
            assert str(IPAddress(address)) == address
        labels_of_subnet = cluster.subnets[subnet].node_selector.matchLabels
        assert config.body["spec"]["nodeSelector"].get("matchLabels", {}) == labels_of_subnet


@settings(max_examples=50, deadline=None)
@given(intents())
def test_each_pool_keeps_its_first_and_last_address_free(intent):
    cluster = intent.clusters["any"]
    pools = [resource.body["spec"] for resource in _of_kind(build(intent, "any", None), "CiliumLoadBalancerIPPool")]
    assert [IPNetwork(block["cidr"]) for spec in pools for block in spec["blocks"]] == [
        pool.prefix for pool in cluster.load_balancers.values()
    ]
    assert {spec["allowFirstLastIPs"] for spec in pools} <= {"No"}


@settings(max_examples=50, deadline=None)
@given(intents(), st.booleans())
def test_the_advertisement_is_what_the_peer_config_selects(intent, with_password):
    resources = build(intent, "any", PASSWORD if with_password else None)
    (peer_config,) = _of_kind(resources, "CiliumBGPPeerConfig")
    (family,) = peer_config.body["spec"]["families"]
    assert (family["afi"], family["safi"]) == ("ipv6", "unicast")
    for advertisement in _of_kind(resources, "CiliumBGPAdvertisement"):
        selected = family["advertisements"]["matchLabels"].items()
        assert selected <= advertisement.body["metadata"]["labels"].items()
    for config in _of_kind(resources, "CiliumBGPClusterConfig"):
        for peer in config.body["spec"]["bgpInstances"][0]["peers"]:
            assert peer["peerConfigRef"] == {"name": peer_config.key.name}
