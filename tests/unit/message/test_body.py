"""Files in the body of a rendition: cleaned, whatever they are declared as (LEAK-60)."""

from __future__ import annotations

import base64
import email
import email.policy

import pytest
from support.leaking import a_jpeg, a_zip, an_office_file, mixed
from support.ole import a_property_set, ole_file
from support.renditions import rendition_of
from support.world import PARTNER_ADDRESS, PARTNER_ALIAS

from relay.message.files.ole import SUMMARY

TOLD = a_jpeg(PARTNER_ADDRESS.encode(), 0xFE)
PLAIN = a_jpeg(b"JFIF\0\1\2\0\0\1\0\1\0\0", 0xE0)


def a_mail(content: bytes, *fields: str) -> bytes:
    head = "\r\n".join((*fields, "Content-Transfer-Encoding: base64"))
    return mixed(("Content-Type: text/plain", b"Hello"), (head, base64.encodebytes(content)))


FIELDS = {
    "declared": ("Content-Type: image/jpeg; name=a.jpg", "Content-Disposition: attachment; filename=a.jpg"),
    "inline": ("Content-Type: image/jpeg", "Content-ID: <a@b>", "Content-Disposition: inline"),
    "declared as another picture": ("Content-Type: image/png", "Content-Disposition: attachment; filename=a.png"),
    "declared as octets": ("Content-Type: application/octet-stream", "Content-Disposition: attachment"),
    "declared as text": ("Content-Type: text/plain; charset=us-ascii", "Content-Disposition: attachment; filename=a.txt"),
    "declared as a calendar": ("Content-Type: text/calendar", "Content-Disposition: attachment; filename=a.ics"),
}


@pytest.mark.parametrize("fields", FIELDS.values(), ids=FIELDS)
def test_a_file_crosses_without_what_its_software_wrote_whatever_it_is_declared_as(fields: tuple[str, ...]) -> None:
    crossed = rendition_of(a_mail(TOLD, *fields))
    assert crossed.findings == ()
    assert [one.kind for one in crossed.removed if one.kind == "metadata"] == ["metadata"]
    part = email.message_from_bytes(crossed.content, policy=email.policy.default).get_payload(1)
    assert isinstance(part, email.message.EmailMessage)
    assert part.get_payload(decode=True) == b"\xff\xd8" + TOLD[TOLD.index(b"\xff\xda") :]
    assert part.get_content_type() == fields[0].split(": ")[1].split(";")[0]


@pytest.mark.parametrize("fields", FIELDS.values(), ids=FIELDS)
def test_a_clean_file_keeps_its_octets_whatever_it_is_declared_as(fields: tuple[str, ...]) -> None:
    """LEAK-56."""
    crossed = rendition_of(a_mail(PLAIN, *fields))
    assert crossed.findings == ()
    assert not [one for one in crossed.removed if one.kind == "metadata"]
    part = email.message_from_bytes(crossed.content, policy=email.policy.default).get_payload(1)
    assert isinstance(part, email.message.EmailMessage)
    assert part.get_payload(decode=True) == PLAIN


@pytest.mark.parametrize("fields", ["text/html; name=a.html", "application/json; name=a.json"])
def test_pictures_in_an_attached_page_are_cleaned_and_the_rest_keeps_its_octets(fields: str) -> None:
    """LEAK-46, LEAK-52."""
    page = b"<p>Plan</p>\n<img src=data:image/jpeg;base64,%b>\n"
    bare = b"\xff\xd8" + TOLD[TOLD.index(b"\xff\xda") :]
    told = page % base64.b64encode(TOLD)
    crossed = rendition_of(a_mail(told, f"Content-Type: {fields}", "Content-Disposition: attachment"))
    assert crossed.findings == ()
    assert [one.kind for one in crossed.removed] == ["metadata"]
    part = email.message_from_bytes(crossed.content, policy=email.policy.default).get_payload(1)
    assert isinstance(part, email.message.EmailMessage)
    assert part.get_payload(decode=True) == page % base64.b64encode(bare)


def test_a_picture_in_a_page_crosses_cleaned_and_in_its_place() -> None:
    """LEAK-46."""
    page = b"<p>Plan</p><img src=data:image/jpeg;base64,%b>"
    crossed = rendition_of(a_mail(page % base64.b64encode(TOLD), "Content-Type: text/html"))
    assert crossed.findings == ()
    assert "metadata" in [one.kind for one in crossed.removed]
    part = email.message_from_bytes(crossed.content, policy=email.policy.default).get_payload(1)
    assert isinstance(part, email.message.EmailMessage)
    bare = base64.b64encode(b"\xff\xd8" + TOLD[TOLD.index(b"\xff\xda") :]).decode()
    assert f'<img src="data:image/jpeg;base64,{bare}">' in part.get_content()


