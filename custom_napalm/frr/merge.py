"""Lines merged into a configuration, as FRR would take them one by one, but into one text.

frr-reload loads what the text says, in passes of its own: a `no` or a second value that stood there as a line
would be done, and undone by the line that it was meant against.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from netaddr import AddrFormatError, IPAddress, IPNetwork

from custom_napalm.frr.text import candidate

Path = tuple[str, ...]

_OF_NEIGHBOR = (
    "remote-as|password|description|local-as|update-source|ebgp-multihop|timers connect|timers|advertisement-interval"
    "|ttl-security hops|maximum-prefix|weight|port|allowas-in"
)
_SINGLE = re.compile(
    rf"(?P<neighbor>neighbor \S+ (?:{_OF_NEIGHBOR}))(?: .*)?"
    r"|(?P<member>neighbor \S+ peer-group) \S+"
    r"|(?P<policy>neighbor \S+ (?:route-map|prefix-list|distribute-list|filter-list)) \S+ (?P<direction>in|out)"
    r"|(?P<entry>(?:ip|ipv6) prefix-list \S+ seq \d+) .*"
    r"|(?P<other>hostname|domainname|frr defaults|log (?:file|syslog)|ip router-id|router-id|description"
    r"|bgp (?:router-id|cluster-id|listen limit|default local-preference)"
    r"|bgp graceful-restart (?:restart-time|stalepath-time|select-defer-time)|timers bgp|maximum-paths(?: ibgp)?"
    r"|set (?:metric|local-preference|weight|origin|tag))(?: .*)?"
)
"""Lines of which a context has one at most; the groups tell which. (FRR's manual, https://docs.frrouting.org)"""


_OBJECT = re.compile(
    r"no (?:(?:ip|ipv6) (?:route|prefix-list|access-list|address)|route-map|router|vrf|interface|network|bgp \S+-list"
    r"|aggregate-address) \S+(?: .*)?|no router bgp|no neighbor \S+(?: peer-group)?"
)


def merge(running: str, lines: str) -> str:
    """`running` with `lines`, which are written and indented as FRR shows them.

    A line with `no` takes away the line without, or, if there is none, all that begin so: a whole prefix-list,
    what a context of that name holds. Where there is no such object, it is gone already; other lines with `no`
    are settings, and stay. A line that a context can have but once takes the place of the one that is there. An
    entry of a prefix-list without a number gets the next one, unless it is there. IPv6 is spelled as by RFC 5952.
    """
    here = list(_located(candidate(running)))
    new: list[str] = []
    for path, raw in _located(_spelled(candidate(lines))):
        text = path[-1]
        if numbered := _UNNUMBERED.fullmatch(text):
            entry = _numbered(numbered, [*(there[-1] for there, _ in here), *new])
            new += [entry] if entry else []
        elif text.startswith("no ") and (gone := _meant({there for there, _ in here}, path)):
            here = [(there, kept) for there, kept in here if not any(there[: len(it)] == it for it in gone)]
        elif _OBJECT.fullmatch(text):
            continue
        elif key := _single(text):
            same = [there for there, _ in here if there[:-1] == path[:-1] and _single(there[-1]) == key]
            if not same:
                new.append(raw)
            here = [(there, _instead(kept, text) if there in same else kept) for there, kept in here]
        else:
            new.append(raw)
    return "".join(f"{raw}\n" for raw in (*(raw for _, raw in here), *new))


_UNNUMBERED = re.compile(r"(?P<list>(?:ip|ipv6) prefix-list \S+) (?P<entry>(?:permit|deny) .+)")


def _numbered(found: re.Match[str], lines: list[str]) -> str:
    """The entry with the number that FRR would give it; "" if the list has it."""
    entries = [it for it in (re.fullmatch(rf"{re.escape(found['list'])} seq (\d+) (.+)", line) for line in lines) if it]
    if any(it[2] == found["entry"] for it in entries):
        return ""
    last = max((int(it[1]) for it in entries), default=0)
    return f"{found['list']} seq {last // 5 * 5 + 5} {found['entry']}"


def _spelled(lines: str) -> str:
    """The addresses and prefixes of IPv6 as FRR shows them."""
    return re.sub(r"(?<=\s)[0-9A-Fa-f:]*:[0-9A-Fa-f:.]*(?:/\d+)?(?=\s)", lambda found: _canonical(found[0]), lines)


def _canonical(word: str) -> str:
    try:
        return str(IPNetwork(word)) if "/" in word else str(IPAddress(word))
    except AddrFormatError:
        return word


def _meant(there: set[Path], path: Path) -> set[Path]:
    """The lines that one with `no` is about."""
    context, text = path[:-1], path[-1][3:]
    if (*context, text) in there:
        return {(*context, text)}
    depths = {len(path)}
    if re.fullmatch(r"neighbor \S+", text):  # with its lines in every address family
        depths.add(len(path) + 1)
    return {it for it in there if len(it) in depths and it[: len(context)] == context and it[-1].startswith(f"{text} ")}


def _single(text: str) -> tuple[str, ...]:
    """What two lines of which there can be only one have in common; empty for others."""
    found = _SINGLE.fullmatch(text)
    return tuple(filter(None, (found[name] for name in _SINGLE.groupindex))) if found else ()


def _instead(raw: str, text: str) -> str:
    return raw[: len(raw) - len(raw.lstrip())] + text


def _located(config: str) -> Iterator[tuple[Path, str]]:
    """Each line with the path that leads to it, and as it stands."""
    path: list[tuple[int, str]] = []
    for raw in config.splitlines():
        line = raw.strip()
        indent = len(raw) - len(raw.lstrip())
        while path and path[-1][0] >= indent:
            path.pop()
        path.append((indent, line))
        yield tuple(part for _, part in path), raw
