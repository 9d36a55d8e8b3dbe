"""What FRR hides as its defaults: each line of the table, on each version and profile for which it speaks."""

from __future__ import annotations

import pytest
from frr_configs import LINES, driver_of, running, type_in

from custom_napalm.frr import text
from sixpeer.configtree import frr, tree
from sixpeer.configtree.hidden import HIDDEN, Hidden, as_shown
from sixpeer.configtree.tree import Path

pytestmark = [pytest.mark.lab, pytest.mark.matrix]

SETUP = """\
frr defaults {profile}
interface eth0
 description of the test
exit
router bgp 64512
 neighbor 2001:db8::7 remote-as 64513
 neighbor 2001:db8::8 remote-as 64513
 address-family ipv6 unicast
  neighbor 2001:db8::7 activate
"""
CONTEXTS = (
    ("router bgp 64512", "address-family ipv6 unicast"),
    ("router bgp 64512",),
    ("interface eth0",),
    (),
)
# What frr-reload makes of a file by itself.
RELOAD = """\
W=$(mktemp -d) && cat >$W/frr.conf && echo 'service integrated-vtysh-config' >$W/vtysh.conf &&
/usr/lib/frr/frr-reload.py --test --log-level error --confdir $W --rundir $W $W/frr.conf
"""


def context_of(row: Hidden) -> Path:
    """Where the example of a row stands in the test."""
    return next(path for path in CONTEXTS if row.rule.match(path, row.example))


def lines_of(row: Hidden) -> str:
    """The example of a row, with its contexts, as a file that FRR can read."""
    path = context_of(row)
    return "".join(f"{' ' * depth}{text}\n" for depth, text in enumerate((*path, row.example)))


@pytest.mark.parametrize("profile", ["traditional", "datacenter"])
def test_each_is_hidden_and_would_be_drift_for_ever(profile, bare):
    (router,) = bare(f"frr defaults {profile}\n", daemons=("bgpd", "bfdd"), links={"eth0": {"r1": []}})
    type_in(router, SETUP.format(profile=profile))
    with driver_of(router) as driver:
        version = frr.version(running(driver))
        assert version is not None
        assert frr.profile(running(driver)) == profile
        rows = [row for row in HIDDEN if row.applies(version, profile)]
        type_in(router, f"frr defaults {profile}\n" + "".join(map(lines_of, rows)))

        shown = running(driver)
        there = tree.lines(shown)
        assert [row.example for row in rows if (context_of(row), row.example) in there] == []
        spelled = {(context_of(row), _respelled(row)) for row in rows if row.shown}
        assert spelled <= there

        wanted = tree.parse(tree.render(shown) + "".join(map(lines_of, rows)))
        said = router.run("sh", "-c", RELOAD, stdin=text.candidate(tree.render(wanted))).stdout
        drift = {line[1:].strip() for line in text.readable_delta(said).splitlines() if line.startswith("+")}
        tolerated = {row.example for row in rows if row.example not in drift}
        # frr-reload knows this spelling itself.
        assert tolerated <= {"neighbor 2001:db8::8 ebgp-multihop 255"}
        assert tree.difference(shown, as_shown(wanted, shown)) == ()
        driver.load_replace_candidate(config=tree.render(wanted))  # the driver leaves them out
        assert driver.compare_config() == ""


def _respelled(row: Hidden) -> str:
    found = row.rule.match(context_of(row), row.example)
    assert found is not None
    assert row.shown is not None
    return found.expand(row.shown)


@pytest.mark.parametrize("profile", ["traditional", "datacenter"])
def test_a_new_instance_shows_what_was_asked_for_and_what_frr_adds(profile, bare):
    (router,) = bare(f"frr defaults {profile}\n")
    with driver_of(router) as driver:
        asked = tree.parse("router bgp 64512\n bgp router-id 10.255.0.1\nexit\n")
        expected = as_shown(asked, running(driver))
        type_in(router, f"frr defaults {profile}\n{tree.render(asked)}")
        shown = running(driver)
        assert frr.bgp_settings(shown) == frr.bgp_settings(expected)
        assert tree.lines(as_shown(asked, shown)) == tree.lines(expected)


@pytest.mark.parametrize("profile", ["traditional", "datacenter"])
def test_what_is_hidden_elsewhere_only_is_shown_here(profile, bare):
    """A line that FRR shows must not be left out: it would never be configured."""
    (router,) = bare(f"frr defaults {profile}\n", daemons=("bgpd", "bfdd"), links={"eth0": {"r1": []}})
    with driver_of(router) as driver:
        version = frr.version(running(driver))
        assert version is not None
        hidden = {row.example for row in HIDDEN if row.applies(version, profile)}
        for row in (row for row in HIDDEN if row.example not in hidden):
            type_in(router, SETUP.format(profile=profile) + lines_of(row))
            understood = router.run("vtysh", "-C", "-f", LINES, check=False).returncode == 0
            shown = (context_of(row), row.example) in tree.lines(running(driver))
            assert shown == understood, row.example
            router.vtysh("configure terminal", "no router bgp 64512")
