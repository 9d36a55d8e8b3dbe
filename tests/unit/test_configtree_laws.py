"""The laws of configuration as values: whatever stands on a router, and whatever is ours there."""

from __future__ import annotations

from pathlib import Path

import pytest
from frr_worlds import PREFIX, ours, theirs
from hypothesis import given
from hypothesis import strategies as st
from reference_intent import NO_RECORD, foreign

from sixpeer.configtree import hidden, tree
from sixpeer.configtree.compose import Composition, compose
from sixpeer.configtree.record import Record
from sixpeer.configtree.tree import Tree

CORPUS = sorted((Path(__file__).parents[1] / "corpus/frr").glob("*.conf"))
SAMPLES = Path(__file__).parents[3] / "shared/data/frr-samples"

anything = st.lists(
    st.tuples(
        st.sampled_from(["", " ", "  ", "   ", "     "]),
        st.sampled_from(["a", "router bgp 1", "!", "! said", "# so", "", "exit", "exit-vrf", "end", "\t", "x "]),
    ).map("".join),
    max_size=25,
).map(lambda lines: "".join(f"{line}\n" for line in lines))


@given(anything)
def test_what_was_parsed_is_printed_as_it_was(text):
    assert tree.render(tree.parse(text)) == text


@given(
    theirs, st.lists(st.tuples(st.integers(0, 80), st.sampled_from(["!", "! said", "", " # so", "   !"])), max_size=5)
)
def test_comments_say_nothing_wherever_they_stand(text, comments):
    lines = text.splitlines()
    for place, comment in comments:
        lines.insert(place, comment)
    assert tree.lines(tree.parse("\n".join(lines))) == tree.lines(tree.parse(text))


@pytest.mark.parametrize("path", CORPUS, ids=lambda path: path.stem)
def test_configurations_of_others_are_printed_as_they_were(path):
    assert tree.render(tree.parse(path.read_text())) == path.read_text()


@pytest.mark.skipif(not SAMPLES.is_dir(), reason="the samples of FRR's output are not here")
def test_what_frr_shows_is_printed_back_unchanged():
    shown = [*SAMPLES.glob("*/running-config*.txt")]
    assert len(shown) == 6
    for path in shown:
        assert tree.render(tree.parse(path.read_text())) == path.read_text()


def wanted(running: Tree | str, intended: str, known: Record = NO_RECORD) -> Composition:
    """What makes `running` have `intended` of ours; an empty text takes all of it away."""
    there = tree.parse(running) if isinstance(running, str) else running
    return compose(there, tree.parse(intended), PREFIX, known, ["lab"] if intended else [], ["lab"])


@given(theirs, ours)
def test_composing_adds_what_is_wanted_and_leaves_the_rest_as_it_stands(running, intended):
    made = wanted(running, intended)
    assert made.problems == ()
    assert foreign(made, made.candidate) == foreign(made, made.running)
    assert tree.lines(hidden.as_shown(tree.parse(intended), made.running)) <= tree.lines(made.candidate)
    assert tree.lines(made.running) <= tree.lines(made.candidate)


@given(theirs, ours)
def test_composing_twice_changes_nothing(running, intended):
    once = wanted(running, intended)
    twice = wanted(once.candidate, intended, once.record)
    assert twice.candidate == once.candidate
    assert tree.render(twice.candidate) == tree.render(once.candidate)
    assert not twice.changes
    assert twice.adopted == ()


@given(theirs, ours)
def test_the_opposite_change_gives_what_was_there_first(running, intended):
    once = wanted(running, intended)
    back = wanted(once.candidate, "", once.record)
    assert back.problems == ()
    assert tree.difference(back.candidate, once.running) == ()
    assert back.record.objects == {}


@given(theirs, ours, ours)
def test_where_one_came_from_does_not_matter(running, before, intended):
    first = wanted(running, before)
    then = wanted(first.candidate, intended, first.record)
    straight = wanted(running, intended)
    assert then.problems == ()
    assert tree.difference(then.candidate, straight.candidate) == ()
    assert then.record == straight.record


@given(theirs, ours, ours)
def test_a_change_and_its_opposite_cancel(running, before, intended):
    first = wanted(running, before)
    then = wanted(first.candidate, intended, first.record)
    back = wanted(then.candidate, before, then.record)
    assert tree.difference(back.candidate, first.candidate) == ()
    assert back.record == first.record


ADDED = {
    "neighbor 2001:db8:1:1::1 remote-as 64500": ("router bgp 64512",),
    "bgp cluster-id 10.0.0.1": ("router bgp 64512",),
    "redistribute connected": ("router bgp 64512", "address-family ipv6 unicast"),
    "neighbor 2001:db8:1:1::1 activate": ("router bgp 64512", "address-family l2vpn evpn"),
    "advertise-all-vni": ("router bgp 64512", "address-family l2vpn evpn"),
}
MADE = "router bgp 64512\n bgp router-id 10.255.0.1\n no bgp default ipv4-unicast\n"


@given(ours, st.sets(st.sampled_from(sorted(ADDED)), min_size=1))
def test_what_others_add_to_an_instance_that_we_made_is_theirs(intended, added):
    intended = intended.replace("router bgp 64512\n", MADE)
    once = wanted("frr version 10.3\n", intended)
    text = tree.render(once.candidate)
    for line in added:
        *_, last = ADDED[line]
        closing = "exit" if len(ADDED[line]) == 1 else "exit-address-family"
        text = f"{text}{ADDED[line][0]}\n {last}\n  {line}\n {closing}\nexit\n".replace(" router bgp 64512\n ", "")
    there = tree.parse(text)
    again = wanted(there, intended, once.record)
    theirs = {(ADDED[line], line) for line in added}
    assert theirs <= again.ownership.foreign(there)
    assert not again.changes
    left = tree.lines(wanted(there, "", once.record).candidate)
    assert theirs <= left
    assert (("router bgp 64512",), "no bgp default ipv4-unicast") in left
    assert not any("SIXPEER" in text for _, text in left)


@given(theirs, ours, st.data())
def test_whatever_of_ours_is_damaged_is_mended(running, intended, data):
    once = wanted(running, intended)
    lines = tree.render(once.candidate).splitlines()
    leaves = [n for n, line in enumerate(lines) if PREFIX in line and not line.startswith("route-map")]
    gone = data.draw(st.sets(st.sampled_from(leaves)))
    damaged = "".join(f"{line}\n" for number, line in enumerate(lines) if number not in gone)
    mended = wanted(damaged, intended, once.record)
    assert tree.difference(mended.candidate, once.candidate) == ()
    assert mended.changes == bool(gone)
