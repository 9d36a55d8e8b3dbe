"""What a cluster says about itself, from the raw objects of its API."""

from __future__ import annotations

import copy

from hypothesis import given, settings
from hypothesis import strategies as st
from netaddr import IPAddress, IPNetwork

from sixpeer.cilium import ClusterState, Condition, announced_services, parse

POOL = IPNetwork("2001:db8:0:6400::/112")
ADDRESS = IPAddress("2001:db8:0:6400::80")

# As a real Cilium 1.20.2 writes it.
NODE_CONFIG = {
    "metadata": {"name": "worker1"},
    "spec": {
        "bgpInstances": [
            {
                "name": "as64513",
                "localASN": 64513,
                "peers": [
                    {"name": "r1", "peerASN": 64512, "peerAddress": "2001:db8:0:1::1"},
                    {"name": "r2", "peerASN": 64512, "peerAddress": "2001:db8:0:1::2"},
                ],
            }
        ]
    },
    "status": {
        "bgpInstances": [
            {
                "name": "as64513",
                "localASN": 64513,
                "peers": [
                    {
                        "name": "r1",
                        "peerASN": 64512,
                        "peerAddress": "2001:db8:0:1::1",
                        "peeringState": "established",
                        "establishedTime": "2026-11-22T00:55:55Z",
                        "routeCount": [
                            {"afi": "ipv4", "safi": "unicast", "advertised": 0, "received": 0},
                            {"afi": "ipv6", "safi": "unicast", "advertised": 2, "received": 3},
                        ],
                        "timers": {"appliedHoldTimeSeconds": 9, "appliedKeepaliveSeconds": 3},
                    },
                    {
                        "name": "r2",
                        "peerASN": 64512,
                        "peerAddress": "2001:db8:0:1::2",
                        "peeringState": "active",
                        "timers": {"appliedHoldTimeSeconds": 0, "appliedKeepaliveSeconds": 0},
                    },
                ],
            }
        ]
    },
}


def node(name: str, *, ready: str = "True", **labels: str):
    return {
        "metadata": {"name": name, "labels": labels},
        "status": {
            "conditions": [{"type": "MemoryPressure", "status": "True"}, {"type": "Ready", "status": ready}],
            "addresses": [
                {"type": "Hostname", "address": name},
                {"type": "InternalIP", "address": "192.0.2.1"},
                {"type": "InternalIP", "address": "2001:db8:0:1::a"},
            ],
        },
    }


def cilium_node(name: str, **labels: str):
    spec = {"ipam": {"podCIDRs": ["10.0.0.0/24", "2001:db8:0:4201::/64"]}}
    return {"metadata": {"name": name, "labels": labels}, "spec": spec}


def service(name: str = "web", policy: str = "Cluster", **spec):
    return {
        "metadata": {"namespace": "default", "name": name},
        "spec": {"type": "LoadBalancer", "externalTrafficPolicy": policy, **spec},
        "status": {"loadBalancer": {"ingress": [{"ip": str(ADDRESS)}, {"ip": "192.0.2.80"}, {"hostname": "x"}]}},
    }


def endpoints(*on: str, of: str = "web", ready: bool | None = True):
    return {
        "metadata": {"namespace": "default", "name": f"{of}-1", "labels": {"kubernetes.io/service-name": of}},
        "endpoints": [
            {"nodeName": name, "addresses": [f"2001:db8::{name}"], "conditions": {"ready": ready}} for name in on
        ],
    }


def test_a_session_is_read_with_all_that_is_negotiated():
    first, second = parse({"CiliumBGPNodeConfig": [NODE_CONFIG]}).peers["worker1"]
    assert (first.local_asn, first.peer_asn, first.peer_address) == (64513, 64512, IPAddress("2001:db8:0:1::1"))
    assert (first.state, first.established_since) == ("established", "2026-11-22T00:55:55Z")
    assert (first.hold_time, first.advertised) == (9, 2)
    assert (second.state, second.established_since, second.hold_time, second.advertised) == ("active", None, None, None)


