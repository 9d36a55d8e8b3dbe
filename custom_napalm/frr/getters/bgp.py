"""get_bgp_neighbors and get_bgp_neighbors_detail: every session, also of dynamic neighbours and in VRFs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from custom_napalm.frr.getters import bgp_config
from custom_napalm.frr.getters.answers import asn, document, vrf_name

# A router on which bgpd does not run has no neighbours; that is no error.
_OR_NO_BGPD = "|| test ! -S /run/frr/bgpd.vty"
NEIGHBORS = f"vtysh -c 'show bgp vrf all neighbors json' {_OR_NO_BGPD}"
INSTANCES = f"vtysh -c 'show bgp vrfs json' {_OR_NO_BGPD}"
CONFIG = bgp_config.COMMAND

Known = dict[str, Any]


def _neighbors(said: str) -> Iterator[tuple[str, str, Known]]:
    """VRF (FRR's name), neighbour and what is known of it. A VRF has its own keys beside those of its neighbours."""
    for vrf, peers in document(said).items():
        for name, known in peers.items():
            if isinstance(known, dict):
                yield vrf, name, known


def neighbors(said: str, instances: str) -> dict[str, dict[str, Any]]:
    """`uptime` in seconds, -1 if the session is down; `address_family`: `ipv4` and `ipv6` are unicast, others have
    FRR's names with spaces (`l2vpn evpn`). FRR does not count the prefixes that it has received and not accepted."""
    found: dict[str, dict[str, Any]] = {
        vrf_name(name): {"router_id": known["routerId"], "peers": {}}
        for name, known in document(instances).get("vrfs", {}).items()
    }
    for vrf, name, known in _neighbors(said):
        up = known["bgpState"] == "Established"
        found.setdefault(vrf_name(vrf), {"router_id": known.get("localRouterId", ""), "peers": {}})["peers"][name] = {
            "local_as": asn(known["localAs"]),
            "remote_as": asn(known["remoteAs"]),
            "remote_id": _router_id(known),
            "is_up": up,
            "is_enabled": not known.get("adminShutDown", False),
            "description": known.get("nbrDesc", ""),
            "uptime": known["bgpTimerUpMsec"] // 1000 if up else -1,
            "address_family": {
                _family(family).removesuffix(" unicast"): {
                    "received_prefixes": -1,
                    "accepted_prefixes": counted.get("acceptedPrefixCounter", 0),
                    "sent_prefixes": counted.get("sentPrefixCounter", 0),
                }
                for family, counted in known.get("addressFamilyInfo", {}).items()
            },
        }
    return found


def _router_id(known: Known) -> str:
    """Of the neighbour; "" if it has never said it."""
    said = str(known["remoteRouterId"])
    return "" if said == "0.0.0.0" else said  # noqa: S104 (no address to bind)


def _family(name: str) -> str:
    """`ipv6Unicast` as `ipv6 unicast`, `l2VpnEvpn` as `l2vpn evpn`: as they are configured."""
    words = re.sub(r"(?<=[a-z\d])(?=[A-Z])", " ", name).lower()
    return words.replace("l2 vpn", "l2vpn").replace("labeled unicast", "labeled-unicast")


def detail(said: str, config: str, *, wanted: str = "") -> dict[str, dict[int, list[dict[str, Any]]]]:
    """By VRF and the neighbour's AS; only the neighbour that is `wanted`, if one is.

    Ports and counts that FRR does not tell are -1, its former state is "". `last_event` is why the session was
    last reset; `holdtime` and `keepalive` are what was agreed, in seconds.
    """
    running = {instance.vrf: instance for instance in bgp_config.instances(config)}
    found: dict[str, dict[int, list[dict[str, Any]]]] = {}
    for vrf, name, known in _neighbors(said):
        if wanted in ("", name):
            one = _detail(vrf, name, known, running.get(vrf))
            found.setdefault(vrf_name(vrf), {}).setdefault(one["remote_as"], []).append(one)
    return found


def _detail(vrf: str, name: str, known: Known, instance: bgp_config.Instance | None) -> dict[str, Any]:
    up = known["bgpState"] == "Established"
    messages, by_family = known["messageStats"], known.get("addressFamilyInfo", {})
    families = by_family.values()
    local, remote = asn(known["localAs"]), asn(known["remoteAs"])
    return {
        "up": up,
        "local_as": local,
        "remote_as": remote,
        "router_id": _router_id(known),
        "local_address": _told(known, "hostLocal"),
        "routing_table": vrf,
        "local_address_configured": "updateSource" in known,
        "local_port": known.get("portLocal", -1),
        "remote_address": _told(known, "hostForeign") or name,
        "remote_port": known.get("portForeign", -1),
        "multihop": known.get("externalBgpNbrMaxHopsAway", 1) > 1,
        "multipath": instance is not None
        and instance.multipath(map(_family, by_family), internal="nbrInternalLink" in known),
        "remove_private_as": any(key.startswith("privateAsNums") for family in families for key in family),
        "import_policy": _policy(families, "routeMapForIncomingAdvertisements"),
        "export_policy": _policy(families, "routeMapForOutgoingAdvertisements"),
        "input_messages": messages["totalRecv"],
        "output_messages": messages["totalSent"],
        "input_updates": messages["updatesRecv"],
        "output_updates": messages["updatesSent"],
        "messages_queued_out": messages["depthOutq"],
        "connection_state": known["bgpState"],
        "previous_connection_state": "",
        "last_event": known.get("lastResetDueTo", ""),
        "suppress_4byte_as": up and "4byteAs" not in known.get("neighborCapabilities", {}),
        "local_as_prepend": instance is not None and local != instance.asn and "localAsNoPrepend" not in known,
        "holdtime": known["bgpTimerHoldTimeMsecs"] // 1000,
        "configured_holdtime": known["bgpTimerConfiguredHoldTimeMsecs"] // 1000,
        "keepalive": known["bgpTimerKeepAliveIntervalMsecs"] // 1000,
        "configured_keepalive": known["bgpTimerConfiguredKeepAliveIntervalMsecs"] // 1000,
        "active_prefix_count": -1,
        "received_prefix_count": -1,
        "accepted_prefix_count": sum(family.get("acceptedPrefixCounter", 0) for family in families),
        "suppressed_prefix_count": -1,
        "advertised_prefix_count": sum(family.get("sentPrefixCounter", 0) for family in families),
        "flap_count": known["connectionsDropped"],
    }


def _told(known: Known, key: str) -> str:
    said = str(known.get(key, "Unknown"))
    return "" if said == "Unknown" else said


def _policy(families: Any, key: str) -> str:
    """The route-map, or several in the order of their families where these differ."""
    return " ".join(dict.fromkeys(family[key] for family in families if key in family))
