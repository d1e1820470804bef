"""Old Office containers, written by hand (MS-CFB): there is no library that makes them."""

from __future__ import annotations

import struct
from typing import Final

_sector: Final = 512
_mini: Final = 64
_cutoff: Final = 4096
_END: Final = 0xFFFFFFFE
_FREE: Final = 0xFFFFFFFF
_FAT: Final = 0xFFFFFFFD


def an_ole(streams: dict[str, bytes]) -> bytes:
    """A container with these streams in its root; those under 4,096 octets in its small sectors. At most 60,000 octets."""
    small = {name: content for name, content in streams.items() if len(content) < _cutoff}
    chains: dict[str, int] = {}
    mini_fat: list[int] = []
    mini_stream = b""
    for name, content in small.items():
        chains[name] = len(mini_fat)
        count = -(-len(content) // _mini)
        mini_fat += [len(mini_fat) + one + 1 for one in range(count - 1)] + [_END]
        mini_stream += content.ljust(count * _mini, b"\0")
    fat: list[int] = []
    sectors: list[bytes] = []

    def placed(content: bytes) -> int:
        begin = len(sectors)
        pieces = [content[at : at + _sector].ljust(_sector, b"\0") for at in range(0, len(content), _sector)]
        sectors.extend(pieces)
        fat.extend([begin + one + 1 for one in range(len(pieces) - 1)] + [_END])
        return begin

    sectors.append(b"")
    fat.append(_FAT)
    names = list(streams)
    for name in names:
        if name not in small:
            chains[name] = placed(streams[name])
    of_minis = placed(mini_stream) if mini_stream else _END
    mini_table = struct.pack(f"<{len(mini_fat)}I", *mini_fat).ljust(_sector, b"\xff") if mini_fat else b""
    of_mini_table = placed(mini_table) if mini_table else _END
    entries = [_entry("Root Entry", 5, 1 if names else _FREE, of_minis, len(mini_stream))]
    for number, name in enumerate(names, 1):
        following = number + 1 if number < len(names) else _FREE
        entries.append(_entry(name, 2, _FREE, chains[name], len(streams[name]), following))
    directory = placed(b"".join(entries))
    sectors[0] = struct.pack(f"<{len(fat)}I", *fat).ljust(_sector, b"\xff")
    assert len(fat) <= _sector // 4
    head = struct.pack("<8s16s5H6x", bytes.fromhex("d0cf11e0a1b11ae1"), b"", 0x3E, 3, 0xFFFE, 9, 6)
    head += struct.pack("<9I", 0, 1, directory, 0, _cutoff, of_mini_table, 1 if mini_table else 0, _END, 0)
    head += struct.pack("<109I", 0, *[_FREE] * 108)
    return head + b"".join(sectors)


def _entry(name: str, kind: int, child: int, begin: int, size: int, right: int = _FREE) -> bytes:
    wide = name.encode("utf-16-le") + b"\0\0"
    links = struct.pack("<3I", _FREE, right, child)
    return struct.pack("<64sHBB", wide, len(wide), kind, 1) + links + bytes(36) + struct.pack("<IQ", begin, size)


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
    document = bytearray(b"the text".rjust(_cutoff, b"\0"))
    struct.pack_into("<HH6xH", document, 0, 0xA5EC, 0xC1, 0x200)
    table = b"\0" * 20
    for place, content in lists.items():
        struct.pack_into("<II", document, place, len(table), len(content))
        table += content
    return {"WordDocument": bytes(document), "1Table": table}


def a_string_table(texts: list[str]) -> bytes:
    strings = b"".join(struct.pack("<H", len(one)) + one.encode("utf-16-le") for one in texts)
    return struct.pack("<HHH", 0xFFFF, len(texts), 0) + strings
