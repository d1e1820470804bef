"""What a file is by its content, through libmagic (GW-25, FAULT-67, FAULT-68)."""

from __future__ import annotations

import threading
from typing import Final

import pylibmagic  # noqa: F401 - brings libmagic where the system has none, and only when imported before magic

# isort: split
import magic

from relay.errors import Unavailable

head_octets: Final = 64 * 1024
"""libmagic sees the head only: archives and OLE files tell what they are within it."""

_KNOWN: Final = (
    (b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n", {"application/pdf"}),
    # Older libmagic has a private name for Windows programs.
    (
        b"MZ" + bytes(58) + b"\x40\0\0\0PE\0\0",
        {"application/vnd.microsoft.portable-executable", "application/x-dosexec"},
    ),
)


class FileTypes:
    """Tells media types by content. One instance a process; a libmagic handle is not safe for threads, so calls take turns.

    Raises Unavailable when libmagic is missing or does not know what everybody knows: a start-up fault.
    """

    def __init__(self) -> None:
        self._turn = threading.Lock()
        self._magic: magic.Magic | None = None
        """Opened for the first file: its database takes 5 MB, and not every process sees one (PERF-10)."""
        told = _opened()
        try:
            wrong = [min(types) for octets, types in _KNOWN if told.from_buffer(octets) not in types]
        except magic.MagicException as trouble:
            raise _unusable(trouble) from trouble
        if wrong:
            raise Unavailable(f"libmagic does not recognise {', '.join(wrong)}: its database is missing or damaged")

    def __call__(self, octets: bytes) -> str:
        """The media type of `octets`, lower case; application/octet-stream when libmagic fails on them.

        Raises Unavailable when libmagic cannot be opened any more.
        """
        with self._turn:
            self._magic = told = self._magic or _opened()
            return _told(told, octets)


def _opened() -> magic.Magic:
    try:
        return magic.Magic(mime=True)
    except (OSError, ImportError, magic.MagicException) as trouble:
        raise _unusable(trouble) from trouble


def _unusable(trouble: Exception) -> Unavailable:
    return Unavailable(f"libmagic cannot be used: {type(trouble).__name__}")


def _told(told: magic.Magic, octets: bytes) -> str:
    try:
        return str(told.from_buffer(octets[:head_octets])).lower()
    except magic.MagicException:
        # A file that libmagic cannot digest is no known executable; the scanner sees it all the same.
        return "application/octet-stream"
