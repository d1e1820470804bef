"""Whoever may not see addresses sees none, however it is written (AR-1, LEAK-86)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.masking import MASK
from relay.message.concealed import concealed, mentions

OURS = "reply.example.com"


@pytest.mark.parametrize(
    "written",
    [
        "zofia.kowalska@poczta.example",
        "zofia.kowalska (at) poczta (dot) example",
        "zofia.kowalska [at] poczta.example",
        "zofia.kowalska AT poczta DOT example",
        "zofia.kowalska { at } poczta { dot } example",
    ],
)
def test_an_address_is_masked_in_each_way_of_writing_it(written: str) -> None:
    shown = concealed(f"Write to {written} please, or call. {written}", OURS)
    assert shown == f"Write to {MASK} please, or call. {MASK}"


def test_aliases_and_everything_else_stay() -> None:
    text = f"We meet (at) noon, 12.50 EUR each; customer-12ab3456cd78@{OURS} is how you reach me."
    assert concealed(text, OURS) == text


@given(st.text(max_size=300))
def test_any_text_is_taken(text: str) -> None:
    assert "a@b.example" not in concealed(f"{text} a@b.example {text}", OURS)


@given(
    st.lists(
        st.sampled_from(["a@b.example", "anna (at) c (dot) example", " ", "x", "zoe＠d.example.", "<", "„", ")", "AT", " DOT "])
    )
)
def test_what_is_concealed_is_what_is_mentioned(pieces: list[str]) -> None:
    """The search index takes its addresses from the one, pages from the other."""
    text = "".join(pieces)
    shown, done = "", 0
    for one in mentions(text):
        shown, done = f"{shown}{text[done : one.start]}{MASK}", one.end
    assert shown + text[done:] == concealed(text)


def test_a_mention_says_which_address_it_is() -> None:
    text = "anna@mail.example, zofia (at) poczta (dot) example. zoe＠d.example."
    assert [one.address for one in mentions(text)] == ["anna@mail.example", "zofia@poczta.example", "zoe@d.example"]
