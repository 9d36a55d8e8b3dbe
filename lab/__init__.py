"""The reference network on this machine: real FRR, SSH, Cilium's BGP control plane and NAT64, in network namespaces.

Brought up from the very inventory that `deploy` reads. One process, the lab's root, is PID 1 of a
PID namespace that holds all others: when it ends, everything ends, and nothing of the host was touched
but one veth, which goes with it.
"""
