"""The cluster's side as values: the resources that it gets, how they differ, and what it says of itself."""

from sixpeer.cilium.diff import differences, unified
from sixpeer.cilium.manifest import Manifest, as_yaml, hide
from sixpeer.cilium.ownership import foreign_fields
from sixpeer.cilium.plan import ResourceChange, plan
from sixpeer.cilium.resources import KINDS, Key, Resource, build, labels
from sixpeer.cilium.status import (
    ClusterState,
    Condition,
    NodeState,
    PeerState,
    ServiceState,
    announced_services,
    parse,
)

__all__ = [
    "KINDS",
    "ClusterState",
    "Condition",
    "Key",
    "Manifest",
    "NodeState",
    "PeerState",
    "Resource",
    "ResourceChange",
    "ServiceState",
    "announced_services",
    "as_yaml",
    "build",
    "differences",
    "foreign_fields",
    "hide",
    "labels",
    "parse",
    "plan",
    "unified",
]
