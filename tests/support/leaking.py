"""Finished messages for the second reading: clean ones, and clean ones with something planted in a place of choice."""

from __future__ import annotations

import base64
import io
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable
from email.message import EmailMessage
from typing import Final

from relay.message.leaks import Watched

ADDRESS: Final = "anna.kowalska@gmail.com"
OWN_ADDRESS: Final = "info@hotel-alpenhof.at"
OWN_DOMAIN: Final = "hotel-alpenhof.at"
HOST: Final = "desktop-4f2k1.fritz.box"
IP: Final = "84.115.20.7"
WRITER: Final = Watched.of((ADDRESS, OWN_ADDRESS), ("Kowalska",), (HOST, IP))
READER: Final = Watched.of(("john.doe@web.de",), ("Fotheringham",))
PARTIES: Final = (WRITER, READER)
WRITER_ALIAS: Final = "local-partner-1a2b3c4d5678@reply.example.com"
READER_ALIAS: Final = "customer-12ab3456cd78@reply.example.com"
ALIASES: Final = frozenset({WRITER_ALIAS, READER_ALIAS})

PROSE: Final = (
    "Hello,\r\n\r\nthank you for the booking of 12 June, 09:30 @ the fountain. Two adults, EUR 84.00 in all; "
    "the reference is GYG-48Z9@2. gmail.com is down today, so answer here, please. It rains rarely - about 3=40 mm.\r\n"
    "> On 1 June Anna wrote:\r\n> Is the tour at the hotel at 10? See https://maps.example.org/?q=47.26%2C11.39&z=12\r\n"
    "Größe M, Straße 5, żółw, Привет, 中文 🎒\r\n"
)
PAGE: Final = (
    '<html><head><style>p{margin:0 0 1em}</style></head><body><p class="a">Hello&nbsp;you,</p><table width=600><tr>'
    '<td>Gr&ouml;&szlig;e&#44; <b>bold</b></td></tr></table><img src="cid:01abcdefghijklmnopqrstuv@reply.example.com">'
    f'<a href="mailto:{WRITER_ALIAS}">write</a></body></html>'
)


def head(*fields: str) -> str:
    """The fields that every rendition has, and `fields`."""
    return "".join(
        f"{field}\r\n"
        for field in (
            f'From: "Anna via Example Travel" <{WRITER_ALIAS}>',
            f"To: <{READER_ALIAS}>",
            "Date: Mon, 01 Jun 2026 10:00:00 +0000",
            "Message-ID: <01jx0000000000000000000000@reply.example.com>",
            "MIME-Version: 1.0",
            *fields,
        )
    )


def message(body: bytes, *fields: str, content: str = "text/plain; charset=utf-8", encoding: str = "8bit") -> bytes:
    """A finished message with one body, as it is to stand there."""
    return head(*fields, f"Content-Type: {content}", f"Content-Transfer-Encoding: {encoding}").encode() + b"\r\n" + body


def letter(text: str, *fields: str) -> bytes:
    """Plain text in UTF-8."""
    return message(text.encode("utf-8", "surrogatepass"), *fields)


def page(html: str) -> bytes:
    """HTML in UTF-8."""
    return message(html.encode(), content="text/html; charset=utf-8")


def mixed(*parts: tuple[str, bytes]) -> bytes:
    """A multipart of parts, each with its own fields (without the last line end) and its body."""
    inside = b"".join(b"--=_b\r\n" + fields.encode() + b"\r\n\r\n" + body + b"\r\n" for fields, body in parts)
    return head('Content-Type: multipart/mixed; boundary="=_b"').encode() + b"\r\n" + inside + b"--=_b--\r\n"


def attached(content: bytes, media_type: str = "application/octet-stream", name: str = "file.bin") -> bytes:
    """A letter with one file attached, in base64."""
    fields = (
        f'Content-Type: {media_type}\r\nContent-Transfer-Encoding: base64\r\nContent-Disposition: attachment; filename="{name}"'
    )
    return mixed(("Content-Type: text/plain; charset=utf-8", PROSE.encode()), (fields, base64.encodebytes(content)))


