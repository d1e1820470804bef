"""Words of strangers in our mail: one printable line, no address (LEAK-8, LEAK-86)."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.correspondence.foreign import quotable, shown
from relay.values import MsgId


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Re: Photos", "Re: Photos"),
        ("Hi\r\nBcc: everybody", "Hi Bcc: everybody"),
        ("a\u2028b\u2029c\x00d\te", "a b c d e"),
        ("\u202egpj.exe", "gpj.exe"),
        ("pass\u200bword\ufeff", "password"),
        ("x@y.example wrote", "… wrote"),
        ("<X@y.example>, z\uff20y.example", "… …"),
        ("hidden\u200b@\u200by.example", "…"),
        ("family 👩\u200d👩\u200d👧", "family 👩\u200d👩\u200d👧"),
        ("שלום مرحبا", "שלום مرحبا"),
        ("Z" + "\u0301" * 50, "Z" + "\u0301" * 4),
        ("", ""),
        ("\u202e\r\n", ""),
    ],
)
def test_a_strangers_text_becomes_one_printable_line_without_addresses(text: str, expected: str) -> None:
    assert shown(text, 100) == expected


def test_a_long_text_is_cut_with_an_ellipsis() -> None:
    assert shown("word " * 400_000, 12) == "word word w…"
    assert shown("exactly ten"[:10], 10) == "exactly te"


@given(st.text(max_size=300), st.integers(min_value=1, max_value=50))
def test_no_text_escapes_its_line_or_its_length(text: str, characters_max: int) -> None:
    line = shown(text, characters_max)
    assert len(line) <= characters_max
    assert "@" not in line
    assert not {unicodedata.category(one) for one in line} & {"Cc", "Zl", "Zp", "Cs"}


@pytest.mark.parametrize(
    ("identifier", "expected"),
    [
        ("CAF=abc.1@mail.example", True),
        ("[id]", True),
        ("a b@c", False),
        ("a\r\nBcc: x@y", False),
        ("a>b", False),
        ("naïve@example", False),
        ("x" * 901, False),
        ("", False),
    ],
)
def test_a_message_id_is_quoted_only_when_it_cannot_break_a_field(identifier: str, expected: bool) -> None:
    assert (quotable(MsgId(identifier)) == identifier) is expected


def test_no_message_id_is_none() -> None:
    assert quotable(None) is None
