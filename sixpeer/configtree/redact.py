"""Configuration text without the passwords in it, ours and others'."""

from __future__ import annotations

import re

_BEFORE = (
    r"neighbor \S+ password",
    r"(?:enable )?password(?: 8)?",
    r"key-string",
    r"ip(?:v6)? ospf authentication-key",
    r"ip(?:v6)? ospf message-digest-key \d+ md5",
    r"(?:area-password|domain-password|isis password) (?:clear|md5)",
)
_CONTEXTS = r"(?:.* / )?"  # as in tree.difference
_LINE = re.compile(rf"^(?P<before>[+\- ]*{_CONTEXTS}(?:no )?(?:{'|'.join(_BEFORE)})) \S.*$", re.MULTILINE)


def redact(text: str) -> str:
    """`text`, configuration or diff, with `<secret>` for the value of each of FRR's password lines."""
    return _LINE.sub(r"\g<before> <secret>", text)
