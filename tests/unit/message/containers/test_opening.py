"""What is in a container is a part of the message for everybody who reads it (GW-46, LEAK-53, LEAK-68, LEAK-69)."""

from __future__ import annotations

import binascii
import email
import email.policy
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.mapi import IID_MESSAGE, a_msg, a_tnef, compressed_rtf
from support.renditions import rendition_of
from support.wrapping import ADDRESS, COMPRESSED, ENVELOPED, SIGNED, a_mail_of, a_part, cms

from relay.errors import Unreadable
from relay.message.account import depth_max, parts_max
from relay.message.containers.mapi import Tag
from relay.message.leaks import Kind, leaks
from relay.message.mail import Entity
from relay.message.parse import parse
from relay.message.searchable import words_of
from relay.message.transfer import quoted_printable

MIME, OCTETS = "application/pkcs7-mime", "application/octet-stream"
WORDS = b"The meeting point is the fountain."
TEXT = b"Content-Type: text/plain\r\n\r\n" + WORDS
PDF = b"%PDF-1.4 nothing else"
MIXED = a_mail_of(TEXT, a_part(PDF, "application/pdf", "voucher.pdf"))


def uuencoded(content: bytes, name: bytes) -> bytes:
    lines = (binascii.b2a_uu(content[at : at + 45], backtick=True) for at in range(0, len(content), 45))
    return b"begin 644 %b\n%b`\nend\n".replace(b"\n", b"\r\n") % (name, b"".join(lines).replace(b"\n", b"\r\n"))


UUENCODED = (
    b"Subject: tour\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
    + quoted_printable(b"%b\r\n\r\n%b\r\n%bSee you.\r\n" % (WORDS, uuencoded(PDF, b"a.pdf"), uuencoded(TEXT, b"b.eml")))
)


def tree(entity: Entity) -> object:
    """The media types, nested; a leaf with its name."""
    return {entity.media_type: [tree(part) for part in entity.parts]} if entity.parts else (entity.media_type, entity.filename)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (a_mail_of(a_part(cms(SIGNED, TEXT), MIME)), {MIME: [("text/plain", None)]}),
        (a_mail_of(a_part(cms(COMPRESSED, TEXT), OCTETS, "smime.p7z")), {MIME: [("text/plain", None)]}),
        (
            a_mail_of(a_part(cms(SIGNED, MIXED, indefinite=True, piece_octets=50), MIME)),
            {MIME: [{"multipart/mixed": [("text/plain", None), ("application/pdf", "voucher.pdf")]}]},
        ),
        (a_mail_of(a_part(cms(SIGNED, a_part(cms(SIGNED, TEXT), MIME)), MIME)), {MIME: [{MIME: [("text/plain", None)]}]}),
        (a_mail_of(a_part(cms(SIGNED, PDF), OCTETS, "voucher.pdf.p7m")), {MIME: [(OCTETS, "voucher.pdf")]}),
        (a_mail_of(a_part(TEXT, "message/news")), {"message/news": [("text/plain", None)]}),
        (UUENCODED, {"multipart/mixed": [("text/plain", None), (OCTETS, "a.pdf"), {"message/rfc822": [("text/plain", None)]}]}),
        (UUENCODED.replace(b"Subject", b"Content-Disposition: attachment\r\nSubject"), ("text/plain", None)),
        (a_mail_of(a_part(TEXT, OCTETS, "x.eml")), {"message/rfc822": [("text/plain", None)]}),
        (a_mail_of(a_part(b"\r\n", OCTETS, "x.eml")), (OCTETS, "x.eml")),
        (a_mail_of(a_part(cms(ENVELOPED, TEXT), OCTETS, "smime.p7m")), (MIME, "smime.p7m")),
        (a_mail_of(a_part(cms(SIGNED, TEXT)[:-99], OCTETS, "smime.p7m")), (OCTETS, "smime.p7m")),
    ],
)
def test_the_content_of_a_container_is_its_parts(content: bytes, expected: object) -> None:
    assert tree(parse(content).root) == expected


