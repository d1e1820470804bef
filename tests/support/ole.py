"""OLE compound files (MS-CFB) with given streams, short ones in the short stream; and what old Office keeps in them."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

_FREE, _END, _FAT = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
_SHORT: Final = 4096

Tree = Mapping[str, "bytes | Tree"]


@dataclass
class _Sectors:
    """Sectors one after the other, and what follows each."""

    size: int
    octets: bytearray = field(default_factory=bytearray)
    chain: list[int] = field(default_factory=list)

    def put(self, content: bytes) -> int:
        """The first sector of the content."""
        first, count = len(self.chain), -(-len(content) // self.size)
        self.octets += content.ljust(count * self.size, b"\0")
        self.chain += [*range(first + 1, first + count), _END] if count else []
        return first if count else _END

    def table(self) -> bytes:
        return struct.pack(f"<{len(self.chain)}I", *self.chain)


@dataclass
class _Entry:
    """An entry of the directory: a stream (2), a storage (1) or the root (5)."""

    name: str
    kind: int
    right: int = _FREE
    child: int = _FREE
    first: int = 0
    length: int = 0

    def octets(self) -> bytes:
        name = self.name.encode("utf-16-le")
        numbers = (len(name) + 2, self.kind, 1, _FREE, self.right, self.child, b"", 0, 0, 0, self.first, self.length)
        return struct.pack("<64sHBBIII16sIQQIQ", name, *numbers)


def ole_file(tree: Tree) -> bytes:
    """A file whose streams are the octets in `tree`, and whose storages are the trees in it. Names have at most 31 characters."""
    long, short = _Sectors(512), _Sectors(64)
    entries = [_Entry("Root Entry", 5)]

    def add(inside: Tree, parent: int) -> None:
        before: int | None = None
        for name, content in sorted(inside.items(), key=lambda one: (len(one[0]), one[0].upper())):
            number = len(entries)
            if before is None:
                entries[parent].child = number
            else:
                entries[before].right = number
            before = number
            if isinstance(content, bytes):
                first = (short if len(content) < _SHORT else long).put(content)
                entries.append(_Entry(name, 2, first=first, length=len(content)))
            else:
                entries.append(_Entry(name, 1))
                add(content, number)

    add(tree, 0)
    entries[0].first, entries[0].length = long.put(bytes(short.octets)), len(short.octets)
    table_of_short = short.table()
    short_at = long.put(table_of_short)
    directory_at = long.put(b"".join(entry.octets() for entry in entries))
    fats = 1
    while (len(long.chain) + fats) * 4 > fats * 512:
        fats += 1
    fat_at = len(long.chain)
    long.chain += [_FAT] * fats
    numbers = (0x3E, 3, 0xFFFE, 9, 6, b"", 0, fats, directory_at, 0, _SHORT, short_at, -(-len(table_of_short) // 512), _END, 0)
    head = struct.pack("<8s16sHHHHH6sIIIIIIIII", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"", *numbers)
    places = [*range(fat_at, fat_at + fats), *[_FREE] * 109][:109]
    return head + struct.pack("<109I", *places) + bytes(long.octets) + long.table().ljust(fats * 512, b"\xff")


def a_property_set(kind: bytes, properties: dict[int, str], *, wide: bool = False, size: int = 0) -> bytes:
    """A stream with one property set of strings (MS-OLEPS §2.21), with zeros up to `size`."""
    table, values = b"", b""
    offset = 8 + 8 * len(properties)
    for identifier, text in properties.items():
        table += struct.pack("<II", identifier, offset + len(values))
        octets = (text + "\0").encode("utf-16-le" if wide else "cp1252")
        value = struct.pack("<II", 31 if wide else 30, len(text) + 1) + octets
        values += value.ljust(-(-len(value) // 4) * 4, b"\0")
    section = struct.pack("<II", offset + len(values), len(properties)) + table + values
    return (struct.pack("<HHI16sI16sI", 0xFFFE, 0, 0, b"", 1, kind, 48) + section).ljust(size, b"\0")


def a_word_document(
    *, authors: list[str], owners: list[str], saved_by: list[str], associated: dict[int, str]
) -> dict[str, bytes]:
    """The streams of a Word 97 document, with its lists of strings (MS-DOC)."""
    lists = {
        0x1BA: b"".join(struct.pack("<H", len(one)) + one.encode("utf-16-le") for one in owners),
        0x232: a_string_table(authors),
        0x2D2: a_string_table(saved_by),
        0x19A: a_string_table([associated.get(number, "") for number in range(18)]),
    }
    document = bytearray(b"the text".rjust(_SHORT, b"\0"))
    struct.pack_into("<HH6xH", document, 0, 0xA5EC, 0xC1, 0x200)
    table = b"\0" * 20
    for place, content in lists.items():
        struct.pack_into("<II", document, place, len(table), len(content))
        table += content
    return {"WordDocument": bytes(document), "1Table": table}


def a_string_table(texts: list[str]) -> bytes:
    strings = b"".join(struct.pack("<H", len(one)) + one.encode("utf-16-le") for one in texts)
    return struct.pack("<HHH", 0xFFFF, len(texts), 0) + strings
