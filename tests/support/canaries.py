"""What cleaned files must not hold any more: words that stand for people, planted by tests."""

from __future__ import annotations

from typing import Final

ADDRESS: Final = b"ann.writer@writer-tours.example"
CAMERA: Final = b"SN-4711-0815"
AUTHOR: Final = b"Ann Canary Writer"
PLACE: Final = b"47.2692N 11.4041E"
CANARIES: Final = (ADDRESS, CAMERA, AUTHOR, PLACE)
ALL: Final = b" ".join(CANARIES)


def planted(octets: bytes) -> list[bytes]:
    """The canaries that still stand there, in one octet or two per letter."""
    wide = octets.replace(b"\0", b"")
    return [one for one in CANARIES if one in octets or one in wide]


def nobody(_: str) -> bool:
    """Tells nothing: no text is about anybody."""
    return False


def anybody(text: str) -> bool:
    """Whether a canary stands in the text."""
    return any(one.decode() in text for one in CANARIES)
