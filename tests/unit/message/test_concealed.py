"""Whoever may not see addresses sees none, however it is written (AR-1, LEAK-86)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.masking import MASK
from relay.message.concealed import concealed

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
