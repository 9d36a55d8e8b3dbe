"""What a change does to sessions, policies and routes, as far as configurations say it."""

from __future__ import annotations

import re

import pytest
from impact_cases import CASES, CONFIG, DYNAMIC, MEMBER, NEIGHBOUR, OWN, edited

from sixpeer.configtree import tree
from sixpeer.configtree.impact import Effect, impacts, resetting, rules
from sixpeer.configtree.impact.bgp import instances, setting_of

RUNNING = "frr version 8.4.4\n" + CONFIG
LISTEN = " bgp listen range fd00:3::/64 peer-group RANGE\n"


def judged(*edits, running=RUNNING):
    return impacts(tree.parse(running), tree.parse(edited(running, edits)))


def effects(found):
    return {(one.vrf, one.peer): one.effect for one in found.sessions}


def by(case, version="8.4.4"):
    running = f"frr version {version}\n{CONFIG}"
    return judged(*next(one.edits for one in CASES if one.name == case), running=running)


def test_nothing_changes_and_nothing_is_said():
    assert judged().lines == ()


def test_a_setting_of_a_group_is_one_of_each_of_its_sessions():
    found = by("password-of-a-group")
    assert effects(found) == {("default", MEMBER): Effect.RESETS, ("default", OWN): Effect.RESETS}
    assert found.lines == (f"sessions with {MEMBER}, {OWN} will reset: password changes (FRR 8.4–10.x)",)


def test_what_a_member_has_of_its_own_it_does_not_take_from_its_group():
    own = (f" neighbor {OWN} timers 1 20\n", f" neighbor {OWN} timers 1 20\n neighbor {OWN} password x\n")
    running = edited(RUNNING, [own])
    with_password = (" neighbor GROUP timers 1 15\n", " neighbor GROUP timers 1 15\n neighbor GROUP password y\n")
    assert effects(judged(with_password, running=running)) == {("default", MEMBER): Effect.RESETS}


def test_a_dynamic_neighbour_is_announced_by_its_range():
    announced = resetting(by("range-removed"))
    assert ("default", DYNAMIC) in announced
    assert ("default", "fd00:3::/64") in announced
    assert ("default", MEMBER) not in announced
    assert ("blue", DYNAMIC) not in announced
    assert ("default", "eth0") not in announced
    assert list(announced) == [("default", "fd00:3::/64")]


def test_the_instance_of_another_vrf_is_left_alone():
    assert {vrf for vrf, _ in effects(by("router-id"))} == {"default"}
    assert set(effects(by("password-of-a-view"))) == {("blue", "fd00:5::2")}


def test_a_vrf_is_named():
    running = RUNNING.replace("view blue", "vrf blue")
    assert by("password-of-a-view").lines[0].startswith("session with fd00:5::2 (VRF blue) will reset")
    assert effects(judged(("fd00:5::2 timers 1 15", "fd00:5::2 timers 1 20"), running=running)) == {
        ("blue", "fd00:5::2"): Effect.LATER
    }


@pytest.mark.parametrize(
    ("version", "effect", "holds"),
    [
        ("8.4.4", Effect.LATER, "(FRR 8.4)"),
        ("9.1", Effect.MAY_RESET, "(FRR 8.4 later, 10.3 resets, 10.7 resets)"),
        ("10.3", Effect.RESETS, "(FRR 10.3–10.x)"),
        ("10.5.1", Effect.RESETS, "(FRR 10.3–10.x)"),
        ("11.0-dev", Effect.RESETS, "(FRR 10.3–10.x)"),
        ("unknown", Effect.MAY_RESET, "(FRR 8.4 later, 10.3 resets, 10.7 resets)"),
    ],
)
def test_a_rule_holds_for_the_versions_that_it_was_measured_on(version, effect, holds):
    (found, *_) = by("instance-gr", version).sessions
    assert found.effect is effect
    assert str(found).endswith(holds)


@pytest.mark.parametrize(
    "line",
    [" neighbor GROUP hyperspace 5", " bgp hyperspace", "  neighbor GROUP hyperspace", "  hyperspace 5"],
)
def test_what_no_rule_knows_may_reset(line):
    anchor = "  neighbor GROUP activate\n" if line.startswith("  ") else " neighbor GROUP timers 1 15\n"
    found = judged((anchor, f"{anchor}{line}\n"))
    assert effects(found)["default", MEMBER] is Effect.MAY_RESET
    assert "no rule says what this does" in found.lines[0]
    assert ("default", MEMBER) in resetting(found)


@pytest.mark.parametrize("setting", ["password hunter2", "key-of-tomorrow 1 md5 hunter2"])
def test_a_password_is_in_no_word_of_it(setting):
    found = judged((" neighbor GROUP timers 1 15\n", f" neighbor GROUP timers 1 15\n neighbor GROUP {setting}\n"))
    assert ("default", MEMBER) in resetting(found)
    assert "hunter2" not in repr(found)


def test_the_worst_of_several_reasons_counts():
    both = judged((" neighbor GROUP timers 1 15\n", " neighbor GROUP timers 2 10\n neighbor GROUP passive\n"))
    assert effects(both)["default", MEMBER] is Effect.RESETS
    assert "timers" not in both.lines[0]


