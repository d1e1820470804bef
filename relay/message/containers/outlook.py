"""Messages that Outlook saves as files, `.msg`: properties in the streams of an OLE file (MS-OXMSG; LEAK-53)."""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

import olefile

from relay.errors import Unreadable
from relay.message.containers.mapi import BINARY, STRING8, UNICODE, MapiFile, MapiMessage, Tag, Value

streams_max: Final = 5_000
"""Each is looked for among all that are beside it. A message with a hundred recipients and twenty files has some 1,500."""
nesting_max: Final = 20
"""Messages attached to messages, all in one file."""

_PROPERTIES: Final = "__properties_version1.0"
_VALUE: Final = "__substg1.0_"
_FILE: Final = "__attach_version1.0_"
_ATTACHED_MESSAGE: Final = f"{_VALUE}3701000D"
_RECORD: Final = struct.Struct("<HHI8s")
_HEADS: Final = {0: 32}
"""Octets before the records of properties: of the file's own message, and of what is in it (MS-OXMSG §2.4.1)."""
_head_of_attached_message: Final = 24
_head_of_file: Final = 8
_READ: Final = {f"{tag:04X}{kind:04X}": (int(tag), kind) for tag in Tag for kind in (STRING8, UNICODE, BINARY)}
"""The ends of the names of streams that are read."""
_BROKEN: Final = (OSError, ValueError, TypeError, LookupError, AttributeError, struct.error, RecursionError, OverflowError)
"""What the library raises on files that are none, or are damaged."""


@dataclass(slots=True)
class _Storage:
    """A folder of an OLE file: its streams, each with its path, and its folders."""

    streams: dict[str, list[str]] = field(default_factory=dict)
    storages: dict[str, _Storage] = field(default_factory=dict)


def outlook_message_in(octets: bytes, octets_max: int) -> MapiMessage | None:
    """The message in a `.msg` file; None where it is none, or broken. Raises Unreadable beyond a bound.

    `octets_max`: of all streams that are read, which may well share their place in the file.
    """
    try:
        with olefile.OleFileIO(io.BytesIO(octets)) as ole:
            return _Reading(ole, octets_max).message(_tree(ole), 0)
    except _BROKEN:
        return None


def _tree(ole: olefile.OleFileIO) -> _Storage:
    root = _Storage()
    paths = ole.listdir(streams=True, storages=False)
    if len(paths) > streams_max:
        raise Unreadable(f"an Outlook message has more than {streams_max} streams")
    for path in paths:
        storage = root
        for name in path[:-1]:
            storage = storage.storages.setdefault(name, _Storage())
        storage.streams[path[-1]] = path
    return root


@dataclass(slots=True)
class _Reading:
    ole: olefile.OleFileIO
    octets_left: int

    def message(self, storage: _Storage, depth: int) -> MapiMessage | None:
        if depth > nesting_max:
            raise Unreadable(f"Outlook messages are nested deeper than {nesting_max}")
        if _PROPERTIES not in storage.streams:
            return None
        properties = self._properties(storage, _HEADS.get(depth, _head_of_attached_message))
        files = (self._file(one, depth) for name, one in sorted(storage.storages.items()) if name.startswith(_FILE))
        return MapiMessage(properties, tuple(one for one in files if one is not None))

    def _file(self, storage: _Storage, depth: int) -> MapiFile | None:
        properties = dict(self._properties(storage, _head_of_file))
        data = properties.pop(Tag.ATTACH_DATA, None)
        if (attached := storage.storages.get(_ATTACHED_MESSAGE)) is not None:
            message = self.message(attached, depth + 1)
            return MapiFile(properties, message) if message is not None else None
        return MapiFile(properties, data.octets) if data is not None else None

    def _properties(self, storage: _Storage, head_octets: int) -> Mapping[int, Value]:
        found = dict(self._small(storage, head_octets))
        for name, path in storage.streams.items():
            if name.startswith(_VALUE) and (read := _READ.get(name[len(_VALUE) :])) is not None:
                tag, kind = read
                found[tag] = Value(kind, self._octets(path))
        return found

    def _small(self, storage: _Storage, head_octets: int) -> Iterator[tuple[int, Value]]:
        """The properties whose values fit into eight octets."""
        path = storage.streams.get(_PROPERTIES)
        octets = self._octets(path) if path is not None else b""
        for at in range(head_octets, len(octets) - _RECORD.size + 1, _RECORD.size):
            kind, tag, _, value = _RECORD.unpack_from(octets, at)
            if tag in (Tag.CLIENT_SUBMIT_TIME, Tag.INTERNET_CODEPAGE, Tag.MESSAGE_CODEPAGE):
                yield tag, Value(kind, value)

    def _octets(self, path: list[str]) -> bytes:
        self.octets_left -= self.ole.get_size(path)
        if self.octets_left < 0:
            raise Unreadable("an Outlook message holds too much")
        return bytes(self.ole.openstream(path).read())
