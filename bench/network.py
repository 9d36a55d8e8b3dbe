"""Bare routers that have what their inventory says, for measuring what a plan costs that finds nothing to change."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from lab.bare import BareRouter, RouterSpec, bare_routers
from lab.state import State
from runbooks.network import opened
from runbooks.options import parser
from tasks.plan import PlanOptions
from tasks.verbs import NornirVerbs, raise_together

CONFIG = """\
frr defaults traditional
hostname {name}
!
ipv6 route 2001:db8:ffff::/48 blackhole
!
router bgp 64512
 bgp router-id 10.0.{high}.{low}
 neighbor 2001:db8:f::1 remote-as 64500
 neighbor 2001:db8:f::1 description not ours
 !
 address-family ipv6 unicast
  neighbor 2001:db8:f::1 activate
 exit-address-family
exit
!
{entries}
!
"""
ENTRIES = "\n".join(f"ipv6 prefix-list CUSTOMERS seq {5 * n} permit 2001:db8:{n:x}::/48" for n in range(1, 101))

CLUSTER = """\
parent: 2001:db8::/48
subnets:
  nodes:
    prefix: 2001:db8:0:1::/64
    first_hop: {static: "2001:db8:0:1::1"}
    node_selector: {matchLabels: {bench: "yes"}}
    peering: {neighbors: listen}
nodes:
  worker1: {subnet: nodes, address: "2001:db8:0:1::ffff:1", labels: {bench: "yes"}}
pods: {prefix: "2001:db8:0:4200::/56", node_prefix_length: 64}
services: {prefix: "2001:db8:0:6500::/112"}
load_balancers:
  default: {prefix: "2001:db8:0:6400::/112"}
bgp: {asn: 64513}
nat64:
  gateways: ["2001:db8:0:1::64"]
cilium: {version: 1.20.2, ipam: kubernetes}
kubeconfig: none
"""
SETTINGS = """\
inventory: {plugin: sixpeer}
runner: {plugin: deadline, options: {num_workers: 20}}
logging: {enabled: false}
user_defined: {owner: SIXPEER}
"""


@contextmanager
def deployed(folder: Path, count: int) -> Iterator[list[BareRouter]]:
    """So many routers that run; in the folder, the config.yaml and inventory that they agree with."""
    names = [f"r{number}" for number in range(1, count + 1)]
    specs = {
        name: RouterSpec(CONFIG.format(name=name, high=number // 250, low=1 + number % 250, entries=ENTRIES))
        for number, name in enumerate(names)
    }
    with bare_routers(State(folder / ".lab"), specs, {"nodes": {name: [] for name in names}}) as routers:
        describe(folder, routers)
        _deploy(folder, names)
        yield routers


def describe(folder: Path, routers: Sequence[BareRouter]) -> None:
    """The config.yaml and the inventory of a network of these routers."""
    inventory = folder / "inventory"
    (inventory / "clusters").mkdir(parents=True)
    (folder / "config.yaml").write_text(SETTINGS, encoding="utf-8")
    (inventory / "clusters" / "bench.yaml").write_text(CLUSTER, encoding="utf-8")
    (inventory / "defaults.yaml").write_text("data: {}\n", encoding="utf-8")
    ssh = routers[0].ssh.config_file
    (inventory / "groups.yaml").write_text(
        f"frr:\n  platform: frr\n  connection_options: {{netmiko: {{extras: {{ssh_config_file: '{ssh}'}}}}}}\n"
        "linux: {platform: linux}\nkubernetes: {platform: kubernetes}\n",
        encoding="utf-8",
    )
    hosts = [
        f"{router.name}:\n  groups: [frr]\n  data:\n    asn: 64512\n"
        f"    router_id: 10.0.{number // 250}.{1 + number % 250}\n"
        f"    serves: [{{subnet: bench/nodes, interface: nodes, address: '2001:db8:0:1::{number + 1:x}'}}]\n"
        for number, router in enumerate(routers)
    ]
    (inventory / "hosts.yaml").write_text("".join(hosts), encoding="utf-8")


def _deploy(folder: Path, names: Sequence[str]) -> None:
    """Give the routers their part of the description. There is no cluster to verify it with."""
    with verbs(folder, names) as chosen:
        made = chosen.plan({}, PlanOptions())
        for failed in (chosen.snapshot(names), chosen.apply(names, 600), chosen.confirm(names)):
            raise_together({host: RuntimeError(failure.reason) for host, failure in failed.items()})
        assert set(made.changed_routers) == set(names)


@contextmanager
def verbs(folder: Path, names: Sequence[str]) -> Iterator[NornirVerbs]:
    """The verbs for these routers, and for no cluster."""
    options = parser("bench", "").parse_args(["--config", str(folder / "config.yaml")])
    with opened(options) as network:
        chosen = frozenset(names)
        only = network.nornir.filter(filter_func=lambda host: host.name in chosen)
        yield NornirVerbs(only, network.intent, from_nodes=False)
