"""Addresses are masked in what is logged and shown; aliases are not addresses of anybody (invariant 1, LEAK-86)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.masking import masked

OURS = "reply.example.com"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("550 <marco@tours.example> unknown", "550 <<address>> unknown"),
        (
            "to customer-12ab3456cd78@reply.example.com, from me@x.example",
            "to customer-12ab3456cd78@reply.example.com, from <address>",
        ),
        ("X@REPLY.EXAMPLE.COM", "X@REPLY.EXAMPLE.COM"),
        ("x@reply.example.com.", "x@reply.example.com."),
        ("x@sub.reply.example.com", "<address>"),
        ("mailto:a+b@x.example?subject=y", "mailto:<address>?subject=y"),
        ("no address @ all", "no address @ all"),
        ("user@münchen.de!", "<address>!"),
        ("user@xn--mnchen-3ya.de", "<address>"),
        ("jürgen@müller.example", "<address>"),
        ("संपर्क@डाटामेल.भारत से", "<address> से"),
        ("用户@例子。广告", "<address>"),
        ('"zofia kowalska"@poczta.example said', "<address> said"),
        ('"a \\" b"@poczta.example', "<address>"),
        ("zofia@[198.51.100.7]", "<address>"),
        ("zofia＠poczta.example", "<address>"),
        ("o'brien@tours.example", "<address>"),
        ("<list+zofia=poczta.example@lists.example>", "<<address>>"),
        ("zofia=poczta.example@reply.example.com", "<address>"),
        (f"{'z' * 100}@poczta.example", "<address>"),
        ("a@x.example,b@y.example", "<address>,<address>"),
        ("a@b@c.example", "<address>"),
    ],
)
def test_addresses_are_masked_and_aliases_stay(text: str, expected: str) -> None:
    assert masked(text, OURS) == expected


def test_without_a_domain_of_ours_everything_is_masked() -> None:
    assert masked("customer-12ab3456cd78@reply.example.com") == "<address>"


LETTERS = st.characters(categories=("L", "N", "M"))
WORDS = st.text(LETTERS, min_size=1, max_size=20)


@given(WORDS, WORDS, st.text(max_size=20).filter(lambda text: "@" not in text))
def test_of_an_address_in_any_script_nothing_is_left(local: str, domain: str, around: str) -> None:
    assert masked(f" {local}@{domain}.example {around}").startswith(" <address> ")


@pytest.mark.parametrize("piece", ["a", "a@", "@", '"', '"a', '"\\', "<a@", "a@b.", "ü", "@["])
def test_a_long_text_costs_little(piece: str) -> None:
    text = piece * (1_000_000 // len(piece))
    once = masked(text, OURS)
    assert masked(once, OURS) == once
