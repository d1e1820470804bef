"""What a blob has of another is found, left out, and put back exactly."""

from __future__ import annotations

import base64
import random
import sys
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.store import excerpts
from relay.store.excerpts import Excerpt, excerpt_octets_min, passes_max, put_together, read, rest, written

DRAW = random.Random(5)
FILES = tuple(base64.encodebytes(DRAW.randbytes(octets)) for octets in (60_000, 150_000, 400_000))
SMALL = base64.encodebytes(DRAW.randbytes(9_000))


@pytest.mark.parametrize(
    ("octets", "source", "left"),
    [
        (b"NEW\n" + FILES[0] + b"END", b"what was there before" + FILES[0] + b"--", 7),
        (FILES[0], FILES[0], 0),
        (b"a" + FILES[0] + b"b" + FILES[1] + b"c" + FILES[2] + b"d", b"1" + FILES[0] + b"2" + FILES[1] + b"3" + FILES[2], 4),
        (FILES[2] + b"b" + FILES[0], FILES[0] + b"1" + FILES[2], 1),  # in another order
        (FILES[1] + FILES[1], b"once" + FILES[1], 0),
        (b"x" * 40_000 + FILES[1], FILES[1] + b"y" * 40_000, 40_000),
        (SMALL, SMALL, len(SMALL)),
        (FILES[0], FILES[1], len(FILES[0])),
        (FILES[0], b"", len(FILES[0])),
        (b"", FILES[0], 0),
    ],
    ids="passed-on same three moved twice beside small other nothing empty".split(),
)
def test_long_stretches_are_kept_once(octets: bytes, source: bytes, left: int) -> None:
    found = excerpts.excerpts(octets, source)
    own = rest(octets, found)
    # Where two stretches meet, a few octets may be alike by chance.
    assert left - 4 <= len(own) <= left
    assert put_together(own, found, source) == octets
    assert all(one.octets >= excerpt_octets_min for one in found)


def test_a_file_that_was_changed_in_the_middle_is_two_excerpts() -> None:
    """A picture whose notes were erased where they stood"""
    source = FILES[2]
    octets = source[:100_000] + b"=" * 50 + source[100_050:]
    found = excerpts.excerpts(octets, source)
    assert found == (Excerpt(0, 0, 100_000), Excerpt(100_050, 100_050, len(source) - 100_050))


@given(
    st.lists(st.sampled_from([*FILES, SMALL, b"\r\n", b"A" * 70_000, bytes(50_000)]), max_size=5),
    st.lists(st.sampled_from([*FILES, SMALL, b"text", b"A" * 40_000, bytes(60_000)]), max_size=5),
)
def test_whatever_is_alike_it_comes_back(octets: list[bytes], source: list[bytes]) -> None:
    whole, of = b"".join(octets), b"".join(source)
    found = excerpts.excerpts(whole, of)
    ends = [0, *(one.at + one.octets for one in found)]
    assert all(one.at >= end for one, end in zip(found, ends, strict=False))
    assert put_together(rest(whole, found), read(written(found)), of) == whole


class Source(bytes):
    """Counts how much of it is gone through."""

    gone_through = 0

    def find(self, piece: bytes, begin: int = 0, end: int = sys.maxsize) -> int:  # type: ignore[override]  # as it is asked
        at = super().find(piece, begin, end)
        self.gone_through += (at if at != -1 else min(end, len(self))) - begin
        return at


LARGE = [DRAW.randbytes(40_000 + 317 * number) for number in range(100)]


def with_something_between(files: Sequence[bytes]) -> bytes:
    return b"".join(piece for file in files for piece in (file, DRAW.randbytes(40)))


@pytest.mark.parametrize(
    ("octets", "times"),
    [
        (DRAW.randbytes(6_000_000), passes_max + 1),
        (with_something_between(LARGE[::-1]), passes_max + 1),  # each stands far from where it is looked for first
        (with_something_between(LARGE), 8),
    ],
    ids="nothing reversed alike".split(),
)
def test_how_much_is_gone_through_has_a_bound(octets: bytes, times: int) -> None:
    """Invariant 12: the time is linear, whatever was sent"""
    source = Source(b"".join(LARGE))
    found = excerpts.excerpts(octets, source)
    assert source.gone_through < times * len(source)
    assert put_together(rest(octets, found), found, source) == octets


def test_of_many_files_in_the_order_of_the_source_each_is_found() -> None:
    """PERF-5"""
    assert len(excerpts.excerpts(with_something_between(LARGE), b"".join(LARGE))) == len(LARGE)


@pytest.mark.parametrize("column", ["", "[[1,2]]", "[1]", "{}x", "[[1,2,null]]"])
def test_what_is_no_list_of_excerpts_is_an_error(column: str) -> None:
    with pytest.raises((ValueError, TypeError)):
        read(column)
