"""Compressed RTF becomes the words that are in it (LEAK-68; MS-OXRTFCP, MS-OXRTFEX)."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.mapi import compressed_rtf

from relay.errors import Unreadable
from relay.message.account import Account, steps_max
from relay.message.containers.compressed_rtf import decompressed, words_in

HEAD = rb"{\rtf1\ansi\ansicpg1252\fromtext \fbidi \deff0{\fonttbl{\f0\fswiss Arial;}{\f1\fcharset204 Arial;}}"
HTML_HEAD = rb"{\rtf1\ansi\ansicpg1252\fromhtml1 \deff0{\fonttbl{\f0 Arial;}}{\colortbl\red0;}"


@pytest.mark.parametrize(
    ("rtf", "text"),
    [
        (HEAD + rb"\pard Hello\par Ann\par}", "Hello\nAnn\n"),
        (HEAD + rb"{\info{\author Ann Writer}{\company Writer Ltd}}{\*\generator Riched20;}Hello}", "Hello"),
        (HEAD + rb"{\header Ann}{\pict\pngblip 8950}a\tab b\line c \{d\} \\ e}", "a\tb\nc {d} \\ e"),
        (HEAD + rb"Gr\'fc\'dfe \u8364?5 \uc2\u8364??6 \uc0\u8364 7}", "Grüße €5 €6 €7"),
        (HEAD + rb"\f1\'cf\'f0\'e8\'e2\'e5\'f2 \f0\'fc}", "Привет ü"),
        (HEAD + rb"\uc1\u-10179?\u-8704?!}", "😀!"),
        (HEAD + rb"\ldblquote yes\rdblquote\~\emdash no}", "“yes”\u00a0—no"),
        (HEAD + b"a\r\nb}", "ab"),
        (HEAD + rb"cut \'f", "cut f"),
        (HEAD + b"{" * 3000 + b"deep" + b"}" * 3000 + b" on}", "deep on"),
        (rb"{\rtf1 no end {\b bold", "no end bold"),
    ],
)
def test_the_words_of_rtf_come_out(rtf: bytes, text: str) -> None:
    words = words_in(compressed_rtf(rtf), Account.of(0))
    assert words is not None
    assert (words.text, words.is_html) == (text, False)


@pytest.mark.parametrize(
    ("rtf", "html"),
    [
        (
            HTML_HEAD
            + rb"{\*\htmltag19 <html>}{\*\htmltag50 <body>}\htmlrtf {\htmlrtf0 {\*\htmltag64 <p>}Hello \htmlrtf\par}\htmlrtf0"
            rb"{\*\htmltag72 </p>}{\*\htmltag58 </body>}}",
            "<html><body><p>Hello </p></body>",
        ),
        (HTML_HEAD + rb"{\*\htmltag84 &nbsp;}\htmlrtf \'a0\htmlrtf0 x{\*\mhtmltag84 <img src=local>}}", "&nbsp;x"),
        (HTML_HEAD + rb"{\*\htmltag84 <a href='x\'fc'>\par}{\*\htmltag4 \{\}}}", "<a href='xü'>\n{}"),
    ],
)
def test_html_comes_out_of_the_rtf_that_it_was_put_into(rtf: bytes, html: str) -> None:
    words = words_in(compressed_rtf(rtf), Account.of(0))
    assert words is not None
    assert (words.text, words.is_html) == (html, True)


def test_what_goes_on_into_what_it_is_just_writing_is_read() -> None:
    assert decompressed(compressed_rtf(rb"{\rtf1 " + b"abc" * 50 + b"}"), Account.of(0)) == rb"{\rtf1 " + b"abc" * 50 + b"}"
    assert decompressed(compressed_rtf(rb"{\rtf1 x}", literal=True), Account.of(0)) == rb"{\rtf1 x}"
    of_the_specification = bytes.fromhex(
        "2d0000002b0000004c5a4675f1c5c7a703000a007263706731323542320af32068656c090020627705b06c647d0a800fa0"
    )
    assert decompressed(of_the_specification, Account.of(0)) == b"{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n"


@pytest.mark.parametrize(
    "octets",
    [
        b"",
        b"\0" * 15,
        struct.pack("<IIII", 12, 4, 0x12345678, 0) + b"{\\rt",
        compressed_rtf(b"no rtf at all"),
        struct.pack("<IIII", 0, 0, 0x75465A4C, 0) + b"\xff" + b"\xff\xff" * 8,
    ],
    ids=["empty", "short", "another kind", "no rtf", "refers to nothing"],
)
def test_what_is_none_has_no_words(octets: bytes) -> None:
    assert words_in(octets, Account.of(0)) is None


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 400), st.binary(max_size=3))
def test_no_damage_makes_reading_fail(place: int, octets: bytes) -> None:
    whole = compressed_rtf(HEAD + rb"Gr\'fc\'dfe \u8364?5 {\*\htmltag19 <html>} and more of the same and more of the same}")
    place %= len(whole)
    words = words_in(whole[:place] + octets + whole[place + len(octets) :], Account.of(0))
    assert words is None or words.text is not None


@pytest.mark.parametrize("piece", [b"\xff" + b"\x00\x0e" * 8, b"\0{}{}{}{}"], ids=["bomb", "many tokens"])
def test_what_takes_too_many_steps_is_unreadable(piece: bytes) -> None:
    """FAULT-65: of whatever is in the message together."""
    account = Account.of(0)
    account.steps = steps_max - 1000
    with pytest.raises(Unreadable):
        words_in(struct.pack("<IIII", 0, 0, 0x75465A4C, 0) + piece * 2000, account)
