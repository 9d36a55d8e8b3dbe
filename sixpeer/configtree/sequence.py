"""Sequence numbers that follow from what they number, so that an entry which comes or goes renumbers no other.

For lists in which the order does not matter, such as a prefix-list of permits only. Where it does, an entry's
number is its place in the policy and stands in the template.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable
from itertools import count

LAST = 2**32 - 1
"""The highest number of an entry of FRR's prefix-lists; the lowest is 1."""


def numbered(keys: Iterable[str], last: int = LAST) -> list[tuple[int, str]]:
    """Each key once with its number from 1 to `last`, in the order of the numbers, as FRR shows a list.

    A number is a digest of its key. Of keys with the same digest the first in the alphabet keeps it; the
    others, and only they, take digests of key and attempt that nobody has. Raises ValueError if there are more
    keys than numbers.
    """
    by_digest: defaultdict[int, list[str]] = defaultdict(list)
    for key in sorted(set(keys)):
        by_digest[_digest(key, 0, last)].append(key)
    if sum(map(len, by_digest.values())) > last:
        raise ValueError(f"there are more than {last} entries")
    numbers = {number: first for number, (first, *_) in by_digest.items()}
    for key in sorted(key for _, *others in by_digest.values() for key in others):
        free = (number for attempt in count(1) if (number := _digest(key, attempt, last)) not in numbers)
        numbers[next(free)] = key
    return sorted(numbers.items())


def _digest(key: str, attempt: int, last: int) -> int:
    whole = hashlib.sha256(f"{attempt} {key}".encode()).digest()
    return int.from_bytes(whole[:8]) % last + 1
