"""What was tried from the nodes' own shells, and how to read what they answered."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from netaddr import IPAddress

from sixpeer.errors import DeviceError


class Kind(StrEnum):
    POD_PING = "pod-ping"
    NAT64_HTTP = "nat64-http"


@dataclass(frozen=True, slots=True)
class Probe:
    """Something to try on a node: ping a pod (from its own pod's address, if the node has it), or fetch over HTTP."""

    kind: Kind
    target: IPAddress
    name: str = ""
    source: IPAddress | None = None

    def command(self, seconds: int = 2) -> str:
        """The shell command that succeeds if the target answers within so many seconds."""
        if self.kind is Kind.NAT64_HTTP:
            header = f"-H 'Host: {self.name}' " if self.name else ""
            return f"curl -6 -s -o /dev/null --max-time {seconds} {header}'http://[{self.target}]/'"
        source = (
            f'$(ip -6 -o addr show to {self.source} | grep -q . && echo "-I {self.source}") ' if self.source else ""
        )
        return f"ping -6 -n -q -c 1 -W {seconds} {source}{self.target} >/dev/null 2>&1"


@dataclass(frozen=True, slots=True)
class Answer:
    """How a probe from a node came out: the exit status of its command."""

    node: str
    probe: Probe
    status: int


def script(probes: Iterable[Probe]) -> str:
    """A shell script that tries all of them at once and prints `<index> <exit status>` a line."""
    tried = (f"{{ {probe.command()}; echo {index} $?; }} &" for index, probe in enumerate(probes))
    return "\n".join((*tried, "wait"))


def answers(node: str, probes: tuple[Probe, ...], output: str) -> tuple[Answer, ...]:
    """The answers in the script's output. Raises DeviceError if one is missing."""
    statuses = dict(line.split() for line in output.splitlines() if len(line.split()) == 2)
    try:
        return tuple(Answer(node, probe, int(statuses[str(index)])) for index, probe in enumerate(probes))
    except (KeyError, ValueError):
        raise DeviceError(f"the probes on {node} answered {output!r}") from None
