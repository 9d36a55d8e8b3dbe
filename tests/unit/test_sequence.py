"""Sequence numbers from stable keys."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sixpeer.configtree.sequence import LAST, numbered

keys = st.sets(st.text(min_size=1, max_size=20), max_size=30)


@given(keys, st.text(min_size=1))
def test_an_entry_that_comes_or_goes_renumbers_none(there, other):
    with_it, without = dict(numbered(there | {other})), dict(numbered(there - {other}))
    assert {number: key for number, key in with_it.items() if key != other} == without


@given(keys, st.randoms())
def test_the_order_in_which_entries_are_written_does_not_matter(there, random):
    shuffled = list(there)
    random.shuffle(shuffled)
    assert numbered(shuffled) == numbered(there)


@given(keys)
def test_numbers_are_frr_s_and_in_its_order(there):
    numbers = [number for number, _ in numbered(there)]
    assert numbers == sorted(set(numbers))
    assert len(numbers) == len(there)
    assert all(1 <= number <= LAST for number in numbers)


@given(keys.filter(bool))
def test_where_digests_collide_each_still_has_its_own_and_those_that_do_not_collide_keep_theirs(there):
    crowded = {key: number for number, key in numbered(there, last=len(there))}
    assert set(crowded) == there
    alone = {key: numbered([key], last=len(there))[0][0] for key in there}
    for key, number in alone.items():
        if list(alone.values()).count(number) == 1:
            assert crowded[key] == number


def test_more_entries_than_numbers_are_refused():
    with pytest.raises(ValueError, match="more than 2"):
        numbered(["a", "b", "c"], last=2)
