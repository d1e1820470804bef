"""Message-ID, In-Reply-To and References, as they come (RFC 5322 §3.6.4)."""

from __future__ import annotations

import pytest

from relay.message.mail import Field
from relay.message.msg_ids import msg_id_characters_max, msg_ids, msg_ids_max


@pytest.mark.parametrize(
    ("value", "ids"),
    [
        ("<a@b>", ["a@b"]),
        ("<a@b> <c@d>\r\n\t<e@f>", ["a@b", "c@d", "e@f"]),
        ("<a@b><a@b>", ["a@b"]),
        ("<[id]>", ["[id]"]),  # CASE-31
        ("a@b c@d", ["a@b", "c@d"]),
        ("bare-word", ["bare-word"]),
        ("Your message of Monday <a@b>", ["a@b"]),
        ("<a\r\n @b>", ["a@b"]),
        ("=?utf-8?q?=3Ca=40b=3E?= <c@d>", ["a@b", "c@d"]),  # CASE-5
        ("=?us-ascii?Q?=3Ca=40b=0D=0ABcc:_x=3E?=", ["a@bBcc:x"]),
        ("<é@b>", ["é@b"]),
        ("not an id at all", []),
        ("<>", []),
        ("", []),
    ],
)
def test_ids_are_found_without_their_brackets(value: str, ids: list[str]) -> None:
    assert list(msg_ids([Field("References", value.encode())])) == ids


def test_the_last_hundred_ids_count() -> None:
    """CASE-38: the nearest ids are those by which a thread is found."""
    many = msg_ids([Field("References", b" ".join(b"<%d@x>" % number for number in range(150)))])
    assert len(many) == msg_ids_max
    assert many[-1] == "149@x"


def test_an_id_too_long_to_be_written_again_is_none() -> None:
    fields = [Field("Message-ID", b"<" + b"x" * (msg_id_characters_max + 1) + b">")]
    assert msg_ids(fields) == ()
