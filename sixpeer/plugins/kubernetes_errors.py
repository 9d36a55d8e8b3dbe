"""What a Kubernetes API server refuses, in our errors: said once, here."""

from __future__ import annotations

import re
from typing import Any

import httpx2
from lightkube import ApiError
from lightkube.core.exceptions import ConfigError

from sixpeer.cilium.resources import Key
from sixpeer.errors import DeviceError, PlanError, SixpeerError, Unreachable

FIRST_WITH = {"cilium.io/v2": "1.18", "cilium.io/v2alpha1": "1.16"}
"""The Cilium release that first serves the BGP kinds as this version (section 1 of the reference)."""


def translated(error: Exception, doing: str, host: str | None) -> SixpeerError:
    """Our error for one of the client's. `doing` is what was tried: "apply CiliumBGPPeerConfig x"."""
    match error:
        case ApiError():
            return _refused(error, doing, host)
        case httpx2.HTTPStatusError():
            strange = f"HTTP {error.response.status_code}, and not as Kubernetes says it"
            return DeviceError(f"{doing}: {strange}", host=host)
        case httpx2.TimeoutException():
            return Unreachable(f"{doing}: no answer in time", host=host)
        case httpx2.HTTPError() | OSError():
            return Unreachable(f"{doing}: {error or type(error).__name__}", host=host)
        case ConfigError():  # a credential plugin that fails, a token's file that is gone
            return DeviceError(f"{doing}: {error}", host=host)
        case _:
            return DeviceError(f"{doing}: no usable answer ({type(error).__name__}: {error})", host=host)


def is_not_found(error: Exception) -> bool:
    return isinstance(error, httpx2.HTTPStatusError) and error.response.status_code == 404


def is_conflict(error: Exception) -> bool:
    return isinstance(error, httpx2.HTTPStatusError) and error.response.status_code == 409


def is_not_served(error: Exception) -> bool:
    """Whether a 404 is about the kind, not about the object: then it names no object."""
    if not is_not_found(error):
        return False
    return not (isinstance(error, ApiError) and getattr(error.status.details, "name", None))


def not_served(key: Key, host: str | None) -> PlanError:
    first = FIRST_WITH.get(key.api_version)
    mend = f": that takes Cilium {first} or later, with its operator running" if first else ""
    return PlanError(f"{key.kind} is not served as {key.api_version}{mend}", host=host)


def _refused(error: ApiError, doing: str, host: str | None) -> SixpeerError:
    status, code = error.status, error.response.status_code
    message = status.message or f"HTTP {code}"
    if code == 409 and (causes := _causes(status)):
        whose = "; ".join(f"{cause.field or 'a field'}: {cause.message}" for cause in causes)
        return PlanError(
            f"{doing}: another field manager has set the same fields: {whose}; --take-over sets them", host=host
        )
    if code in (401, 403):
        return DeviceError(f"{doing}: not allowed: {_denied(message)}", host=host)
    if code in (400, 422):
        causes = _causes(status)
        wrong = "; ".join(f"{cause.field or 'manifest'}: {cause.message}" for cause in causes) or message
        return PlanError(f"{doing}: the API server refuses it: {wrong}", host=host)
    if code == 500 and (wrong_field := _SCHEMA.search(message)):
        # So server-side apply says that a manifest does not fit the schema. Trying again does not help.
        return PlanError(f"{doing}: the API server refuses it: {wrong_field[1]}: {wrong_field[2]}", host=host)
    return DeviceError(f"{doing}: {message} (HTTP {code})", host=host)


_SCHEMA = re.compile(r"(\.[^\s:]+): (field not declared in schema|expected [^,]+)")
_FORBIDDEN = re.compile(r'User "(?P<user>[^"]*)" cannot (?P<verb>\S+) resource "(?P<resource>[^"]*)"(?P<where>.*)')


def _denied(message: str) -> str:
    """The verb and the resource of "…is forbidden", without the rest of it."""
    if found := _FORBIDDEN.search(message):
        return f"{found['user']} may not {found['verb']} {found['resource']}{found['where']}"
    return message


def _causes(status: Any) -> list[Any]:
    details = status.details
    causes = (details.causes or ()) if details else ()
    return [cause for cause in causes if cause.field != "<nil>"]  # that one only says that there are others
