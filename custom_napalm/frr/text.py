"""FRR's texts as values: the running configuration, what frr-reload says it would do, and what must not be shown."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator

from sixpeer.configtree import redact
from sixpeer.configtree.redact import SECRET

CLOSERS = frozenset({"exit", "exit-address-family", "exit-vrf", "exit-vni", "exit-ldp-if", "exit-link-params", "end"})

_NOISE = re.compile(r"Building configuration|Current configuration")
_REMOVED_LAST = re.compile(
    r"no (?:(?:ip|ipv6) (?:route|prefix-list|access-list)|bgp \S+-list|bgp as-path|access-list)\b"
)
_ANYWHERE = re.compile(
    r"(\bpass?w\w*|\bmd5|key-string|authentication-key|authentication string|nhrp authentication)"
    r"((?: (?:clear|md5|8))?) (\S.*)$",
    re.MULTILINE,
)


def clean(shown: str) -> str:
    """A configuration without what vtysh says around it."""
    lines = [line.rstrip(" \t\r") for line in shown.split("\n") if not _NOISE.match(line)]
    text = "\n".join(lines).strip("\n")
    return f"{text}\n" if text else ""


def digest(config: str) -> str:
    """What tells two running configurations apart; `tidy` in commit_confirm.sh leaves out the same lines."""
    lines = (line for line in config.split("\n") if line.strip(" ") not in {"", "!"} and not _NOISE.match(line))
    return hashlib.sha256("".join(f"{line}\n" for line in lines).encode()).hexdigest()


def candidate(config: str) -> str:
    """A configuration as a file to load: without `end`, after which nothing would be read."""
    lines = clean(config).splitlines()
    return "".join(f"{line}\n" for line in lines if line != "end")


def secrets(*configs: str) -> frozenset[str]:
    """The passwords and keys that stand in configurations."""
    return frozenset[str]().union(*map(redact.secrets, configs))


def redacted(message: str, known: Iterable[str]) -> str:
    """A message of FRR's, which may repeat a line it did not like, without what may be a secret in it."""
    for value in known:
        message = re.sub(rf"(?<!\S){re.escape(value)}(?!\w)", SECRET, message)
    return _ANYWHERE.sub(rf"\1\2 {SECRET}", message)


def readable_delta(said: str) -> str:
    """What `frr-reload.py --test` says, as lines of configuration: `- ` goes, `+ ` comes, the others are their context.

    FRR prints each line with its context again, and a removal as the command that does it; some removals stand
    among the additions, since FRR does them after those.
    """
    shown: list[str] = []
    for sign, entries in _entries(said):
        path: list[str] = []
        for entry in entries:
            *context, line = entry
            goes = sign == "-" or _REMOVED_LAST.match(line)
            if goes:
                line = line[3:] if line.startswith("no ") else f"no {line}"
            common = 0
            while common < min(len(context), len(path)) and context[common] == path[common]:
                common += 1
            shown += [f"{' ' * (depth + 2) if depth else ''}{context[depth]}" for depth in range(common, len(context))]
            shown.append(f"{'-' if goes else sign} {' ' * len(context)}{line}")
            path = [*context, line]
    return redact.redact("\n".join(shown))


def _entries(said: str) -> Iterator[tuple[str, list[list[str]]]]:
    """Sign and entries of each part; an entry begins at a line without indentation."""
    for heading, sign in (("Lines To Delete", "-"), ("Lines To Add", "+")):
        _, found, rest = said.partition(f"{heading}\n")
        if not found:
            continue
        entries: list[list[str]] = []
        for line in rest.splitlines()[1:]:
            if line.startswith("Lines To "):
                break
            if not line.strip() or line.strip() in CLOSERS:
                continue
            if line.startswith(" "):
                entries[-1].append(line.strip())
            else:
                entries.append([line.strip()])
        yield sign, entries
