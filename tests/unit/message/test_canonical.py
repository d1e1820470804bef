"""Every way to write @ and a dot is that sign (LEAK-27, LEAK-29)."""

from __future__ import annotations

import pytest

from relay.message.canonical import Canonical


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("ann at x dot example", "ann@x.example"),
        ("ann (at) x [dot] example", "ann@x.example"),
        ("ann -at- x", "ann@x"),
        ("ann%40x%252eexample", "ann@x.example"),
        ("ann=40x=2eexample", "ann@x.example"),
        ("ann&#64;x&#046;example&commat;&period;", "ann@x.example@."),
        ("ann @ x . example", "ann@x.example"),
        ("ann@wri=\n> > ter.example", "ann@writer.example"),
        ("ann at\n> x", "ann@x"),
        ("attic that hat, a chat", "attic that hat, a chat"),  # words in prose are no signs
        ("we are at", "we are at"),
        ("point of view", "point of view"),
    ],
)
def test_what_stands_for_a_sign_is_that_sign(text: str, canonical: str) -> None:
    assert Canonical.of(text, 0, len(text)).text == canonical


def test_a_piece_leads_back_to_where_it_stood() -> None:
    text = "to: ann (at) x [dot] exam=\nple, or"
    canonical = Canonical.of(text, 4, len(text))
    end = len("ann@x.example")
    assert canonical.span(0, end) == (4, text.index(","))
    assert canonical.span(3, 4) == (text.index(" (at"), text.index("x [dot"))
    assert canonical.span(4, 5) == (text.index("x [dot"), text.index("x [dot") + 1)
    assert canonical.is_free(0, end)
    assert not canonical.is_free(0, end - 1)
    assert canonical.gaps_within(0, end) == [3, 4, 5, 6, len("ann@x.exam")]
    assert canonical.gaps_within(3, 6) == [4, 5]
