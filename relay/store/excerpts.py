"""What one blob has of another: a rendition passes attachments on as they were written, and those are kept once (PERF-5).

An excerpt is found by octets that stand in both, whatever they are: nobody here knows what a message is made of.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

excerpt_octets_min: Final = 32 * 1024
"""Shorter ones are not worth their mention."""
excerpts_max: Final = 200
"""Of one blob: more large files than a message has."""
vain_looks_max: Final = 16
"""Looks for a piece of the one in the other that find nothing. Each costs a tenth of a millisecond for a megabyte."""
_piece_octets: Final = 256
"""What is looked for: long enough to be in one place alone, and for the search to skip most of what it goes through."""
_stride_octets: Final = 64 * 1024
"""Compared at a time."""


@dataclass(frozen=True, slots=True)
class Excerpt:
    """So many octets of a blob that stand at `at` in it, and at `source_at` in its source."""

    at: int
    source_at: int
    octets: int


def excerpts(octets: bytes, source: bytes) -> tuple[Excerpt, ...]:
    """The long stretches that `octets` has of `source`, in order, none over another. Linear in both together.

    What stands in the middle is looked for in the source, and followed in both directions; then the same with what is left before
    and behind it, the longer one first. So the largest attachment is found at the first look, and the next largest soon after.
    """
    found: list[Excerpt] = []
    gaps = [(0, len(octets))]
    vain = 0
    while gaps and vain < vain_looks_max and len(found) < excerpts_max:
        begin, end = max(gaps, key=lambda gap: gap[1] - gap[0])
        if end - begin < excerpt_octets_min:
            break
        gaps.remove((begin, end))
        middle = (begin + end) // 2
        one = _around(octets, middle, begin, end, source)
        if one is None or one.octets < excerpt_octets_min:
            vain += 1
            gaps += ((begin, middle), (middle, end))
        else:
            found.append(one)
            gaps += ((begin, one.at), (one.at + one.octets, end))
    return tuple(sorted(found, key=lambda one: one.at))


def rest(octets: bytes, found: Sequence[Excerpt]) -> bytes:
    """What of `octets` is in none of the excerpts that were found in them."""
    own: list[memoryview] = []
    done, whole = 0, memoryview(octets)
    for one in found:
        own.append(whole[done : one.at])
        done = one.at + one.octets
    return b"".join((*own, whole[done:]))


def put_together(own: bytes, found: Sequence[Excerpt], source: bytes) -> bytes:
    """What `rest` left the excerpts out of."""
    pieces: list[memoryview] = []
    done = size = 0
    for one in found:
        own_end = done + one.at - size
        pieces += (memoryview(own)[done:own_end], memoryview(source)[one.source_at : one.source_at + one.octets])
        done, size = own_end, one.at + one.octets
    return b"".join((*pieces, memoryview(own)[done:]))


def written(found: Sequence[Excerpt]) -> str:
    """As a column keeps them."""
    return json.dumps([[one.at, one.source_at, one.octets] for one in found], separators=(",", ":"))


def read(column: str) -> tuple[Excerpt, ...]:
    """What `written` wrote. Raises ValueError and TypeError for anything else."""
    return tuple(Excerpt(int(at), int(source_at), int(octets)) for at, source_at, octets in json.loads(column))


def _around(octets: bytes, middle: int, begin: int, end: int, source: bytes) -> Excerpt | None:
    """The stretch of [begin, end) around the piece in its middle that stands in the source; None when that piece does not."""
    found = source.find(octets[middle : min(middle + _piece_octets, end)])
    if found == -1:
        return None
    before = _alike_before(octets, middle, source, found, min(middle - begin, found))
    behind = _alike(octets, middle, source, found, min(end - middle, len(source) - found))
    return Excerpt(middle - before, found - before, before + behind)


def _alike(one: bytes, at: int, other: bytes, there: int, most: int) -> int:
    """How many octets are the same in both from there on, `most` at most."""
    alike, stride = 0, _stride_octets
    while alike < most and stride:
        step = min(stride, most - alike)
        if one[at + alike : at + alike + step] == other[there + alike : there + alike + step]:
            alike += step
        else:
            stride = step // 2
    return alike


def _alike_before(one: bytes, at: int, other: bytes, there: int, most: int) -> int:
    """The same for what stands before."""
    alike, stride = 0, _stride_octets
    while alike < most and stride:
        step = min(stride, most - alike)
        if one[at - alike - step : at - alike] == other[there - alike - step : there - alike]:
            alike += step
        else:
            stride = step // 2
    return alike
