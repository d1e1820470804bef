"""Transfer encodings are undone as generously as mail programs do it, and written strictly (LEAK-27, FAULT-61)."""

from __future__ import annotations

import base64
import binascii

import pybase64
import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.message.transfer import (
    base64_as_written,
    base64_blocks,
    decoded_base64,
    decoded_body,
    quoted_printable,
    quoted_printable_octets,
)

HELLO = b"Hello, world! These are some octets \x00\xff."
ENCODED = base64.b64encode(HELLO)


@pytest.mark.parametrize(
    "body",
    [
        ENCODED,
        ENCODED + b"\r\n",
        b"\r\n".join(ENCODED[at : at + 7] for at in range(0, len(ENCODED), 7)),
        ENCODED.rstrip(b"="),
        ENCODED.rstrip(b"=") + b"=",
        ENCODED + b"==",
        b"!" + ENCODED[:9] + b"\x80*#" + ENCODED[9:],
        base64.b64encode(HELLO[:10]) + b"\r\n" + base64.b64encode(HELLO[10:]),
        ENCODED + b"\r\n\r\nA mailing list, with a footer in plain text.\r\n",
        ENCODED.rstrip(b"=") + b"\r\n\r\nA mailing list, with a footer in plain text.\r\n",
    ],
    ids=["whole", "line", "short lines", "no padding", "half", "too much", "junk", "two pieces", "footer", "footer, no padding"],
)
def test_base64_is_read_with_everything_that_is_wrong_with_it(body: bytes) -> None:
    """CASE-6."""
    assert decoded_body(body, "base64") == decoded_body(memoryview(body), "base64") == HELLO


@given(st.lists(st.sampled_from([b"QUJD", b"QUI=", b"QQ==", b"\r\n", b"\n", b"\r", b"=", b"A", b"x", b"-", b"=="]), max_size=6))
def test_the_quick_way_of_reading_base64_reads_what_the_generous_one_does(pieces: list[bytes]) -> None:
    """LEAK-27: only the generous one passes over what is no Base64"""
    body = b"".join(pieces)
    assert decoded_base64(body) == decoded_base64(b"!" + body)


def test_text_that_is_plainly_no_base64_is_left_alone() -> None:
    assert (
        decoded_body(b"This was never encoded, whatever it says.\r\n", "base64")
        == b"This was never encoded, whatever it says.\r\n"
    )


@pytest.mark.parametrize(
    ("body", "decoded"),
    [
        (b"caf=C3=A9", "café".encode()),
        (b"caf=c3=a9", "café".encode()),
        (b"one=\r\n line", b"one line"),
        (b"one= \t\r\n line", b"one line"),
        (b"one=\n line", b"one line"),
        (b"one=\r line", b"one line"),
        (b"ends=", b"ends"),
        (b"a=zz b=4", b"a=zz b=4"),
        (b"1 == 1, ===", b"1 == 1, =="),
        (b"x==41", b"x=A"),
        (b"a_b", b"a_b"),
        (b"a=2Eb=40c", b"a.b@c"),
    ],
)
def test_quoted_printable_is_read_leniently(body: bytes, decoded: bytes) -> None:
    assert decoded_body(body, "quoted-printable") == decoded


def uuencoded(octets: bytes) -> bytes:
    lines = b"".join(binascii.b2a_uu(octets[at : at + 45]) for at in range(0, len(octets), 45))
    return b"Hello\r\n\r\nbegin 644 a.txt\r\n" + lines.replace(b"\n", b"\r\n") + b"`\r\nend\r\n"


@pytest.mark.parametrize("name", ["x-uuencode", "uuencode", "x-uue", "uue"])
def test_uuencode_is_read_from_its_begin_line(name: str) -> None:
    assert decoded_body(uuencoded(HELLO * 5), name) == HELLO * 5


def test_uuencode_with_checksums_at_its_line_ends_is_read() -> None:
    assert decoded_body(uuencoded(HELLO).replace(b"\r\n`", b"X\r\n`"), "uuencode") == HELLO


def test_uuencode_without_a_begin_line_stays_as_it_is() -> None:
    assert decoded_body(b"nothing here", "uuencode") == b"nothing here"


def test_yenc_is_read() -> None:
    body = (
        b"=ybegin line=128 size=4 name=a\r\n"
        + bytes([(65 + 42), 61, (0x13 + 64 + 42) % 256, (66 + 42)])
        + b"\r\n=yend size=4\r\n"
    )
    assert decoded_body(body, "x-yenc") == b"A\x13B"


@pytest.mark.parametrize("name", ["7bit", "8bit", "binary", "x-nobody-knows", ""])
def test_other_encodings_change_nothing(name: str) -> None:
    assert decoded_body(b"=41 QUFB", name) == b"=41 QUFB"


@given(st.text("AZaz09+/Qg=\r\n", max_size=40).map(str.encode))
def test_what_the_quick_decoder_takes_is_what_everybody_reads(body: bytes) -> None:
    """FAULT-61: it is asked first, and `binascii` for all that it does not take."""
    try:
        quick = pybase64.b64decode(body, validate=True, ignorechars=b"\r\n")
    except binascii.Error:
        return
    assert quick == binascii.a2b_base64(body)