def test_uuencoded_files_are_files_of_the_message_and_its_text_stays() -> None:
    """LEAK-30; sizes and forbidden types see them (GW-25)."""
    mail = parse(UUENCODED)
    assert [(one.filename, one.payload) for one in mail.attachments if one.filename == "a.pdf"] == [("a.pdf", PDF)]
    assert mail.root.parts[0].text == f"{WORDS.decode()}\n\n\nSee you.\n"
    read = email.message_from_bytes(rendition_of(UUENCODED).content, policy=email.policy.default)
    assert [part.get_filename() for part in read.iter_attachments()] == ["a.pdf", "b.eml"]


def test_more_uuencoded_files_than_a_message_may_have_parts_are_unreadable() -> None:
    """Invariant 12."""
    with pytest.raises(Unreadable):
        parse(b"Subject: a\r\n\r\n" + uuencoded(b"x", b"a") * (parts_max + 1))


def test_a_container_keeps_its_octets_and_is_no_file_itself() -> None:
    """Sizes, forbidden types and the scan of each file see what is in it (GW-25, GW-26)."""
    mail = parse(a_mail_of(a_part(cms(SIGNED, MIXED), MIME)))
    assert mail.root.payload == cms(SIGNED, MIXED)
    assert [(one.filename, one.payload) for one in mail.attachments] == [("voucher.pdf", PDF)]
    assert words_of(mail)[2:] == (WORDS.decode(), "voucher.pdf")


@pytest.mark.parametrize(
    "content",
    [
        a_mail_of(a_part(cms(SIGNED, MIXED), MIME)),
        a_mail_of(a_part(cms(COMPRESSED, MIXED), OCTETS, "smime.p7z")),
        a_mail_of(a_part(cms(SIGNED, a_part(cms(SIGNED, MIXED), MIME)), MIME)),
    ],
)
def test_signed_content_crosses_without_signature_and_certificate(content: bytes) -> None:
    """GW-46, LEAK-69: certificate and signer name the writer."""
    rendition = rendition_of(content)
    read = email.message_from_bytes(rendition.content, policy=email.policy.default)
    assert [part.get_content_type() for part in read.walk()] == ["multipart/mixed", "text/plain", "application/pdf"]
    assert [part.get_payload(decode=True) for part in read.iter_attachments()] == [PDF]
    assert rendition.findings == ()
    assert "container" in {one.kind for one in rendition.removed}


PGP = "-----BEGIN PGP MESSAGE-----\r\nComment: {}\r\n\r\nwcBMA0abcd\r\n=aB3d\r\n-----END PGP MESSAGE-----\r\n"


@pytest.mark.parametrize(
    ("content", "types"),
    [
        (
            a_mail_of(
                b"Content-Type: application/pgp-encrypted\r\n\r\nVersion: 1\r\n",
                a_part(PGP.format(ADDRESS).encode(), OCTETS, "encrypted.asc"),
                subtype="encrypted",
                parameters="; protocol=application/pgp-encrypted",
            ),
            ["multipart/encrypted", "application/pgp-encrypted", OCTETS],
        ),
        (a_mail_of(a_part(PGP.format(ADDRESS).encode(), "application/pgp", "voucher.pdf.asc")), [OCTETS]),
        (a_mail_of(b"Content-Type: text/plain\r\n\r\n" + PGP.format(ADDRESS).encode()), ["text/plain"]),
    ],
)
def test_encrypted_content_that_may_pass_arrives_unharmed_and_its_comments_do_not(content: bytes, types: list[str]) -> None:
    """CASE-22."""
    rendition = rendition_of(content)
    read = email.message_from_bytes(rendition.content, policy=email.policy.default)
    assert [part.get_content_type() for part in read.walk()] == types
    armour = [part.get_payload(decode=True) for part in read.walk()][-1]
    assert armour is not None
    assert re.sub(rb"\r\n", b"\n", bytes(armour)) == PGP.replace("Comment: {}\r\n", "").replace("\r\n", "\n").encode()
    assert rendition.findings == ()


def test_enveloped_data_that_may_pass_is_declared_so_that_programs_open_it() -> None:
    """CASE-22: with another name, or beside a footer, they would show a file."""
    sealed = cms(ENVELOPED, b"x").replace(ADDRESS.encode(), b"x" * len(ADDRESS))
    read = email.message_from_bytes(rendition_of(a_mail_of(a_part(sealed, OCTETS, "smime.p7m"))).content)
    assert read["Content-Type"].split(";")[0] == MIME
    assert read.get_param("smime-type") == "enveloped-data"
    assert read.get_payload(decode=True) == sealed


