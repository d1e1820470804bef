"""Words are found whatever their accents, case and alphabet (AR-4c)."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.store.folding import folded, places, word_characters_max, words


@pytest.mark.parametrize(
    ("written", "looked_for"),
    [
        ("Łódź", "lodz"),
        ("ŁÓDŹ", "łódź"),
        ("Straße", "STRASSE"),
        ("STRAẞE", "strasse"),
        ("Œuvre", "oeuvre"),
        ("smørrebrød", "smorrebrod"),
        ("Đà Nẵng", "da nang"),
        ("Příliš žluťoučký kůň", "prilis zlutoucky kun"),
        ("ÆØÅ", "aeoa"),
        ("İstanbul ılık", "istanbul ilik"),
        ("e\u0301te\u0301", "été"),  # accents that stand apart
        ("ﬁnal", "final"),  # a ligature
        ("ＡＢＣ１２３", "abc123"),  # full width
        ("Ελλάδα", "ελλαδα"),
        ("Москва", "МОСКВА"),
        ("²", "2"),
    ],
)
def test_accents_case_and_form_do_not_matter(written: str, looked_for: str) -> None:
    assert words(written) == words(looked_for)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Where's the meeting-point?", ["where", "s", "the", "meeting", "point"]),
        ("a@b.example, GYG4K7Q2X9ABC", ["a", "b", "example", "gyg4k7q2x9abc"]),
        ("snake_case", ["snake", "case"]),
        ("602 123 456", ["602", "123", "456"]),
        # A dakuten is an accent like any other, in what is looked for too.
        ("東京で会いましょう", list("東京て会いましょう")),
        ("Tokyo東京2024", ["tokyo", "東", "京", "2024"]),
        ("… !?", []),
        ("\ue000by", ["by"]),  # the sign that begins a mark is never part of somebody's word
        ("", []),
    ],
)
def test_words_end_where_people_end_them(text: str, expected: list[str]) -> None:
    assert words(text) == expected


def test_an_encoded_file_in_a_text_is_one_short_word() -> None:
    """Invariant 12"""
    assert [len(word) for word in words("x" * 100_000)] == [word_characters_max]


@given(st.text(max_size=50))
def test_folding_again_changes_no_word(text: str) -> None:
    once = words(text)
    assert words(" ".join(once)) == once


@given(st.text(max_size=50))
def test_a_place_holds_the_words_that_stand_there(text: str) -> None:
    composed = unicodedata.normalize("NFC", text)
    for start, end, found in places(composed):
        assert 0 <= start < end <= len(composed)
        assert found == words(composed[start:end])


@given(st.text(max_size=50))
def test_each_character_folds_by_itself_whatever_stands_around_it(text: str) -> None:
    """Also where more of them are different than are looked for one by one."""
    alphabet = "".join(map(chr, range(0x100, 0x180)))
    assert folded(text) == "".join(map(folded, text))
    assert folded(text + alphabet) == folded(text) + folded(alphabet)


def test_folded_text_keeps_its_punctuation() -> None:
    assert folded("Łódź, Żółć!") == "lodz, zolc!"


@given(st.lists(st.text(), max_size=4))
def test_runs_fold_as_the_whole_does(runs: list[str]) -> None:
    """Accents and case are taken off character by character, so what is folded piece by piece is found as a whole."""
    assert "".join(map(folded, runs)) == folded("".join(runs))
