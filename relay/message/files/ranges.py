"""Stretches of a file that are erased where they stand, so that whatever points at other places still fits."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise

from relay.errors import Unreadable

Range = tuple[int, int]
"""[begin, end) in octets."""


def erase(octets: bytearray, gone: Sequence[Range], kept: Iterable[Range]) -> None:
    """Zeros in place of `gone`. Raises Unreadable where that would reach beyond the file or into what is kept."""
    if any(not 0 <= begin <= end <= len(octets) for begin, end in gone):
        raise Unreadable("a part of the file lies beyond its end")
    both = sorted([*((*one, False) for one in united(gone)), *((*one, True) for one in united(kept))])
    if any(end > begin for (_, end, _), (begin, _, _) in pairwise(both)):
        raise Unreadable("parts of the file overlap")
    for begin, end in gone:
        octets[begin:end] = bytes(end - begin)


def are_disjoint(ranges: Sequence[Range]) -> bool:
    """Whether no two of them overlap."""
    return sum(end - begin for begin, end in ranges) == sum(end - begin for begin, end in united(ranges))


def united(ranges: Iterable[Range]) -> list[Range]:
    """The ranges in order, those that touch as one; empty ones left out."""
    one: list[Range] = []
    for begin, end in sorted(ranges):
        if begin >= end:
            continue
        if one and begin <= one[-1][1]:
            one[-1] = (one[-1][0], max(one[-1][1], end))
        else:
            one.append((begin, end))
    return one