@pytest.mark.parametrize(
    ("name", "octets"),
    [
        (
            f"publickey - {ADDRESS}.asc",
            b"-----BEGIN PGP PUBLIC KEY BLOCK-----\r\n\r\nmQEN\r\n-----END PGP PUBLIC KEY BLOCK-----\r\n",
        ),
        ("ann.crt", b"-----BEGIN CERTIFICATE-----\r\nMIIB\r\n-----END CERTIFICATE-----\r\n"),
        ("ann.cer", b"\x30\x82\x01\x01"),
        ("smime.p7c", cms(SIGNED, None)),
        ("smime.p7s", cms(SIGNED, None)),
        ("ann.gpg", b"\x99\x01\x0d" + ADDRESS.encode()),
    ],
)
def test_a_key_or_a_certificate_leaves_a_mark(name: str, octets: bytes) -> None:
    """CASE-21."""
    rendition = rendition_of(a_mail_of(TEXT, a_part(octets, OCTETS, name)))
    read = email.message_from_bytes(rendition.content, policy=email.policy.default)
    assert [part.get_content_type() for part in read.walk()] == ["multipart/mixed", "text/plain", "text/plain"]
    assert rendition.findings == ()
    assert "key" in {one.kind for one in rendition.removed}


def test_plain_text_with_the_name_of_a_key_is_text() -> None:
    """CASE-21."""
    rendition = rendition_of(a_mail_of(TEXT, a_part(f"Write to {ADDRESS}".encode(), OCTETS, "notes.asc")))
    read = email.message_from_bytes(rendition.content, policy=email.policy.default)
    (attached,) = read.iter_attachments()
    assert attached.get_filename() == "notes.asc"
    assert rendition.findings == ()
    assert "address" in {one.kind for one in rendition.removed}


def test_containers_in_containers_are_bounded() -> None:
    """FAULT-60."""
    content = TEXT
    for _ in range(depth_max + 1):
        content = b"Content-Type: application/pkcs7-mime\r\nContent-Transfer-Encoding: binary\r\n\r\n" + cms(SIGNED, content)
    with pytest.raises(Unreadable):
        parse(content)


def test_content_that_decompresses_to_far_more_than_the_message_is_unreadable() -> None:
    """FAULT-65."""
    with pytest.raises(Unreadable):
        parse(a_mail_of(a_part(cms(COMPRESSED, TEXT + bytes(20_000_000)), MIME)))


SAMPLE = a_mail_of(
    b"Content-Type: application/pkcs7-mime\r\nContent-Transfer-Encoding: binary\r\n\r\n"
    + cms(SIGNED, MIXED, indefinite=True, piece_octets=40)
)


@settings(max_examples=80, deadline=None)
@given(st.integers(0, len(SAMPLE) - 1), st.binary(min_size=0, max_size=4), st.integers(0, 400))
def test_a_damaged_container_is_read_or_left_closed(place: int, octets: bytes, cut: int) -> None:
    damaged = SAMPLE[:place] + octets + SAMPLE[place + len(octets) : len(SAMPLE) - cut]
    assert parse(damaged).root.media_type is not None


SMALL: dict[int, str | bytes | int] = {Tag.ATTACH_LONG_FILENAME: f"voucher of {ADDRESS}.pdf"}
RICH = compressed_rtf(
    rb"{\rtf1\ansi\fromhtml1{\info{\author " + ADDRESS.encode() + rb"}}{\*\htmltag <p>}The fountain{\*\htmltag </p>}}"
)
EMPTY = b"Content-Type: text/plain\r\n\r\n \r\n"
WINMAIL = "application/ms-tnef"


