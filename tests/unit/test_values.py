"""Addresses and domains, as far as two spellings are one (GW-5)."""

from __future__ import annotations

import pytest

from relay.values import RealAddress, ascii_domain


@pytest.mark.parametrize(
    ("domain", "in_dns"),
    [
        ("Poczta.Example.", "poczta.example"),
        ("B\u00dccher.example", "xn--bcher-kva.example"),
        ("bu\u0308cher\u3002example", "xn--bcher-kva.example"),
        ("\uff22\uff49.example", "bi.example"),
        ("stra\u00dfe.example", "xn--strae-oqa.example"),
        ("STRA\u1e9eE.example", "xn--strae-oqa.example"),
        ("strasse.example", "strasse.example"),
        ("\u03b2\u03cc\u03bb\u03bf\u03c2.example", "xn--nxasmm1c.example"),
        ("\u03b2\u03cc\u03bb\u03bf\u03c3.example", "xn--nxasmq6b.example"),
        ("\u0dc1\u0dca\u200d\u0dbb\u0dd3.example", "xn--10cl1a0b660p.example"),
        ("\U0001f600.example", "xn--e28h.example"),
        ("a\u00ad\u200bb.example", "ab.example"),
        ("\u00fc..example", "\u00fc..example"),
        ("\u00fc" * 64 + ".example", "\u00fc" * 64 + ".example"),
        ("\u00df" * 64 + ".example", "\u00df" * 64 + ".example"),
    ],
)
def test_a_domain_is_asked_for_under_the_name_that_was_registered(domain: str, in_dns: str) -> None:
    """RFC 5890, UTS #46: a letter that IDNA of 2003 replaced is one of its own, and the other name is somebody else's."""
    assert ascii_domain(domain) == in_dns


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Ann@Poczta.example", "ann@poczta.example.", True),
        ("ann+tours@poczta.example", "ann@poczta.example", True),
        ("+ann@poczta.example", "ann@poczta.example", False),
        ("a.n.n@gmail.com", "ann@googlemail.com", True),
        ("a.n.n@poczta.example", "ann@poczta.example", False),
        ("ann@stra\u00dfe.example", "ann@xn--strae-oqa.example", True),
        ("ann@stra\u00dfe.example", "ann@strasse.example", False),
        ("strau\u00df@poczta.example", "strauss@poczta.example", False),
        ("ann@poczta.example\uff20attacker.example", "ann@poczta.example", False),
    ],
)
def test_two_spellings_of_an_address_are_one_mailbox_or_two(one: str, other: str, same: bool) -> None:
    """GW-5, invariant 6."""
    assert (RealAddress(one).key == RealAddress(other).key) is same
