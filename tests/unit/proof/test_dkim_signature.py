from __future__ import annotations

import pytest

from relay.proof.canonical import Field, Form
from relay.proof.dkim_key import Algorithm
from relay.proof.dkim_results import Reason
from relay.proof.dkim_signature import Signature, claim, signature_in
from relay.proof.tags import tags

SAID = {
    "v": "1",
    "a": "rsa-sha256",
    "c": "relaxed/simple",
    "d": "example.com",
    "s": "one",
    "h": "From : To:\r\n\tSubject",
    "bh": "AA\r\n AA",
    "b": "AAA=",
}


def read(**changes: str | None) -> Signature | Reason:
    said = {name: value for name, value in {**SAID, **changes}.items() if value is not None}
    return signature_in(Field(b"dkim-signature", b"DKIM-Signature: ..."), said)


def a_signature(**changes: str | None) -> Signature:
    found = read(**changes)
    assert isinstance(found, Signature)
    return found


def test_a_signature_field_is_read() -> None:
    """RFC 6376 §3.5."""
    one = a_signature(l="12", t="1", x="2", q="http/new:DNS/txt")
    assert (one.algorithm, one.domain, one.selector, one.identity_domain) == (
        Algorithm.RSA_SHA256, "example.com", "one", "example.com",
    )  # fmt: skip
    assert (one.header_form, one.body_form) == (Form.RELAXED, Form.SIMPLE)
    assert (one.names, one.body_hash, one.octets) == ((b"from", b"to", b"subject"), bytes(3), bytes(2))
    assert (one.body_octets, one.expires_s) == (12, 2)


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (None, (Form.SIMPLE, Form.SIMPLE)),
        ("simple", (Form.SIMPLE, Form.SIMPLE)),
        ("relaxed", (Form.RELAXED, Form.SIMPLE)),
        ("Relaxed/RELAXED", (Form.RELAXED, Form.RELAXED)),
    ],
)
def test_the_canonical_forms_are_simple_where_nothing_is_said(said: str | None, expected: tuple[Form, Form]) -> None:
    one = a_signature(c=said)
    assert (one.header_form, one.body_form) == expected


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        *(({name: None}, Reason.UNREADABLE) for name in ("v", "a", "b", "bh", "d", "h", "s")),
        ({"v": "1.0"}, Reason.UNREADABLE),
        ({"v": "2"}, Reason.UNREADABLE),
        ({"q": "dns"}, Reason.UNREADABLE),
        ({"c": "relaxed/nofws"}, Reason.UNREADABLE),
        ({"c": "relaxed/simple/simple"}, Reason.UNREADABLE),
        ({"c": ""}, Reason.UNREADABLE),
        ({"b": ""}, Reason.UNREADABLE),
        ({"b": "AAA"}, Reason.UNREADABLE),
        ({"b": "§§§§"}, Reason.UNREADABLE),
        ({"bh": "A-_A"}, Reason.UNREADABLE),
        ({"d": "exa mple.com"}, Reason.UNREADABLE),
        ({"d": "example..com"}, Reason.UNREADABLE),
        ({"d": "a" * 64 + ".com"}, Reason.UNREADABLE),
        ({"d": "a." * 200 + "com"}, Reason.UNREADABLE),
        ({"s": "*"}, Reason.UNREADABLE),
        ({"s": "s." * 110 + "s", "d": "a." * 100 + "com"}, Reason.UNREADABLE),
        ({"l": "-1"}, Reason.UNREADABLE),
        ({"l": "9" * 77}, Reason.UNREADABLE),
        ({"t": "now"}, Reason.UNREADABLE),
        ({"x": "1" * 13}, Reason.UNREADABLE),
        ({"t": "2", "x": "2"}, Reason.UNREADABLE),
        ({"a": "rsa-sha1"}, Reason.WEAK),
        ({"a": "rsa-sha512"}, Reason.UNKNOWN_ALGORITHM),
        ({"h": "To:Subject"}, Reason.FROM_UNSIGNED),
        ({"h": "From-Me"}, Reason.FROM_UNSIGNED),
        ({"i": "ann@example.org"}, Reason.FOREIGN_IDENTITY),
        ({"i": "ann@notexample.com"}, Reason.FOREIGN_IDENTITY),
        ({"i": "example.com"}, Reason.FOREIGN_IDENTITY),
        ({"d": "mail.example.com", "i": "@example.com"}, Reason.FOREIGN_IDENTITY),
    ],
)
def test_what_is_no_signature_to_check_says_why(changes: dict[str, str | None], expected: Reason) -> None:
    """RFC 6376 §6.1.1, RFC 8301 §3.1, FAULT-81."""
    assert read(**changes) is expected


@pytest.mark.parametrize(
    ("i", "expected"),
    [("@example.com", "example.com"), ("ann@Mail.EXAMPLE.com", "mail.example.com"), ('"@"@example.com', "example.com")],
)
def test_an_identity_is_of_the_domain_or_below_it(i: str, expected: str) -> None:
    assert a_signature(i=i).identity_domain == expected


def test_domains_are_compared_as_dns_has_them() -> None:
    """RFC 8616 §3."""
    assert claim({"d": "Zürich.Example", "s": "ONE"}) == ("xn--zrich-kva.example", "one")
    assert claim({}) == ("", "")


@pytest.mark.parametrize(
    ("octets", "expected"),
    [
        (b"DKIM-Signature: v=1; b=AAAA", b"DKIM-Signature: v=1; b="),
        (b"DKIM-Signature: v=1; b=AA\r\n AA ;\r\n\tbh=BB==; x=1", b"DKIM-Signature: v=1; b=;\r\n\tbh=BB==; x=1"),
        (b"DKIM-Signature: b\t= AAAA=; c=d", b"DKIM-Signature: b\t=; c=d"),
    ],
)
def test_the_signature_stood_empty_when_it_was_made(octets: bytes, expected: bytes) -> None:
    """RFC 6376 §3.7: the value goes with the white space around it, and nothing else."""
    own = Field(b"dkim-signature", octets)
    one = signature_in(own, {**SAID, "c": "simple"})
    assert isinstance(one, Signature)
    assert one.own_line == expected
    assert tags(expected.partition(b":")[2].decode()) is not None
