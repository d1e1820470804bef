"""What a person wrote and attached comes out of MAPI properties, and nothing else does (LEAK-53, LEAK-68)."""

from __future__ import annotations

import pytest
from support.mapi import compressed_rtf

from relay.errors import Unreadable
from relay.message.account import Account, depth_max
from relay.message.containers.mapi import STRING8, UNICODE, MapiEntities, MapiFile, MapiMessage, Tag, Value
from relay.message.mail import Entity

RTF_HTML = compressed_rtf(rb"{\rtf1\ansi\fromhtml1{\*\htmltag <b>}Hi{\*\htmltag </b>}}")
RTF_TEXT = compressed_rtf(rb"{\rtf1\ansi\fromtext Hi}")
OCTETS = 0x0102


def string(text: str) -> Value:
    return Value(UNICODE, text.encode("utf-16-le"))


def parts(message: MapiMessage) -> tuple[Entity, ...]:
    return MapiEntities(Account.of(1000)).parts(message, 1)


def tree(entity: Entity) -> object:
    return {entity.media_type: [tree(part) for part in entity.parts]} if entity.parts else (entity.media_type, entity.text)


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ({}, []),
        ({Tag.BODY: string("Grüße\r\n")}, [("text/plain", "Grüße\n")]),
        ({Tag.BODY: Value(STRING8, b"\xcf\xf0"), Tag.INTERNET_CODEPAGE: Value(3, b"\xe3\x04\0\0")}, [("text/plain", "Пр")]),
        ({Tag.BODY: Value(STRING8, b"\xd0\x9f\0"), Tag.MESSAGE_CODEPAGE: Value(3, b"\xe9\xfd\0\0")}, [("text/plain", "П")]),
        ({Tag.BODY_HTML: Value(OCTETS, b"<b>Hi</b>\0")}, [("text/html", "<b>Hi</b>")]),
        (
            {Tag.BODY_HTML: Value(OCTETS, b"<b>Hi</b>"), Tag.BODY: string("Hi"), Tag.RTF_COMPRESSED: Value(OCTETS, RTF_TEXT)},
            [{"multipart/alternative": [("text/plain", "Hi"), ("text/html", "<b>Hi</b>")]}],
        ),
        (
            {Tag.BODY: string("Hi"), Tag.RTF_COMPRESSED: Value(OCTETS, RTF_HTML)},
            [{"multipart/alternative": [("text/plain", "Hi"), ("text/html", "<b>Hi</b>")]}],
        ),
        ({Tag.RTF_COMPRESSED: Value(OCTETS, RTF_HTML)}, [("text/html", "<b>Hi</b>")]),
        ({Tag.RTF_COMPRESSED: Value(OCTETS, RTF_TEXT)}, [("text/plain", "Hi")]),
        ({Tag.BODY: string("Hi"), Tag.RTF_COMPRESSED: Value(OCTETS, RTF_TEXT)}, [("text/plain", "Hi")]),
        ({Tag.RTF_COMPRESSED: Value(OCTETS, b"junk")}, []),
    ],
)
def test_the_text_is_the_best_that_is_there(told: dict[int, Value], expected: list[object]) -> None:
    assert [tree(part) for part in parts(MapiMessage(told))] == expected


@pytest.mark.parametrize(
    ("told", "title", "media_type", "name"),
    [
        ({Tag.ATTACH_LONG_FILENAME: string("voucher"), Tag.ATTACH_FILENAME: string("V~1")}, "T", "octet-stream", "voucher"),
        ({Tag.ATTACH_FILENAME: string("A.PDF")}, "T", "octet-stream", "A.PDF"),
        ({Tag.ATTACH_LONG_FILENAME: Value(STRING8, b"Gr\xfc\xdfe.txt\0junk")}, "T", "octet-stream", "Grüße.txt"),
        ({Tag.ATTACH_MIME_TAG: string("Application/PDF")}, "TITLE.PDF", "pdf", "TITLE.PDF"),
        ({}, "", "octet-stream", None),
    ],
)  # fmt: skip
def test_a_file_has_its_longest_name_and_its_type(told: dict[int, Value], title: str, media_type: str, name: str | None) -> None:
    (file,) = parts(MapiMessage({}, (MapiFile(told, b"x", title),), code_page=1252))
    assert (file.media_type, file.filename, file.payload, file.is_attachment) == (f"application/{media_type}", name, b"x", True)


