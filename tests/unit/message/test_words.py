"""Text in header fields, read tolerantly and written in ASCII (LEAK-8, FAULT-58, RFC 2047)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.message.words import decoded_value, decoded_words, encoded_phrase, encoded_value, folded, one_line


@pytest.mark.parametrize(
    ("text", "decoded"),
    [
        ("=?utf-8?q?caf=C3=A9_x?=", "café x"),
        ("=?UTF-8?B?Y2Fmw6k=?=", "café"),
        ("=?utf-8?B?Y2Fmw6k?=", "café"),
        ("=??q?caf=C3=A9?=", "café"),  # CASE-50
        ("=?utf-8*en?q?a?=", "a"),
        ("=?utf-8?q?=C3?= =?utf-8?q?=A9?=", "é"),
        ("=?utf-8?b?w?= =?utf-8?b?6k=?=", "é"),
        ("=?utf-8?q?a?=\t =?iso-8859-1?q?=E9?= b", "aé b"),
        ("=?utf-8?q?a?==?utf-8?q?b?=", "ab"),
        ("=?utf-8?q?a?=?utf-8?q?b?=", "ab"),
        ('"=?utf-8?q?a=2C_b?="', '"a, b"'),
        ("x =?iso-8859-1?q?a b?= y", "x a b y"),
        ("=?utf-8?q?what?=20now?=", "what? now"),
        ("=?utf-8?q?unterminated=21 rest", "unterminated! rest"),
        ("=?utf-8?q?a =?utf-8?q?b?=", "ab"),
        ("=?x-nobody?q?x=E9?=", "xé"),
        ("=?utf-16?b?/v8AaABp?=", "hi"),
        ("=?utf-7?q?+AOk-?=", "é"),
        ("=?utf-16be?b?AEAAQA==?=", "@@"),
        ("no =? word ?= here", "no =? word ?= here"),
        ("=?utf-8?x?abc?=", "=?utf-8?x?abc?="),
        ("a=?utf-8?q?b?=c", "abc"),
    ],
)
def test_encoded_words_are_read_wherever_and_however_they_stand(text: str, decoded: str) -> None:
    assert decoded_words(text) == decoded


@pytest.mark.parametrize(
    ("text", "decoded"),
    [
        ("=?utf-8?q?a=0D=0ABcc:_x?=", "a Bcc: x"),  # CASE-33
        ("=?utf-8?q?last=0A?=", "last"),  # CASE-32
        ("=?utf-8?q?a=E2=80=A8b=E2=80=A9c?=", "a b c"),  # CASE-35
        ("a\x1bb\x85c\td", "a b c d"),
        ("=?utf-8?q?jo=00hn@x?=", "john@x"),
    ],
)
def test_what_could_begin_a_line_becomes_a_space(text: str, decoded: str) -> None:
    assert decoded_words(text) == decoded


@pytest.mark.parametrize("encoding", ["utf-8", "latin-1", "cp1252"])
def test_raw_octets_in_a_header_are_guessed_and_folding_is_undone(encoding: str) -> None:
    """FAULT-69."""
    assert decoded_value("Grüße\r\n an alle".encode(encoding)) == "Grüße an alle"


LINES = st.text(max_size=120) | st.lists(st.sampled_from(["word", " ", "  ", "é", "=?", "?=", '"', "\\", "😀", "x" * 90])).map(
    "".join
)


@given(LINES, st.integers(min_value=4, max_value=40))
def test_text_comes_back_from_a_folded_ascii_value(text: str, column: int) -> None:
    value = encoded_value(text, column)
    assert value.isascii()
    lines = value.split("\r\n")
    assert all(line.startswith(" ") and line.strip() for line in lines[1:])
    assert all(len(line) + (0 if at else column) <= 76 for at, line in enumerate(lines))
    assert all(len(word) <= 75 for line in lines for word in line.split() if word.startswith("=?utf-8?"))
    assert decoded_value(value.encode()) == one_line(text.encode("utf-8", "replace").decode())


@pytest.mark.parametrize("text", ["é" * 200, "日本語" * 100, "😀" * 100])
def test_no_encoded_word_cuts_a_character(text: str) -> None:
    words = encoded_value(text, 9).split("\r\n ")
    assert len(words) > 1
    assert "".join(decoded_words(word) for word in words) == text


@pytest.mark.parametrize(
    ("name", "phrase"),
    [
        ("", ""),
        ("Jo Doe", "Jo Doe"),
        ("Doe, Jo", '"Doe, Jo"'),
        ('Jo "D" \\', '"Jo \\"D\\" \\\\"'),
        ("jo@example.com", '"jo@example.com"'),
        ("Jö", "=?utf-8?b?SsO2?="),
        ("a\r\nBcc: x", '"a Bcc: x"'),
    ],
)
def test_a_display_name_is_bare_quoted_or_encoded(name: str, phrase: str) -> None:
    assert encoded_phrase(name) == phrase


def test_a_long_display_name_becomes_words_that_can_be_folded() -> None:
    """CASE-35."""
    phrase = encoded_phrase("Müller " * 40)
    assert all(len(line) <= 76 for line in folded(phrase, len("From: ")).split("\r\n"))
    assert decoded_words(phrase) == ("Müller " * 40).strip()


def test_folding_leaves_quoted_strings_whole_where_asked() -> None:
    line = f'attachment; filename="{"a b " * 14}"'
    assert folded(line, 21, quotes_whole=True) == line.replace("; ", ";\r\n ")


def test_a_line_that_cannot_be_folded_is_refused() -> None:
    with pytest.raises(ValueError, match="without a place to fold"):
        folded("x" * 995, 10)
