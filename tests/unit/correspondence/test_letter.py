"""The octets of our own mail: seven bits, CRLF, short lines, the same every time."""

from __future__ import annotations

import email
from datetime import UTC, datetime, timedelta, timezone
from email import policy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.correspondence.letter import Part, date, letter, mailbox, multipart, text_part, unstructured
from relay.values import MsgId

ID = MsgId("1@reply.example.com")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Example Travel", "Example Travel"),
        ('Example "Reisen", GmbH', 'Example "Reisen", GmbH'),
        ("back\\slash", "back\\slash"),
        ("Zürich & Öresund Reisen", "Zürich & Öresund Reisen"),
        ("=?utf-8?q?evil?=", "=?utf-8?q?evil?="),
    ],
)
def test_a_display_name_reads_back_as_it_was(name: str, expected: str) -> None:
    raw = letter([("From", mailbox(name, "noreply@reply.example.com"))], text_part("plain", "x"))
    sender = email.message_from_bytes(raw, policy=policy.default)["From"].addresses[0]
    assert (sender.display_name, sender.addr_spec) == (expected, "noreply@reply.example.com")


@given(st.text(alphabet=st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp", "Cf")), max_size=200))
def test_a_subject_reads_back_as_it_was_in_short_lines_of_ascii(text: str) -> None:
    line = " ".join(text.split())
    value = unstructured("Subject", line)
    raw = f"Subject: {value}\r\n\r\n".encode("ascii")
    assert email.message_from_bytes(raw, policy=policy.default)["Subject"] == line
    assert all(len(one) <= 998 for one in raw.split(b"\r\n"))


@given(st.text(alphabet=st.characters(exclude_categories=("Cs",), exclude_characters="\r"), max_size=500))
def test_a_text_reads_back_as_it_was(text: str) -> None:
    raw = letter([], text_part("plain", text))
    assert raw.isascii()
    assert all(len(one) <= 78 for one in raw.split(b"\r\n"))
    payload = email.message_from_bytes(raw).get_payload(decode=True)
    assert isinstance(payload, bytes)
    assert payload.decode().replace("\r\n", "\n") == text


def test_the_boundary_follows_from_our_id_and_is_not_in_the_parts() -> None:
    parts = (text_part("plain", "=_ --=_"), Part("text/rfc822-headers", b"Subject: x\r\n"))
    first, second = multipart("mixed", parts, ID), multipart("mixed", parts, ID)
    assert first == second
    assert multipart("mixed", parts, MsgId("2@reply.example.com")).content_type != first.content_type
    message = email.message_from_bytes(letter([], first), policy=policy.default)
    assert [part.get_content_type() for part in message.walk()] == ["multipart/mixed", "text/plain", "text/rfc822-headers"]
    assert not message.defects


def test_a_date_is_in_utc() -> None:
    at = datetime(2026, 6, 1, 1, 0, tzinfo=timezone(timedelta(hours=5, minutes=30)))
    assert date(at) == "Sun, 31 May 2026 19:30:00 +0000"
    assert date(at.astimezone(UTC)) == date(at)
