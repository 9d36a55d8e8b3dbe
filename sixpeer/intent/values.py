"""The value types of the description: IPv6 addresses and prefixes in one spelling, names, secrets.

Addresses are netaddr's. Whatever is read is canonical afterwards (RFC 5952): Cilium's status loses
a peer whose address is spelled otherwise.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from netaddr import EUI, AddrFormatError, IPAddress, IPNetwork, mac_unix_expanded
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer


class Model(BaseModel):
    """A part of the description: unknown keys are errors, values cannot be changed."""

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)


def _address(version: Literal[4, 6]) -> BeforeValidator:
    def parse(value: Any) -> IPAddress:
        try:
            address = IPAddress(str(value), version)
        except (AddrFormatError, ValueError):
            raise ValueError(f"{value!r} is not an IPv{version} address") from None
        return address

    return BeforeValidator(parse)


def _prefix(value: Any) -> IPNetwork:
    try:
        prefix = IPNetwork(str(value), version=6)
    except (AddrFormatError, ValueError):
        raise ValueError(f"{value!r} is not an IPv6 prefix") from None
    if "/" not in str(value):
        raise ValueError(f"{value!r} has no prefix length; write {value}/64, say")
    if prefix.ip != prefix.network:
        raise ValueError(f"{value} has host bits; the prefix is {prefix.cidr}")
    return prefix


def _mac(value: Any) -> EUI:
    try:
        return EUI(str(value), dialect=mac_unix_expanded)
    except (AddrFormatError, ValueError):
        raise ValueError(f"{value!r} is not a MAC address") from None


_AsText = PlainSerializer(str, return_type=str)

IPv6 = Annotated[IPAddress, _address(6), _AsText]
IPv4 = Annotated[IPAddress, _address(4), _AsText]
Prefix = Annotated[IPNetwork, BeforeValidator(_prefix), _AsText]
Mac = Annotated[EUI, BeforeValidator(_mac), _AsText]
Asn = Annotated[int, Field(ge=1, le=4294967295)]


def _not_reserved(asn: int) -> int:
    if asn in (23456, 65535, 4294967295):
        raise ValueError(f"AS {asn} is reserved (RFC 4893, RFC 7300)")
    return asn


UsableAsn = Annotated[Asn, AfterValidator(_not_reserved)]
"""An autonomous system number that a BGP speaker may use."""

DnsLabel = Annotated[str, Field(pattern=r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?$", max_length=63)]
"""A name as in RFC 1123: it becomes part of Kubernetes names and, in capitals, of route-map names."""
