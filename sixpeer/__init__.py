"""From one description of an IPv6-only Kubernetes edge to BGP sessions verified from both ends."""