def test_a_peer_without_a_state_is_unknown():
    fresh = copy.deepcopy(NODE_CONFIG)
    del fresh["status"]
    unrecognised = copy.deepcopy(NODE_CONFIG)
    for peer in unrecognised["status"]["bgpInstances"][0]["peers"]:
        for field in ("peeringState", "establishedTime", "routeCount", "timers"):
            peer.pop(field, None)
    for config in (fresh, unrecognised):
        peers = parse({"CiliumBGPNodeConfig": [config]}).peers["worker1"]
        assert [str(peer.peer_address) for peer in peers] == ["2001:db8:0:1::1", "2001:db8:0:1::2"]
        assert [(peer.local_asn, peer.state, peer.hold_time) for peer in peers] == [(64513, None, None)] * 2


def test_addresses_are_compared_as_addresses_however_they_are_spelled():
    config = copy.deepcopy(NODE_CONFIG)
    del config["status"]
    config["spec"]["bgpInstances"][0]["peers"] = [
        {"name": "a", "peerAddress": "2001:DB8:0:0001:0::1"},
        {"name": "b", "peerAddress": "fe80::1%eth0"},
        {"name": "found by autoDiscovery, not yet"},
    ]
    peers = parse({"CiliumBGPNodeConfig": [config]}).peers["worker1"]
    assert [str(peer.peer_address) for peer in peers] == ["2001:db8:0:1::1", "fe80::1"]


def test_a_node_is_what_cilium_and_kubernetes_say_of_it_together():
    state = parse({"Node": [node("worker1", a="core")], "CiliumNode": [cilium_node("worker1", a="cilium")]})
    found = state.nodes["worker1"]
    assert found.labels == {"a": "cilium"}  # Cilium selects by these
    assert found.ready
    assert found.internal_addresses == (IPAddress("2001:db8:0:1::a"),)
    assert found.pod_prefixes == (IPNetwork("2001:db8:0:4201::/64"),)


def test_a_node_that_cilium_does_not_know_yet_has_its_own_labels_and_no_pods():
    found = parse({"Node": [node("new", role="worker")]}).nodes["new"]
    assert (found.labels, found.pod_prefixes) == ({"role": "worker"}, ())


def test_only_a_node_that_says_so_is_ready():
    state = parse({"Node": [node("a"), node("b", ready="Unknown")], "CiliumNode": [cilium_node("gone")]})
    assert {name: found.ready for name, found in state.nodes.items()} == {"a": True, "b": False, "gone": False}


def test_services_are_those_that_bgp_may_announce():
    services = [
        service("plain"),
        service("ours", loadBalancerClass="io.cilium/bgp-control-plane"),
        service("l2", loadBalancerClass="io.cilium/l2-announcer"),
        service("cluster-ip") | {"spec": {"type": "ClusterIP"}},
        {"metadata": {"namespace": "default", "name": "pending"}, "spec": {"type": "LoadBalancer"}},
    ]
    found = parse({"Service": services}).services
    assert [(each.name, each.addresses) for each in found] == [
        ("ours", (ADDRESS,)),
        ("pending", ()),
        ("plain", (ADDRESS,)),
    ]


def test_with_the_policy_cluster_every_node_announces_without_an_endpoint_too():
    state = parse({"Service": [service()], "EndpointSlice": [endpoints("b")]})
    assert announced_services(state, [POOL], {"a", "b"}) == {ADDRESS: {"a", "b"}}


def test_with_the_policy_local_only_nodes_with_a_ready_endpoint_announce():
    slices = [endpoints("a"), endpoints("b", ready=None), endpoints("c", ready=False), endpoints("d", of="other")]
    state = parse({"Service": [service(policy="Local")], "EndpointSlice": slices})
    assert announced_services(state, [POOL], {"a", "b", "c", "d"}) == {ADDRESS: {"a", "b"}}
    assert announced_services(state, [POOL], {"b", "c"}) == {ADDRESS: {"b"}}
    assert announced_services(state, [POOL], {"c"}) == {ADDRESS: frozenset()}


def test_the_nodes_that_announce_are_by_default_those_with_a_node_config():
    state = parse({"Service": [service()], "CiliumBGPNodeConfig": [NODE_CONFIG], "Node": [node("other")]})
    assert announced_services(state, [POOL]) == {ADDRESS: {"worker1"}}


