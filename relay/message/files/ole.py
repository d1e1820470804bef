"""Old Office files: containers with properties, users and authors of changes, blanked in their places (LEAK-63, MS-CFB).

Nothing in them moves: a name becomes as many blanks. What is not understood stays for the second reading to judge.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Callable, Iterator, Sequence
from typing import Final

import olefile

from relay.errors import Unreadable
from relay.message.charsets import decoded_octets
from relay.message.files.cleaned import Cleaned, Tells

ole_octets_max: Final = 32 * 1024 * 1024
streams_max: Final = 500
properties_max: Final = 1000
strings_max: Final = 5000
records_max: Final = 200_000

_MAGIC: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_BROKEN: Final = (
    OSError,
    struct.error,
    ValueError,
    TypeError,
    LookupError,
    AttributeError,
    RuntimeError,
    ArithmeticError,
    AssertionError,
)

SUMMARY: Final = bytes.fromhex("e0859ff2f94f6810ab9108002b27b3d9")
DOCUMENT_SUMMARY: Final = bytes.fromhex("02d5cdd59c2e1b10939708002b2cf9ae")
CUSTOM: Final = bytes.fromhex("05d5cdd59c2e1b10939708002b2cf9ae")
OF_PEOPLE: Final = {SUMMARY: frozenset({4, 8}), DOCUMENT_SUMMARY: frozenset({14, 15})}
"""By kind of property set (MS-OLEPS): author, last author; manager, company. All of a custom set are of people."""
_string: Final = 30
_wide_string: Final = 31
_first_property: Final = 2

_word_97: Final = 0xC1
_encrypted: Final = 0x100
_second_table: Final = 0x200
TABLES: Final = (0x1BA, 0x232, 0x2D2)
"""Where a Word document says where it keeps the authors of comments, of changes, and who saved it under which path
(MS-DOC §2.5.6: GrpXstAtnOwners, SttbfRMark, SttbSavedBy)."""
_associated: Final = 0x19A
_ASSOCIATED_OF_PEOPLE: Final = frozenset({6, 7, 8, 9})
"""Of the associated strings: author, last author, and the files that a letter was merged from (MS-DOC §2.9.276)."""
_extended: Final = 0xFFFF

_write_access: Final = 0x5C
_file_pass: Final = 0x2F
_note: Final = 0x1C

Edit = tuple[int, bytes]
"""Where in a stream, and what stands there then."""


def is_ole(octets: bytes) -> bool:
    return octets.startswith(_MAGIC)


def clean_ole(octets: bytes, tells: Tells) -> Cleaned:
    """The file with blanks where its properties and lists of users name people. Raises Unreadable for a damaged or huge one."""
    if len(octets) > ole_octets_max:
        raise Unreadable("an old Office file larger than is opened")
    written = io.BytesIO(octets)
    changed = False
    try:
        with olefile.OleFileIO(written, write_mode=True) as ole:
            paths: list[list[str]] = ole.listdir()
            paths = [path for path in paths if _is_read(path)]
            if len(paths) > streams_max or sum(int(ole.get_size(path)) for path in paths) > len(octets):
                raise Unreadable("an old Office file of more streams than are read")
            streams: dict[tuple[str, ...], bytes] = {tuple(path): ole.openstream(path).read() for path in paths}
            for path, stream in streams.items():
                edits = [edit for edit in _edits(path, streams, tells) if stream[edit[0] : edit[0] + len(edit[1])] != edit[1]]
                if edits:
                    changed = True
                    ole.write_stream(list(path), _edited(stream, edits))
            # Closing the container closes what it was read from.
            return Cleaned(written.getvalue(), ("document properties",)) if changed else Cleaned(octets)
    except _BROKEN as broken:
        raise Unreadable("a damaged old Office file") from broken


def _is_read(path: Sequence[str]) -> bool:
    return path[-1].startswith("\x05") or path[-1] in _STREAMS or path[-1] in {"0Table", "1Table"}


def _edits(path: tuple[str, ...], streams: dict[tuple[str, ...], bytes], tells: Tells) -> Iterator[Edit]:
    name = path[-1]
    stream = streams[path]
    if name.startswith("\x05"):
        yield from _in_properties(stream, tells)
    elif name in {"0Table", "1Table"}:
        document = streams.get((*path[:-1], "WordDocument"), b"")
        yield from _in_word_table(document, name, stream, tells)
    elif name in _STREAMS:
        yield from _STREAMS[name](stream)


def _edited(stream: bytes, edits: Sequence[Edit]) -> bytes:
    after = bytearray(stream)
    for at, octets in edits:
        after[at : at + len(octets)] = octets
    return bytes(after)


def _in_properties(stream: bytes, tells: Tells) -> Iterator[Edit]:
    """Strings of the property sets (MS-OLEPS §2.21)."""
    (sets,) = struct.unpack_from("<I", stream, 24)
    for number in range(min(sets, 2)):
        kind, section = struct.unpack_from("<16sI", stream, 28 + 20 * number)
        _, count = struct.unpack_from("<II", stream, section)
        for entry in range(min(count, properties_max)):
            identifier, offset = struct.unpack_from("<II", stream, section + 8 + 8 * entry)
            begin = section + offset
            if identifier < _first_property or begin + 8 > len(stream):
                continue
            form, length = struct.unpack_from("<II", stream, begin)
            if form not in {_string, _wide_string}:
                continue
            value = stream[begin + 8 : begin + 8 + length * (2 if form == _wide_string else 1)]
            of_people = kind == CUSTOM or identifier in OF_PEOPLE.get(kind, ())
            if value.strip(b"\0") and (of_people or tells(_text(value))):
                yield begin + 8, bytes(len(value))


def _in_word_table(document: bytes, name: str, table: bytes, tells: Tells) -> Iterator[Edit]:
    """Lists of strings that a Word document keeps beside its text (MS-DOC §2.2.4)."""
    _, version = struct.unpack_from("<HH", document, 0)
    (flags,) = struct.unpack_from("<H", document, 10)
    if version < _word_97 or flags & _encrypted or name != ("1Table" if flags & _second_table else "0Table"):
        return
    for number, at, length in _strings(document, table, _associated):
        if number in _ASSOCIATED_OF_PEOPLE or tells(_text(table[at : at + length])):
            yield at, b" \0" * (length // 2)
    for place in TABLES:
        for _, at, length in _strings(document, table, place):
            yield at, b" \0" * (length // 2)


def _strings(document: bytes, table: bytes, place: int) -> Iterator[tuple[int, int, int]]:
    """(number, where, octets) of the strings of one list in UTF-16: with a head, or one after another (MS-DOC §2.2.4)."""
    begin, size = struct.unpack_from("<II", document, place)
    end = min(begin + size, len(table))
    extra = 0
    at = begin
    if size > 6 and struct.unpack_from("<H", table, begin)[0] == _extended:
        (extra,) = struct.unpack_from("<H", table, begin + 4)
        at = begin + 6
    for number in range(strings_max):
        if at + 2 > end:
            return
        length = struct.unpack_from("<H", table, at)[0] * 2
        if at + 2 + length > end:
            return
        yield number, at + 2, length
        at += 2 + length + extra


def _in_workbook(stream: bytes) -> Iterator[Edit]:
    """Who saved it last, and the authors of notes (MS-XLS §2.4.349, §2.4.179); nothing of an encrypted one."""
    at = 0
    found: list[Edit] = []
    for _ in range(records_max):
        if at + 4 > len(stream):
            break
        kind, size = struct.unpack_from("<HH", stream, at)
        body = stream[at + 4 : at + 4 + size]
        if kind == _file_pass:
            return
        if kind == _write_access and size > 3:
            found.append((at + 7, b" " * (size - 3)))
        elif kind == _note and size > 11:
            length, wide = struct.unpack_from("<HB", body, 8)
            found.append((at + 15, b" \0" * length if wide & 1 else b" " * length))
        at += 4 + size
    yield from ((place, octets) for place, octets in found if place + len(octets) <= len(stream))


def _in_current_user(stream: bytes) -> Iterator[Edit]:
    """Who saved a presentation last, in two alphabets (MS-PPT §2.3.2)."""
    (length,) = struct.unpack_from("<H", stream, 20)
    if 28 + length <= len(stream):
        yield 28, b" " * length
        wide = stream[28 + length + 4 : 28 + length + 4 + 2 * length]
        yield 28 + length + 4, b" \0" * (len(wide) // 2)


def _text(value: bytes) -> str:
    return decoded_octets(value.rstrip(b"\0"), "utf-16-le" if value[1::2].strip(b"\0") == b"" else None)


_STREAMS: Final[dict[str, Callable[[bytes], Iterator[Edit]]]] = {
    "Workbook": _in_workbook,
    "Book": _in_workbook,
    "Current User": _in_current_user,
    "WordDocument": lambda _: iter(()),
}
"""Streams beside the properties; a Word document is read for where its tables are."""
