from __future__ import annotations

import hashlib

import pytest
from dkim.canonicalization import Relaxed, Simple
from hypothesis import example, given
from hypothesis import strategies as st

from relay.proof.canonical import Field, Form, HashedBody, fields, hashed_body, relaxed_whitespace

pieces = st.sampled_from([b"a", b" ", b"  ", b"\t", b"\r\n", b"\r\n\r\n", b".", b"word", b"=20", b"\xc3\xa9"])
bodies = st.lists(pieces, max_size=60).map(b"".join)


@given(bodies)
@example(b"")
@example(b"\r\n")
@example(b"\r\n\r\n\r\n")
@example(b" \r\n")
@example(b"no line end")
@example(b"tab\tbefore the end\t\r\n")
def test_the_body_hash_is_that_of_the_reference(body: bytes) -> None:
    """FAULT-5.7: the fast path and the general one give what dkimpy gives."""
    for form, reference in ((Form.RELAXED, Relaxed), (Form.SIMPLE, Simple)):
        canonical = reference.canonicalize_body(body)
        # The reference leaves an empty body empty where it has a line end to take away (RFC 6376 §3.4.3 wants CRLF).
        canonical = canonical or (b"\r\n" if form is Form.SIMPLE else b"")
        expected = HashedBody(len(canonical), hashlib.sha256(canonical).digest())
        assert hashed_body(body, 0, form) == expected
        assert hashed_body(b"Subject: x\r\n\r\n" + body, 14, form) == expected


@given(st.lists(st.sampled_from([b"a", b" ", b"\t", b"\r\n ", b"\r\n\t", b":", b"@"]), max_size=40).map(b"".join))
def test_a_field_is_that_of_the_reference(value: bytes) -> None:
    ((name, expected),) = Relaxed.canonicalize_headers([(b"SubJect ", value)])
    octets = b"SubJect :" + value
    assert fields(octets) == [Field(name, octets)]
    assert fields(octets)[0].canonical(Form.RELAXED) == name + b":" + expected.removesuffix(b"\r\n")
    assert fields(octets)[0].canonical(Form.SIMPLE) == octets


def test_a_line_without_a_colon_is_no_field() -> None:
    assert fields(b"From: a\r\nrubbish\r\nTo: b\r\n") == [Field(b"from", b"From: a"), Field(b"to", b"To: b")]


def test_a_bare_line_feed_ends_no_field() -> None:
    assert fields(b"From: a\nTo: b\r\n c") == [Field(b"from", b"From: a\nTo: b\r\n c")]


@pytest.mark.parametrize("form", list(Form))
@pytest.mark.parametrize("body", [b" " * 2_000_000 + b"x", b"\r\n" * 1_000_000, b" \t" * 1_000_000, b" \r\n" * 700_000])
def test_hostile_bodies_take_linear_time(body: bytes, form: Form) -> None:
    """A reader that backtracks needs minutes for two megabytes of spaces, and would be seen here without a clock."""
    assert hashed_body(body, 0, form).octets <= len(body) + 2
    assert len(relaxed_whitespace(body)) <= len(body)
