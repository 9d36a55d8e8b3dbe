"""The description: what is valid, and how it says what is not."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from netaddr import IPAddress

from sixpeer.errors import IntentError, UsageError
from sixpeer.intent import LabelSelector, Secret, SecretReference, load
from sixpeer.intent.cluster import Nat64

ROOT = Path(__file__).parents[2]


@pytest.fixture
def inventory(tmp_path):
    """A copy of the shipped inventory, to be spoiled."""
    return Path(shutil.copytree(ROOT / "inventory", tmp_path / "inventory"))


def spoil(inventory: Path, file: str, old: str, new: str) -> None:
    path = inventory / file
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


def problems(inventory: Path) -> list[str]:
    with pytest.raises(IntentError) as caught:
        load(inventory, "SIXPEER", inventory.parent)
    return [str(problem) for problem in caught.value.problems]


def test_the_shipped_inventory_has_six_sessions():
    intent = load(ROOT / "inventory", "SIXPEER", ROOT)
    nodes = intent.clusters["lab"].nodes.items()
    sessions = [s for name, node in nodes for s in intent.sessions("lab", node.subnet, name, node.address)]
    assert [f"{s.router_address} {s.node_address} {s.router_asn} {s.node_asn}" for s in sessions] == [
        "2001:db8::1 2001:db8::a 64512 64513",
        "2001:db8::2 2001:db8::a 64512 64513",
        "2001:db8:0:1::1 2001:db8:0:1::a 64512 64513",
        "2001:db8:0:1::2 2001:db8:0:1::a 64512 64513",
        "2001:db8:0:1::1 2001:db8:0:1::b 64512 64513",
        "2001:db8:0:1::2 2001:db8:0:1::b 64512 64513",
    ]


CLUSTER = "clusters/lab.yaml"


@pytest.mark.parametrize(
    ("file", "old", "new", "said"),
    [
        (CLUSTER, "prefix: 2001:db8::/64", "prefix: 2001:db8::/60", "links are /64 (RFC 7421)"),
        (CLUSTER, "prefix: 2001:db8::/64", "prefix: 2001:db8::1/64", "host bits; the prefix is 2001:db8::/64"),
        (CLUSTER, "prefix: 2001:db8:0:2::/64", "prefix: 2001:db8:1::/64", "is not in the parent 2001:db8::/48"),
        (CLUSTER, '"2001:db8:0:4200::/56"', '"2001:db8::/56"', "overlaps"),
        (CLUSTER, "node_prefix_length: 64", "node_prefix_length: 80", "does not fit"),
        (CLUSTER, "2001:db8:0:6500::/112", "2001:db8:0:6500::/64", "Kubernetes takes service prefixes of /108"),
        (CLUSTER, "address: 2001:db8::a", "address: 2001:db8:0:1::c", "is not in 2001:db8::/64 (control)"),
        (CLUSTER, '"2001:db8:0:1::b"', '"2001:db8:0:1::a"', "is also the address of worker1"),
        (CLUSTER, '"2001:db8:0:1::b"', '"2001:db8:0:1::"', "subnet-router anycast address (RFC 4291)"),
        (CLUSTER, "bc:24:11:7f:9a:6d", "bc:24:11:7f:9a", "is not a MAC address"),
        (CLUSTER, "asn: 64513", "asn: 65535", "is reserved"),
        (CLUSTER, "keepalive: 3", "keepalive: 30", "keepalive 30 is longer than hold 9"),
        (CLUSTER, "{file: .lab/bgp-password}", "{file: a, env: B}", "exactly one of env, file, command"),
        (CLUSTER, "version: 1.20.2", "version: 1.15.0", "has no CiliumBGPClusterConfig"),
        (CLUSTER, "version: 1.20.2", "version: 1.20", "put it in quotes"),
        (CLUSTER, "nat64:", "nat46:", "nat46: is not known here"),
        (CLUSTER, "subnet: workers,", "subnet: wrokers,", "there are: control, workers"),
        (CLUSTER, "    labels: {node-role.kubernetes.io/control-plane: \"\"}\n", "", "does not match this node"),
        (CLUSTER, "operator: DoesNotExist", "operator: Exists", "a node accepts one CiliumBGPClusterConfig"),
        (CLUSTER, "bgp:\n", "bgp: [\n", "not YAML"),
        ("hosts.yaml", "router_id: 10.255.0.2", "router_id: 10.255.0.1", "also the router ID of r1"),
        ("hosts.yaml", "router_id: 10.255.0.2\n", "\n", "router_id: is missing"),
        ("hosts.yaml", "asn: 64512", "asn: 64513", "iBGP to nodes is not supported"),
        ("hosts.yaml", "lab/workers", "lab/control", "lab/control is served 2 times"),
        ("hosts.yaml", "lab/workers", "lab/wrokers", "there are: lab/control, lab/workers"),
        ("hosts.yaml", 'address: "2001:db8::1"', 'address: "2001:db8::a"', "also the address of node lab/control1"),
        ("hosts.yaml", 'address: "2001:db8::1"', 'address: "2001:db8::3"', "is no router's address on this subnet"),
        ("hosts.yaml", "groups: [frr]", "groups: [frr, ams]", "ams is not in groups.yaml"),
        ("hosts.yaml", "\nr2:", "\nlab:", "is the name of a cluster too"),
        ("hosts.yaml", "groups: [frr]", "groups: [kubernetes]", "platform: is 'kubernetes', not 'frr'"),
    ],
)  # fmt: skip
def test_a_fault_is_named_with_its_place(inventory, file, old, new, said):
    spoil(inventory, file, old, new)
    found = problems(inventory)
    assert any(said in problem for problem in found), found
    assert all(problem.startswith("inventory/") for problem in found)


def test_all_faults_are_named_at_once_with_their_lines(inventory):
    spoil(inventory, CLUSTER, "asn: 64513", "asn: 0")
    spoil(inventory, CLUSTER, "bc:24:11:7f:9a:6d", "nonsense")
    spoil(inventory, "hosts.yaml", "router_id: 10.255.0.1", "router_id: 2001:db8::1")
    found = problems(inventory)
    assert len(found) == 3
    lines = (inventory / CLUSTER).read_text().split("\n")
    asn = next(number for number, line in enumerate(lines, 1) if "asn: 0" in line)
    assert any(problem.startswith(f"inventory/clusters/lab.yaml:{asn}: bgp.asn: ") for problem in found)
    assert any(problem.startswith("inventory/hosts.yaml:6: r1.data.router_id: ") for problem in found)


def test_data_comes_from_groups_and_defaults_too_and_may_be_of_others(inventory):
    spoil(inventory, "hosts.yaml", "    asn: 64512\n", "    site: ams\n")
    spoil(inventory, "defaults.yaml", "data: {}", "data: {asn: 64599}")
    spoil(inventory, "groups.yaml", "frr:\n", "frr:\n  data: {asn: 64512}\n")
    assert load(inventory, "SIXPEER", inventory.parent).routers["r1"].asn == 64512


def test_data_that_is_nearly_ours_is_a_mistake(inventory):
    spoil(inventory, "hosts.yaml", "router_id: 10.255.0.1", "routerid: 10.255.0.1")
    assert any("is router_id meant?" in problem for problem in problems(inventory))


@pytest.mark.parametrize("owner", ["", "NET-EDGE", "MY NET", "9"])
def test_an_owner_that_could_be_part_of_another_s_names_is_refused(inventory, owner):
    with pytest.raises(IntentError, match="is no owner"):
        load(inventory, owner, inventory.parent)


@pytest.mark.parametrize("text", ["two\nlines", "a blank", "x" * 81, "ümlaut"])
def test_a_password_that_no_session_could_have_is_refused(inventory, text):
    (inventory.parent / ".lab").mkdir()
    (inventory.parent / ".lab/bgp-password").write_text(text)
    with pytest.raises(UsageError, match="one line of 1 to 80 ASCII characters"):
        load(inventory, "SIXPEER", inventory.parent).password("lab")


def test_a_cluster_that_overlaps_another_is_refused(inventory):
    text = (inventory / CLUSTER).read_text()
    (inventory / "clusters/second.yaml").write_text(text)
    found = problems(inventory)
    assert any("overlaps 2001:db8::/64 of cluster lab" in problem for problem in found)
    assert any("no router serves it" in problem for problem in found)


def test_addresses_are_canonical_however_they_are_spelled(inventory):
    spoil(inventory, "hosts.yaml", '"2001:db8::1"', '"2001:0DB8:0:0::0001"')
    intent = load(inventory, "SIXPEER", inventory.parent)
    assert str(intent.routers["r1"].serves[0].address) == "2001:db8::1"


def test_nat64_embeds_ipv4_as_rfc_6052_says():
    nat64 = Nat64.model_validate({"gateways": ["2001:db8::64"]})
    assert str(nat64.embed(IPAddress("140.82.113.3"))) == "64:ff9b::8c52:7103"


KEYS, VALUES = st.sampled_from("abc"), st.sampled_from("xyz")


@given(labels=st.dictionaries(KEYS, VALUES), key=KEYS, values=st.lists(VALUES, min_size=1))
def test_in_and_not_in_are_opposites(labels, key, values):
    selectors = [
        LabelSelector(matchExpressions=({"key": key, "operator": operator, "values": values},))
        for operator in ("In", "NotIn")
    ]
    assert selectors[0].matches(labels) != selectors[1].matches(labels)


@pytest.mark.parametrize(
    ("reference", "expected"),
    [
        ({"env": "SIXPEER_TEST"}, "from env"),
        ({"file": "password"}, "from file"),
        ({"command": ["echo", "from command"]}, "from command"),
    ],
)
def test_a_secret_comes_from_where_its_reference_says(tmp_path, monkeypatch, reference, expected):
    monkeypatch.setenv("SIXPEER_TEST", "from env")
    (tmp_path / "password").write_text("from file\n")
    assert SecretReference.model_validate(reference).resolve("x", tmp_path).reveal() == expected


@pytest.mark.parametrize(
    ("reference", "said"),
    [
        ({"env": "SIXPEER_NOT_SET"}, "it is not set"),
        ({"file": "missing"}, "No such file"),
        ({"command": ["false"]}, "it ended with 1"),
        ({"command": ["true"]}, "is empty"),
    ],
)
def test_a_secret_that_cannot_be_had_names_its_source(tmp_path, reference, said):
    with pytest.raises(UsageError, match=said):
        SecretReference.model_validate(reference).resolve("lab-bgp-password", tmp_path)


def test_a_secret_does_not_print():
    secret = Secret("name", "hidden")
    assert "hidden" not in f"{secret} {secret!r} {[secret]} {secret.redact('x hidden y')}"
    assert secret == Secret("other", "hidden")
