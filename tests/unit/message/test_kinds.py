"""What a part is for, by its declared type and its name (leaks.md section 4)."""

from __future__ import annotations

import pytest

from relay.message.kinds import Kind, kind_of
from relay.message.parse import parse


@pytest.mark.parametrize(
    ("fields", "kind"),
    [
        ("Content-Type: text/plain", Kind.TEXT),
        ("Content-Type: text/x-diff", Kind.TEXT),
        ("Content-Type: application/vcard", Kind.CARD),
        ("Content-Type: text/directory", Kind.CARD),
        ("Content-Type: application/octet-stream; name=me.vcf", Kind.CARD),
        ("Content-Type: application/octet-stream; name=invite.ics", Kind.CALENDAR),
        ("Content-Type: message/delivery-status", Kind.DROPPED),
        ("Content-Type: application/email; name=mail.eml", Kind.MESSAGE),
    ],
)
def test_a_part_is_what_it_says_or_what_its_name_ends_with(fields: str, kind: Kind) -> None:
    assert kind_of(parse(f"{fields}\r\n\r\nx\r\n".encode()).root) is kind
