"""Configuration as values: parse and print, compose, ownership, record."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sixpeer.configtree import compose as composing
from sixpeer.configtree import facts, record, tree
from sixpeer.configtree.redact import redact
from sixpeer.errors import PlanError
from sixpeer.intent import Router

PREFIX = "SIXPEER-"

FOREIGN = """frr version 8.4.4
frr defaults traditional
hostname r1
!
ipv6 prefix-list UPLINK seq 5 permit 2001:db8::/48
!
ipv6 route 2001:db8::/48 blackhole
!
interface control
 description somebody's
exit
!
router bgp 64512
 bgp router-id 10.255.0.1
 neighbor 2001:db8:1:1::1 remote-as 64500
 !
 address-family ipv6 unicast
  network 2001:db8::/48
  neighbor 2001:db8:1:1::1 activate
  neighbor 2001:db8:1:1::1 prefix-list UPLINK out
 exit-address-family
exit
!
end
"""

OURS = """ipv6 prefix-list SIXPEER-LAB-PODS seq 5 permit 2001:db8:0:4200::/56 ge 64 le 64
!
route-map SIXPEER-LAB-IN permit 10
 match ipv6 address prefix-list SIXPEER-LAB-PODS
exit
!
route-map SIXPEER-LAB-OUT deny 10
exit
!
ipv6 route 64:ff9b::/96 2001:db8:0:ff00::64
!
interface control
 ipv6 address 2001:db8::1/64
exit
!
router bgp 64512
 neighbor SIXPEER-LAB peer-group
 neighbor SIXPEER-LAB remote-as 64513
 neighbor 2001:db8::a peer-group SIXPEER-LAB
 bgp listen range 2001:db8:0:1::/64 peer-group SIXPEER-LAB
 !
 address-family ipv6 unicast
  neighbor SIXPEER-LAB activate
 exit-address-family