def test_an_image_of_the_page_stays_with_the_page() -> None:
    image = MapiFile({Tag.ATTACH_CONTENT_ID: string("one@host"), Tag.ATTACH_MIME_TAG: string("image/png")}, b"\x89PNG")
    other = MapiFile({Tag.ATTACH_FILENAME: string("a.txt")}, b"x")
    page = {Tag.BODY_HTML: Value(OCTETS, b'<img src="cid:one@host">')}
    related, file = parts(MapiMessage(page, (other, image)))
    assert [part.media_type for part in related.parts] == ["text/html", "image/png"]
    assert related.parts[1].named("Content-ID")[0].value == b"<one@host>"
    assert file.filename == "a.txt"
    assert [part.media_type for part in parts(MapiMessage({}, (image,)))] == ["image/png"]


def test_an_attached_message_has_a_head_of_what_the_surgery_needs() -> None:
    told = {
        Tag.SUBJECT: string("Re: Möte\r\nX: y"),
        Tag.SENDER_SMTP_ADDRESS: string("ann@writer.example"),
        Tag.SENDER_NAME: string("Ann Writer"),
        Tag.CLIENT_SUBMIT_TIME: Value(0x0040, (132_000_000_000_000_000).to_bytes(8, "little")),
        Tag.BODY: string("Hi"),
    }
    (attached,) = parts(MapiMessage({}, (MapiFile({Tag.DISPLAY_NAME: string("Möte")}, MapiMessage(told)),)))
    assert (attached.media_type, attached.filename, attached.is_attached_message) == ("message/rfc822", "Möte.eml", True)
    assert [(one.name, one.value.decode()) for one in attached.parts[0].fields] == [
        ("Subject", "Re: Möte X: y"),
        ("From", "<ann@writer.example>"),
        ("Date", "Wed, 17 Apr 2019 18:40:00 +0000"),
    ]


def test_a_time_that_is_none_and_a_sender_in_a_directory_are_left_out() -> None:
    told = {Tag.CLIENT_SUBMIT_TIME: Value(0x0040, b"\xff" * 8), Tag.SENDER_EMAIL_ADDRESS: string("/O=ORG/CN=ANN")}
    attached = MapiEntities(Account.of(10)).attached(MapiMessage(told), 1, None)
    assert [one.name for one in attached.parts[0].fields] == ["Subject"]


def test_signed_mail_that_is_kept_whole_says_its_text_once() -> None:
    parts_of_it = b"--b\r\n\r\nHi\r\n--b\r\nContent-Type: application/pgp-signature\r\n\r\nx\r\n--b--"
    signed = b"Content-Type: multipart/signed; boundary=b\r\n\r\n" + parts_of_it
    file = MapiFile({Tag.ATTACH_MIME_TAG: string("multipart/signed")}, signed)
    (only,) = parts(MapiMessage({Tag.BODY: string("Hi")}, (file,)))
    assert [part.media_type for part in only.parts] == ["text/plain", "application/pgp-signature"]


def test_bounds_of_the_account_hold() -> None:
    """FAULT-60."""
    message = MapiMessage({Tag.BODY: string("Hi")}, (MapiFile({}, bytes(1000)),) * 3)
    with pytest.raises(Unreadable):
        MapiEntities(Account(kept_octets_max=2500)).parts(message, 1)
    with pytest.raises(Unreadable):
        MapiEntities(Account.of(10)).parts(message, depth_max)
