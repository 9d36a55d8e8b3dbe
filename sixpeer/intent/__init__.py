"""The typed description of the network, and every rule about addresses and BGP that needs no device."""

from sixpeer.intent.cluster import Cluster, LabelSelector, Node, Subnet
from sixpeer.intent.load import load
from sixpeer.intent.model import Intent, Session
from sixpeer.intent.router import Router, Serves
from sixpeer.intent.secrets import Secret, SecretReference

__all__ = [
    "Cluster",
    "Intent",
    "LabelSelector",
    "Node",
    "Router",
    "Secret",
    "SecretReference",
    "Serves",
    "Session",
    "Subnet",
    "load",
]