exit
!
"""

NONE = record.Record("SIXPEER", {})


def compose(running: str, intended: str, known: record.Record = NONE, **options):
    return composing.compose(tree.parse(running), tree.parse(intended), PREFIX, known, ["lab"], **options)


words = st.from_regex(r"[a-z0-9:/-]{1,12}( [a-z0-9:/-]{1,12}){0,3}", fullmatch=True).filter(
    lambda text: not text.startswith("exit")
)
leaves = st.builds(tree.Line, words)
trees = st.recursive(
    st.lists(leaves, max_size=4),
    lambda inner: st.lists(
        leaves | st.builds(lambda text, lines: tree.Line(text, tuple(lines), "exit"), words, inner), max_size=4
    ),
    max_leaves=15,
)


@given(trees)
def test_parsing_what_was_printed_gives_the_tree(lines):
    assert tree.parse(tree.render(tuple(lines))) == tuple(lines)


def test_composing_adds_ours_and_leaves_the_rest_in_place():
    made = compose(FOREIGN, OURS)
    assert made.problems == ()
    text = tree.render(made.candidate)
    there, added = FOREIGN.split("\n"), OURS.split("\n")
    assert [line for line in text.split("\n") if line not in added] == [line for line in there if line not in added]
    for line in OURS.split("\n"):
        assert line in text.split("\n")


def test_taking_ours_out_again_gives_what_was_there():
    once = compose(FOREIGN, OURS)
    back = compose(tree.render(once.candidate), "", once.record)
    assert tree.lines(back.candidate) == tree.lines(tree.parse(FOREIGN))
    assert back.problems == ()


def test_lines_of_ours_that_somebody_removed_come_back_in_their_place():
    once = tree.render(compose(FOREIGN, OURS).candidate)
    damaged = once.replace(" neighbor SIXPEER-LAB remote-as 64513\n", "")
    mended = compose(damaged, OURS, compose(FOREIGN, OURS).record)
    assert tree.render(mended.candidate) == once


def test_an_equal_route_is_adopted_and_said():
    made = compose(FOREIGN.replace("!\ninterface", "ipv6 route 64:ff9b::/96 2001:db8:0:ff00::64\n!\ninterface"), OURS)
    assert made.adopted == ("ipv6 route 64:ff9b::/96 2001:db8:0:ff00::64",)
    assert record.Keyed((), "ipv6 route 64:ff9b::/96") in made.record.objects


def test_a_route_that_differs_is_refused_unless_it_is_to_be_adopted():
    running = FOREIGN.replace("!\ninterface", "ipv6 route 64:ff9b::/96 2001:db8::99\n!\ninterface")
    (problem,) = compose(running, OURS).problems
    assert "64:ff9b::/96 2001:db8::99 is there already and not ours; --adopt" in problem
    adopted = compose(running, OURS, adopt=True)
    assert adopted.problems == ()
    assert "2001:db8::99" not in tree.render(adopted.candidate)


def test_a_foreign_neighbour_is_not_taken_into_our_group():
    running = FOREIGN.replace(" !\n addr", " neighbor 2001:db8::a remote-as 64777\n !\n addr")
    (problem,) = compose(running, OURS).problems
    assert problem.startswith("neighbor 2001:db8::a is there already and not ours")


def test_a_node_that_somebody_put_in_a_group_of_his_is_not_taken():
    running = FOREIGN.replace(" !\n addr", " neighbor K8S peer-group\n neighbor 2001:db8::a peer-group K8S\n !\n addr")
    (problem,) = compose(running, OURS).problems
    assert problem.startswith("neighbor 2001:db8::a is there already and not ours")


@pytest.mark.parametrize("taken", ["2001:db8:0:1::/64", "2001:db8::/62", "2001:db8:0:1:8000::/65"])
def test_a_listen_range_of_others_that_overlaps_ours_is_refused(taken):
    running = FOREIGN.replace(" !\n addr", f" bgp listen range {taken} peer-group K8S\n !\n addr")
    (problem,) = compose(running, OURS).problems
    assert problem.startswith(f"bgp listen range {taken} peer-group K8S is there already and not ours, and overlaps")


def test_as_numbers_in_another_notation_are_refused():
    router = Router(name="r1", platform="frr", asn=64512, router_id="10.255.0.1")
    running = tree.parse("router bgp 0.64512 as-notation dot+\n neighbor 192.0.2.1 remote-as 1.1\nexit\n")
    (problem,) = facts.conflicts(running, router, facts.facts(running, NONE, {}))
    assert "router bgp 0.64512 as-notation dot+" in problem


def test_what_a_foreign_line_uses_is_not_removed():
    once = compose(FOREIGN, OURS)
    uses = tree.render(once.candidate).replace(
        "  neighbor 2001:db8:1:1::1 activate\n",
        "  neighbor 2001:db8:1:1::1 activate\n  neighbor 2001:db8:1:1::1 route-map SIXPEER-LAB-IN in\n",
    )
    problems = compose(uses, OURS.replace("SIXPEER-LAB-IN", "SIXPEER-LAB-NEW"), once.record).problems
    assert any("SIXPEER-LAB-IN would be removed" in problem for problem in problems)


def test_a_lost_record_removes_nothing_that_is_keyed():
    once = compose(FOREIGN, OURS)
    without = OURS.replace("ipv6 route 64:ff9b::/96 2001:db8:0:ff00::64\n", "")
    made = compose(tree.render(once.candidate), without, NONE)
    assert "ipv6 route 64:ff9b::/96 2001:db8:0:ff00::64" in tree.render(made.candidate)
    assert "interface control / ipv6 address 2001:db8::1/64" in made.adopted


def test_a_cluster_that_left_the_inventory_is_refused():
    once = compose(FOREIGN, OURS)
    gone = composing.compose(once.candidate, (), PREFIX, once.record, [])
    assert any("inventory/clusters/lab.yaml" in problem for problem in gone.problems)


def test_a_record_that_is_lost_or_stale_is_a_change_of_its_own():
    once = compose(FOREIGN, OURS)
    again = compose(tree.render(once.candidate), OURS, NONE)
    assert again.candidate == once.candidate
    assert again.changes
    assert again.record == once.record
    fewer = OURS.replace("ipv6 route 64:ff9b::/96 2001:db8:0:ff00::64\n", "")
    gone = tree.render(once.candidate).replace("ipv6 route 64:ff9b::/96 2001:db8:0:ff00::64\n", "")
    stale = compose(gone, fewer, once.record)
    assert stale.changes
    assert record.Keyed((), "ipv6 route 64:ff9b::/96") not in stale.record.objects


def test_a_router_that_no_longer_serves_a_described_cluster_is_cleared():
    once = compose(FOREIGN, OURS)
    cleared = composing.compose(once.candidate, (), PREFIX, once.record, [], ["lab"])
    assert cleared.problems == ()
    assert tree.lines(cleared.candidate) == tree.lines(tree.parse(FOREIGN))


def test_two_clusters_with_the_same_route_adopt_it_once():
    running = FOREIGN.replace("!\ninterface", "ipv6 route 64:ff9b::/96 2001:db8:0:ff00::64\n!\ninterface")
    twice = OURS.replace("ipv6 route 64", "ipv6 route 64:ff9b::/96 2001:db8:0:ff00::64\nipv6 route 64")
    assert compose(running, twice).problems == ()


def test_unsaved_work_of_others_is_named_and_ours_and_frr_s_own_is_not():
    made = compose(FOREIGN + "ipv6 route 2001:db8:9::/48 2001:db8::5\n", OURS)
    assert made.unsaved(tree.parse(FOREIGN)) == ("+ ipv6 route 2001:db8:9::/48 2001:db8::5",)
    stock = "# default to using syslog\n!! a comment\nlog syslog informational\n"
    empty = compose("frr version 8.4.4\nfrr defaults traditional\nhostname r1\nservice integrated-vtysh-config\n", OURS)
    assert empty.unsaved(tree.parse(stock)) == ()
    by_hand = FOREIGN.replace(" bgp router-id", "! ours\n timers bgp 60 180\n bgp router-id") + "ipv6 forwarding\n"
    assert made.unsaved(tree.parse(by_hand)) == ("+ ipv6 route 2001:db8:9::/48 2001:db8::5",)


def test_an_interface_inside_another_context_counts():
    ldp = tree.parse("mpls ldp\n address-family ipv6\n  interface eth0\n")
    assert (("mpls ldp", "address-family ipv6"), "interface eth0") in tree.lines(ldp)


def test_an_address_of_ours_that_frr_lost_is_not_the_system_s():
    known = record.Record("SIXPEER", {record.Keyed(("interface control",), "ipv6 address 2001:db8::1/64"): "x"})
    seen = facts.facts(tree.parse(FOREIGN), known, {"control": frozenset({"2001:db8::1/64"})})
    assert not seen.has_system_address("control", "2001:db8::1/64")


def test_an_instance_that_we_made_is_ours_and_stays_ours():
    empty = "frr version 8.4.4\nhostname r1\n!\nend\n"
    intended = OURS.replace("router bgp 64512\n", "router bgp 64512\n bgp router-id 10.255.0.1\n")
    once = compose(empty, intended)
    twice = compose(tree.render(once.candidate), intended, once.record)
    changed = compose(tree.render(once.candidate), intended.replace("10.255.0.1", "10.255.0.9"), once.record)
    assert twice.record.objects[record.Keyed((), "router bgp 64512")] == ""
    assert "bgp router-id 10.255.0.1" not in tree.render(changed.candidate)


def test_the_record_reads_back_what_it_wrote():
    made = compose(FOREIGN, OURS).record
    assert record.loads(made.dumps(), "SIXPEER") == made
    assert record.loads("", "SIXPEER") == NONE


@pytest.mark.parametrize("text", ["{", "[]", '{"format": 1}', '{"format": 2, "owner": "SIXPEER"}'])
def test_a_record_that_makes_no_sense_is_refused(text):
    with pytest.raises(PlanError):
        record.loads(text, "SIXPEER")


def test_facts_tell_the_system_s_addresses_from_frr_s():
    running = tree.parse(FOREIGN.replace(" description somebody's", " ipv6 address 2001:db8::5/64"))
    known = facts.facts(running, NONE, {"control": frozenset({"2001:db8::5/64", "2001:db8::1/64"})})
    assert known.system_addresses["control"] == {"2001:db8::1/64"}
    assert not known.instance_is_ours
    assert known.families_by_default == ("ipv4 unicast",)


def test_facts_tell_the_families_that_groups_speak_by_default():
    more = FOREIGN.replace(" bgp router-id", " no bgp default ipv4-unicast\n bgp default l2vpn-evpn\n bgp router-id")
    assert facts.facts(tree.parse(more), NONE, {}).families_by_default == ("l2vpn evpn",)


def test_passwords_are_hidden_in_configuration_and_diffs():
    text = "router bgp 1\n neighbor X password hidden one\n-  neighbor 2001:db8::1 password hidden\nkey-string hidden\n"
    assert "hidden" not in redact(text)
    was, now = (tree.parse(f"router bgp 1\n neighbor X password {word}\nexit\n") for word in ("hidden1", "hidden2"))
    (gone, come) = map(redact, tree.difference(was, now))
    assert (gone, come) == (
        "- router bgp 1 / neighbor X password <secret>",
        "+ router bgp 1 / neighbor X password <secret>",
    )
    assert redact("neighbor X passive\n") == "neighbor X passive\n"


def test_comments_are_what_stands_behind_a_mark_and_says_something() -> None:
    text = "! by hand\n!\nrouter bgp 1\n ! why\n bgp router-id 10.0.0.1\n !\nexit\n# call 555\n"
    assert tree.comments(tree.parse(text)) == ("! by hand", "# call 555", "! why")
    assert tree.comments(tree.parse("!\n!\nhostname a!b\n")) == ()
