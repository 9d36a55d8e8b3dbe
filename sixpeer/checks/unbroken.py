"""Sessions that are not ours: those that were up before a change are up after it, and were all the while."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from sixpeer.checks.router_state import loaded
from sixpeer.configtree.impact import Peer
from sixpeer.errors import DeviceError

SESSIONS = "show bgp vrf all neighbors json"


@dataclass(frozen=True, slots=True)
class Uptime:
    """How long a session has been Established (milliseconds), since when (seconds of the epoch, which FRR reckons
    anew each time and rounds), and how many were lost since its neighbour was configured."""

    lasted: int
    since: int
    lost: int

    def went_on(self, now: Uptime) -> bool:
        """Whether it is the same session `now`."""
        return now.lost == self.lost and now.lasted >= self.lasted and abs(now.since - self.since) <= 2


def established(output: str, prefix: str) -> dict[Peer, Uptime]:
    """The Established sessions in the answer to SESSIONS, without those in peer groups whose name begins with `prefix`.

    Raises DeviceError if the answer is not what FRR is known to say.
    """
    try:
        return {
            (vrf, name): Uptime(
                int(seen["bgpTimerUpMsec"]), int(seen["bgpTimerUpEstablishedEpoch"]), int(seen["connectionsDropped"])
            )
            for vrf, neighbors in loaded(output).items()
            for name, seen in neighbors.items()
            if isinstance(seen, dict) and seen.get("bgpState") == "Established"
            if not seen.get("peerGroup", "").startswith(prefix)
        }
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise DeviceError(f"FRR's JSON is not as known: {type(error).__name__} {error}") from None


def broken(before: Mapping[Peer, Uptime], after: Mapping[Peer, Uptime], announced: Collection[Peer] = ()) -> list[str]:
    """The sessions of `before` that were interrupted since, in words; without those that the plan announced."""
    found = []
    for peer, then in sorted(before.items()):
        vrf, name = peer
        now = after.get(peer)
        if peer in announced or (now and then.went_on(now)):
            continue
        where = name if vrf == "default" else f"{name} (VRF {vrf})"
        found.append(f"the session with {where}, which is not ours, {'was reset' if now else 'is down'}")
    return found
