"""TIFF: fields that do not make the picture go, and what they point at is erased in place (TIFF 6.0, DNG 1.7, LEAK-60)."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from relay.errors import Unreadable
from relay.message.files.cleaned import Cleaned, Tells
from relay.message.files.exif import BYTE_ORDERS
from relay.message.files.numbers import Order, number_at
from relay.message.files.profile import profile_tells
from relay.message.files.ranges import Range, are_disjoint, erase

directories_max: Final = 2_000
"""Pages, and what they point at."""
fields_max: Final = 100_000
"""Of all directories."""
values_max: Final = 2_000_000
"""Numbers in the fields that tell where the picture lies."""

_HEADER_OCTETS: Final = 8
_ENTRY_OCTETS: Final = 12
_INLINE_OCTETS: Final = 4
_TYPE_OCTETS: Final = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4}
_FORMATS: Final = {3: "H", 4: "I", 13: "I"}

_PHOTOMETRIC: Final = 262
_SUB_DIRECTORIES: Final = 330
_EXIF: Final = 34665
_GPS: Final = 34853
_INTEROPERABILITY: Final = 40965
_PROFILE: Final = 34675
_DNG: Final = 50706
_LEADING: Final = frozenset({_EXIF, _GPS, _INTEROPERABILITY})
"""The fields whose values are places of directories that go with them."""
_DATA: Final = ((273, 279), (324, 325), (513, 514))
"""(places, lengths) of the strips and tiles that make a picture, and of a small one in JPEG."""
_PICTURE: Final = frozenset(
    {254, 255, *range(256, 260), *range(262, 267), 273, 274, *range(277, 285), 286, 287, 290, 291, 292, 293, 296, 297, 301}
    | {*range(317, 329), _SUB_DIRECTORIES, 332, 334, 336, *range(338, 342), 346, 347, *range(512, 522), *range(529, 533), 559}
    | {32995, 32996, 32997, 32998, _PROFILE, 34676, 34677, 37439, 50674}
)
"""The fields that say how the picture is stored, coloured, sized and turned."""
_PERSONAL: Final = frozenset(
    {269, 270, 285, 315, 316, 700, 33432, 33723, 34377, _GPS, 37510, 37724}
    | {40091, 40092, 40093, 40094, 40095, 42016, 42032, 42033, 42037, 50735, 50827, 50828}
)
"""Those that go from what a camera's sensor saw, which no program can show without many others (DNG, NEF, ARW)."""
_SENSOR: Final = frozenset({32803, 34892})
"""How such a picture is coloured (TIFF/EP, DNG)."""
_TAKEN: Final = {_GPS: "place and camera", _EXIF: "place and camera", _PROFILE: "colour profile"}
_DESCRIPTION: Final = "description"


@dataclass(frozen=True, slots=True)
class _Field:
    """One field at `at` in the file; its values are in [begin, end)."""

    at: int
    tag: int
    kind: int
    begin: int
    end: int

    @property
    def is_apart(self) -> bool:
        """Whether the values stand elsewhere than in the field."""
        return self.end - self.begin > _INLINE_OCTETS


@dataclass(frozen=True, slots=True)
class _Directory:
    """The fields between `begin` and the place of the next directory, which ends at `end`."""

    begin: int
    end: int
    fields: tuple[_Field, ...] = field(repr=False)

    def named(self, tag: int) -> _Field | None:
        return next((one for one in self.fields if one.tag == tag), None)


def is_tiff(octets: bytes) -> bool:
    return octets[:4] in BYTE_ORDERS


def clean_tiff(octets: bytes, tells: Tells) -> Cleaned:
    """The picture with its colours, its sizes and how to turn it, every part of it in its old place.

    Raises Unreadable for directories that lead out of the file or into one another.
    """
    return _Tiff(octets, BYTE_ORDERS[octets[:4]], tells).cleaned()