@pytest.mark.parametrize("media_type", ["application/rtf", "text/rtf", "application/octet-stream"])
def test_rtf_is_cleaned_and_masked_as_text(media_type: str) -> None:
    """LEAK-63: its text is read like any other, so an address in it does not hold the message."""
    told = b"{\\rtf1{\\info{\\author Jane Doe}}\r\n\\pard Write to %b.\\par}" % PARTNER_ADDRESS.encode()
    fields = (f"Content-Type: {media_type}", "Content-Disposition: attachment; filename=offer.rtf")
    crossed = rendition_of(a_mail(told, *fields))
    assert crossed.findings == ()
    part = email.message_from_bytes(crossed.content, policy=email.policy.default).get_payload(1)
    assert isinstance(part, email.message.EmailMessage)
    octets = part.get_payload(decode=True)
    assert isinstance(octets, bytes)
    assert octets.startswith(b"{\\rtf1{\\info{\\author}}\r\n\\pard Write to ")
    assert PARTNER_ADDRESS.encode() not in octets


SAID = f"name;address\r\nŻaneta;{PARTNER_ADDRESS}\r\n"


@pytest.mark.parametrize("told", [SAID.encode(), b"\xef\xbb\xbf" + SAID.encode(), SAID.encode("utf-16")])
@pytest.mark.parametrize(
    "fields",
    [
        ("Content-Type: application/octet-stream",),
        ("Content-Type: application/x-guests; name=guests", "Content-Disposition: attachment"),
        ("Content-Type: image/jpeg", "Content-Disposition: attachment; filename=guests.lst"),
        ("Content-Type: nothing", "Content-Disposition: attachment; filename=guests.csv"),
    ],
)
def test_a_file_that_is_text_is_masked_whatever_it_is_declared_as(fields: tuple[str, ...], told: bytes) -> None:
    """LEAK-52."""
    crossed = rendition_of(a_mail(told, *fields))
    assert crossed.findings == ()
    part = email.message_from_bytes(crossed.content, policy=email.policy.default).get_payload(1)
    assert isinstance(part, email.message.EmailMessage)
    octets = part.get_payload(decode=True)
    assert isinstance(octets, bytes)
    assert "Żaneta;" in octets.decode()


@pytest.mark.parametrize("octets", ["at nine;\nat ten;ż\n".encode(), "at nine".encode("utf-16"), b"", b"Gr\xfc\xdfe", bytes(9)])
def test_a_file_that_tells_nothing_keeps_its_octets_text_or_not(octets: bytes) -> None:
    """LEAK-56."""
    crossed = rendition_of(a_mail(octets, "Content-Type: application/x-guests", "Content-Disposition: attachment"))
    part = email.message_from_bytes(crossed.content, policy=email.policy.default).get_payload(1)
    assert isinstance(part, email.message.EmailMessage)
    assert part.get_payload(decode=True) == octets


@pytest.mark.parametrize("fields", ["image/svg+xml; name=a.svg", "application/octet-stream; name=a.bin"])
def test_a_drawing_is_masked_like_text_and_loses_what_its_editor_wrote(fields: str) -> None:
    """LEAK-46, LEAK-60."""
    drawing = (
        f'<svg sodipodi:docname="/home/{PARTNER_ADDRESS}/a.svg"><!-- {PARTNER_ADDRESS} --><text>{PARTNER_ADDRESS}</text></svg>'
    )
    crossed = rendition_of(a_mail(drawing.encode(), f"Content-Type: {fields}", "Content-Disposition: attachment"))
    assert crossed.findings == ()
    assert {"address", "metadata"} <= {one.kind for one in crossed.removed}
    part = email.message_from_bytes(crossed.content, policy=email.policy.default).get_payload(1)
    assert isinstance(part, email.message.EmailMessage)
    assert part.get_payload(decode=True) == f"<svg><text>{PARTNER_ALIAS}</text></svg>".encode()


WHO = PARTNER_ADDRESS.encode()
DOCUMENTS = {
    "office": an_office_file("docProps/core.xml", b"<dc:creator>%b</dc:creator>" % WHO, b"<w:t>Mail %b</w:t>" % WHO),
    "archive": a_zip((f"{PARTNER_ADDRESS}/photo.jpg", TOLD), ("plan.txt", b"at nine"), comment=WHO),
    "old office": ole_file(
        {"\x05SummaryInformation": a_property_set(SUMMARY, {2: f"Offer {PARTNER_ADDRESS}", 4: PARTNER_ADDRESS})}
    ),
}


@pytest.mark.parametrize("content", DOCUMENTS.values(), ids=DOCUMENTS)
def test_documents_cross_with_their_text_and_without_what_software_wrote(content: bytes) -> None:
    """LEAK-62, LEAK-63, LEAK-64; the text is its writer's own statement (LEAK-65)."""
    crossed = rendition_of(a_mail(content, "Content-Type: application/octet-stream", "Content-Disposition: attachment"))
    assert crossed.findings == ()
    assert [one.kind for one in crossed.removed if one.kind == "metadata"] == ["metadata"]
