"""The normal form, in which text is searched, and the way back (LEAK-29)."""

from __future__ import annotations

import pytest

from relay.message.normal import Joined, Normal, folded, is_boundary


@pytest.mark.parametrize(
    ("written", "normal"),
    [
        ("Ann.Writer@X.Example", "ann.writer@x.example"),
        ("ann＠x．example", "ann@x.example"),  # full-width
        ("аnn@х.ехаmple", "ann@x.example"),  # Cyrillic look-alikes
        ("𝒶𝓃𝓃@x.example", "ann@x.example"),  # mathematical letters
        ("🅐ⓝⓝ", "ann"),
        ("ⓐⓝⓝⓐ.Ⓐⓓⓐ@ⓧ.ⓔⓧⓐⓜⓟⓛⓔ annⓐx.example", "anna.ada@x.example ann@x.example"),  # a letter, and an at sign
        ("a\u200bn\u00adn\u2060", "ann"),  # what cannot be seen
        ("a\u0336n\u0336n\u0336", "ann"),  # struck through
        ("\u202eann\u202c", "ann"),
        ("Müller Łódź Rømø", "muller lodz romo"),
        ("STRASSE straße", "strasse strasse"),
        ("ann\u00a0writer\u2028next", "ann writer\nnext"),
        ("ann‑writer", "ann-writer"),
        ("x.example—call", "x.example—call"),  # a dash between words glues nothing to a domain
        ("田中 מרים", "田中 מרים"),
    ],
)
def test_what_looks_alike_has_one_normal_form(written: str, normal: str) -> None:
    assert folded(written) == normal


def test_a_span_of_the_normal_form_leads_back_to_the_characters_it_came_from() -> None:
    normal = Normal("ﬁnd \u200bJose\u0301\u200b!")
    at = normal.text.index("jose")
    start, end = normal.span(at, at + 4)
    assert normal.original[start:end] == "Jose\u0301"  # the accent belongs to its letter, the unseen sign behind it does not


@pytest.mark.parametrize(
    ("text", "joined"),
    [
        ("ann@wri\nter.example", "ann@writer.example"),
        ("> ann@wri\n> > ter.example", "> ann@writer.example"),
        ("ann@wri=\nter.example", "ann@writer.example"),
        ("ann@wri \r\n\t ter.example\n", "ann@writer.example"),
        ("one line", "one line"),
    ],
)
def test_a_wrapped_address_stands_in_one_piece(text: str, joined: str) -> None:
    one = Joined(text)
    assert one.text.removeprefix("> ") == joined.removeprefix("> ")
    assert [text[one.at(at)] for at in range(len(one.text))] == list(one.text)


def test_a_line_break_is_remembered_where_it_was_taken_out() -> None:
    joined = Joined("to\nann@x.example\n\nBest")
    assert [at for at in range(1, len(joined.text)) if joined.breaks_before(at)] == [2, len("toann@x.example")]


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [("a", "b", False), ("a", " ", True), ("a", "1", False), ("a", "我", True), ("я", "ю", False), ("a", "_", False)],
)
def test_a_word_ends_where_letters_end_or_another_script_begins(left: str, right: str, expected: bool) -> None:
    assert is_boundary(left, right) is expected
