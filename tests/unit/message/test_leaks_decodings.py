"""What was decoded before is taken for granted only where the message has that very text, and a sample agrees."""

from __future__ import annotations

import base64
import random

import pytest
from support.renditions import STYLE, terms_of
from support.world import CUSTOMER_ADDRESS, PARTNER_ADDRESS

from relay.message.anonymise import anonymised
from relay.message.leaks import Kind, leaks
from relay.message.leaks.decodings import Decodings, lines_sampled
from relay.message.leaks.transfers import from_base64_with_junk
from relay.message.parse import parse

DRAW = random.Random(8)
SIZES = (1, 2, 3, 56, 57, 58, 114, 5_000, 57 * lines_sampled, 200_001)
TELLING = DRAW.randbytes(40_000) + f" {PARTNER_ADDRESS} ".encode() + DRAW.randbytes(40_000)


def written(octets: bytes) -> bytes:
    """Base64 as this gateway writes it, without the last line end."""
    return base64.encodebytes(octets).replace(b"\n", b"\r\n").removesuffix(b"\r\n")


def said(text: bytes, octets: bytes) -> Decodings:
    return Decodings([(memoryview(text), octets)])


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(("before", "behind"), [(b"", b""), (b"head\r\n\r\n", b"\r"), (b"\n", b"\r\n\r\n")])
def test_what_was_decoded_is_taken_where_the_very_text_stands(size: int, before: bytes, behind: bytes) -> None:
    octets = DRAW.randbytes(size)
    text = written(octets)
    decodings, whole = said(text, octets), before + text + behind
    assert decodings.of(whole, len(before), len(whole)) is octets
    read = from_base64_with_junk(whole, len(before), len(whole))
    assert from_base64_with_junk(whole, len(before), len(whole), decodings) == read == (octets, 0)


OCTETS = DRAW.randbytes(100_000)
TEXT = written(OCTETS)


@pytest.mark.parametrize(
    ("text", "octets", "whole"),
    [
        (TEXT, OCTETS, TEXT[:50_000] + b"A" + TEXT[50_001:] if TEXT[50_000:50_001] != b"A" else TEXT[:50_000] + b"B"),
        (TEXT, OCTETS, TEXT[:-10]),
        (TEXT, OCTETS, TEXT + b"\r\nAAAA"),
        (TEXT, OCTETS, b"A" + TEXT),
        (TEXT, OCTETS[:-1], TEXT),
        (TEXT, OCTETS + b"x", TEXT),
        (TEXT, DRAW.randbytes(100_000), TEXT),
        (TEXT, OCTETS[57:] + OCTETS[:57], TEXT),
        (TEXT, bytes(57) + OCTETS[57:], TEXT),
        (TEXT, OCTETS[:-20] + bytes(20), TEXT),
        (TEXT.replace(b"\r\n", b""), OCTETS, TEXT.replace(b"\r\n", b"")),
        (base64.encodebytes(OCTETS), OCTETS, base64.encodebytes(OCTETS)),
        (b"", b"", b""),
    ],
    ids="changed shorter longer moved less more other shifted first last one-line line-feeds nothing".split(),
)
def test_anything_else_is_decoded_here(text: bytes, octets: bytes, whole: bytes) -> None:
    """Invariant 2: the second reading reads what goes out"""
    decodings = said(text, octets)
    assert decodings.of(whole, 0, len(whole)) is None
    assert from_base64_with_junk(whole, 0, len(whole), decodings) == from_base64_with_junk(whole)


def a_letter(file: bytes) -> bytes:
    return (
        f"From: <{PARTNER_ADDRESS}>\r\nTo: <{CUSTOMER_ADDRESS}>\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed;"
        " boundary=b\r\n\r\n--b\r\n\r\nHello\r\n--b\r\nContent-Type: application/octet-stream; name=plan.bin\r\n"
        "Content-Transfer-Encoding: base64\r\n\r\n"
    ).encode() + written(file) + b"\r\n--b--\r\n"  # fmt: skip


def test_a_file_that_is_passed_on_is_decoded_once_and_read_twice() -> None:
    """PERF-5, invariant 2: what it holds of a party is found all the same"""
    mail = parse(a_letter(TELLING))
    terms = terms_of(mail, footer=())
    crossed = anonymised(mail, terms, STYLE)
    [(text, octets)] = crossed.passed_on
    assert octets is mail.attachments[0].payload
    assert bytes(text) in crossed.content
    watched = terms.watched(STYLE)
    found = leaks(crossed.content, watched, decoded=crossed.passed_on)
    assert {one.kind for one in found} >= {Kind.ADDRESS}
    assert found == leaks(crossed.content, watched)


def test_a_file_that_was_cleaned_is_not_passed_on() -> None:
    comment = b"\x21\xfe\x05hello\x00"
    picture = (
        b"GIF89a\x01\x00\x01\x00\x00\x00\x00" + comment + b"\x2c" + bytes(4) + b"\x01\x00\x01\x00\x00\x02\x02\x4c\x01\x00\x3b"
    )
    mail = parse(a_letter(picture))
    crossed = anonymised(mail, terms_of(mail, footer=()), STYLE)
    assert mail.attachments[0].payload == picture
    assert crossed.passed_on == ()
    assert written(picture.replace(comment, b"")) in crossed.content
