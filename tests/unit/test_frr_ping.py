"""iputils' ping, as NAPALM tells it."""

from __future__ import annotations

from custom_napalm.frr.getters import ping

PING = """PING 2001:db8::2(2001:db8::2) 100 data bytes
108 bytes from 2001:db8::2: icmp_seq=1 ttl=64 time=0.067 ms
108 bytes from 2001:db8::2: icmp_seq=3 ttl=64 time=0.074 ms

--- 2001:db8::2 ping statistics ---
3 packets transmitted, 2 received, 33.3333% packet loss, time 2010ms
rtt min/avg/max/mdev = 0.067/0.070/0.074/0.003 ms
"""


def test_pings_are_counted() -> None:
    answer = ping.result(PING, 0, 3)["success"]
    assert (answer["probes_sent"], answer["packet_loss"]) == (3, 1)
    assert (answer["rtt_min"], answer["rtt_avg"], answer["rtt_max"], answer["rtt_stddev"]) == (
        0.067,
        0.070,
        0.074,
        0.003,
    )
    assert answer["results"] == [{"ip_address": "2001:db8::2", "rtt": rtt} for rtt in (0.067, 0.074)]


def test_no_answer_is_no_error_and_no_ping_is_one() -> None:
    silence = "PING ::2(::2) 100 data bytes\n\n5 packets transmitted, 0 received, 100% packet loss\n"
    assert ping.result(silence, 1, 5)["success"]["packet_loss"] == 5
    assert ping.result("ping: connect: Network is unreachable\n", 2, 5) == {
        "error": "ping: connect: Network is unreachable"
    }


def test_a_ping_goes_from_a_vrf_an_interface_or_an_address() -> None:
    common = {"ttl": 255, "timeout": 2, "size": 100, "count": 5}
    words = ping.words("2001:db8::2", source="2001:db8::1", device="red", **common)
    assert words[-6:] == ["-I", "red", "-I", "2001:db8::1", "--", "2001:db8::2"]
    assert "-4" in ping.words("192.0.2.1", source="", device="", **common)
