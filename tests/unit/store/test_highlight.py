"""Hits are shown in what people wrote."""

from __future__ import annotations

import pytest

from relay.store.highlight import Span, highlighted, searched_characters_max
from relay.store.terms import Words


def shown(text: str, *terms: Words, characters: int | None = None) -> str:
    return "".join(f"[{span.text}]" if span.hit else span.text for span in highlighted(text, terms, characters))


@pytest.mark.parametrize(
    ("text", "terms", "expected"),
    [
        ("Meet me in Łódź!", [Words(("lodz",))], "Meet me in [Łódź]!"),
        ("Refunds, refund", [Words(("refund",))], "Refunds, [refund]"),
        ("Refunds, refund", [Words(("refund",), begun=True)], "[Refunds], [refund]"),
        ("the meeting: point A, point B", [Words(("meeting", "point"))], "the [meeting: point] A, point B"),
        ("am 東京駅で", [Words(("東", "京"))], "am [東京]駅で"),
        ("e\u0301te\u0301", [Words(("ete",))], "[été]"),
        ("a b", [Words(("a",)), Words(("a", "b"))], "[a b]"),
        ("two\r\n  lines", [], "two lines"),
        ("", [Words(("a",))], ""),
        ("last meeting", [Words(("meeting", "point"))], "last meeting"),
    ],
)
def test_hits_are_marked_where_they_stand(text: str, terms: list[Words], expected: str) -> None:
    assert shown(text, *terms) == expected


def test_a_snippet_lies_around_the_first_hit() -> None:
    text = "before " * 50 + "a refund please " + "after " * 50
    snippet = shown(text, Words(("refund",)), characters=100)
    assert snippet.startswith("… before")
    assert " a [refund] please after" in snippet
    assert snippet.endswith(" …")
    assert len(snippet) < 120


def test_without_a_hit_a_snippet_is_the_beginning() -> None:
    assert shown("words " * 100, Words(("refund",)), characters=20) == "words words words wo …"


def test_a_hit_at_the_very_end_is_shown() -> None:
    assert shown("x " * 500 + "refund", Words(("refund",)), characters=100).endswith("[refund]")


def test_a_very_long_text_is_searched_only_so_far() -> None:
    """Invariant 12"""
    spans = highlighted("x " * searched_characters_max + "refund", [Words(("refund",))], 100)
    assert not any(span.hit for span in spans)


def test_a_span_prints_nothing_of_what_people_wrote() -> None:
    assert "secret" not in repr(Span("secret"))
