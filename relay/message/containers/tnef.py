"""TNEF, the container `winmail.dat`, in which Outlook and Exchange wrap a message with its files (MS-OXTNEF; LEAK-68).

A small reader of our own: what cannot be read any further ends the reading, as it does in mail programs, and what was read up to
there counts. All lengths are checked, every step counts on the account of the message, and nothing is copied but what is kept.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from relay.errors import Unreadable
from relay.message.account import Account
from relay.message.charsets import decoded_octets
from relay.message.containers.mapi import BINARY, STRING8, UNICODE, MapiFile, MapiMessage, Tag, Value

nesting_max: Final = 20
"""Messages attached to messages, all in TNEF."""

_SIGNATURE: Final = b"\x78\x9f\x3e\x22"
_head_octets: Final = 6
_ATTRIBUTE: Final = struct.Struct("<BII")
_checksum_octets: Final = 2
_OF_MESSAGE: Final = 1
_OF_FILE: Final = 2

_SUBJECT: Final = 0x00018004
_BODY: Final = 0x0002800C
_MESSAGE_PROPERTIES: Final = 0x00069003
_CODE_PAGE: Final = 0x00069007
_FILE_BEGINS: Final = 0x00069002
_FILE_TITLE: Final = 0x00018010
_FILE_DATA: Final = 0x0006800F
_FILE_PROPERTIES: Final = 0x00069005

_FIXED: Final = {
    0x0002: 4, 0x0003: 4, 0x0004: 4, 0x0005: 8, 0x0006: 8, 0x0007: 8, 0x000A: 4, 0x000B: 4, 0x0014: 8, 0x0040: 8, 0x0048: 16,
}  # fmt: skip
"""Octets of the values of a type, with their padding."""
_OBJECT: Final = 0x000D
_VARIABLE: Final = frozenset({_OBJECT, STRING8, UNICODE, BINARY})
_multiple: Final = 0x1000
_named_from: Final = 0x8000
_identifier_octets: Final = 16


def is_tnef(octets: bytes) -> bool:
    """Whether these octets begin like a TNEF container."""
    return octets.startswith(_SIGNATURE)


def tnef_in(octets: bytes, account: Account) -> MapiMessage | None:
    """The message in a TNEF container; None where there is nothing of one. Raises Unreadable beyond a bound."""
    return _message(memoryview(octets), account, 0)


@dataclass(slots=True)
class _File:
    """A file as its attributes come in."""

    properties: dict[int, Value] = field(default_factory=dict)
    data: bytes | None = None
    title: bytes = b""


def _message(octets: memoryview, account: Account, depth: int) -> MapiMessage | None:
    if depth > nesting_max:
        raise Unreadable(f"messages in TNEF are nested deeper than {nesting_max}")
    if bytes(octets[: len(_SIGNATURE)]) != _SIGNATURE:
        return None
    properties: dict[int, Value] = {}
    code_page = 0
    files: list[_File] = []
    for level, attribute, data in _attributes(octets, account):
        if level == _OF_FILE:
            if attribute == _FILE_BEGINS or not files:
                files.append(_File())
            _take_for_file(files[-1], attribute, data, account)
        elif attribute == _CODE_PAGE:
            code_page = int.from_bytes(data[:4], "little")
        elif attribute == _MESSAGE_PROPERTIES:
            properties |= _properties(data, account)
        elif attribute in {_SUBJECT, _BODY}:
            # Older ways to say it; what the properties say counts more.
            tag = Tag.SUBJECT if attribute == _SUBJECT else Tag.BODY
            properties.setdefault(tag, Value(STRING8, bytes(data)))
    if not properties and not files:
        return None
    read = (_file(one, code_page, account, depth) for one in files)
    return MapiMessage(properties, tuple(one for one in read if one is not None), code_page)


def _attributes(octets: memoryview, account: Account) -> Iterator[tuple[int, int, memoryview]]:
    at = _head_octets
    while at + _ATTRIBUTE.size <= len(octets):
        account.count_step()
        level, attribute, length = _ATTRIBUTE.unpack_from(octets, at)
        start = at + _ATTRIBUTE.size
        if level not in {_OF_MESSAGE, _OF_FILE} or start + length > len(octets):
            return
        yield level, attribute, octets[start : start + length]
        at = start + length + _checksum_octets


def _take_for_file(file: _File, attribute: int, data: memoryview, account: Account) -> None:
    if attribute == _FILE_PROPERTIES:
        file.properties |= _properties(data, account)
    elif attribute == _FILE_TITLE:
        file.title = bytes(data)
    elif attribute == _FILE_DATA:
        file.data = bytes(data)


def _file(file: _File, code_page: int, account: Account, depth: int) -> MapiFile | None:
    title = decoded_octets(file.title.partition(b"\0")[0], f"cp{code_page}" if code_page else None)
    of_property = file.properties.pop(Tag.ATTACH_DATA, None)
    if of_property is not None and of_property.kind == _OBJECT:
        message = _message(memoryview(of_property.octets), account, depth + 1)
        if message is not None:
            return MapiFile(file.properties, message, title)
    data = file.data or (of_property.octets if of_property is not None else None)
    return MapiFile(file.properties, data, title) if data is not None else None


def _properties(octets: memoryview, account: Account) -> dict[int, Value]:
    """The first value of each property, up to what cannot be read."""
    reader = _Reader(octets, account)
    found: dict[int, Value] = {}
    try:
        for _ in range(reader.number()):
            kind, tag = reader.number(2), reader.number(2)
            if tag >= _named_from:
                reader.skip_name()
            value = reader.value(kind & ~_multiple, is_multiple=bool(kind & _multiple))
            if tag < _named_from:
                found.setdefault(tag, Value(kind & ~_multiple, bytes(value)))
    except _EndError:
        pass  # cut off, or of a type that nobody has: what came before it holds
    return found


class _EndError(Exception):
    """There is nothing more that can be read."""


@dataclass(slots=True)
class _Reader:
    octets: memoryview
    account: Account
    at: int = 0

    def take(self, length: int) -> memoryview:
        end = self.at + length
        if end > len(self.octets):
            raise _EndError
        taken = self.octets[self.at : end]
        self.at = end
        return taken

    def number(self, octets: int = 4) -> int:
        return int.from_bytes(self.take(octets), "little")

    def padded(self) -> memoryview:
        """Octets behind their length, and behind them what fills up four."""
        length = self.number()
        taken = self.take(length)
        self.at += -length % 4
        return taken

    def skip_name(self) -> None:
        self.take(_identifier_octets)
        if self.number() == 0:
            self.number()
        else:
            self.padded()

    def value(self, kind: int, *, is_multiple: bool) -> memoryview:
        """The first of the values, behind all of which the next property begins."""
        self.account.count_step()
        if kind in _FIXED:
            count = self.number() if is_multiple else 1
            return self.take(_FIXED[kind] * count)[: _FIXED[kind]]
        if kind not in _VARIABLE:
            raise _EndError
        first: memoryview | None = None
        for _ in range(self.number()):
            self.account.count_step()
            octets = self.padded()
            first = octets if first is None else first
        if first is None:
            return self.octets[:0]
        return first[_identifier_octets:] if kind == _OBJECT else first
