"""Configuration text without the passwords in it, ours and others'."""

from __future__ import annotations

import re

_PASSWORD = re.compile(r"^(?P<before>[+\- ]*(?:no )?(?:neighbor \S+ password|(?:enable )?password(?: 8)?|.*\bkey-string|"
                       r".*\bmessage-digest-key \d+ md5|ip ospf authentication-key|area-password (?:clear|md5)|"
                       r"domain-password (?:clear|md5)|isis password (?:clear|md5))) (?P<value>.+)$", re.MULTILINE)  # fmt: skip


def redact(text: str) -> str:
    """`text` with `<secret>` for the value of each password line of FRR."""
    return _PASSWORD.sub(r"\g<before> <secret>", text)
