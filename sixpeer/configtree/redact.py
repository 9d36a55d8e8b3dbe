"""Configuration text without the passwords in it, ours and others'."""

from __future__ import annotations

import re

SECRET = "<secret>"  # noqa: S105 (what stands in for one)

# The forms in which FRR shows a password or a key, as far as the value.
_KEYWORDS = (
    r"neighbor \S+ password|(?:enable )?password(?: 8)?|message-digest-key \d+ md5|[a-z-]*authentication-key"
    r"|key-string|(?:isis|area-|domain-) ?password (?:clear|md5)"
    r"|ip (?:rip|eigrp) authentication string|nhrp authentication"
)
_CONTEXTS = r"(?:.* / )?"  # as in `tree.difference`
_LINE = re.compile(
    rf"^(?P<before>[-+ ]*{_CONTEXTS}(?:no )?(?:ip(?:v6)? (?:ospf6?|rip) )?(?:{_KEYWORDS})) (?P<value>\S.*?)\s*$", re.M
)


def redact(text: str) -> str:
    """`text`, configuration or diff, with `<secret>` for the value of each of FRR's password lines."""
    return _LINE.sub(rf"\g<before> {SECRET}", text)


def secrets(text: str) -> frozenset[str]:
    """The passwords and keys that stand in a configuration."""
    return frozenset(found["value"] for found in _LINE.finditer(text))
