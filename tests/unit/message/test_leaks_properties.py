"""What holds of the second reading for every message: a planted address is found, and nothing is found where nothing is."""

from __future__ import annotations

import base64
import html
import quopri
import string
from collections.abc import Callable
from typing import Final
from urllib.parse import quote

from hypothesis import assume, given, settings
from hypothesis import strategies as st
from support.leaking import (
    ALIASES,
    Encoding,
    a_jpeg,
    a_pdf,
    a_zip,
    an_office_file,
    attached,
    entities,
    in_base64,
    letter,
    message,
    mixed,
    page,
    percent,
    quoted_printable,
    utf7,
)

from relay.message.leaks import Kind, Watched, leaks

ATOM: Final = st.text(string.ascii_lowercase + string.digits, min_size=3, max_size=10)
LOCAL: Final = st.lists(ATOM, min_size=1, max_size=3).map(".".join)
DOMAIN: Final = st.tuples(st.sampled_from(["gmail.com", "web.de", "free.fr", "wp.pl"]) | ATOM.map("{}-reisen.at".format)).map(
    "".join
)
ADDRESS: Final = st.builds("{}@{}".format, LOCAL, DOMAIN)

ENCODINGS: Final[dict[str, Encoding]] = {
    "plain": str,
    "capitals": str.upper,
    "entities": entities,
    "one entity": lambda text: text.replace("@", "&commat;"),
    "percent": percent,
    "quote": lambda text: quote(text, safe=""),
    "quoted-printable": quoted_printable,
    "soft break": lambda text: text[:5] + "=\r\n" + text[5:],
    "base64": lambda text: in_base64(f" {text} "),
    "base64 of UTF-16": lambda text: base64.b64encode(f" {text} ".encode("utf-16-le")).decode(),
    "hex": lambda text: text.encode().hex(),
    "utf-7": utf7,
    "escape": lambda text: "".join(f"\\u{ord(one):04x}" for one in text),
    "markup": lambda text: "<b></b>".join(text),
    "comment": lambda text: text[:3] + "<!-- x > y -->" + text[3:],
    "zero width": "\u200b".join,
    "soft hyphen": "\u00ad".join,
    "full width": lambda text: "".join(chr(ord(one) + 0xFEE0) if "!" <= one <= "~" else one for one in text),
    "line break": lambda text: text[:4] + "\r\n> " + text[4:],
}
DECODED_BY_STEPS: Final = ["entities", "percent", "quote", "quoted-printable", "base64", "hex", "utf-7", "escape"]
"""What may lie outside another encoding: the others make no ASCII, or would break the one inside for any program."""

PLACES: Final[dict[str, Callable[[str], bytes]]] = {
    "text": letter,
    "text between prose": lambda text: letter(f"Grüße, see you at the fountain:\r\n{text}\r\nBye, Żaneta"),
    "HTML text": lambda text: page(f"<p>a</p><p>{text}</p>"),
    "HTML attribute": lambda text: page(f'<a href="https://x.example/?m={html.escape(text)}">x</a>'),
    "base64 body": lambda text: message(base64.encodebytes(text.encode()), encoding="base64"),
    "quoted-printable body": lambda text: message(quopri.encodestring(text.encode()), encoding="quoted-printable"),
    "UTF-16 body": lambda text: message(text.encode("utf-16"), content="text/plain; charset=utf-16"),
    "attached text": lambda text: attached(text.encode(), "text/csv"),
    "archive": lambda text: attached(a_zip(("a.txt", text.encode()))),
    "nested message": lambda text: mixed(("Content-Type: message/rfc822", b"Subject: x\r\n\r\n" + text.encode())),
    "calendar": lambda text: mixed(("Content-Type: text/calendar", f"BEGIN:VCALENDAR\r\nX-A:{text}\r\nEND:VCALENDAR".encode())),
    "Subject": lambda text: letter("x", f"Subject: {text}"),
}
METADATA: Final[dict[str, Callable[[bytes], bytes]]] = {
    "EXIF": lambda octets: attached(a_jpeg(b"Exif\0\0" + octets), "image/jpeg"),
    "PDF": lambda octets: attached(a_pdf(author=octets.decode("latin-1"), text="x"), "application/pdf"),
    "Office": lambda octets: attached(an_office_file("docProps/core.xml", b"<dc:creator>" + octets + b"</dc:creator>")),
    "other": lambda octets: attached(b"\0\1\2\3" * 99 + octets + b"\0\1\2\3" * 99),
}


@given(ADDRESS, st.sampled_from([*PLACES]), st.sampled_from([*ENCODINGS]), st.sampled_from(["plain", *DECODED_BY_STEPS]))
def test_a_planted_address_is_found_under_any_two_encodings_in_any_place(
    address: str, place: str, inner: str, outer: str
) -> None:
    assume(not (place == "HTML attribute" and inner in {"markup", "comment"}))  # there they are none to anybody
    text = ENCODINGS[outer](ENCODINGS[inner](address))
    found = leaks(PLACES[place](text), (Watched.of((address,)),), allowed=ALIASES)
    assert Kind.ADDRESS in {one.kind for one in found}


@given(ADDRESS, st.sampled_from([*METADATA]), st.sampled_from(["ascii", "utf-16-le", "utf-16-be"]))
@settings(max_examples=40, deadline=None)
def test_a_planted_address_is_found_in_metadata(address: str, place: str, charset: str) -> None:
    if place in {"PDF", "Office"}:
        charset = "ascii"
    assert Kind.ADDRESS in {
        one.kind for one in leaks(METADATA[place](address.encode(charset)), (Watched.of((address,)),), allowed=ALIASES)
    }


@given(st.text(max_size=400), st.sampled_from([*PLACES]))
def test_random_text_has_no_findings(text: str, place: str) -> None:
    text = text.encode("utf-8", "ignore").decode()
    party = Watched.of(
        ("anna.kowalska@gmail.com", "info@hotel-alpenhof.at"), ("Kowalska",), ("desktop-4f2k1.fritz.box", "84.115.20.7")
    )
    assert leaks(PLACES[place](text), (party,), allowed=ALIASES) == ()


@given(st.binary(max_size=600))
def test_random_octets_raise_nothing_and_have_no_findings(octets: bytes) -> None:
    party = Watched.of(("anna.kowalska@gmail.com",), ("Kowalska",))
    assert leaks(octets, (party,), allowed=ALIASES) == ()
    assert leaks(attached(octets), (party,), allowed=ALIASES) == ()
