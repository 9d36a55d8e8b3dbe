"""FRRouting, over SSH: `get_network_driver("frr")`."""

from custom_napalm.frr.driver import FRRDriver

__all__ = ["FRRDriver"]
