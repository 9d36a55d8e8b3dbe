"""Whether sessions that are not ours were up all the while."""

from __future__ import annotations

import json

import pytest

from sixpeer.checks.unbroken import Uptime, broken, established
from sixpeer.errors import DeviceError


def neighbor(state: str = "Established", lasted: int = 5000, lost: int = 0, **more: str) -> dict[str, object]:
    since = {"bgpTimerUpMsec": lasted, "bgpTimerUpEstablishedEpoch": 1000}
    return {"bgpState": state, **since, "connectionsDropped": lost, **more}


ANSWER = json.dumps(
    {
        "default": {
            "vrfId": 0,
            "vrfName": "default",
            "2001:db8::9": neighbor(),
            "2001:db8::a": neighbor(peerGroup="SIXPEER-LAB"),
            "2001:db8::b": neighbor(peerGroup="UPSTREAMS", lost=3),
            "2001:db8::c": {"bgpState": "Active"},
        },
        "blue": {"vrfName": "blue", "eth0": neighbor(lasted=7)},
    }
)
UP = {
    ("default", "2001:db8::9"): Uptime(5000, 1000, 0),
    ("default", "2001:db8::b"): Uptime(5000, 1000, 3),
    ("blue", "eth0"): Uptime(7, 1000, 0),
}


def test_others_sessions_that_are_up_count_in_every_vrf() -> None:
    assert established(ANSWER, "SIXPEER-") == UP


@pytest.mark.parametrize("nothing", ["", "{}\n", "% BGP instance not found\n", '{"default": {"vrfId": 0}}'])
def test_without_sessions_there_is_nothing_to_break(nothing: str) -> None:
    assert established(nothing, "SIXPEER-") == {}


@pytest.mark.parametrize(
    "odd", ["{", "bgpd is busy", '{"default": []}', '{"default": {"2001:db8::9": {"bgpState": "Established"}}}']
)
def test_an_answer_that_is_not_as_known_is_an_error(odd: str) -> None:
    with pytest.raises(DeviceError, match="not as known"):
        established(odd, "SIXPEER-")


def test_a_session_that_lasts_is_unbroken() -> None:
    assert broken(UP, {peer: Uptime(then.lasted + 900, then.since + 1, then.lost) for peer, then in UP.items()}) == []


def test_each_that_was_interrupted_is_named() -> None:
    after = {("default", "2001:db8::9"): Uptime(9000, 1000, 1), ("blue", "eth0"): Uptime(3, 1000, 0)}
    assert broken(UP, after) == [
        "the session with eth0 (VRF blue), which is not ours, was reset",
        "the session with 2001:db8::9, which is not ours, was reset",
        "the session with 2001:db8::b, which is not ours, is down",
    ]
    assert broken(UP, after, announced=UP) == []


def test_one_that_was_made_anew_is_not_taken_for_the_old_one() -> None:
    """Its neighbour, too, so that nothing is counted as lost; and it lasts longer by now than the old one did."""
    young = {("default", "2001:db8::9"): Uptime(2000, 1000, 0)}
    assert broken(young, {("default", "2001:db8::9"): Uptime(4000, 1005, 0)})
