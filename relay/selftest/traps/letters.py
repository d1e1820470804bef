"""Mails as bytes, put together by hand: a trap has to be exactly as wrong as it is meant to be."""

from __future__ import annotations

import base64
import quopri
from collections.abc import Sequence
from string import Template
from typing import Final

from relay.selftest.traps.trap import CANARY, STRANGER, Scene, Side

MARKER: Final = "We meet at the fountain at nine, and bring good shoes."
"""What the writer has to say in most traps: it has to be readable at the other end."""

BOUNDARY: Final = "----=_trap_0001"
PLAIN: Final = "text/plain; charset=utf-8"
HTML: Final = "text/html; charset=utf-8"


def crlf(text: str) -> bytes:
    """Text in UTF-8 with the line ends of mail."""
    return text.replace("\r\n", "\n").replace("\n", "\r\n").encode("utf-8", "surrogateescape")


def usual_fields(scene: Scene) -> tuple[str, ...]:
    """The fields of an ordinary mail of the writer to the alias of the reader, as their program and their server write them."""
    writer, reader = scene.writer, scene.reader
    by = f"by mx.{writer.domain} with ESMTPSA id 4Trap1; Mon, 01 Jun 2026 12:00:00 +0200"
    received = f"Received: from {writer.host} ({writer.host} [{writer.ip}])\n {by}"
    return (
        received,
        f'From: "{writer.name}" <{writer.address}>',
        f"To: {reader.alias}",
        "Subject: Meeting point",
        "Date: Mon, 01 Jun 2026 12:00:00 +0200",
        f"Message-ID: <trap.1@{writer.domain}>",
        "MIME-Version: 1.0",
    )


def mail(
    scene: Scene, body: bytes | str, *fields: str, content: str = PLAIN, encoding: str = "8bit", without: Sequence[str] = ()
) -> bytes:
    """A mail with the usual fields, but for those that `fields` or `without` name, then `fields`, then `body` as it stands."""
    replaced = {one.partition(":")[0].strip().lower() for one in (*fields, *(f"{name}:" for name in without))}
    usual = [one for one in usual_fields(scene) if one.partition(":")[0].lower() not in replaced]
    mime = [f"Content-Type: {content}", f"Content-Transfer-Encoding: {encoding}"] if content else []
    mime = [one for one in mime if one.partition(":")[0].lower() not in replaced]
    head = crlf("\n".join((*usual, *fields, *mime)) + "\n\n")
    return head + (crlf(body) if isinstance(body, str) else body)


def letter(scene: Scene, text: str, *fields: str) -> bytes:
    """A plain mail in UTF-8."""
    return mail(scene, f"{MARKER}\n\n{text}\n", *fields)


def page(scene: Scene, html: str, *fields: str) -> bytes:
    """A mail in HTML alone."""
    return mail(scene, f"<html><body><p>{MARKER}</p>\n{html}\n</body></html>\n", *fields, content=HTML)


def part(body: bytes | str, content: str = PLAIN, *fields: str, encoding: str = "8bit") -> bytes:
    """A part of a multipart: its fields and its body. `base64` and `quoted-printable` encode the body."""
    octets = crlf(body) if isinstance(body, str) else body
    if encoding == "base64":
        octets = base64.encodebytes(octets).replace(b"\n", b"\r\n")
    elif encoding == "quoted-printable":
        octets = quopri.encodestring(octets.replace(b"\r\n", b"\n")).replace(b"\n", b"\r\n")
    return crlf("\n".join((f"Content-Type: {content}", f"Content-Transfer-Encoding: {encoding}", *fields)) + "\n\n") + octets


def joined(*parts: bytes, boundary: str = BOUNDARY) -> bytes:
    """The body of a multipart."""
    edge = boundary.encode()
    return b"".join(b"--" + edge + b"\r\n" + one + b"\r\n" for one in parts) + b"--" + edge + b"--\r\n"


def multipart(scene: Scene, *parts: bytes, subtype: str = "mixed", parameters: str = "", fields: Sequence[str] = ()) -> bytes:
    """A mail with several parts."""
    return mail(scene, joined(*parts), *fields, content=f'multipart/{subtype}; boundary="{BOUNDARY}"{parameters}')


def with_file(scene: Scene, content: bytes, media_type: str, name: str) -> bytes:
    """A letter with one file, in Base64. `name` is ASCII without quotes."""
    attached = part(
        content, f'{media_type}; name="{name}"', f'Content-Disposition: attachment; filename="{name}"', encoding="base64"
    )
    return multipart(scene, part(f"{MARKER}\n"), attached)


def alternatives(scene: Scene, text: str, html: str) -> bytes:
    """A mail that says the same in plain text and in HTML."""
    return multipart(
        scene,
        part(f"{MARKER}\n\n{text}\n"),
        part(f"<html><body><p>{MARKER}</p>{html}</body></html>\n", HTML),
        subtype="alternative",
    )


def of(side: Side) -> str:
    """Name and address as programs write them."""
    return f"{side.name} <{side.address}>"


def words(scene: Scene) -> dict[str, str]:
    """What the templates of traps may say about the two people: `$address`, and for the reader `$their_address`."""
    return {
        **_of_side(scene.writer),
        **{f"their_{name}": value for name, value in _of_side(scene.reader).items()},
        "stranger": STRANGER,
        "canary": CANARY,
        "marker": MARKER,
        "brand": scene.brand,
    }


def filled(scene: Scene, template: str) -> str:
    """The template with the words of the scene in it; a dollar sign is written `$$`."""
    return Template(template).substitute(words(scene))


def _of_side(side: Side) -> dict[str, str]:
    local, _, _ = side.address.partition("@")
    return {
        "address": side.address,
        "capitals": side.address.upper(),
        "second": side.second_address,
        "domain": side.domain,
        "local": local,
        "name": side.name,
        "first": side.first_name,
        "last": side.last_name,
        "company": side.company,
        "host": side.host,
        "ip": side.ip,
        "alias": side.alias,
        "percent": percent(side.address),
        "twice": percent(percent(side.address)),
        "base64": base64.b64encode(side.address.encode()).decode(),
        "base64url": base64.urlsafe_b64encode(side.address.encode()).decode().rstrip("="),
        "hex": side.address.encode().hex(),
        "returning": side.address.replace("@", "="),
    }


def percent(text: str) -> str:
    """Text for a link, with everything but letters and digits percent-encoded."""
    return "".join(one if one.isascii() and one.isalnum() else "".join(f"%{octet:02X}" for octet in one.encode()) for one in text)


def word(text: str, charset: str = "utf-8", encoding: str = "b") -> str:
    """An encoded word (RFC 2047)."""
    octets = text.encode(charset)
    if encoding in "bB":
        return f"=?{charset}?{encoding}?{base64.b64encode(octets).decode()}?="
    return f"=?{charset}?{encoding}?{''.join(f'={octet:02X}' for octet in octets)}?="
