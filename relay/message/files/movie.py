"""MP4, QuickTime, M4A, and the pictures made like them: HEIC, AVIF, JPEG 2000, JPEG XL (ISO/IEC 14496-12, LEAK-60, LEAK-63).

Much in such a file points at places in it, so nothing moves: a box that says something becomes `free`, of the same length and
full of zeros.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import accumulate
from typing import Final

from relay.errors import Unreadable
from relay.message.files.boxes import Box, boxes
from relay.message.files.cleaned import Cleaned, Tells
from relay.message.files.heif import SAYING, items, silenced
from relay.message.files.numbers import number_at
from relay.message.files.ranges import Range, erase

depth_max: Final = 8
"""Boxes within boxes."""
chunks_max: Final = 1_000_000
"""Stretches of samples in one track."""

_FIRST: Final = frozenset(b"ftyp moov mdat wide free skip pnot".split())
_SIGNATURES: Final = (b"\0\0\0\x0cJXL \r\n\x87\n", b"\0\0\0\x0cjP  \r\n\x87\n")
_HOLDING: Final = frozenset(b"moov trak mdia minf stbl edts mvex moof traf mfra iprp".split())
"""Boxes of boxes that are looked into."""
_KEPT: Final = frozenset((b"jP  ", b"JXL ")) | frozenset(
    b"""
    ftyp styp mdat wide pdin sidx ssix prft pssh tfra mfro pnot PICT jp2h jp2c rreq jxlc jxlp jxll jxli jbrd
    mvhd iods ctab clip tkhd tref tapt load matt imap trgr elst mdhd hdlr elng vmhd smhd hmhd nmhd sthd gmhd dinf
    stsd stts ctts cslg stsc stsz stz2 stco co64 stss stsh padb stdp sdtp sbgp sgpd subs saiz saio stps senc
    mehd trex leva mfhd tfhd trun tfdt pitm iinf iref iloc idat grpl ipma ipro ipco udes
    """.split()
)
_UNREAD: Final = frozenset((b"cmov", b"rmra"))
"""Packed or pointing elsewhere: such a film is not understood."""
_UUIDS: Final = tuple(
    map(
        bytes.fromhex,
        """
        ffcc8263f8554a938814587a02521fdd 8974dbce7be74c5184f97148f9882554 a2394f525a9b4f14a2446c427c648df4
        6d1d9b0542d544e680e2141daff757b2 d4807ef2ca3946958e5426cb9e46a79f d08a4f1810f34a82b6c832d8aba183d3
        """.split(),
    )
)
"""How a film is projected (Google, Spherical Video V1), and how it is encrypted and cut up (PIFF 1.1)."""
_TAKEN: Final = {b"udta": "description", b"meta": "description", b"udes": "description", b"Exif": "place and camera"}
_NOTE: Final = "note of a program"
_TRACK_OF_NOTES: Final = b"meta"
_PICTURE: Final = b"pict"


def is_movie(octets: bytes) -> bool:
    return (octets[:1] == b"\0" and octets[4:8] in _FIRST) or octets.startswith(_SIGNATURES)


def clean_movie(octets: bytes, tells: Tells) -> Cleaned:
    """The film, sound or picture, every sample in its old place, without what is said about it.

    Tracks of notes, which tell the place at every second, lose their samples too. Raises Unreadable where boxes overrun.
    """
    return _Movie(octets, tells).cleaned()


class _Movie:
    """One file, and what of it goes."""

    def __init__(self, octets: bytes, tells: Tells) -> None:
        self._octets = octets
        self._tells = tells
        self._free: list[Box] = []
        self._gone: list[Range] = []
        self._kept: list[Range] = []
        self._written: list[tuple[Range, bytes]] = []
        self._data: list[Range] = []
        self._taken: list[str] = []

    def cleaned(self) -> Cleaned:
        end = len(self._octets)
        top = self._top()
        if top and top[-1].end < end:
            end = top[-1].end
            self._taken.append("what stood behind the end")
        self._data = [(one.content, one.end) for one in top if one.name == b"mdat"]
        for one in top:
            self._judge(one, 1)
        after = bytearray(self._octets[:end])
        erase(after, [*self._gone, *((one.content, one.end) for one in self._free)], self._kept)
        for one in self._free:
            after[one.begin + 4 : one.begin + 8] = b"free"
        for (begin, stop), said in self._written:
            after[begin:stop] = said
        return Cleaned(bytes(after), tuple(dict.fromkeys(self._taken)))

    def _top(self) -> list[Box]:
        """The boxes of the file. Some telephones write behind them what is no box: that is none of the film."""
        found: list[Box] = []
        try:
            for one in boxes(self._octets, 0, len(self._octets)):
                found.append(one)  # noqa: PERF402 (those before a break are wanted)
        except Unreadable:
            if not {b"mdat", b"jp2c", b"jxlc", b"jxlp"} & {one.name for one in found}:
                raise
        return found

    def _judge(self, one: Box, depth: int) -> None:
        """Look at a box, and at those in it."""
        if one.name in _UNREAD or depth > depth_max:
            raise Unreadable("a film of which nothing can be told")
        if one.name in _HOLDING:
            inside = list(boxes(self._octets, one.content, one.end))
            if one.name == b"trak" and self._handler(inside) == _TRACK_OF_NOTES:
                self._lose_samples(inside)
                self._lose(one, "place and camera")
                return
            for each in inside:
                self._judge(each, depth + 1)
        elif one.name == b"meta" and depth == 1:
            self._judge_items(one)
        elif one.name in _SPEAKING:
            _SPEAKING[one.name](self, one)
        elif one.name not in _KEPT and not (one.name == b"uuid" and self._octets[one.content :].startswith(_UUIDS)):
            self._lose(one, _TAKEN.get(one.name, _NOTE))

    def _judge_free(self, one: Box) -> None:
        if self._octets.count(0, one.content, one.end) < one.end - one.content:
            self._lose(one, "leftover")

    def _judge_handler(self, one: Box) -> None:
        name = (one.content + 24, one.end)
        if self._tells(self._octets[slice(*name)].strip(b"\0").decode("utf-8", "replace")):
            self._gone.append(name)
            self._taken.append(_NOTE)

    def _judge_properties(self, one: Box) -> None:
        """Those of a picture's items, which are counted: one that describes stays, empty (ISO/IEC 23008-12 §6.5.20)."""
        for each in boxes(self._octets, one.content, one.end):
            if each.name == b"udes" and self._octets[each.content + 4 : each.end].strip(b"\0"):
                self._gone.append((each.content + 4, each.end))
                self._taken.append(_TAKEN[each.name])

    def _lose(self, one: Box, name: str) -> None:
        self._free.append(one)
        self._taken.append(name)

    def _handler(self, inside: list[Box]) -> bytes:
        """What a track, or a `meta`, is for, from the boxes in it."""
        for one in inside:
            if one.name == b"mdia":
                return self._handler(list(boxes(self._octets, one.content, one.end)))
            if one.name == b"hdlr":
                return self._octets[one.content + 8 : one.content + 12]
        return b""

    def _judge_items(self, meta: Box) -> None:
        """The items of a picture; anything else that stands in `meta` is a description."""
        begin = meta.content + 4
        inside = list(boxes(self._octets, begin, meta.end)) if self._octets[begin + 4 : begin + 8] == b"hdlr" else []
        if self._handler(inside) != _PICTURE:
            self._lose(meta, _TAKEN[b"meta"])
            return
        for each in inside:
            self._judge(each, 2)
        self._data += [(one.content, one.end) for one in inside if one.name == b"idat"]
        # Items share octets where they say the same. Of Exif, which is written last, the beginning has to stand.
        for item in sorted(items(self._octets, {one.name: one for one in inside}), key=lambda one: one.kind == b"Exif"):
            if item.kind not in SAYING:
                self._kept += [(begin, min(end, len(self._octets))) for begin, end in item.ranges]
                continue
            said = b"".join(self._octets[begin:end] for begin, end in item.ranges)
            blank = silenced(item, said)
            if said != blank:
                self._taken.append(SAYING[item.kind])
                self._erase_data(item.ranges)
                ends = accumulate(end - begin for begin, end in item.ranges)
                self._written += [(one, blank[end - (one[1] - one[0]) : end]) for one, end in zip(item.ranges, ends, strict=True)]

    def _erase_data(self, ranges: Iterable[Range]) -> None:
        for begin, end in ranges:
            if not any(first <= begin <= end <= last for first, last in self._data):
                raise Unreadable("what is said about a picture lies outside of its data")
            self._gone.append((begin, end))

    def _lose_samples(self, track: list[Box]) -> None:
        inside = {one.name: one for one in track}
        for name in (b"mdia", b"minf", b"stbl"):
            inside = (
                {one.name: one for one in boxes(self._octets, inside[name].content, inside[name].end)} if name in inside else {}
            )
        if {b"stsz", b"stsc"} <= inside.keys():
            self._erase_data(one for one in self._samples(inside) if one[0] < one[1])

    def _samples(self, table: Mapping[bytes, Box]) -> Iterator[Range]:
        """Where the samples of a track lie, chunk by chunk."""
        octets, sizes, runs = self._octets, table[b"stsz"], table[b"stsc"]
        one_size = number_at(octets, sizes.content + 4, 4)
        ends = [0, *accumulate(_numbers(octets, sizes, 12, 4, 1))]
        firsts = [*_numbers(octets, runs, 8, 4, 3)]
        counts = [*_numbers(octets, runs, 12, 4, 3)]
        places = table.get(b"stco") or table.get(b"co64")
        if places is None:
            return
        sample, run = 0, 0
        for number, begin in enumerate(_numbers(octets, places, 8, 4 if places.name == b"stco" else 8, 1), 1):
            while run + 1 < min(len(firsts), len(counts)) and firsts[run + 1] <= number:
                run += 1
            following = sample + (counts[run] if run < len(counts) else 0)
            last = len(ends) - 1
            length = (following - sample) * one_size if one_size else ends[min(following, last)] - ends[min(sample, last)]
            sample = following
            yield begin, begin + length


_SPEAKING: Final[Mapping[bytes, Callable[[_Movie, Box], None]]] = {
    b"free": _Movie._judge_free,
    b"skip": _Movie._judge_free,
    b"hdlr": _Movie._judge_handler,
    b"ipco": _Movie._judge_properties,
}
"""The boxes that may say something and are needed all the same."""


def _numbers(octets: bytes, table: Box, skipped: int, size: int, step: int) -> Iterator[int]:
    """Every `step`th number of a table, which begins behind `skipped` octets."""
    begin = table.content + skipped
    if (table.end - begin) // size > chunks_max:
        raise Unreadable("a track has too many samples")
    for at in range(begin, table.end - size + 1, size * step):
        yield number_at(octets, at, size)
