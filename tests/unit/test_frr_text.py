"""FRR's texts: what is compared, what is shown, and what is not."""

from __future__ import annotations

import pytest
from fake_frr import RUNNING

from custom_napalm.frr import text
from sixpeer.configtree.redact import redact

SAID = """
Lines To Delete
===============
router bgp 64512
 no neighbor 2001:db8::9 description old
router bgp 64512
 bgp default ipv4-unicast
router bgp 64512
 address-family ipv6 unicast
  no network 2001:db8:5::/48

Lines To Add
============
router bgp 64512
 neighbor 2001:db8::9 description new
router bgp 64512
 neighbor 2001:db8::9 password s3cret
interface lan
interface lan
 ipv6 address 2001:db8:1::1/64
exit
no ipv6 forwarding
no ipv6 prefix-list OLD seq 5 permit any
vrf red
 no ipv6 route 2001:db8:7::/64 blackhole
"""

SHOWN = """\
router bgp 64512
-  neighbor 2001:db8::9 description old
-  no bgp default ipv4-unicast
   address-family ipv6 unicast
-   network 2001:db8:5::/48
router bgp 64512
+  neighbor 2001:db8::9 description new
+  neighbor 2001:db8::9 password <secret>
+ interface lan
+  ipv6 address 2001:db8:1::1/64
+ no ipv6 forwarding
- ipv6 prefix-list OLD seq 5 permit any
vrf red
-  ipv6 route 2001:db8:7::/64 blackhole"""


def test_a_delta_is_shown_as_lines_of_configuration_below_their_context() -> None:
    assert text.readable_delta(SAID) == SHOWN


@pytest.mark.parametrize("said", ["", "\n", "2026-11-22 18:57:11,664 INFO: Loading Config object\n"])
def test_no_delta_is_an_empty_string(said: str) -> None:
    assert text.readable_delta(said) == ""


def test_the_digest_is_of_what_is_configured_and_not_of_what_is_said_around_it() -> None:
    shown = "Building configuration...\n\nCurrent configuration:\n!\n" + RUNNING
    assert text.digest(shown) == text.digest(RUNNING)
    assert text.digest(RUNNING.replace("hand made", "hand  made")) != text.digest(RUNNING)


def test_a_candidate_has_no_end_in_the_middle() -> None:
    assert text.candidate(RUNNING + "interface lan\n").splitlines()[-2:] == ["!", "interface lan"]


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        (" neighbor 2001:db8::9 password a b c", " neighbor 2001:db8::9 password <secret>"),
        (" neighbor GROUP password x", " neighbor GROUP password <secret>"),
        ("-  neighbor GROUP password x", "-  neighbor GROUP password <secret>"),
        (" ip ospf message-digest-key 1 md5 abc", " ip ospf message-digest-key 1 md5 <secret>"),
        (" ip ospf authentication-key abc", " ip ospf authentication-key <secret>"),
        ("  key-string abc", "  key-string <secret>"),
        (" isis password md5 abc", " isis password md5 <secret>"),
        (" area-password clear abc", " area-password clear <secret>"),
        ("password 8 abc", "password 8 <secret>"),
        ("enable password abc", "enable password <secret>"),
        (" neighbor X description the password is elsewhere", None),
        ("service password-encryption", None),
        (" no neighbor X password", None),
    ],
)
def test_passwords_and_keys_are_not_shown_and_all_else_is(line: str, shown: str | None) -> None:
    assert redact(line) == (line if shown is None else shown)


def test_the_passwords_of_a_configuration_are_known_by_their_values() -> None:
    config = "router bgp 1\n neighbor G password one two \n neighbor G description password\n key-string three\n"
    assert text.secrets(config, "password 8 four\n") == {"one two", "three", "four"}


@pytest.mark.parametrize(
    "said",
    [
        "line 3: Failure to communicate[13] to bgpd, line:  neighbor X password s3cret",
        "% Unknown command[25]: neighbor X pasword s3cret",
        "% Unknown command[25]: neighbr X s3cret",
        "b'line 18: % Unknown command: md5 s3cret\\n\\n'",
    ],
)
def test_what_frr_complains_about_is_repeated_without_the_password(said: str) -> None:
    told = text.redacted(said, text.secrets(" neighbor 2001:db8::9 password s3cret"))
    assert "s3cret" not in told
    assert told.split()[0] == said.split(maxsplit=1)[0]
