"""What is written is strict, and reads back as it was meant (LEAK-50, LEAK-51, CASE-33, CASE-34)."""

from __future__ import annotations

import email
import email.policy
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relay.message.charsets import without_controls
from relay.message.parse import parse
from relay.message.transfer import base64_blocks
from relay.message.words import one_line
from relay.message.write import Branch, Encoding, Leaf, Structured, Unstructured, written

SUBJECT = ("Subject", Unstructured("Hello"))
TEXT = Leaf("text/plain", (), b"Hello\n")


def assert_strict(octets: bytes) -> None:
    assert octets.isascii()
    assert octets.endswith(b"\r\n")
    assert octets.count(b"\r") == octets.count(b"\n") == octets.count(b"\r\n")
    assert max(map(len, octets.split(b"\r\n"))) <= 998


def test_a_plain_message_is_plain() -> None:
    assert written([SUBJECT], TEXT, "seed").split(b"\r\n") == [
        b"Subject: Hello",
        b"MIME-Version: 1.0",
        b"Content-Type: text/plain; charset=utf-8",
        b"Content-Transfer-Encoding: 7bit",
        b"",
        b"Hello",
        b"",
    ]


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("short lines\n" * 100, "7bit"),
        ("x" * 78 + "\n", "7bit"),
        ("x" * 79 + "\n", "quoted-printable"),
        ("From here on\n", "quoted-printable"),
        ("Grüße an alle, und so weiter\n", "quoted-printable"),
        ("こんにちは、世界。元気ですか。\n", "base64"),
    ],
)
def test_text_gets_the_encoding_that_serves_it_best(text: str, encoding: str) -> None:
    octets = written([SUBJECT], Leaf("text/plain", (), text.encode()), "seed")
    assert_strict(octets)
    root = parse(octets).root
    assert root.encoding == encoding
    assert root.text == text


@pytest.mark.parametrize("payload", [b"a\nb\rc\r\n\x00\xff", b"", b"text, and a file\n"])
@pytest.mark.parametrize("media_type", ["application/pdf", "text/plain", "text/csv"])
def test_a_file_keeps_its_octets(payload: bytes, media_type: str) -> None:
    """LEAK-56."""
    octets = written([SUBJECT], Branch("multipart/mixed", (TEXT, Leaf(media_type, (), payload, filename="x"))), "seed")
    assert_strict(octets)
    part = parse(octets).root.parts[1]
    assert (part.payload, part.disposition, part.filename) == (payload, "attachment", "x")


def test_the_same_input_gives_the_same_octets_and_another_seed_other_boundaries() -> None:
    body = Branch("multipart/mixed", (TEXT, TEXT))
    assert written([SUBJECT], body, "a") == written([SUBJECT], body, "a")
    assert written([SUBJECT], body, "a") != written([SUBJECT], body, "b")


def test_a_boundary_that_stands_in_the_text_is_not_used() -> None:
    """LEAK-50: not even when the writer could foresee it."""
    boundary = parse(written([SUBJECT], Branch("multipart/mixed", (TEXT,)), "seed")).root.parameters["boundary"]
    text = f"Hello\r\n--{boundary}--\r\nmore\r\n".encode()
    root = parse(written([SUBJECT], Branch("multipart/mixed", (Leaf("text/plain", (), text),)), "seed")).root
    assert root.parameters["boundary"] != boundary
    assert root.parts[0].payload == text


def test_each_multipart_has_a_boundary_of_its_own() -> None:
    inner = Branch("multipart/alternative", (TEXT, Leaf("text/html", (), b"<p>Hello</p>")))
    octets = written([SUBJECT], Branch("multipart/mixed", (inner, inner, TEXT)), "seed")
    assert len(set(re.findall(rb'boundary="(.*?)"', octets))) == 3
    assert [part.media_type for part in parse(octets).root.walk()][1:4] == ["multipart/alternative", "text/plain", "text/html"]


def test_an_attached_message_is_written_as_it_is() -> None:
    """RFC 2046 §5.2.1: it must not be encoded; its boundary may come from the same seed."""
    inside = written([SUBJECT], Branch("multipart/mixed", (TEXT,)), "seed")
    octets = written([SUBJECT], Branch("multipart/mixed", (TEXT, Leaf("message/rfc822", (), inside))), "seed")
    part = parse(octets).root.parts[1]
    assert (part.encoding, part.body) == ("7bit", inside)
    assert inside in octets


@pytest.mark.parametrize("payload", ["é".encode(), b"bare\nline feed", b"x" * 999, b"nul \0"])
def test_an_attached_message_that_is_not_seven_bit_is_a_mistake(payload: bytes) -> None:
    with pytest.raises(ValueError, match="7bit"):
        Leaf("message/rfc822", (), payload)


def test_an_attached_message_cannot_be_encoded() -> None:
    with pytest.raises(ValueError, match="encoded"):
        Leaf("message/rfc822", (), b"Subject: x\r\n\r\n", encoding=Encoding.BASE64)


@pytest.mark.parametrize(("payload", "encoding"), [(b"Action: failed\r\n", "7bit"), ("Zürich\r\n".encode(), "base64")])
def test_a_report_is_seven_bit_where_it_can_be(payload: bytes, encoding: str) -> None:
    report = Leaf("message/delivery-status", (), payload)
    part = parse(written([SUBJECT], Branch("multipart/report", (TEXT, report)), "seed")).root.parts[1]
    assert (part.encoding, part.payload) == (encoding, payload)


