"""A compound file as old word processors write it, made by hand (MS-CFB, MS-OLEPS; LEAK-63)."""

from __future__ import annotations

import struct
from typing import Final

from relay.selftest.traps.trap import Scene

_sector: Final = 512
_mini_cutoff: Final = 4096
_FREE: Final = 0xFFFFFFFF
_END: Final = 0xFFFFFFFE
_FAT: Final = 0xFFFFFFFD
_SUMMARY: Final = bytes.fromhex("e0859ff2f94f6810ab9108002b27b3d9")
_TEXT_CLASS: Final = bytes.fromhex("0609020000000000c000000000000046")
_TITLE, _AUTHOR, _TEMPLATE, _LAST_AUTHOR = 2, 4, 7, 8
_string: Final = 0x1E


def a_doc(scene: Scene) -> bytes:
    """A document with one stream of text and a summary that names its makers. Streams are above the size of small ones."""
    writer = scene.writer
    summary = _summary(
        {
            _TITLE: "Nine is fine.",
            _AUTHOR: writer.name,
            _TEMPLATE: f"C:\\Users\\{writer.address}\\Normal.dot",
            _LAST_AUTHOR: writer.address,
        }
    )
    streams = (("WordDocument", b"\xec\xa5\xc1\0Nine is fine."), ("\x05SummaryInformation", summary))
    sectors = _mini_cutoff // _sector
    fat = [_FAT, _END]
    for number in range(len(streams)):
        first = 2 + number * sectors
        fat += [*range(first + 1, first + sectors), _END]
    head = bytes.fromhex("d0cf11e0a1b11ae1") + bytes(16) + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + bytes(6)
    head += struct.pack("<9L", 0, 1, 1, 0, _mini_cutoff, _END, 0, _END, 0) + struct.pack("<L", 0) + b"\xff" * 4 * 108
    table = struct.pack(f"<{len(fat)}L", *fat).ljust(_sector, b"\xff")
    directory = _entry("Root Entry", 5, child=1, start=_END, size=0)
    directory += _entry(streams[0][0], 2, right=2, start=2, size=_mini_cutoff)
    directory += _entry(streams[1][0], 2, start=2 + sectors, size=_mini_cutoff)
    directory += _entry("", 0, start=0, size=0)
    return head + table + directory + b"".join(content.ljust(_mini_cutoff, b"\0") for _, content in streams)


def _entry(name: str, kind: int, *, child: int = _FREE, right: int = _FREE, start: int, size: int) -> bytes:
    written = name.encode("utf-16-le")
    length = len(written) + 2 if name else 0
    head = written.ljust(64, b"\0") + struct.pack("<HBB", length, kind, 1) + struct.pack("<3L", _FREE, right, child)
    return head + (_TEXT_CLASS if kind == 5 else bytes(16)) + bytes(20) + struct.pack("<LQ", start, size)


def _summary(texts: dict[int, str]) -> bytes:
    values, table = b"", b""
    at = 8 + 8 * len(texts)
    for kind, text in texts.items():
        octets = text.encode() + b"\0"
        octets += b"\0" * (-len(octets) % 4)
        table += struct.pack("<LL", kind, at + len(values))
        values += struct.pack("<LL", _string, len(octets)) + octets
    section = struct.pack("<LL", at + len(values), len(texts)) + table + values
    return (
        struct.pack("<HHL", 0xFFFE, 0, 0x00020006) + bytes(16) + struct.pack("<L", 1) + _SUMMARY + struct.pack("<L", 48) + section
    )
