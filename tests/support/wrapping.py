"""Containers as other programs make them, built here octet by octet: CMS objects."""

from __future__ import annotations

import base64
import zlib
from typing import Final

ADDRESS: Final = "marco.bellini@alpine-tours.example"

_DATA: Final = bytes.fromhex("2a864886f70d010701")
SIGNED: Final = bytes.fromhex("2a864886f70d010702")
ENVELOPED: Final = bytes.fromhex("2a864886f70d010703")
COMPRESSED: Final = bytes.fromhex("2a864886f70d0109100109")
AUTH_ENVELOPED: Final = bytes.fromhex("2a864886f70d0109100117")


def element(tag: int, content: bytes, *, indefinite: bool = False) -> bytes:
    """An element of BER (X.690 §8.1)."""
    if indefinite:
        return bytes([tag, 0x80]) + content + b"\0\0"
    if len(content) < 0x80:
        return bytes([tag, len(content)]) + content
    digits = len(content).to_bytes((len(content).bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(digits)]) + digits + content


def cms(kind: bytes, content: bytes | None, *, indefinite: bool = False, piece_octets: int = 0) -> bytes:
    """A CMS object around `content`, in pieces where `piece_octets` says so; its certificate and its signer name ADDRESS."""
    whole = zlib.compress(content or b"") if kind == COMPRESSED else content
    encapsulated = element(0x06, _DATA)
    if whole is not None:
        string = element(0x04, whole)
        if piece_octets:
            pieces = [element(0x04, whole[at : at + piece_octets]) for at in range(0, len(whole), piece_octets)]
            string = element(0x24, b"".join(pieces), indefinite=indefinite)
        encapsulated += element(0xA0, string, indefinite=indefinite)
    algorithms = element(0x30, element(0x06, _DATA)) if kind == COMPRESSED else element(0x31, b"")
    telling = element(0xA0, element(0x16, ADDRESS.encode())) + element(0x31, element(0x0C, ADDRESS.encode()))
    inside = element(0x02, b"\1") + algorithms + element(0x30, encapsulated, indefinite=indefinite) + telling
    data = element(0xA0, element(0x30, inside, indefinite=indefinite), indefinite=indefinite)
    return element(0x30, element(0x06, kind) + data, indefinite=indefinite)


def a_part(content: bytes, declared: str, name: str = "") -> bytes:
    """A part in base64; `declared`: its Content-Type."""
    shown = f'Content-Disposition: attachment; filename="{name}"\r\n' if name else ""
    head = f"Content-Type: {declared}\r\n{shown}Content-Transfer-Encoding: base64\r\n\r\n"
    return head.encode() + base64.encodebytes(content).replace(b"\n", b"\r\n")


def a_mail_of(*parts: bytes, subtype: str = "mixed", parameters: str = "") -> bytes:
    """A mail of the partner that is the part, or a multipart of several."""
    head = f"From: Marco Bellini <{ADDRESS}>\r\nSubject: Meeting point\r\nMIME-Version: 1.0\r\n".encode()
    if len(parts) == 1:
        return head + parts[0]
    body = b"".join(b"--=b=\r\n" + part + b"\r\n" for part in parts)
    return head + f'Content-Type: multipart/{subtype}; boundary="=b="{parameters}\r\n\r\n'.encode() + body + b"--=b=--\r\n"