def test_the_pods_of_a_node_are_the_ready_endpoints_there():
    slices = [endpoints("a", "b"), endpoints("a", of="other"), endpoints("c", ready=False)]
    state = parse({"Service": [service(), service("other")], "EndpointSlice": slices})
    assert state.pods == {"a": (IPAddress("2001:db8::a"),), "b": (IPAddress("2001:db8::b"),)}


def test_a_service_without_an_address_says_why():
    refused = {"type": "cilium.io/IPAMRequestSatisfied", "status": "False", "reason": "no_pool"}
    waiting = service() | {"status": {"conditions": [refused]}}
    (found,) = parse({"Service": [waiting]}).services
    assert (found.addresses, found.refused) == ((), "no_pool")
    (found,) = parse({"Service": [service()]}).services
    assert found.refused == ""


def test_an_address_outside_the_pools_is_somebody_elses():
    state = parse({"Service": [service()]})
    assert announced_services(state, [IPNetwork("2001:db8:0:6401::/112")], {"a"}) == {}


def test_services_that_share_an_address_announce_it_together():
    services = [service("one", policy="Local"), service("two", policy="Local")]
    state = parse({"Service": services, "EndpointSlice": [endpoints("a", of="one"), endpoints("b", of="two")]})
    assert announced_services(state, [POOL], {"a", "b", "c"}) == {ADDRESS: {"a", "b"}}


def test_a_condition_is_a_fault_by_its_status_whatever_its_message():
    def having(kind, name, type_, status):
        condition = {"type": type_, "status": status, "message": "No node matches spec.nodeSelector"}
        return {kind: [{"metadata": {"name": name}, "status": {"conditions": [condition]}}]}

    config, kind = "cilium.io/NoMatchingNode", "CiliumBGPClusterConfig"
    assert parse(having(kind, "x", config, "False")).conditions == ()
    (fault,) = parse(having(kind, "x", config, "True")).conditions
    assert fault == Condition(kind, "x", config, "No node matches spec.nodeSelector")
    assert str(fault) == "CiliumBGPClusterConfig x: NoMatchingNode: No node matches spec.nodeSelector"
    for kind, type_ in (
        ("CiliumBGPClusterConfig", "cilium.io/MissingPeerConfigs"),
        ("CiliumBGPClusterConfig", "cilium.io/ConflictingClusterConfig"),
        ("CiliumBGPPeerConfig", "cilium.io/MissingAuthSecret"),
        ("CiliumBGPNodeConfig", "cilium.io/BGPReconcileError"),
        ("CiliumLoadBalancerIPPool", "cilium.io/PoolConflict"),
    ):
        assert len(parse(having(kind, "x", type_, "True")).conditions) == 1
    assert parse(having("CiliumLoadBalancerIPPool", "x", "cilium.io/IPsUsed", "Unknown")).conditions == ()


def test_an_empty_cluster_is_a_state_too():
    assert parse({}) == ClusterState({}, {}, (), ())


def _paths(value, above=()):
    if isinstance(value, dict | list):
        for key in value if isinstance(value, dict) else range(len(value)):
            yield (*above, key)
            yield from _paths(value[key], (*above, key))


OBJECTS = {
    "Node": [node("worker1")],
    "CiliumNode": [cilium_node("worker1")],
    "CiliumBGPNodeConfig": [NODE_CONFIG],
    "Service": [service()],
    "EndpointSlice": [endpoints("a")],
    "CiliumBGPPeerConfig": [{"metadata": {"name": "x"}, "status": {"conditions": [{"type": "a", "status": "True"}]}}],
}


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_an_object_that_is_half_filled_in_is_read_as_far_as_it_goes(data):
    objects = copy.deepcopy(OBJECTS)
    keys = [path for path in _paths(objects) if len(path) > 2 and isinstance(path[-1], str)]
    *above, last = data.draw(st.sampled_from(keys))
    holder = objects
    for key in above:
        holder = holder[key]
    if data.draw(st.booleans()):
        del holder[last]
    else:
        holder[last] = None
    announced_services(parse(objects), [POOL])