@given(st.binary(max_size=1000))
def test_base64_round_trips_in_lines_of_76(payload: bytes) -> None:
    encoded = b"".join(base64_blocks(payload))
    assert encoded == base64.encodebytes(payload).replace(b"\n", b"\r\n")
    assert decoded_body(encoded, "base64") == payload


def test_base64_of_more_than_one_block_has_no_seam() -> None:
    payload = bytes(range(256)) * 2000
    assert b"".join(base64_blocks(payload)) == base64.encodebytes(payload).replace(b"\n", b"\r\n")


TEXTS = st.lists(
    st.sampled_from(["a", "é", " ", "\t", ".", "From ", "=", "\r\n", "x" * 70, "." * 80, "\r", "\n", "\x00", "😀"])
).map(lambda pieces: "".join(pieces).encode())


@given(TEXTS | st.binary(max_size=300))
def test_quoted_printable_round_trips_in_safe_short_lines(payload: bytes) -> None:
    encoded = quoted_printable(payload)
    assert decoded_body(encoded, "quoted-printable") == payload
    lines = encoded.split(b"\r\n")
    assert all(len(line) <= 76 and not line.startswith((b".", b"From ")) for line in lines)
    assert all(32 <= octet < 127 or octet == 9 for line in lines for octet in line)
    assert not any(line.endswith((b" ", b"\t")) for line in lines[:-1])


@pytest.mark.parametrize("payload", [b".\r" + b"x" * 70 + b"\n", b"." * 200, b"From " * 40, b"." + b"\xe9" * 40])
def test_quoted_printable_keeps_its_line_length_where_it_escapes_a_beginning(payload: bytes) -> None:
    encoded = quoted_printable(payload)
    assert max(map(len, encoded.split(b"\r\n"))) <= 76
    assert decoded_body(encoded, "quoted-printable") == payload


def test_the_length_of_quoted_printable_is_foretold() -> None:
    payload = "Grüße an alle\r\n".encode() * 100
    assert abs(quoted_printable_octets(payload) - len(quoted_printable(payload))) < len(payload) / 20


@given(st.binary(max_size=300), st.sampled_from(["base64", "quoted-printable", "uuencode", "x-yenc"]))
def test_nothing_that_comes_in_makes_decoding_fail(body: bytes, name: str) -> None:
    for prefix in (b"", b"begin 644 x\n", b"=ybegin x\n"):
        decoded_body(prefix + body, name)


WRITTEN = b"".join(base64_blocks(bytes(range(199))))


@pytest.mark.parametrize("octets", [1, 2, 3, 56, 57, 58, 114, 115, 200])
@pytest.mark.parametrize("behind", [b"", b"\r\n", b"\r\n\r\n"])
def test_base64_that_came_as_it_would_be_written_need_not_be_written_anew(octets: int, behind: bytes) -> None:
    """LEAK-56."""
    payload = bytes(range(octets))
    written = b"".join(base64_blocks(payload)).removesuffix(b"\r\n")
    assert base64_as_written(written + behind, payload) == written


@pytest.mark.parametrize(
    "body",
    [
        WRITTEN.replace(b"\r\n", b"\n"),
        WRITTEN.replace(b"\r\n", b" \n"),
        WRITTEN.replace(b"\r\n", b"\r\n\r\n"),
        base64.b64encode(bytes(range(200))),
        b"\r\n" + WRITTEN,
        b" " + WRITTEN,
        WRITTEN[:20] + b"!" + WRITTEN[20:],
        WRITTEN[:20] + b"=" + WRITTEN[20:],
        WRITTEN + b"anna@mail.example",
        WRITTEN + b"-- \r\n",
        WRITTEN + b"\t\r\n",
        WRITTEN.replace(b"=", b""),
        WRITTEN.replace(b"==\r\n", b"==\r\n=="),
        WRITTEN.replace(b"g==", b"h=="),
        b"".join(base64_blocks(bytes(99))) + b"".join(base64_blocks(bytes(30))),
        b"",
        b"\r\n",
        b"This was never encoded, whatever it says.\r\n",
    ],
)
def test_base64_with_anything_else_between_behind_or_in_it_is_written_anew(body: bytes) -> None:
    """What stands beside the characters, and in the bits that nobody decodes, is not passed on (invariant 2)."""
    assert base64_as_written(body, decoded_base64(body)) is None


@given(
    payload=st.binary(max_size=250),
    changes=st.lists(st.tuples(st.integers(0, 400), st.sampled_from(range(256)))),
    cut=st.integers(0, 5),
)
def test_base64_is_kept_only_where_it_is_what_would_be_written(payload: bytes, changes: list[tuple[int, int]], cut: int) -> None:
    body = bytearray(b"".join(base64_blocks(payload)))
    for at, octet in changes:
        body[at : at + 1] = bytes([octet]) if at % 2 else bytes([octet, *body[at : at + 1]])
    octets = bytes(body[: len(body) - cut])
    decoded = decoded_base64(octets)
    kept = base64_as_written(octets, decoded)
    assert kept is None or bytes(kept) + b"\r\n" == b"".join(base64_blocks(decoded))