class _Tiff:
    """One file, and what of it is kept and goes."""

    def __init__(self, octets: bytes, order: Order, tells: Tells) -> None:
        self._octets = octets
        self._order: Order = order
        self._tells = tells
        self._kept: list[Range] = [(0, _HEADER_OCTETS)]
        self._gone: list[Range] = []
        self._directories: dict[int, _Directory] = {}
        self._fields_left = fields_max
        self._values_left = values_max

    def cleaned(self) -> Cleaned:
        self._read([number_at(self._octets, _INLINE_OCTETS, 4, self._order)], {_SUB_DIRECTORIES})
        pages = tuple(self._directories.values())
        is_raw = any(one.named(_DNG) or not _SENSOR.isdisjoint(self._values(one.named(_PHOTOMETRIC))) for one in pages)
        if is_raw:
            self._read([place for one in pages for place in self._values(one.named(_EXIF))], {_EXIF, _INTEROPERABILITY})
        written: list[tuple[_Directory, list[_Field]]] = []
        taken: list[str] = []
        for one in tuple(self._directories.values()):
            stays = [each for each in one.fields if self._stays(each, is_raw=is_raw)]
            self._kept += [(each.begin, min(each.end, len(self._octets))) for each in stays if each.is_apart]
            self._kept += self._data(one)
            if len(stays) == len(one.fields):
                self._kept.append((one.begin, one.end))
                continue
            written.append((one, stays))
            places = {each.at for each in stays}
            for each in one.fields:
                if each.at not in places:
                    taken.append(_TAKEN.get(each.tag, _DESCRIPTION))
                    self._lose(each)
        return Cleaned(self._erased(written), tuple(dict.fromkeys(taken))) if written else Cleaned(self._octets)

    def _erased(self, written: list[tuple[_Directory, list[_Field]]]) -> bytes:
        """The file without what goes, in which these directories have only these fields."""
        if not are_disjoint([(one.begin, one.end) for one in self._directories.values()]):
            raise Unreadable("directories of the picture overlap")
        after = bytearray(self._octets)
        erase(after, [*self._gone, *((one.begin, one.end) for one, _ in written)], self._kept)
        for one, stays in written:
            fields = b"".join(self._octets[each.at : each.at + _ENTRY_OCTETS] for each in stays)
            directory = len(stays).to_bytes(2, self._order) + fields + self._octets[one.end - 4 : one.end]
            after[one.begin : one.begin + len(directory)] = directory
        return bytes(after)

    def _read(self, places: list[int], ways: set[int]) -> None:
        """Read the directories at these places, those that follow them, and those below them by fields among `ways`."""
        while places:
            place = places.pop()
            if place and place not in self._directories:
                if len(self._directories) >= directories_max:
                    raise Unreadable("the picture has too many directories")
                one = self._directory(place)
                self._directories[place] = one
                places.append(number_at(self._octets, one.end - 4, 4, self._order))
                for each in one.fields:
                    if each.tag in ways:
                        places += self._values(each)

    def _directory(self, begin: int) -> _Directory:
        count = number_at(self._octets, begin, 2, self._order)
        self._fields_left -= count
        end = begin + 2 + count * _ENTRY_OCTETS + 4
        if self._fields_left < 0 or end > len(self._octets):
            raise Unreadable("a directory of the picture does not end")
        return _Directory(begin, end, tuple(self._field(at) for at in range(begin + 2, end - 4, _ENTRY_OCTETS)))

    def _field(self, at: int) -> _Field:
        tag, kind, count = struct.unpack_from("<HHI" if self._order == "little" else ">HHI", self._octets, at)
        length = _TYPE_OCTETS.get(kind, 0) * count
        begin = at + 8 if length <= _INLINE_OCTETS else number_at(self._octets, at + 8, 4, self._order)
        return _Field(at, tag, kind, begin, begin + length)

    def _values(self, one: _Field | None) -> tuple[int, ...]:
        """The whole numbers of a field; none where they lie beyond the file, or are no such numbers."""
        form = _FORMATS.get(one.kind) if one is not None else None
        if one is None or form is None or one.end > len(self._octets):
            return ()
        count = (one.end - one.begin) // _TYPE_OCTETS[one.kind]
        self._values_left -= count
        if self._values_left < 0:
            raise Unreadable("the picture has too many pieces")
        return struct.unpack_from(f"{'<' if self._order == 'little' else '>'}{count}{form}", self._octets, one.begin)

    def _stays(self, one: _Field, *, is_raw: bool) -> bool:
        if one.tag == _PROFILE and profile_tells(self._octets[one.begin : one.end], self._tells):
            return False
        return one.tag not in _PERSONAL if is_raw else one.tag in _PICTURE

    def _data(self, one: _Directory) -> Iterator[Range]:
        """Where the picture of a directory lies."""
        for places, lengths in _DATA:
            for begin, length in zip(self._values(one.named(places)), self._values(one.named(lengths)), strict=False):
                yield begin, min(begin + length, len(self._octets))

    def _lose(self, one: _Field) -> None:
        """Erase the values of a field, and the directories that they lead to."""
        fields = [one]
        while fields:
            each = fields.pop()
            if each.is_apart:
                self._gone.append((each.begin, each.end))
            for place in self._values(each) if each.tag in _LEADING else ():
                if place not in self._directories:
                    below = self._directory(place)
                    self._directories[place] = below
                    self._gone.append((below.begin, below.end))
                    fields += below.fields
