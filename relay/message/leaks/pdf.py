"""What a PDF says about people apart from its pages: the information dictionary, XMP, authors of notes (LEAK-61)."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from relay.message.leaks.pictures import xmp_packets

streams_max: Final = 2000
stream_octets_max: Final = 4 * 1024 * 1024
inflated_octets_max: Final = 32 * 1024 * 1024
"""Of all streams of a file together. A file with more has pages in its object streams, not metadata."""

_ABOUT_PEOPLE: Final = (
    rb"Author|Creator|Producer|Title|Subject|Keywords|Company|Manager|LastModifiedBy|SourceModified|Category|Comments|Reason"
    rb"|Location|ContactInfo|T"
)
_ENTRY: Final = re.compile(rb"/(%b|Info|Metadata|ObjStm)" % _ABOUT_PEOPLE)
"""What any of the entries begins with that are read here: one look through a large file for all of them."""
_STREAM_TYPES: Final = frozenset({b"Metadata", b"ObjStm"})
_stream_dictionary_max: Final = 400
_INFO: Final = re.compile(rb"/Info[ \r\n\t]{1,9}([0-9]{1,9})[ \r\n\t]{1,9}([0-9]{1,5})[ \r\n\t]{1,9}R")
_info_octets_max: Final = 64 * 1024
_PERSONAL: Final = re.compile(
    rb"/(?:%b)[ \r\n\t]{0,9}(\((?:[^()\\]|\\.|\((?:[^()\\]|\\.){0,2000}+\)){0,4000}+\)|<[0-9A-Fa-f\s]{0,8000}>)" % _ABOUT_PEOPLE,
    re.DOTALL,
)
_bookmark_octets_max: Final = 500
_STRING: Final = re.compile(rb"\((?:[^()\\]|\\.|\((?:[^()\\]|\\.){0,2000}+\)){0,4000}+\)|<[0-9A-Fa-f\s]{2,8000}>", re.DOTALL)
_OCTAL: Final = re.compile(rb"\\([0-7]{1,3}|\r?\n|.)", re.DOTALL)
_NAMED: Final = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}


def pdf_metadata(octets: bytes) -> Iterator[bytes]:
    """The strings and packets that are about people; each once. Encrypted strings stay what they are."""
    entries = _Entries.of(octets)
    yield from xmp_packets(octets)
    yield from entries.strings
    left = inflated_octets_max
    for stream in _streams(octets, entries.stream_types):
        left -= len(stream)
        if left < 0:
            return
        yield from xmp_packets(stream)
        yield from _Entries.of(stream).strings


@dataclass(slots=True)
class _Entries:
    """What the entries say that are about people, each once; and behind which of them such a stream may begin."""

    strings: dict[bytes, None] = field(default_factory=dict)
    stream_types: list[int] = field(default_factory=list)

    @classmethod
    def of(cls, octets: bytes) -> _Entries:
        entries = cls()
        dictionaries: set[tuple[bytes, bytes]] = set()
        done = 0
        for found in _ENTRY.finditer(octets):
            if found[1] in _STREAM_TYPES:
                if len(entries.stream_types) < streams_max:
                    entries.stream_types.append(found.end())
            elif found[1] == b"Info":
                if one := _INFO.match(octets, found.start()):
                    dictionaries.add((one[1], one[2]))
            elif found.start() >= done and (one := _PERSONAL.match(octets, found.start())):
                done = one.end()
                if not _is_bookmark(octets, one):
                    entries.strings[_octets_of(one[1])] = None
        for number, generation in dictionaries:
            at = octets.find(b"%b %b obj" % (number, generation))
            if at != -1:
                end = octets.find(b"endobj", at, at + _info_octets_max)
                dictionary = octets[at : end if end != -1 else at + _info_octets_max]
                entries.strings |= dict.fromkeys(map(_octets_of, _STRING.findall(dictionary)))
        return entries


def _is_bookmark(octets: bytes, entry: re.Match[bytes]) -> bool:
    """Whether this is the title of a bookmark, which programs show like a page (ISO 32000-1 §12.3.3, LEAK-65)."""
    if not entry[0].startswith(b"/Title"):
        return False
    begin = octets.rfind(b"<<", max(entry.start() - _bookmark_octets_max, 0), entry.start())
    end = octets.find(b">>", entry.end(), entry.end() + _bookmark_octets_max)
    return (
        begin != -1
        and end != -1
        and any(b"/Parent" in each for each in (octets[begin : entry.start()], octets[entry.end() : end]))
    )


def _octets_of(string: bytes) -> bytes:
    """A literal or hexadecimal string as octets (ISO 32000-1 §7.3.4); UTF-16 with its mark where it is that."""
    if string.startswith(b"<"):
        digits = b"".join(string[1:-1].split())
        return bytes.fromhex((digits + b"0" * (len(digits) % 2)).decode("ascii"))
    return _OCTAL.sub(_unescaped, string[1:-1])


def _unescaped(found: re.Match[bytes]) -> bytes:
    what = found[1]
    if what.isdigit():
        return bytes([int(what, 8) & 0xFF])
    return b"" if what.endswith(b"\n") else _NAMED.get(what, what)


def _streams(octets: bytes, types: Sequence[int]) -> Iterator[bytes]:
    """The inflated streams of metadata and of objects; both may hold what the file says about its author."""
    done = 0
    for end in types:
        begin = octets.find(b"stream", end, end + _stream_dictionary_max)
        if begin == -1 or begin < done:
            continue
        done = begin = begin + len(b"stream")
        while octets[begin : begin + 1] in {b"\r", b"\n"}:
            begin += 1
        try:
            yield zlib.decompressobj().decompress(memoryview(octets)[begin:], stream_octets_max)
        except zlib.error:
            # Not deflated: it was looked at in the clear.
            continue
