"""Mails as people's programs write them, and reading them again without the product's own parser."""

from __future__ import annotations

import base64
import email
import email.policy
import html
import quopri
import re
from collections.abc import Iterator
from email.message import Message
from email.utils import formataddr

from support.world import CUSTOMER_ADDRESS, PARTNER_ADDRESS


def a_mail(
    *,
    sender: str = PARTNER_ADDRESS,
    name: str = "Marco Bellini",
    to: str,
    cc: str = "",
    subject: str = "Meeting point",
    text: str = "The meeting point is the fountain.\n",
    message_id: str = "",
    references: str = "",
    extra: str = "",
) -> bytes:
    """A plain mail, CRLF line ends."""
    fields = [
        f"From: {formataddr((name, sender))}",
        f"To: {to}",
        *([f"Cc: {cc}"] if cc else []),
        f"Subject: {subject}",
        "Date: Mon, 01 Jun 2026 14:00:00 +0200",
        *([f"Message-ID: <{message_id}>"] if message_id else []),
        *([f"References: {references}", f"In-Reply-To: {references.rsplit(maxsplit=1)[-1]}"] if references else []),
        "MIME-Version: 1.0",
        "Content-Type: text/plain; charset=utf-8",
        "Content-Transfer-Encoding: 8bit",
        *([extra] if extra else []),
    ]
    return ("\n".join(fields) + "\n\n" + text).replace("\n", "\r\n").encode()


def with_files(mail: bytes, *files: tuple[str, bytes]) -> bytes:
    """`mail` with files attached, as octet streams in Base64."""
    head, _, body = mail.partition(b"\r\n\r\n")
    lines = re.split(rb"\r\n(?![ \t])", head)
    mime = [line for line in lines if line.lower().startswith((b"content-", b"mime-"))]
    rest = [line for line in lines if line not in mime]
    mixed = b'MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary="=b="'
    text = b"\r\n".join(line for line in mime if not line.lower().startswith(b"mime-")) + b"\r\n\r\n" + body
    parts = [text]
    for name, content in files:
        encoded = base64.encodebytes(content).replace(b"\n", b"\r\n")
        parts.append(
            b"Content-Type: application/octet-stream\r\nContent-Transfer-Encoding: base64\r\n"
            + f'Content-Disposition: attachment; filename="{name}"\r\n\r\n'.encode()
            + encoded
        )
    joined = b"".join(b"--=b=\r\n" + part + b"\r\n" for part in parts) + b"--=b=--\r\n"
    return b"\r\n".join([*rest, mixed]) + b"\r\n\r\n" + joined


def read(octets: bytes) -> Message:
    """A mail by the standard library, decoded fields included."""
    return email.message_from_bytes(octets, policy=email.policy.default)


def text_of(octets: bytes) -> str:
    """The plain text of a mail."""
    part = email.message_from_bytes(octets, policy=email.policy.default).get_body(("plain",))
    assert part is not None
    return str(part.get_content())


def views(octets: bytes) -> Iterator[str]:
    """A mail in every way in which something could be read in it: raw, decoded fields, decoded parts, without markup."""
    yield octets.decode("latin-1")
    message = email.message_from_bytes(octets)
    for part in message.walk():
        for name, value in part.items():
            yield f"{name}: {value}"
            try:
                yield str(email.header.make_header(email.header.decode_header(str(value))))
            except (LookupError, ValueError, UnicodeError):
                yield quopri.decodestring(str(value).replace("_", " ").encode("latin-1", "replace")).decode("latin-1")
        payload = part.get_payload(decode=True)
        if isinstance(payload, bytes):
            for charset in ("utf-8", "utf-16-le"):
                text = payload.decode(charset, "replace")
                yield text
                yield html.unescape(text)
                yield re.sub(r"<[^>]*>", "", html.unescape(text))


def shows(octets: bytes, *identifiers: str) -> list[str]:
    """Which of `identifiers` can be read anywhere in a mail, whatever their case."""
    seen = [view.casefold() for view in views(octets)]
    return [one for one in identifiers if any(one.casefold() in view for view in seen)]


PARTNER_TELLS = (PARTNER_ADDRESS, PARTNER_ADDRESS.partition("@")[2], "bellini")
CUSTOMER_TELLS = (CUSTOMER_ADDRESS, CUSTOMER_ADDRESS.partition("@")[2], "kowalska")