def a_rendition() -> bytes:
    """A clean message of the usual form, written by the standard library."""
    mail = EmailMessage()
    mail["From"] = f'"Anna via Example Travel" <{WRITER_ALIAS}>'
    mail["To"] = READER_ALIAS
    mail["Subject"] = "Treffpunkt für die Wanderung – Żubr"
    mail["Message-ID"] = "<01jx0000000000000000000000@reply.example.com>"
    mail.set_content(PROSE)
    mail.add_alternative(PAGE, subtype="html")
    mail.add_attachment(
        a_pdf(author="", text="visible"), maintype="application", subtype="pdf", filename="Gutschein für zwei.pdf"
    )
    mail.add_attachment(a_jpeg(b""), maintype="image", subtype="jpeg", filename="photo.jpg")
    mail.add_attachment("BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n", subtype="calendar", filename="invite.ics")
    return mail.as_bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")


def a_pdf(*, author: str, text: str, packed: bytes = b"", xmp: bytes = b"") -> bytes:
    """The skeleton of a PDF: a page with `text`, an author, an object stream with `packed` in it, and deflated XMP."""
    objects = zlib.compress(packed)
    metadata = zlib.compress(xmp)
    return b"".join(
        (
            b"%PDF-1.5\n1 0 obj << /Type /Catalog /Metadata 4 0 R >> endobj\n",
            b"2 0 obj << /Length 9 >> stream\nBT (%b) Tj ET\nendstream endobj\n" % text.encode(),
            b"3 0 obj << /Type /ObjStm /Filter /FlateDecode /Length %d >> stream\n%b\nendstream endobj\n"
            % (len(objects), objects),
            b"4 0 obj << /Type /Metadata /Filter /FlateDecode /Length %d >> stream\n%b\nendstream endobj\n"
            % (len(metadata), metadata),
            b"5 0 obj << /Author (%b) /Odd (%b) >> endobj\n" % (author.encode(), author.encode()),
            b"trailer << /Root 1 0 R /Info 5 0 R >>\n%%EOF\n",
        )
    )


def a_jpeg(segment: bytes, marker: int = 0xE1) -> bytes:
    """The skeleton of a JPEG with one segment before the scan."""
    pictures = bytes((one * 7919) % 251 for one in range(4000))
    return (
        b"\xff\xd8\xff"
        + bytes([marker])
        + struct.pack(">H", len(segment) + 2)
        + segment
        + b"\xff\xda\x00\x02"
        + pictures
        + b"\xff\xd9"
    )


def a_png(name: bytes, content: bytes) -> bytes:
    """The skeleton of a PNG with one chunk."""
    chunk = struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))
    return b"\x89PNG\r\n\x1a\n" + chunk + b"\0\0\0\0IEND\xaeB`\x82"


def a_zip(*members: tuple[str, bytes], method: int = zipfile.ZIP_DEFLATED, comment: bytes = b"") -> bytes:
    """An archive of members."""
    octets = io.BytesIO()
    with zipfile.ZipFile(octets, "w", method) as archive:
        for name, content in members:
            archive.writestr(name, content)
        archive.comment = comment
    return octets.getvalue()


def a_tar(name: str, content: str | bytes, *, owner: str = "") -> bytes:
    """A TAR archive of one member."""
    octets = io.BytesIO()
    inside = content.encode() if isinstance(content, str) else content
    with tarfile.open(fileobj=octets, mode="w") as archive:
        member = tarfile.TarInfo(name)
        member.size, member.uname = len(inside), owner
        archive.addfile(member, io.BytesIO(inside))
    return octets.getvalue()


def an_office_file(name: str, content: bytes, body: bytes = b"<w:t>visible</w:t>") -> bytes:
    """The skeleton of a word processor's file with one more member."""
    return a_zip(("[Content_Types].xml", b"<Types/>"), ("word/document.xml", body), (name, content))


Encoding = Callable[[str], str]


def entities(text: str) -> str:
    return "".join(f"&#{ord(one)};" for one in text)


def percent(text: str) -> str:
    return "".join(f"%{octet:02x}" for octet in text.encode())


def quoted_printable(text: str) -> str:
    return "".join(f"={octet:02X}" for octet in text.encode())


def in_base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def utf7(text: str) -> str:
    return "+" + base64.b64encode(text.encode("utf-16-be")).decode().rstrip("=") + "-"
