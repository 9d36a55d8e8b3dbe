"""Intents for the tests of sixpeer.cilium: the shipped one, and any valid one."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from hypothesis import strategies as st

from sixpeer.intent import Cluster, Intent, Router, load

REPOSITORY = Path(__file__).parents[1]
VERSIONS = ("1.16.12", "1.17.6", "1.18.0", "1.19.4", "1.20.2")


@cache
def shipped() -> Intent:
    return load(REPOSITORY / "inventory", "SIXPEER", REPOSITORY)


def on_cilium(version: str, intent: Intent | None = None) -> Intent:
    """The intent, for clusters with another version of Cilium."""
    intent = intent or shipped()
    clusters = {
        name: cluster.model_copy(update={"cilium": cluster.cilium.model_copy(update={"version": version})})
        for name, cluster in intent.clusters.items()
    }
    return Intent(intent.owner, intent.folder, intent.routers, clusters)


_ALNUM = "abcxyz019"


def _word(inner: str, ends: str = _ALNUM, size: int = 12) -> st.SearchStrategy[str]:
    """Text that begins and ends with a letter or digit, as all names of Kubernetes do."""
    middle = st.text(inner + ends, max_size=size)
    return st.tuples(st.sampled_from(ends), middle, st.sampled_from(ends)).map("".join) | st.sampled_from(ends)


_names = _word("-")
_asns = st.integers(1, 4294967294).filter(lambda asn: asn not in (23456, 65535))
_label_keys = st.tuples(st.sampled_from(["", "node-role.kubernetes.io/", "a.io/"]), _word("-_.", "aZ9")).map("".join)
_label_values = st.just("") | _word("-_.", "aZ9")
_expressions = st.one_of(
    st.fixed_dictionaries({"key": _label_keys, "operator": st.sampled_from(["Exists", "DoesNotExist"])}),
    st.fixed_dictionaries(
        {
            "key": _label_keys,
            "operator": st.sampled_from(["In", "NotIn"]),
            "values": st.lists(_label_values, min_size=1, max_size=3),
        }
    ),
)
_selectors = st.fixed_dictionaries(
    {
        "matchLabels": st.dictionaries(_label_keys, _label_values, max_size=3),
        "matchExpressions": st.lists(_expressions, max_size=3),
    }
)


@st.composite
def _timers(draw: st.DrawFn) -> dict[str, int]:
    hold = draw(st.integers(3, 65535))
    keepalive = draw(st.integers(1, hold))
    return {"hold": hold, "keepalive": keepalive, "connect_retry": draw(st.integers(1, 65535))}


@st.composite
def intents(draw: st.DrawFn) -> Intent:
    """A valid intent with one cluster, "any": what the models accept, small."""
    asn = draw(_asns)
    subnet_names = draw(st.lists(_names, min_size=1, max_size=3, unique=True))
    subnets = {
        name: {
            "prefix": f"2001:db8:0:{number:x}::/64",
            "first_hop": {"static": f"2001:db8:0:{number:x}::1"},
            "node_selector": draw(_selectors),
        }
        for number, name in enumerate(subnet_names)
    } | {"kept-free": {"prefix": "2001:db8:0:fff::/64", "reserved": True}}
    pools = draw(st.lists(_names, max_size=3, unique=True))
    bgp = {
        "asn": asn,
        "timers": draw(_timers()),
        "graceful_restart": draw(st.none() | st.fixed_dictionaries({"restart_time": st.integers(1, 4095)})),
        "announce": draw(st.lists(st.sampled_from(["pods", "load_balancers"]), unique=True)),
    }
    cluster = Cluster.model_validate(
        {
            "name": "any",
            "parent": "2001:db8::/32",
            "subnets": subnets,
            "pods": {"prefix": "2001:db8:1::/56", "node_prefix_length": 64},
            "services": {"prefix": "2001:db8:2::/112"},
            "load_balancers": {
                name: {"prefix": f"2001:db8:3:{number:x}::/{draw(st.integers(96, 128))}"}
                for number, name in enumerate(pools)
            },
            "bgp": bgp,
            "cilium": {"version": draw(st.sampled_from(VERSIONS))},
        }
    )
    routers = {
        name: Router.model_validate(
            {
                "name": name,
                "platform": "frr",
                "asn": draw(_asns.filter(lambda other: other != asn)),
                "router_id": f"10.0.0.{number}",
                "serves": [
                    {"subnet": f"any/{subnet}", "interface": "eth0", "address": f"2001:db8:0:{at:x}::{number:x}"}
                    for at, subnet in enumerate(subnet_names)
                ],
            }
        )
        for number, name in enumerate(draw(st.lists(_names, min_size=1, max_size=3, unique=True)), start=1)
    }
    return Intent(draw(_word("-", "ABZ9")), Path("/"), routers, {"any": cluster})
