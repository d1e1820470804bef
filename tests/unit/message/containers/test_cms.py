"""CMS objects are read as S/MIME programs write them, within bounds (GW-46, LEAK-69; RFC 5652, X.690)."""

from __future__ import annotations

import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.wrapping import AUTH_ENVELOPED, COMPRESSED, ENVELOPED, SIGNED, cms, element

from relay.errors import Unreadable
from relay.message.containers.cms import Wrapping, cms_in, elements_max, nesting_max

CONTENT = b"Content-Type: text/plain\r\n\r\nThe meeting point is the fountain.\r\n"


@pytest.mark.parametrize("kind", [SIGNED, COMPRESSED])
@pytest.mark.parametrize("indefinite", [False, True])
@pytest.mark.parametrize("piece_octets", [0, 1, 7, 1000])
def test_the_content_comes_out_however_its_lengths_are_written(kind: bytes, indefinite: bool, piece_octets: int) -> None:
    found = cms_in(cms(kind, CONTENT, indefinite=indefinite, piece_octets=piece_octets))
    assert found is not None
    assert found.content(10_000) == CONTENT


@pytest.mark.parametrize(
    ("octets", "expected"),
    [
        (cms(SIGNED, CONTENT), Wrapping.SIGNED),
        (cms(COMPRESSED, CONTENT), Wrapping.COMPRESSED),
        (cms(SIGNED, None), Wrapping.CERTIFICATES),
        (cms(ENVELOPED, CONTENT), Wrapping.ENCRYPTED),
        (cms(AUTH_ENVELOPED, CONTENT), Wrapping.ENCRYPTED),
        (cms(AUTH_ENVELOPED, CONTENT, indefinite=True)[:40], Wrapping.ENCRYPTED),
    ],
)
def test_the_content_type_tells_what_it_does(octets: bytes, expected: Wrapping) -> None:
    found = cms_in(octets)
    assert found is not None
    assert found.wrapping is expected


@pytest.mark.parametrize(
    "octets",
    [
        b"",
        b"0",
        b"\x30\x80",
        b"0123456789 of prose",
        cms(SIGNED, CONTENT)[:-200],
        element(0x30, element(0x06, SIGNED)),
        element(0x30, element(0x06, SIGNED) + element(0xA0, element(0x30, b""))),
        element(0x30, element(0x06, b"\x2a\x03") + element(0xA0, CONTENT)),
        b"\x30\x84\xff\xff\xff\xff" + cms(SIGNED, CONTENT),
        b"\x30\xff" + b"\xff" * 200,
        b"\x30\x80" * 5000,
        element(0x30, element(0x06, SIGNED) + b"\xa0\x80" + b"\x30\x80" + b"\x30\x80" * nesting_max * 2),
        cms(SIGNED, bytes(elements_max * 2), piece_octets=1),
    ],
    ids=["none", "short", "open", "prose", "cut", "bare", "empty", "other", "long", "lies", "deep", "deep content", "pieces"],
)
def test_what_is_no_cms_object_or_beyond_a_bound_is_none(octets: bytes) -> None:
    assert cms_in(octets) is None


def test_compressed_content_that_grows_too_long_is_unreadable() -> None:
    found = cms_in(cms(COMPRESSED, bytes(1_000_000)))
    assert found is not None
    assert len(found.content(1_000_000)) == 1_000_000
    with pytest.raises(Unreadable):
        found.content(999_999)


def test_broken_compression_has_no_content() -> None:
    broken = cms(COMPRESSED, CONTENT).replace(zlib.compress(CONTENT)[:2], b"\0\0")
    found = cms_in(broken)
    assert found is not None
    assert found.content(100) == b""


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 300), st.integers(0, 255), st.booleans())
def test_no_octet_that_was_changed_makes_reading_fail(place: int, octet: int, indefinite: bool) -> None:
    whole = bytearray(cms(SIGNED, CONTENT, indefinite=indefinite, piece_octets=9))
    whole[place % len(whole)] = octet
    found = cms_in(bytes(whole))
    assert found is None or found.wrapping in Wrapping
