"""MAPI messages in TNEF and in `.msg` files, as Outlook and Exchange write them, built octet by octet."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from relay.message.containers.compressed_rtf import DICTIONARY
from support.ole import Tree, ole_file

IID_MESSAGE: Final = bytes.fromhex("0703020000000000c000000000000046")
TELLING: Final = (0x0042, 0x0065, 0x0C1A, 0x0E04, 0x3FF8, 0x5D02, 0x8001, 0x8002)
"""Properties, named ones among them, that nobody reads: their values name the writer."""

Value = str | bytes | int
Properties = Mapping[int, Value]


def _padded(octets: bytes) -> bytes:
    return struct.pack("<I", len(octets)) + octets + bytes(-len(octets) % 4)


def _property(tag: int, value: Value, *, unicode: bool) -> bytes:
    name = b""
    if tag == 0x8001:
        name = bytes(16) + struct.pack("<II", 0, 0x820D)
    elif tag >= 0x8000:
        name = bytes(16) + struct.pack("<I", 1) + _padded("x-sender".encode("utf-16-le"))
    if isinstance(value, int):
        return struct.pack("<HH", 0x0003, tag) + name + struct.pack("<I", value)
    if isinstance(value, bytes):
        kind = 0x000D if value.startswith(IID_MESSAGE) else 0x0102
        return struct.pack("<HH", kind, tag) + name + struct.pack("<I", 1) + _padded(value)
    octets = f"{value}\0".encode("utf-16-le" if unicode else "cp1252")
    return struct.pack("<HH", 0x001F if unicode else 0x001E, tag) + name + struct.pack("<I", 1) + _padded(octets)


def properties(told: Properties, *, telling: str = "", unicode: bool = True) -> bytes:
    """The sequence of properties of a message or file. `telling` stands in all those that are not read."""
    every = {**dict.fromkeys(TELLING, telling), **told} if telling else dict(told)
    many = struct.pack("<HHIII", 0x1003, 0x1234, 2, 7, 8)
    return struct.pack("<I", len(every) + 1) + many + b"".join(_property(*one, unicode=unicode) for one in every.items())


def attribute(level: int, number: int, data: bytes) -> bytes:
    """One attribute of a TNEF stream with its checksum."""
    return struct.pack("<BII", level, number, len(data)) + data + struct.pack("<H", sum(data) & 0xFFFF)


def a_tnef(
    told: Properties,
    files: Sequence[tuple[Properties, bytes]] = (),
    *,
    telling: str = "",
    unicode: bool = True,
    code_page: int = 1252,
) -> bytes:
    """A TNEF stream: a message with its files, each with its properties and its content; one without is in its properties."""
    stream = b"\x78\x9f\x3e\x22\x01\x00"
    stream += attribute(1, 0x00089006, struct.pack("<I", 0x10000)) + attribute(1, 0x00069007, struct.pack("<II", code_page, 0))
    if telling:
        stream += attribute(1, 0x00008000, f"\4\0{telling}".encode()) + attribute(1, 0x00069004, telling.encode())
    stream += attribute(1, 0x00069003, properties(told, telling=telling, unicode=unicode))
    for of_file, content in files:
        stream += attribute(2, 0x00069002, bytes(14)) + attribute(2, 0x00018010, b"TITLE.TXT\0")
        stream += attribute(2, 0x0006800F, content) if content else b""
        stream += attribute(2, 0x00069005, properties(of_file, telling=telling, unicode=unicode))
    return stream


def a_msg(told: Properties, files: Sequence[tuple[Properties, bytes | Tree]] = (), *, telling: str = "") -> bytes:
    """A `.msg` file: a message with its files; content that is a tree is an attached message (`msg_tree`)."""
    return ole_file(msg_tree(told, files, telling=telling, head_octets=32))


def msg_tree(
    told: Properties, files: Sequence[tuple[Properties, bytes | Tree]] = (), *, telling: str = "", head_octets: int = 24
) -> Tree:
    """The streams and storages of a message."""
    tree: dict[str, bytes | Tree] = dict(
        _streams({**dict.fromkeys(TELLING[:6], telling), **told} if telling else told, head_octets)
    )
    for number, (of_file, content) in enumerate(files):
        storage: dict[str, bytes | Tree] = dict(_streams(of_file, 8))
        storage["__substg1.0_37010102" if isinstance(content, bytes) else "__substg1.0_3701000D"] = content
        tree[f"__attach_version1.0_#{number:08X}"] = storage
    return tree


def _streams(told: Properties, head_octets: int) -> Iterator[tuple[str, bytes]]:
    records = b""
    for tag, value in told.items():
        if isinstance(value, int):
            records += struct.pack("<HHIq", 0x0040 if tag == 0x0039 else 0x0003, tag, 6, value)
        elif isinstance(value, bytes):
            yield f"__substg1.0_{tag:04X}0102", value
        else:
            yield f"__substg1.0_{tag:04X}001F", value.encode("utf-16-le")
    yield "__properties_version1.0", bytes(head_octets) + records


def compressed_rtf(rtf: bytes, *, literal: bool = False) -> bytes:
    """RTF as MAPI keeps it: with a reference wherever the same three octets stood before, or with none."""
    if literal:
        return struct.pack("<IIII", len(rtf) + 12, len(rtf), 0x414C454D, 0) + rtf
    written, tokens = bytearray(DICTIONARY), []
    at = 0
    while at < len(rtf):
        start = max(len(written) - 4000, 0)
        length = next((n for n in range(17, 1, -1) if at + n <= len(rtf) and written.find(rtf[at : at + n], start) >= 0), 0)
        if length:
            place = written.find(rtf[at : at + length], start)
            tokens.append((1, struct.pack(">H", place % 4096 << 4 | length - 2)))
        else:
            length = 1
            tokens.append((0, rtf[at : at + 1]))
        written += rtf[at : at + length]
        at += length
    tokens.append((1, struct.pack(">H", len(written) % 4096 << 4)))
    groups = [tokens[i : i + 8] for i in range(0, len(tokens), 8)]
    packed = b"".join(
        bytes([sum(flag << bit for bit, (flag, _) in enumerate(group))]) + b"".join(octets for _, octets in group)
        for group in groups
    )
    return struct.pack("<IIII", len(packed) + 12, len(rtf), 0x75465A4C, 0) + packed
