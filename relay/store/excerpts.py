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
passes_max: Final = 16
"""So many times its length of the source is gone through for pieces of the other. Once costs a tenth of a millisecond for a
megabyte, and three milliseconds where somebody wrote both to make it slow."""
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


@dataclass(frozen=True, slots=True)
class _Gap:
    """Octets that are in no excerpt so far. What is before them stands in the source up to `behind`."""

    begin: int
    end: int
    behind: int


def excerpts(octets: bytes, source: bytes) -> tuple[Excerpt, ...]:
    """The long stretches that `octets` has of `source`, in order, none over another. Linear in both together.

    What stands in the middle is looked for in the source, and followed in both directions; then the same with what is left before
    and behind it, the longer one first. So the largest attachment is found at the first look, and the next largest soon after. It
    is looked for first behind what the source has of the octets before it: mostly both have the same order.
    """
    found: list[Excerpt] = []
    gaps = [_Gap(0, len(octets), 0)]
    left = passes_max * len(source)
    while gaps and left > 0 and len(found) < excerpts_max:
        gap = max(gaps, key=lambda gap: gap.end - gap.begin)
        if gap.end - gap.begin < excerpt_octets_min:
            break
        gaps.remove(gap)
        middle = (gap.begin + gap.end) // 2
        there, gone_through = _looked_for(octets[middle : min(middle + _piece_octets, gap.end)], source, gap.behind)
        left -= gone_through
        one = _around(octets, middle, source, there, gap) if there != -1 else None
        if one is None or one.octets < excerpt_octets_min:
            gaps += (_Gap(gap.begin, middle, gap.behind), _Gap(middle, gap.end, gap.behind))
        else:
            found.append(one)
            gaps += (_Gap(gap.begin, one.at, gap.behind), _Gap(one.at + one.octets, gap.end, one.source_at + one.octets))
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


def _looked_for(piece: bytes, source: bytes, behind: int) -> tuple[int, int]:
    """Where the source has a piece, first from `behind` on, then before it; -1 where nowhere. And how much was gone through."""
    at = source.find(piece, behind)
    if at != -1:
        return at, at - behind + len(piece)
    end = min(behind + len(piece), len(source))
    at = source.find(piece, 0, end)
    return at, len(source) - behind + (at if at != -1 else end) + len(piece)


def _around(octets: bytes, middle: int, source: bytes, there: int, gap: _Gap) -> Excerpt:
    """The stretch of a gap around its middle, of which the source has a piece `there`."""
    before = _alike_before(octets, middle, source, there, min(middle - gap.begin, there))
    behind = _alike(octets, middle, source, there, min(gap.end - middle, len(source) - there))
    return Excerpt(middle - before, there - before, before + behind)


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
