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


@pytest.mark.parametrize(
    ("octets", "kind"),
    [
        (b"Name;Ort\r\nM\xfcller;K\xf6ln\r\n", Kind.TEXT),  # a table as Windows sends it
        ("Имя;Город\n".encode("cp1251") + b"a;b;c;d;e;f;g;h;i;j;k;l;m;n\n", Kind.TEXT),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", Kind.FILE),
        (b"\xff\xd8\xff\xe0\xff\xd9", Kind.FILE),
        (b"Name\x00\xfc", Kind.FILE),
    ],
)
def test_a_text_in_a_code_page_is_text_whatever_it_is_declared_as(octets: bytes, kind: Kind) -> None:
    """LEAK-52: programs call any `.csv` a workbook."""
    assert kind_of(parse(b"Content-Type: application/vnd.ms-excel; name=a.csv\r\n\r\n" + octets).root) is kind