def test_a_policy_is_said_with_all_who_use_it():
    (found,) = by("prefix-list").policies
    assert found.name == "ipv6 prefix-list IN"
    assert found.come == ("seq 9 deny any",)
    assert found.go == ()
    assert found.used_by == ("GROUP in", "RANGE in", f"{NEIGHBOUR} in", "fd00:5::2 in (VRF blue)")


def test_a_policy_that_nobody_uses_is_not_said():
    assert judged(("route-map IN", "ipv6 prefix-list OTHER seq 5 permit any\n!\nroute-map IN")).policies == ()


@pytest.mark.parametrize(("version", "withdrawn"), [("8.4.4", True), ("10.3", True), ("10.7.1", False)])
def test_a_policy_that_is_renamed_takes_its_routes_away(version, withdrawn):
    first = next(one for one in by("renamed", version).sessions if one.peer == NEIGHBOUR)
    assert first.effect is Effect.SOFT
    assert ("route-map IN goes before another is in force" in str(first)) is withdrawn


def test_routes_come_go_and_change_next_hop():
    assert by("static-routes").lines == (
        "static route 64:ff9b::/96 changes its next hop via fd00:1::2 to fd00:2::2 (gone in between, FRR 8.4)",
        "static route fd00:e::/48 comes via fd00:1::2",
    )
    assert by("static-routes", "10.3").routes[0].how == "replaced at once, FRR 10.x"
    assert "announced network fd00:d:1::/64 comes" in by("network").lines
    assert "connected network fd00:1::/64 goes via lan" in by("address-removed").lines


def test_a_session_over_a_route_that_changes_may_reset():
    multihop = (
        f" neighbor {NEIGHBOUR} timers 1 15\n",
        f" neighbor {NEIGHBOUR} timers 1 15\n neighbor {NEIGHBOUR} ebgp-multihop 3\n",
    )
    running = edited(RUNNING, [multihop]) + "ipv6 route fd00:1::/64 fd00:2::2\n"
    found = judged(("fd00:1::/64 fd00:2::2", "fd00:1::/64 fd00:4::2"), running=running)
    assert effects(found) == {("default", NEIGHBOUR): Effect.MAY_RESET}


def with_password(config):
    return config.replace(" neighbor RANGE timers 1 15\n", " neighbor RANGE timers 1 15\n neighbor RANGE password x\n")


@pytest.mark.parametrize(("version", "kept"), [("8.4.4", True), ("10.3", True), ("10.7.1", False), ("?", True)])
def test_a_password_is_not_taken_from_a_listen_range_where_the_kernel_keeps_it(version, kept):
    without = tree.parse(RUNNING.replace("8.4.4", version))
    signed = tree.parse(with_password(RUNNING.replace("8.4.4", version)))
    for running, candidate in ((without, signed), (signed, without)):
        found = impacts(running, candidate)
        assert bool(found.irreversible) is kept
        assert all(
            "listen range fd00:3::/64" in line and "systemctl restart frr" in line for line in found.irreversible
        )


def test_a_listen_range_that_comes_or_goes_with_its_password_can_be_taken_back():
    group = [line for line in with_password(RUNNING).splitlines(keepends=True) if "RANGE" in line]
    without_range = tree.parse("".join(line for line in RUNNING.splitlines(keepends=True) if line not in group))
    signed = tree.parse(with_password(RUNNING))
    assert impacts(without_range, signed).irreversible == ()
    assert impacts(signed, without_range).irreversible == ()


def test_neighbours_without_a_password_in_a_range_that_gets_one_are_cut_off():
    running = RUNNING.replace(LISTEN, "").replace("peer-group GROUP", "peer-group GROUP", 1)
    signed = with_password(RUNNING).replace(LISTEN, " bgp listen range fd00:2::/64 peer-group RANGE\n")
    assert len(impacts(tree.parse(running), tree.parse(signed)).irreversible) == 1


def test_what_is_outside_of_all_rules_is_named():
    found = judged(
        ("interface lan\n", "router ospf6\n ospf6 router-id 10.0.0.1\nexit\n!\ninterface lan\n ipv6 ospf6 area 0\n")
    )
    assert found.unjudged == ("router ospf6", "interface lan / ipv6 ospf6 area 0")
    assert found.sessions == ()


def test_there_are_enough_cases_and_they_reset_enough():
    assert len(CASES) >= 25
    assert sum(bool(case.resets) for case in CASES) >= 8
    assert len({case.name for case in CASES}) == len(CASES)


TABLES = (rules.NEIGHBOUR, rules.FAMILY, rules.INSTANCE, rules.INSTANCE_FAMILY)


@pytest.mark.parametrize("rule", [rule for table in TABLES for rule in table], ids=lambda rule: rule.line)
def test_the_evidence_of_a_rule_is_a_case_that_changes_such_a_line(rule):
    if rule.evidence == rules.BY_HAND:
        return
    (case,) = (case for case in CASES if case.name == rule.evidence)
    before, after = (instances(tree.parse(config)) for config in (RUNNING, edited(RUNNING, case.edits)))
    changed = [line for vrf in before for _, line in before[vrf].lines ^ after[vrf].lines]
    said = [setting.text if (setting := setting_of(line)) else line for line in changed]
    assert any(re.fullmatch(rule.line, line.removeprefix("no ")) for line in said)
