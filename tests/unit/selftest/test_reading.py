"""The self-test's own eyes: a canary is found in whatever place and encoding, and what was to be kept is seen to be there."""

from __future__ import annotations

import base64
import gzip
import io
import quopri
import tarfile
import zipfile
import zlib
from email.message import EmailMessage
from typing import Final

import pytest

from relay.selftest.reading import AS_SENT, Reading

CANARY: Final = "bergfuehrung@brandauer-bergreisen.self-test.invalid"
ASCII: Final = CANARY.encode()


def mail(body: bytes, content: str = "text/plain; charset=utf-8", *fields: str, encoding: str = "8bit") -> bytes:
    head = "\r\n".join((*fields, f"Content-Type: {content}", f"Content-Transfer-Encoding: {encoding}"))
    return head.encode("utf-8", "surrogateescape") + b"\r\n\r\n" + body


def with_field(field: str) -> bytes:
    return mail(b"Hello", "text/plain", field)


def with_file(content: bytes, media_type: str = "application/octet-stream") -> bytes:
    return mail(base64.encodebytes(content), media_type, encoding="base64")


def zipped(name: str, content: bytes, comment: bytes = b"") -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
        archive.comment = comment
    return file.getvalue()


def behind_a_damaged_member() -> bytes:
    """An archive whose first member cannot be unpacked."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.txt", b"first " * 50)
        archive.writestr("b.txt", ASCII)
    octets = bytearray(file.getvalue())
    begin = octets.index(b"a.txt") + len(b"a.txt")
    octets[begin : begin + 4] = b"\xff" * 4
    return bytes(octets)


def tar(name: str, content: bytes) -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w") as archive:
        member = tarfile.TarInfo(name)
        member.size = len(content)
        archive.addfile(member, io.BytesIO(content))
    return file.getvalue()


def nested() -> bytes:
    inner = EmailMessage()
    inner["From"] = CANARY
    inner.set_content("Hello")
    outer = EmailMessage()
    outer.set_content("Forwarded")
    outer.add_attachment(inner)
    return bytes(outer)


def word(charset: str, *, q: bool = False) -> str:
    octets = CANARY.encode(charset)
    said = "".join(f"={octet:02X}" for octet in octets) if q else base64.b64encode(octets).decode()
    return f"=?{charset}?{'Q' if q else 'B'}?{said}?="


def split_word() -> str:
    return "\r\n ".join(f"=?utf-8?B?{base64.b64encode(ASCII[start : start + 9]).decode()}?=" for start in range(0, len(ASCII), 9))


def in_pieces(octets: int) -> list[bytes]:
    return [ASCII[start : start + octets] for start in range(0, len(ASCII), octets)]


def stream(text: bytes) -> bytes:
    return b"%PDF-1.4\n1 0 obj <</Length 9 /Filter /FlateDecode>> stream\n" + zlib.compress(text) + b"\nendstream endobj"


ENTITIES: Final = "".join(f"&#{ord(one)};" if number % 2 else f"&#x{ord(one):x};" for number, one in enumerate(CANARY))
PERCENT: Final = "".join(f"%{octet:02x}" for octet in ASCII)

PLANTED: Final = {
    "plain": mail(ASCII),
    "capitals": mail(ASCII.upper()),
    "a field": with_field(f"X-Sender: {CANARY}"),
    "a folded field": with_field(f"Subject: {CANARY[:20]}\r\n {CANARY[20:]}"),
    "a word in Base64": with_field(f"Subject: {word('utf-8')}"),
    "a word in UTF-16": with_field(f"Subject: {word('utf-16-be')}"),
    "a word in UTF-7": with_field(f"Subject: {word('utf-7')}"),
    "a quoted word": with_field(f"Subject: {word('iso-8859-1', q=True)}"),
    "several words": with_field(f"Subject: {split_word()}"),
    "a parameter": mail(b"x", f'text/plain; name="{CANARY}"'),
    "a parameter in pieces": mail(b"x", f"text/plain; name*0=\"{CANARY[:9]}\"; name*1=\"{CANARY[9:]}\""),
    "a parameter in percent": mail(b"x", f"text/plain; name*=utf-8''{PERCENT}"),
    "base64": mail(base64.encodebytes(ASCII), encoding="base64"),
    "base64 that nobody declared": mail(base64.b64encode(ASCII)),
    "quoted-printable": mail("".join(f"={octet:02X}" for octet in ASCII).encode(), encoding="quoted-printable"),
    "quoted-printable with soft breaks": mail(b"=\r\n".join(in_pieces(5)), encoding="quoted-printable"),
    "quoted-printable that nobody declared": mail(quopri.encodestring(ASCII.replace(b"@", b"=40"))),
    "UTF-16": mail(CANARY.encode("utf-16"), "text/plain; charset=utf-16"),
    "UTF-16 that nobody declared": mail(CANARY.encode("utf-16-le")),
    "EBCDIC": mail(CANARY.encode("cp037"), "text/plain; charset=cp037"),
    "entities": mail(ENTITIES.encode(), "text/html"),
    "tags": mail(ASCII.replace(b"@", b"<b>@</b>").replace(b".", b"<!-- x -->.<wbr>"), "text/html"),
    "percent": mail(f"https://x.example/?to={PERCENT}".encode()),
    "percent twice": mail(PERCENT.replace("%", "%25").encode()),
    "hexadecimal digits": mail(ASCII.hex().encode()),
    "full-width signs": mail(CANARY.replace("@", "\uff20").replace(".", "\uff0e").encode()),
    "look-alike letters": mail(CANARY.replace("e", "\u0435").encode()),
    "invisible signs": mail("\u200b".join(CANARY).encode()),
    "spelled signs": mail(CANARY.replace("@", " (at) ").encode()),
    "line breaks": mail(b"\r\n> ".join(in_pieces(12))),
    "JSON": mail(CANARY.replace("@", "\\u0040").encode(), "application/json"),
    "RTF": with_file(b"{\\rtf1 " + ASCII.replace(b"@", b"\\'40") + b"}"),
    "a folded card": mail(f"BEGIN:VCARD\r\nEMAIL:{CANARY[:9]}\r\n {CANARY[9:]}\r\nEND:VCARD".encode(), "text/vcard"),
    "an attached message": nested(),
    "an attached message as a file": with_file(b"From: " + ASCII + b"\r\n\r\nHello"),
    "a member of an archive": with_file(zipped("a.txt", ASCII)),
    "behind a damaged member": with_file(behind_a_damaged_member()),
    "a member's name": with_file(zipped(f"{CANARY}.txt", b"x")),
    "an archive's comment": with_file(zipped("a.txt", b"x", ASCII)),
    "an archive in an archive": with_file(zipped("a.zip", zipped("b.txt", ASCII))),
    "a stream of a PDF": with_file(stream(ASCII)),
    "UTF-16 in hexadecimal digits": with_file(b"%PDF-1.4 <feff" + CANARY.encode("utf-16-be").hex().encode() + b">"),
    "octal digits": with_file(b"%PDF-1.4 (" + ASCII.replace(b"@", b"\\100") + b")"),
    "UTF-16 in a file": with_file(b"\x01" + CANARY.encode("utf-16-le")),
    "UTF-32 declared as Latin 1": mail(CANARY.encode("utf-32-be"), "text/plain; charset=iso-8859-1"),
    "NULs between the letters": mail("\0".join(CANARY).encode()),
    "a file in EBCDIC": with_file(f"write to {CANARY} or ring".encode("cp500"), "text/plain"),
    "gzip": with_file(gzip.compress(ASCII)),
    "a packed TAR": with_file(gzip.compress(tar("a.txt", ASCII))),
    "a bidi override": mail(f"\u202e{CANARY[::-1]}\u202c".encode()),
    "written backwards": mail(f'<BDO dir="rtl">{CANARY[::-1]}</BDO>'.encode(), "text/html"),
    "backwards by its style": mail(f'<p style="unicode-bidi: bidi-override">{CANARY[::-1]}</p>'.encode(), "text/html"),
    "base64 in a path": mail(b"https://x.example/fountain/" + base64.urlsafe_b64encode(ASCII).rstrip(b"=") + b"/open"),
    "preamble": mail(b"preamble " + ASCII + b"\r\n--b\r\n\r\nHello\r\n--b--\r\n", "multipart/mixed; boundary=b"),
    "a boundary that never comes": mail(ASCII, "multipart/mixed; boundary=b"),
}  # fmt: skip


@pytest.mark.parametrize("where", PLANTED)
def test_a_canary_is_found_wherever_it_is_planted(where: str) -> None:
    found = Reading.of(PLANTED[where]).found([CANARY, "somebody-else@nowhere.example"])
    assert {one.canary for one in found} == {CANARY}


def test_a_canary_is_found_where_it_stands() -> None:
    content = mail(ASCII, "text/plain", f"Subject: {word('utf-8')}")
    assert [one.place for one in Reading.of(content).found([CANARY])] == ["header Subject", "text/plain"]


def test_a_place_that_nothing_else_shows_is_told_as_it_is() -> None:
    content = mail(b"Hello\r\n--b\r\nNo header: " + b"\r\n--b--\r\n", "multipart/mixed; boundary=b") + b"\r\n\0" + b"last-canary"
    assert {one.place for one in Reading.of(content).found(["last-canary"])} <= {"between the parts", AS_SENT}


@pytest.mark.parametrize(
    "text",
    [
        "Marta via Example Travel <local-partner-1a2b3c4d5678@reply.example.com>",
        "The fountain in front of the mountain guides' house.",
        "postfach nord, and invalid self tests",
        base64.b64encode(bytes(range(256))).decode(),
    ],
)
def test_what_is_not_there_is_not_found(text: str) -> None:
    assert Reading.of(mail(text.encode())).found([CANARY, "192.88.99.17", "Brandauer"]) == ()


def test_a_name_is_no_part_of_an_address_that_only_has_its_letters() -> None:
    """The long pieces of addresses alone are looked for without their signs; names are words."""
    assert Reading.of(mail(b"bran dauer")).found(["Brandauer"]) == ()


@pytest.mark.parametrize(
    "content",
    [
        mail("Żółć: we meet at nine.".encode()),
        mail(quopri.encodestring("Żółć: we meet at nine.".encode()), encoding="quoted-printable"),
        mail("Żółć: we\r\nmeet  at nine.".encode("iso-8859-2"), "text/plain; charset=iso-8859-2"),
        mail("<p>&#379;ółć: we <b>meet</b> at&nbsp;nine.</p>".encode(), "text/html"),
        with_field("Subject: =?utf-8?Q?=C5=BB=C3=B3=C5=82=C4=87=3A_we?= =?utf-8?Q?_meet_at_nine=2E?="),
        with_file(zipped("a.txt", "Żółć: we meet at nine.".encode())),
    ],
)
def test_what_was_to_be_kept_is_read_in_any_encoding(content: bytes) -> None:
    assert Reading.of(content).missing(["Żółć: we meet at nine."]) == ()


def test_what_is_lost_is_missed() -> None:
    assert Reading.of(mail(b"We meet.")).missing(["We meet.", "at nine"]) == ("at nine",)


@pytest.mark.parametrize(
    "octets",
    [b"", b"\0" * 100, b"PK\x03\x04" + bytes(60), b"Content-Type: text/plain; charset=nonsense\r\n\r\n\xff", b"\x78\x9c" * 50],
)
def test_nothing_brings_the_reading_down(octets: bytes) -> None:
    assert Reading.of(octets).found([CANARY]) == ()
    assert Reading.of(with_file(octets)).found([CANARY]) == ()