def winmail(*told: dict[int, str | bytes | int]) -> bytes:
    """A container whose every other property names the writer, with one file."""
    return a_tnef(told[0] if told else {Tag.BODY: "The fountain"}, [(SMALL, PDF)], telling=ADDRESS)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (a_mail_of(TEXT, a_part(winmail(), WINMAIL, "winmail.dat")), ["text/plain", "application/octet-stream"]),
        (a_mail_of(TEXT, a_part(winmail(), OCTETS, "winmail.dat")), ["text/plain", "application/octet-stream"]),
        (a_mail_of(TEXT, a_part(winmail(), OCTETS, "att0001.bin")), ["text/plain", "application/octet-stream"]),
        (a_mail_of(EMPTY, a_part(winmail(), WINMAIL, "winmail.dat")), ["text/plain", "text/plain", "application/octet-stream"]),
        (a_mail_of(a_part(winmail(), WINMAIL, "winmail.dat")), ["text/plain", "application/octet-stream"]),
        (a_mail_of(a_part(winmail({Tag.RTF_COMPRESSED: RICH}), WINMAIL)), ["text/html", "application/octet-stream"]),
        (a_mail_of(TEXT, a_part(a_tnef({0x1234: "x"}, telling=ADDRESS), WINMAIL, "winmail.dat")), ["text/plain"]),
        (
            a_mail_of(TEXT, a_part(a_tnef({}, [({Tag.ATTACH_DATA: IID_MESSAGE + winmail()}, b"")], telling=ADDRESS), WINMAIL)),
            ["text/plain", "message/rfc822", "text/plain", "application/octet-stream"],
        ),
        (
            a_mail_of(TEXT, a_part(a_msg({Tag.BODY: "The fountain"}, [(SMALL, PDF)], telling=ADDRESS), OCTETS, "Re.msg")),
            ["text/plain", "message/rfc822", "text/plain", "application/octet-stream"],
        ),
    ],
)
def test_files_and_text_of_tnef_and_outlook_cross_and_no_property_does(content: bytes, expected: list[str]) -> None:
    """LEAK-68, LEAK-53; the text only where the mail has none of its own."""
    rendition = rendition_of(content)
    read = email.message_from_bytes(rendition.content, policy=email.policy.default)
    assert [
        part.get_content_type() for part in read.walk() if not part.is_multipart() or "message" in part.get_content_type()
    ] == expected
    files = [part for part in read.walk() if (part.get_filename() or "").endswith(".pdf")]
    assert [part.get_payload(decode=True) for part in files] == [PDF] * expected.count("application/octet-stream")
    assert all(ADDRESS not in str(part.get_filename()) for part in files)
    assert rendition.findings == ()
    assert "[attachment removed]" not in rendition.content.decode()


@pytest.mark.parametrize(
    ("octets", "declared", "name", "mark"),
    [
        (b"\x78\x9f\x3e\x22 broken", OCTETS, "winmail.dat", "[za\u0142\u0105cznik usuni\u0119ty]"),
        (b"nothing", WINMAIL, "winmail.dat", "[za\u0142\u0105cznik usuni\u0119ty]"),
        (b"nothing", "application/vnd.ms-outlook", "Re.msg", "[za\u0142\u0105czona wiadomo\u015b\u0107 usuni\u0119ta]"),
    ],
)
def test_a_container_that_nobody_can_open_leaves_its_mark(octets: bytes, declared: str, name: str, mark: str) -> None:
    read = email.message_from_bytes(
        rendition_of(a_mail_of(TEXT, a_part(octets, declared, name))).content, policy=email.policy.default
    )
    assert [part.get_content().strip() for part in read.walk() if not part.is_multipart()] == [WORDS.decode(), mark]


@pytest.mark.parametrize(
    "octets",
    [
        winmail({Tag.RTF_COMPRESSED: RICH}),
        cms(SIGNED, TEXT, indefinite=True, piece_octets=9),
        cms(COMPRESSED, TEXT),
        a_msg({Tag.BODY: "x"}),
    ],
)
def test_the_second_reading_lets_no_container_through(octets: bytes) -> None:
    """What they hold is packed or in pieces; whatever let one through, somebody has to look at it."""
    findings = leaks(a_mail_of(TEXT, a_part(octets, OCTETS, "x.bin")), [], allowed=())
    assert [one.kind for one in findings] == [Kind.UNREADABLE]
    assert leaks(a_mail_of(TEXT, a_part(cms(ENVELOPED, TEXT), OCTETS, "x.bin")), [], allowed=()) == ()


def test_files_of_a_container_beside_alternatives_are_no_alternative() -> None:
    """A program shows the last alternative alone: the words would not be seen."""
    rendition = rendition_of(a_mail_of(TEXT, a_part(winmail(), WINMAIL, "winmail.dat"), subtype="alternative"))
    assert email.message_from_bytes(rendition.content).get_content_type() == "multipart/mixed"
