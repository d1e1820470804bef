"""Octets are taken apart as mail programs take them apart, within bounds (LEAK-55, FAULT-55, FAULT-60, CASE-63)."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.errors import Unreadable
from relay.message.account import (
    Account,
    Defect,
    dash_lines_max,
    depth_max,
    fields_max,
    fields_total_max,
    head_octets_max,
    parts_max,
)
from relay.message.entities import taken_apart
from relay.message.mail import Entity


def crlf(text: str) -> bytes:
    return text.replace("\n", "\r\n").encode()


def tree(entity: Entity) -> object:
    """The media types, nested; a leaf with its payload."""
    if entity.parts:
        return {entity.media_type: [tree(part) for part in entity.parts]}
    return (entity.media_type, entity.payload.strip())


def taken(content: bytes) -> tuple[Entity, tuple[Defect, ...]]:
    account = Account.of(len(content))
    return taken_apart(content, account), tuple(account.defects)


def read(text: str) -> tuple[object, set[Defect]]:
    root, defects = taken(crlf(text))
    return tree(root), set(defects)


MIXED = 'Content-Type: multipart/mixed; boundary="b"\n\n'
A, B = ("text/plain", b"A"), ("text/html", b"B")


@pytest.mark.parametrize(
    ("text", "expected", "defects"),
    [
        ("From: x\n\nA", A, set()),
        ("\n\nFrom: x\n\nA", A, set()),
        (MIXED + "preamble\n--b\n\nA\n--b\nContent-Type: text/html\n\nB\n--b--\nepilogue", {"multipart/mixed": [A, B]}, set()),
        (MIXED + "--b  \n\nA\n--b\t\nContent-Type: text/html\n\nB\n--b-- \n", {"multipart/mixed": [A, B]}, set()),
        (MIXED + "--b\n\nA\n--b\nContent-Type: text/html\n\nB", {"multipart/mixed": [A, B]}, {Defect.NEVER_CLOSED}),
        (MIXED + "--b\n\nA\n--bb\n--b--", {"multipart/mixed": [("text/plain", b"A\r\n--bb")]}, set()),
        (MIXED + "--b\n--b\n\nA\n--b--", {"multipart/mixed": [A]}, set()),
        (MIXED + "--b\nA\n--b--", {"multipart/mixed": [A]}, {Defect.NO_BLANK_LINE}),
        (MIXED + "--b\nContent-Type: text/html\nB\n--b--", {"multipart/mixed": [B]}, {Defect.NO_BLANK_LINE}),
        (MIXED + "--b\nContent-Type: text/html\n--b--", {"multipart/mixed": [("text/html", b"")]}, set()),
        (MIXED + "A", A, {Defect.NEVER_BEGUN}),
        ("Content-Type: multipart/mixed\n\n--b\n\nA", ("text/plain", b"--b\r\n\r\nA"), {Defect.NO_BOUNDARY}),
        ('Content-Type: multipart/mixed; boundary=""\n\n-- \nA', ("text/plain", b"-- \r\nA"), {Defect.NO_BOUNDARY}),
        ("Content-Type: png\n\nA", A, {Defect.NO_MEDIA_TYPE}),
        (
            "Content-Type: png\nContent-Disposition: attachment; filename=a.png\n\nA",  # CASE-43
            ("application/octet-stream", b"A"),
            {Defect.NO_MEDIA_TYPE},
        ),
        ("Content-Type: text/html\nContent-Type: text/plain\n\nB", B, {Defect.TWICE}),  # LEAK-11
        (
            "Content-Type: multipart/digest; boundary=b\n\n--b\n\nSubject: x\n\nA\n--b--",
            {"multipart/digest": [{"message/rfc822": [A]}]},
            set(),
        ),
        ("Content-Type: message/rfc822\n\nSubject: x\n\nA", {"message/rfc822": [A]}, set()),
        ("Content-Type: message/rfc822\n\n", {"message/rfc822": [("text/plain", b"")]}, set()),
        (
            f"{MIXED}--b\nContent-Type: message/rfc822\n\nContent-Type: multipart/mixed; boundary=c\n\n--c\n\nA\n--b\n\nA\n--b--",
            {"multipart/mixed": [{"message/rfc822": [{"multipart/mixed": [A]}]}, A]},
            {Defect.NEVER_CLOSED},
        ),
        (
            f"{MIXED}--b\n{MIXED}--b\n\nA\n--b--\n--b\nContent-Type: text/html\n\nB\n--b--",
            {"multipart/mixed": [{"multipart/mixed": [A]}, B]},
            set(),
        ),
        (
            f"{MIXED}--b\nContent-Type: multipart/mixed; boundary=c\n\n--c\n\nA\n--b\nContent-Type: text/html\n\nB\n--b--",
            {"multipart/mixed": [{"multipart/mixed": [A]}, B]},
            {Defect.NEVER_CLOSED},
        ),
    ],
)
def test_the_tree_is_what_mail_programs_show(text: str, expected: object, defects: set[Defect]) -> None:
    assert read(text) == (expected, defects)


@pytest.mark.parametrize(
    ("text", "names", "defects"),
    [
        ("From: x\nSubject : y\n\nA", ["From", "Subject"], set()),
        ("From: x\nthis is no field\nSubject: y\n\nA", ["From", "Subject"], {Defect.JUNK_LINE}),
        ("From x@y Mon Jan 1\nFrom: x\n\nA", ["From"], {Defect.JUNK_LINE}),
        (" folded first\nFrom: x\n\nA", ["From"], {Defect.JUNK_LINE}),
        ("From: x\nA", ["From"], {Defect.NO_BLANK_LINE}),
        ("From: x\n \nA", ["From"], {Defect.NO_BLANK_LINE}),
        ("A\n\nmore", [], set()),
    ],
)
def test_a_damaged_header_gives_its_fields(text: str, names: list[str], defects: set[Defect]) -> None:
    """LEAK-9, FAULT-55."""
    root, found = taken(crlf(text))
    assert [one.name for one in root.fields] == names
    assert set(found) == defects
    assert root.payload.startswith(b"A")


def test_a_field_keeps_its_folding_and_loses_its_line_end() -> None:
    root, _ = taken(b"Subject:  one\r\n two\r\nX-Empty:\r\n\r\n")
    assert [(one.name, one.value) for one in root.fields] == [("Subject", b"one\r\n two"), ("X-Empty", b"")]


@pytest.mark.parametrize("end", [b"\n", b"\r", b"\r\n"])
def test_line_ends_of_every_kind_are_read(end: bytes) -> None:
    text = MIXED + "--b\n\nA\n--b\nContent-Type: text/html\n\nB\n--b--\n"
    root, _ = taken(text.encode().replace(b"\n", end))
    assert tree(root) == {"multipart/mixed": [A, B]}


def test_a_body_keeps_its_octets_up_to_the_delimiter() -> None:
    root, _ = taken(crlf(MIXED) + b"--b\r\n\r\n\r\n A \r\n\r\n--b--\r\n")
    assert root.parts[0].body == b"\r\n A \r\n"


def test_a_body_in_base64_is_not_copied_out_of_its_message() -> None:
    """PERF-6: it may be 25 MB of it"""
    content = crlf(MIXED) + b"--b\r\nContent-Transfer-Encoding: base64\r\n\r\nSGVsbG8=\r\n--b--\r\n"
    root, _ = taken(content)
    body = root.parts[0].body
    assert isinstance(body, memoryview)
    assert body.obj is content
    assert (body, root.parts[0].payload) == (b"SGVsbG8=", b"Hello")


@pytest.mark.parametrize("encoding", ["base64", "Base64 (really)", '"base64"', "base-64"])
def test_an_attached_message_in_base64_is_decoded_before_it_is_read(encoding: str) -> None:
    """Section 8 of the leaks: a naive walk sees only its base64 (LEAK-53)."""
    inside = base64.encodebytes(b"Subject: x\r\nContent-Type: text/html\r\n\r\nB\r\n").decode()
    text = f"Content-Type: message/rfc822\nContent-Transfer-Encoding: {encoding}\n\n{inside}"
    assert read(text) == ({"message/rfc822": [B]}, {Defect.ENCODED_MESSAGE})


def test_an_attached_message_that_only_claims_base64_is_read_as_it_is() -> None:
    text = "Content-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\nSubject: x\n\nA"
    assert read(text) == ({"message/rfc822": [A]}, {Defect.FALSE_ENCODING})


def test_a_multipart_in_base64_is_decoded_and_then_split() -> None:
    inside = base64.encodebytes(crlf("--b\n\nA\n--b--\n")).decode()
    text = f"Content-Type: multipart/mixed; boundary=b\nContent-Transfer-Encoding: base64\n\n{inside}"
    assert read(text) == ({"multipart/mixed": [A]}, {Defect.ENCODED_MULTIPART})


@pytest.mark.parametrize(
    ("value", "encoding"),
    [
        ("QUOTED-PRINTABLE", "quoted-printable"),
        ("quoted/printable", "quoted-printable"),
        ("x-uuencode", "x-uuencode"),
        ("8 bit", "8bit"),
        ("", "7bit"),
    ],
)
def test_transfer_encodings_are_known_by_their_usual_misspellings(value: str, encoding: str) -> None:
    root, _ = taken(crlf(f"Content-Transfer-Encoding: {value}\n\nA"))
    assert root.encoding == encoding


@pytest.mark.parametrize(
    ("header", "filename"),
    [
        ("Content-Disposition: attachment; filename=a.pdf", "a.pdf"),
        ("Content-Type: a/b; name=n.pdf\nContent-Disposition: attachment; filename=f.pdf", "f.pdf"),
        ("Content-Type: a/b; name=n.pdf", "n.pdf"),
        ("Content-Disposition: attachment; filename=", None),
    ],
)
def test_the_file_name_is_that_of_the_disposition_before_that_of_the_type(header: str, filename: str | None) -> None:
    root, _ = taken(crlf(f"{header}\n\nA"))
    assert root.filename == filename


def nested(depth: int) -> bytes:
    heads = [f"Content-Type: multipart/mixed; boundary=b{level}\n\n--b{level}\n" for level in range(depth)]
    return crlf("From: x\n" + "".join(heads) + "\nA\n")


MIXED_HEAD = crlf(MIXED)


@pytest.mark.parametrize(
    "content",
    [
        nested(depth_max + 1),
        nested(1500),
        MIXED_HEAD + b"--b\r\n\r\nx\r\n" * (parts_max + 1),
        MIXED_HEAD + b"--b\r\n" * (dash_lines_max + 2),
        MIXED_HEAD + b"--c\r\n" * (dash_lines_max + 1),
        b"X: y\r\n" * (fields_max + 1),
        b"X: y\r\n" * 20_000,
        b"X: " + b"y" * head_octets_max + b"\r\n\r\n",
        b"X: " + b"y" * 1_000_000,
        MIXED_HEAD + (b"--b\r\n" + b"X: y\r\n" * 1999 + b"\r\n") * (fields_total_max // 1999 + 1),
        b"Content-Type: message/rfc822\r\n\r\n" * 40 + b"Subject: x\r\n\r\n" + b"y" * 1_000_000,
    ],
    ids=[
        "deep",
        "1500 deep",
        "parts",
        "delimiters",
        "dashes",
        "fields",
        "20,000 fields",
        "header",
        "1 MB line",
        "all fields",
        "copies",
    ],
)
def test_what_exceeds_a_bound_is_unreadable(content: bytes) -> None:
    with pytest.raises(Unreadable):
        taken(content)


@pytest.mark.parametrize(
    "content",
    [
        nested(depth_max),
        MIXED_HEAD + b"--b\r\n\r\nx\r\n" * parts_max,
        b"X: y\r\n" * fields_max,
        b"Content-Type: multipart/mixed; boundary=" + b"z" * 3000 + b"\r\n\r\n--" + b"z" * 3000 + b"\r\n\r\nA",
    ],
    ids=["depth", "parts", "fields", "boundary of 3 KB"],
)
def test_what_stays_within_the_bounds_is_read(content: bytes) -> None:
    root, _ = taken(content)
    assert root.fields


MULTIPART, DIGEST = "Content-Type: multipart/mixed; boundary=b\n", "Content-Type: multipart/digest; boundary=c\n"
MESSAGE, BASE64 = "Content-Type: message/rfc822\n", "Content-Transfer-Encoding: base64\n"
DELIMITERS = ["--b\n", "--b--\n", "--c\n", "--c--\n", "--", "LS1iCgpBCi0tYi0tCg==\n"]
PIECES = st.sampled_from(
    [MULTIPART, DIGEST, MESSAGE, BASE64, *DELIMITERS, "From: x\n", "\n", "\n\n", "text\n", " folded\n", "\r", "é\n"]
)


@given(st.lists(PIECES, max_size=30).map("".join))
def test_no_order_of_broken_pieces_makes_reading_fail(text: str) -> None:
    root, _ = taken(text.encode())
    for entity in root.walk():
        assert entity.is_multipart == bool(entity.parts and not entity.is_attached_message)
        assert entity.text is not None
        assert entity.filename is None
