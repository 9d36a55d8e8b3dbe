"""The answers of vtysh and ip, as values: JSON documents, ages, autonomous system numbers."""

from __future__ import annotations

import json
import re
from typing import Any

from napalm.base.exceptions import CommandErrorException
from napalm.base.helpers import as_number

GLOBAL, DEFAULT = "global", "default"  # the default VRF, in NAPALM's terms and in FRR's
IP = 'PATH="$PATH:/usr/sbin:/sbin" ip'  # a login's PATH may have no administrator's tools

_SECONDS = {"y": 31536000, "w": 604800, "d": 86400, "h": 3600, "m": 60, "s": 1}
_ABSENT = re.compile(r"\S+ is not running$")


def documents(said: str) -> list[Any]:
    """The JSON documents of an answer: with `vrf all`, FRR prints one a VRF after the other.

    A daemon that does not run knows of nothing. Raises CommandErrorException for anything else that is not JSON.
    """
    decoder, found, rest = json.JSONDecoder(), [], said.strip()
    while rest and not _ABSENT.match(rest):
        try:
            document, end = decoder.raw_decode(rest)
        except json.JSONDecodeError as error:
            raise CommandErrorException(f"this is not JSON: {rest[:200]}") from error
        found.append(document)
        rest = rest[end:].strip()
    return found


def document(said: str) -> dict[str, Any]:
    """The only JSON document of an answer, or {} if there is none."""
    found = documents(said)
    return found[0] if found else {}


def seconds(age: str) -> int:
    """How long `00:04:11`, `1d02h03m` or `02w3d04h` is; -1 for anything else."""
    clock = re.fullmatch(r"(\d+):(\d\d):(\d\d)", age)
    if clock:
        hours, minutes, rest = map(int, clock.groups())
        return hours * 3600 + minutes * 60 + rest
    parts = re.findall(r"(\d+)([ywdhms])", age)
    return sum(int(number) * _SECONDS[unit] for number, unit in parts) if parts else -1


def asn(said: int | str) -> int:
    """An autonomous system number, also one that is written with a dot (RFC 5396)."""
    return int(as_number(str(said)))


def vrf_name(name: str) -> str:
    """A VRF's name in NAPALM's terms."""
    return GLOBAL if name == DEFAULT else name