@pytest.mark.parametrize(
    "name", ["MIME-Version", "content-type", "Content-Transfer-Encoding", "Bad Name", "Bad:Name", "X\r\nY", ""]
)
def test_fields_that_are_ours_or_none_cannot_be_handed_in(name: str) -> None:
    """CASE-34."""
    with pytest.raises(ValueError, match="field"):
        written([(name, Unstructured("x"))], TEXT, "seed")


@pytest.mark.parametrize("text", ["a\r\nBcc: x", "a\nb", "é", "nul\0", "\x7f"])
def test_a_structured_value_is_one_ascii_line(text: str) -> None:
    with pytest.raises(ValueError, match="ASCII"):
        Structured(text)


@pytest.mark.parametrize(
    "leaf",
    [
        ("png", None, None),
        ("image/png\r\nX: y", None, None),
        ("image/png", "attachment; x", None),
        ("image/png", None, "a>\r\nX: y"),
        ("image/png", None, "a b"),
    ],
)
def test_a_leaf_that_would_break_a_header_cannot_be_made(leaf: tuple[str, str | None, str | None]) -> None:
    with pytest.raises(ValueError, match=r"type|disposition|id"):
        Leaf(leaf[0], (), b"", disposition=leaf[1], content_id=leaf[2])


@pytest.mark.parametrize("media_type", ["text/plain", "multipart"])
def test_a_branch_is_a_multipart_with_parts(media_type: str) -> None:
    with pytest.raises(ValueError, match=r"multipart|media type"):
        Branch(media_type, (TEXT,))
    with pytest.raises(ValueError, match="parts"):
        Branch("multipart/mixed", ())


def test_long_structured_values_are_folded_between_their_words() -> None:
    ids = " ".join(f"<{number}{'x' * 40}@example.com>" for number in range(20))
    octets = written([("References", Structured(ids))], TEXT, "seed")
    assert max(map(len, octets.split(b"\r\n"))) <= 78
    assert len(parse(octets).references) == 20


WORDS = st.text(st.characters(exclude_characters="\0"), max_size=200)  # octets with many zeros might be UTF-16
NAMES = st.text(max_size=60)
LEAVES = st.one_of(
    st.builds(lambda text: Leaf("text/plain", (), text.encode("utf-8", "replace")), WORDS),
    st.builds(lambda text: Leaf("text/html", (("charset", "utf-8"),), text.encode("utf-8", "replace")), WORDS),
    st.builds(
        lambda octets, name: Leaf("application/pdf", (("name", name),), octets, filename=name), st.binary(max_size=200), NAMES
    ),
    st.builds(lambda octets: Leaf("image/png", (), octets, "inline", None, "1.2@example.com"), st.binary(max_size=80)),
)
BODIES = st.recursive(
    LEAVES, lambda inner: st.lists(inner, min_size=1, max_size=3).map(lambda parts: Branch("multipart/mixed", tuple(parts)))
)


def flat(body: Leaf | Branch) -> list[Leaf]:
    return list(body.leaves()) if isinstance(body, Branch) else [body]


def lines(text: str) -> str:
    """With line feeds, and as reading gives it: without a byte order mark and control characters."""
    return without_controls(re.sub("\r\n|[\r\x0b\x85]", "\n", text.removeprefix("\ufeff")))


@given(st.text(max_size=200), BODIES)
def test_whatever_is_written_reads_back(subject: str, body: Leaf | Branch) -> None:
    octets = written([("Subject", Unstructured(subject))], body, "seed")
    assert_strict(octets)
    parsed = parse(octets)
    assert parsed.subject == one_line(subject.encode("utf-8", "replace").decode())
    found = [part for part in parsed.root.walk() if not part.is_multipart]
    assert len(found) == len(flat(body))
    for part, leaf in zip(found, flat(body), strict=True):
        if leaf.is_message_text:
            assert part.text.rstrip("\n") == lines(leaf.payload.decode()).rstrip("\n")
        else:
            assert part.payload == leaf.payload
            name = one_line((leaf.filename or "").encode("utf-8", "replace").decode())
            assert part.filename == (name or None)
    assert parsed.defects == ()


@settings(max_examples=50, deadline=None)
@given(st.text(max_size=100), BODIES)
def test_a_strict_reader_finds_nothing_wrong(subject: str, body: Leaf | Branch) -> None:
    """The parser of the standard library, by its modern policy, is the other opinion."""
    message = email.message_from_bytes(written([("Subject", Unstructured(subject))], body, "seed"), policy=email.policy.SMTP)
    assert not [defect for part in message.walk() for defect in part.defects]
    assert len([part for part in message.walk() if not part.is_multipart()]) == len(flat(body))
    assert len(message.keys()) == len(set(message.keys()))


@pytest.mark.parametrize("octets", [1, 57, 1000])
def test_a_file_whose_base64_is_at_hand_is_written_the_same(octets: int) -> None:
    """LEAK-56."""
    payload = bytes(octets)
    at_hand = memoryview(b"".join(base64_blocks(payload)))[:-2]
    new, kept = (Leaf("application/pdf", (), payload, "attachment", "x", as_base64=one) for one in (None, at_hand))
    assert written([SUBJECT], kept, "seed") == written([SUBJECT], new, "seed")
    assert written([SUBJECT], Branch("multipart/mixed", (TEXT, kept)), "seed") == written(
        [SUBJECT], Branch("multipart/mixed", (TEXT, new)), "seed"
    )
