from __future__ import annotations

import hashlib

import pytest
from dkim.canonicalization import Relaxed
from hypothesis import example, given
from hypothesis import strategies as st

from relay.proof.canonical import body_hash, relaxed_fields, relaxed_whitespace

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
    expected = hashlib.sha256(Relaxed.canonicalize_body(body)).digest()
    assert body_hash(body, 0) == expected
    assert body_hash(b"Subject: x\r\n\r\n" + body, 14) == expected


@given(st.lists(st.sampled_from([b"a", b" ", b"\t", b"\r\n ", b"\r\n\t", b":", b"@"]), max_size=40).map(b"".join))
def test_a_field_is_that_of_the_reference(value: bytes) -> None:
    ((name, expected),) = Relaxed.canonicalize_headers([(b"SubJect ", value)])
    (first, *_) = relaxed_fields(b"SubJect :" + value)
    assert first == (name, name + b":" + expected.removesuffix(b"\r\n"))


def test_a_line_without_a_colon_is_no_field() -> None:
    assert list(relaxed_fields(b"From: a\r\nrubbish\r\nTo: b")) == [(b"from", b"from:a"), (b"to", b"to:b")]


@pytest.mark.parametrize("body", [b" " * 2_000_000 + b"x", b"\r\n" * 1_000_000, b" \t" * 1_000_000, b" \r\n" * 700_000])
def test_hostile_bodies_take_linear_time(body: bytes) -> None:
    """A reader that backtracks needs minutes for two megabytes of spaces, and would be seen here without a clock."""
    assert len(body_hash(body, 0)) == 32
    assert len(relaxed_whitespace(body)) <= len(body)
