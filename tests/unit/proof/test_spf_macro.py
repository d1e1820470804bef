from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.lookup import name_octets_max
from relay.proof.spf_macro import domain_spec, expanded, letters, macro_string

# The example of RFC 7208 §7.4.
VALUES = {
    "s": "strong-bad@email.example.com",
    "l": "strong-bad",
    "o": "email.example.com",
    "d": "email.example.com",
    "i": "192.0.2.3",
    "p": "mx.example.org",
    "v": "in-addr",
    "h": "mx.example.org",
}
IPV6 = "2.0.0.1.0.d.b.8.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.c.b.0.1"


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("%{s}", "strong-bad@email.example.com"),
        ("%{o}", "email.example.com"),
        ("%{d}", "email.example.com"),
        ("%{d4}", "email.example.com"),
        ("%{d3}", "email.example.com"),
        ("%{d2}", "example.com"),
        ("%{d1}", "com"),
        ("%{dr}", "com.example.email"),
        ("%{d2r}", "example.email"),
        ("%{l}", "strong-bad"),
        ("%{l-}", "strong.bad"),
        ("%{lr}", "strong-bad"),
        ("%{lr-}", "bad.strong"),
        ("%{l1r-}", "strong"),
        ("%{ir}.%{v}._spf.%{d2}", "3.2.0.192.in-addr._spf.example.com"),
        ("%{lr-}.lp._spf.%{d2}", "bad.strong.lp._spf.example.com"),
        ("%{lr-}.lp.%{ir}.%{v}._spf.%{d2}", "bad.strong.lp.3.2.0.192.in-addr._spf.example.com"),
        ("%{ir}.%{v}.%{l1r-}.lp._spf.%{d2}", "3.2.0.192.in-addr.strong.lp._spf.example.com"),
        ("%{d2}.trusted-domains.example.net", "example.com.trusted-domains.example.net"),
        # and what it does not show
        ("%{D2R}", "example.email"),
        ("%{d99999999999999999999999999999999999999999}", "email.example.com"),
        ("%{d0002}", "example.com"),
        ("%{S}", "strong-bad%40email.example.com"),
        ("%{s1@}", None),
        ("%{l-+-+----,,//__==}", "strong.bad"),
        ("a%%b%_c%-d.Example.COM.", "a%b c%20d.example.com"),
        ("%%", "%"),
    ],
)
def test_a_macro_stands_for_what_the_rfc_says(written: str, name: str | None) -> None:
    spec = domain_spec(written)
    assert (spec and expanded(spec, VALUES)) == name


def test_an_ipv6_address_is_its_nibbles() -> None:
    spec = domain_spec("%{ir}.%{v}._spf.%{d2}")
    assert spec is not None
    assert expanded(spec, VALUES | {"i": IPV6, "v": "ip6"}) == f"{IPV6[::-1]}.ip6._spf.example.com"


@pytest.mark.parametrize(
    "written",
    [
        *"example example. % %a.com %{ %{d %{} %{x} %{d0} %{d000} %{r}.com %{c}.com a.%{t} a.123 a.-com a.com- a..".split(),
        *("a.com..", "%{d}com", "a.c%%m", "%%-", "", "a b.com", "a\tb.com", "caf\xe9.com", "a.\x00com", "a.com\n"),
    ],
)
def test_what_is_no_domain_spec_is_none(written: str) -> None:
    assert domain_spec(written) is None


@pytest.mark.parametrize(
    ("written", "name"),
    [("a.b-1", "a.b-1"), ("a.1-1", "a.1-1"), ("a.xn--zckzah", "a.xn--zckzah"), (".com", ".com"), ("a...b.com", "a...b.com")],
)
def test_the_top_label_alone_is_looked_at(written: str, name: str) -> None:
    spec = domain_spec(written)
    assert spec is not None
    assert expanded(spec, VALUES) == name


def test_an_explanation_may_say_what_a_name_may_not() -> None:
    assert macro_string("%{c}%{r}%{t}") is not None
    assert macro_string("") == ()


def test_a_name_that_is_too_long_loses_whole_labels_on_its_left() -> None:
    """RFC 7208 §7.3."""
    labels = ".".join(f"{number:09}" for number in range(25))  # 249 characters
    for written, name in {
        f"{labels}.%{{d1}}": f"{labels}.com",
        f"x.{labels}.%{{d1}}": f"{labels}.com",
        f"x.{labels}.example.": ".".join([*labels.split(".")[1:], "example"]),
        f"%{{d}}%{{d}}.{labels}.com.": f"{labels}.com",
        "a" * 254 + ".%{l}": "strong-bad",
        "a" * 300 + "%{l}": "",
        # The macro belongs to the label after it, and goes with it.
        f"%{{d1}}{labels}.%{{d1}}": ".".join([*labels.split(".")[1:], "com"]),
    }.items():
        spec = domain_spec(written)
        assert spec is not None
        assert expanded(spec, VALUES) == name


def test_what_is_not_ascii_matches_nothing() -> None:
    """RFC 8616 §4."""
    values = VALUES | {"l": "żółw", "s": "żółw@email.example.com"}
    assert [expanded(spec, values) for spec in map(domain_spec, ("%{l}.a.com", "%{S}.a.com", "%{d}")) if spec] == [
        None,
        None,
        "email.example.com",
    ]


def test_a_capital_quotes_what_a_url_may_not_hold() -> None:
    """RFC 7208 §7.3: all but the unreserved set of RFC 3986."""
    spec = domain_spec("%{L}")
    assert spec is not None
    assert expanded(spec, VALUES | {"l": "az09-._~/&=+ %"}) == "az09-._~%2f%26%3d%2b%20%25"


def test_letters_are_known_before_an_expansion() -> None:
    spec = domain_spec("%{P}.%{ir}.%{d}")
    assert spec is not None
    assert letters(spec) == {"p", "i", "d"}


@given(st.text(st.sampled_from("%{}slodiphv019r-.+,/_=ax "), max_size=60), st.text(st.characters(max_codepoint=300), max_size=40))
def test_no_text_makes_an_expansion_raise_or_grow(written: str, value: str) -> None:
    """FAULT-78: macro abuse."""
    spec = domain_spec(written)
    name = spec and expanded(spec, dict.fromkeys("slodiphv", value))
    assert not name or len(name) <= name_octets_max
