"""A received message as a value (RFC 5322, FAULT-57)."""

from __future__ import annotations

import pytest

from relay.errors import Unreadable
from relay.message.account import fields_max
from relay.message.automatic import Automatic, automatic
from relay.message.mail import Mail
from relay.message.parse import message_in, parse, parsed_head


def mail(*fields: str) -> Mail:
    return parse("\r\n".join((*fields, "", "Hello")).encode())


@pytest.mark.parametrize("content", [b"", b"\r\n", b" \r\n\t\n"])
def test_an_empty_message_is_unreadable(content: bytes) -> None:
    """CASE-64."""
    with pytest.raises(Unreadable):
        parse(content)


def test_the_first_subject_counts() -> None:
    assert mail("Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=", "Subject: other").subject == "Grüße"
    assert mail("From: a@b.example").subject == ""


@pytest.mark.parametrize(
    ("fields", "count", "addresses"),
    [
        (["From: a@b.example"], 1, ["a@b.example"]),
        (["From: a@b.example", "from: c@d.example"], 2, ["a@b.example", "c@d.example"]),
        (["From: a@b.example, c@d.example"], 1, ["a@b.example", "c@d.example"]),
        (["Subject: x"], 0, []),
    ],
)
def test_all_authors_of_all_from_fields_are_there(fields: list[str], count: int, addresses: list[str]) -> None:
    """GW-10, FAULT-56, CASE-64."""
    parsed = mail(*fields)
    assert parsed.author_fields == count
    assert [one.address.reveal() for one in parsed.authors if one.address] == addresses


def test_an_author_whose_name_is_an_address_can_be_told_by_it() -> None:
    """FAULT-56: `From: a@b <c@d>`."""
    (author,) = mail("From: a@b.example <c@d.example>").authors
    assert (author.name, author.written) == ("a@b.example", "c@d.example")


def test_recipients_are_taken_from_repeated_fields() -> None:
    parsed = mail("To: a@b.example", "To: c@d.example; e@f.example", "Cc: Jo <g@h.example>")
    assert [one.written for one in parsed.to] == ["a@b.example", "c@d.example", "e@f.example"]
    assert [one.name for one in parsed.cc] == ["Jo"]


def test_references_are_followed_by_what_in_reply_to_adds() -> None:
    parsed = mail("Message-ID: <[1]>", "References: <a@x> <b@x>", "In-Reply-To: <b@x> <c@x>")
    assert parsed.message_id == "[1]"
    assert parsed.in_reply_to == ("b@x", "c@x")
    assert parsed.references == ("a@x", "b@x", "c@x")


def test_defects_are_named() -> None:
    assert mail("From: a@b.example", "not a field", "Subject: x").defects == ("a line among the header fields is no field",)


def test_attachments_inside_attached_messages_are_found() -> None:
    content = (
        "From: a@b.example\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nHello\r\n"
        "--b\r\nContent-Type: message/rfc822\r\n\r\nContent-Type: application/pdf; name=x.pdf\r\n\r\nPDF\r\n--b--\r\n"
    )
    assert [one.filename for one in parse(content.encode()).attachments] == ["x.pdf"]


def test_a_message_file_declared_as_octets_is_an_attached_message() -> None:
    """LEAK-53."""
    content = b"Content-Type: application/octet-stream; name=x.eml\r\n\r\nSubject: inner\r\n\r\nHello"
    root = parse(content).root
    assert (root.media_type, [message_in(one).subject for one in root.parts]) == ("message/rfc822", ["inner"])


def test_an_attached_message_is_a_message_without_parsing_it_again() -> None:
    outer = parse(b"Content-Type: message/rfc822\r\n\r\nSubject: inner\r\nFrom: a@b.example\r\n\r\nHello")
    inner = message_in(outer.root.parts[0])
    assert (inner.subject, inner.root.text) == ("inner", "Hello")
    assert inner == parse(outer.root.payload)


@pytest.mark.parametrize(
    "content_type", ["text/plain", "multipart/mixed; boundary=b", "multipart/report; boundary=b", "message/rfc822", ""]
)
def test_the_header_alone_tells_who_wrote_it_and_what_it_is_called(content_type: str) -> None:
    """GW-30: of a message that cannot be read whole."""
    head = "From: Ann <ann@x.example>\r\nSubject: Two\r\n sandwiches\r\nMessage-ID: <one@x.example>\r\n"
    head += f"Content-Type: {content_type}\r\n" if content_type else ""
    mail = parsed_head(f"{head}\r\nFrom: nobody@y.example\r\n\r\n--b\r\n".encode())
    assert [str(one.name) for one in mail.authors] == ["Ann"]
    assert (mail.subject, mail.message_id, mail.attachments) == ("Two sandwiches", "one@x.example", ())
    assert automatic(mail, "ann@x.example") in {Automatic.PERSON, Automatic.AUTO_REPLY}


@pytest.mark.parametrize(
    "content", [b"", b"\r\n", b"no field at all", b"X: y\r\n" * 100_000, b"X" * 1_000_000, b"\xff\x00" * 1_000]
)
def test_a_header_alone_is_never_unreadable(content: bytes) -> None:
    """FAULT-55: what lies beyond the bounds is left out."""
    mail = parsed_head(content)
    assert len(mail.root.fields) <= fields_max
    assert mail.authors == ()
