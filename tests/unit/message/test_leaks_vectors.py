"""Every vector of leaks.md, with a known address in it: the second reading finds each of them (section 7)."""

from __future__ import annotations

import base64
import binascii
import bz2
import gzip
import lzma
import quopri
import zlib
from typing import Final

import pytest
from support.leaking import (
    ADDRESS,
    ALIASES,
    HOST,
    IP,
    OWN_DOMAIN,
    PARTIES,
    a_jpeg,
    a_pdf,
    a_png,
    a_tar,
    a_zip,
    an_office_file,
    attached,
    head,
    letter,
    message,
    mixed,
    page,
)

from relay.message.leaks import Kind, leaks

LOCAL, DOMAIN = ADDRESS.split("@")
PLAIN: Final = "Content-Type: text/plain; charset=utf-8"
WIDE: Final = "".join(chr(ord(one) + 0xFEE0) if one.isalnum() or one == "@" else one for one in ADDRESS)
CYRILLIC: Final = ADDRESS.replace("a", "а").replace("o", "о")
SCRIPT: Final = ADDRESS.translate({0x61 + at: 0x1D4B6 + at for at in range(26) if at not in {4, 6, 14}})
RIGHT_TO_LEFT: Final = "\u202e" + ADDRESS[::-1] + "\u202c"
NESTED: Final = f"From: {ADDRESS}\r\nSubject: x\r\nMIME-Version: 1.0\r\n\r\ntext\r\n".encode()
NESTED_BASE64: Final = (
    b"Subject: x\r\nContent-Type: text/plain\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    + base64.encodebytes(f"write to {ADDRESS} please".encode())
)
CALENDAR: Final = f"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nORGANIZER;CN=Anna:mailto:{ADDRESS}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
CARD: Final = f"BEGIN:VCARD\r\nVERSION:3.0\r\nEMAIL;TYPE=INTERNET:{ADDRESS}\r\nEND:VCARD\r\n"
UUENCODED: Final = "begin 644 note.txt\r\n" + binascii.b2a_uu(f"mail {ADDRESS} today".encode()).decode() + "`\r\nend\r\n"
EXIF: Final = b"Exif\0\0MM\0*\0\0\0\x08" + ADDRESS.encode() + b"\0"
XMP: Final = b"<x:xmpmeta><rdf:RDF><dc:creator>" + ADDRESS.encode() + b"</dc:creator></rdf:RDF></x:xmpmeta>"


def coded(text: str, charset: str) -> str:
    return f"=?{charset}?b?{base64.b64encode(text.encode(charset)).decode()}?="


VECTORS: Final = [
    ("LEAK-1 display name", letter("x", f'X-From: "{ADDRESS}" <a@reply.example.com>')),
    ("LEAK-1 comment inside", letter("x", f"X-From: {LOCAL}(c (d) e)@(f){DOMAIN}")),
    ("LEAK-1 obsolete white space", letter("x", f"X-From: {LOCAL} @ gmail . com")),
    ("LEAK-1 quoted local part", letter("x", f'X-From: "{LOCAL}"@{DOMAIN}')),
    ("LEAK-3 receipt request", letter("x", f"Disposition-Notification-To: {ADDRESS}")),
    ("LEAK-4 list field", letter("x", f"List-Unsubscribe: <https://x.example/?u={LOCAL}%40{DOMAIN}>")),
    ("LEAK-4 host in Received", letter("x", f"Received: from {HOST} ([{IP}]) by x")),
    ("LEAK-5 Message-ID of the own domain", letter("x", f"References: <1234@mail.{OWN_DOMAIN}>")),
    ("LEAK-7 leftover Bcc", letter("x", f"Bcc: Anna <{ADDRESS.upper()}>")),
    ("LEAK-8 Subject plain", letter("x", f"Subject: Re: {ADDRESS}")),
    ("LEAK-8 Subject base64", letter("x", f"Subject: {coded(ADDRESS, 'utf-8')}")),
    (
        "LEAK-8 Subject split over charsets",
        letter("x", f"Subject: {coded(LOCAL, 'iso-8859-2')}\r\n {coded('@' + DOMAIN, 'utf-16')}"),
    ),
    ("LEAK-8 Subject in UTF-7", letter("x", "Subject: =?utf-7?q?" + LOCAL + "+AEA-" + DOMAIN + "?=")),
    ("LEAK-8 Subject with zero width", letter("x", f"Subject: {coded(chr(0x200B).join(ADDRESS), 'utf-8')}")),
    ("LEAK-8 encoded line feed", letter("x", f"Subject: =?utf-8?q?x=0D=0ABcc:_{LOCAL}=40{DOMAIN}?=")),
    ("LEAK-9 folding inside", letter("x", f"Subject: {LOCAL}@gm\r\n ail.com")),
    ("LEAK-9 raw 8-bit beside it", message(b"x", "X-Y: z").replace(b"X-Y: z", b"Subject: \xe4\xf6 " + ADDRESS.encode())),
    ("LEAK-9 long line", letter("x", f"X-Long: {'a ' * 900}{ADDRESS}")),
    ("LEAK-9 space before the colon", letter("x", f"Subject : {ADDRESS}")),
    ("LEAK-9 junk line", letter("x", "junk without colon " + ADDRESS)),
    ("LEAK-9 mbox line", f"From {ADDRESS} Mon Jun 1 10:00:00 2026\r\n".encode() + letter("x")),
    ("LEAK-10 protected headers", mixed((f'{PLAIN}; protected-headers="v1"\r\nSubject: {ADDRESS}', b"x"))),
    (
        "LEAK-11 two Content-Type that disagree",
        head('Content-Type: text/plain; boundary="no"', 'Content-Type: multipart/mixed; boundary="yes"').encode()
        + b"\r\n--yes\r\nContent-Transfer-Encoding: base64\r\n\r\n"
        + base64.encodebytes(f"{ADDRESS} writes".encode())
        + b"--yes--\r\n",
    ),
    ("LEAK-20 attribution", letter(f"Am 1. Juni schrieb Anna <{ADDRESS}>:\r\n> ja")),
    ("LEAK-21 re-wrapped at the quote prefix", letter(f"> > Von: Anna <{LOCAL}@\r\n> > {DOMAIN}>\r\n")),
    ("LEAK-21 within the local part", letter("> anna.kowal\r\n> ska@gmail.com\r\n")),
    ("LEAK-22 capitals and brackets", letter(f"--\r\n[{ADDRESS.upper()}].")),
    ("LEAK-23 counterpart", letter("Is John.Doe@WEB.de right?")),
    ("LEAK-26 percent", letter(f"https://t.example/?to={LOCAL}%40{DOMAIN}&x=1")),
    ("LEAK-26 percent twice", letter(f"https://s.example/?url=https%3A%2F%2Ft.example%2F%3Fm%3D{LOCAL}%2540{DOMAIN}")),
    ("LEAK-26 base64 in a link", letter(f"https://t.example/{base64.urlsafe_b64encode(b'id=7;' + ADDRESS.encode()).decode()}")),
    ("LEAK-26 base64 behind a path", letter(f"https://t.example/track/abc/{base64.b64encode(ADDRESS.encode()).decode()}")),
    ("LEAK-26 hex in a link", letter(f"https://t.example/u/{ADDRESS.encode().hex()}/x")),
    ("LEAK-26 VERP", letter(f"bounces+{LOCAL}={DOMAIN}@list.example")),
    (
        "LEAK-26 base64 in a token of other octets",
        letter(base64.b64encode(b"\x0a\x17\xff\x80" + ADDRESS.encode() + b"\x12\x08\xf1").decode()),
    ),
    ("LEAK-27 base64", message(base64.encodebytes(ADDRESS.encode()), encoding="base64")),
    (
        "LEAK-27 base64 with junk and no padding",
        message(b"!" + base64.b64encode(b"x " + ADDRESS.encode()).rstrip(b"=") + b"*", encoding="base64"),
    ),
    (
        "LEAK-27 base64 padded in the middle",
        message(base64.b64encode(b"x ") + base64.b64encode(ADDRESS.encode()), encoding="base64"),
    ),
    ("LEAK-27 base64 not declared", letter(base64.encodebytes(f"you can reach me at {ADDRESS} all day long".encode()).decode())),
    (
        "LEAK-27 base64 quoted",
        letter("> " + base64.encodebytes(b"0123456789 " * 5 + ADDRESS.encode()).decode().replace("\n", "\r\n> ")),
    ),
    ("LEAK-27 plain although base64 is declared", message(f"Write to me, please: {ADDRESS}!".encode(), encoding="base64")),
    ("LEAK-27 quoted-printable with soft breaks", message(b"anna.kowal=\r\nska=40gm=\r\nail=2Ecom", encoding="quoted-printable")),
    (
        "LEAK-27 quoted-printable, all of it",
        message("".join(f"={one:02x}" for one in ADDRESS.encode()).encode(), encoding="Quoted-Printable"),
    ),
    ("LEAK-27 quoted-printable not declared", letter("".join(f"={one:02X}" for one in ADDRESS.encode()))),
    ("LEAK-27 unknown encoding", message(ADDRESS.encode(), encoding="x-unknown")),
    ("LEAK-27 uuencoded", letter(UUENCODED)),
    ("LEAK-27 flowed", letter(f"{LOCAL}@ \r\n{DOMAIN}")),
    ("LEAK-28 UTF-16 with a mark", message(f"hier {ADDRESS}".encode("utf-16"), content="text/plain; charset=utf-16")),
    ("LEAK-28 UTF-16 not declared", message(f"hier {ADDRESS}".encode("utf-16-le"))),
    (
        "LEAK-28 UTF-16 big-endian, full width",
        message(f"hier steht {WIDE}".encode("utf-16-be"), content="text/plain; charset=utf-16be"),
    ),
    ("LEAK-28 UTF-32", message(ADDRESS.encode("utf-32"), content="text/plain; charset=utf-32")),
    ("LEAK-28 UTF-7", message(f"{LOCAL}+AEA-{DOMAIN}".encode(), content="text/plain; charset=utf-7")),
    (
        "LEAK-28 UTF-7 not declared, all of it",
        letter("+" + base64.b64encode(ADDRESS.encode("utf-16-be")).decode().rstrip("=") + "-"),
    ),
    ("LEAK-28 lying declaration", message(f"größe {ADDRESS}".encode("latin-1"), content="text/plain; charset=utf-8")),
    ("LEAK-28 unknown charset", message(ADDRESS.encode(), content="text/plain; charset=x-nowhere")),
    ("LEAK-28 EBCDIC", message(f"schreib {ADDRESS}".encode("cp500"), content="text/plain; charset=cp500")),
    ("LEAK-28 EBCDIC not declared", message(f"schreib {ADDRESS}".encode("cp037"))),
    ("LEAK-28 ISO-2022-JP, full width", message(WIDE.encode("iso2022_jp"), content="text/plain; charset=iso-2022-jp")),
    ("LEAK-28 GB18030, full width", message(WIDE.encode("gb18030"), content="text/plain; charset=gb2312")),
    ("LEAK-28 KOI8-R, look-alikes", message(CYRILLIC.encode("koi8-r"), content="text/plain; charset=koi8-r")),
    ("LEAK-29 zero width", letter("\u200b".join(ADDRESS))),
    ("LEAK-29 much zero width", letter(("\u200b" * 400).join(ADDRESS))),
    ("LEAK-29 soft hyphen", letter("\u00ad".join(ADDRESS))),
    ("LEAK-29 full width", letter(WIDE)),
    ("LEAK-29 look-alikes", letter(CYRILLIC)),
    ("LEAK-29 bidi override", letter(RIGHT_TO_LEFT)),
    ("LEAK-29 mathematical letters", letter(SCRIPT)),
    ("LEAK-29 combining marks", letter("".join(one + "\u0323" if one.isalpha() else one for one in ADDRESS))),
    ("LEAK-29 accents", letter("ännä.köwälskä@gmäil.com")),
    ("LEAK-29 (at) [dot]", letter("anna.kowalska (at) gmail [dot] com")),
    ("LEAK-29 at dot", letter("anna dot kowalska at gmail dot com")),
    ("LEAK-29 małpa kropka", letter("anna.kowalska małpa gmail kropka com")),
    ("LEAK-29 arobase point", letter("anna.kowalska arobase gmail point com")),
    ("LEAK-29 chiocciola punto", letter("anna.kowalska [chiocciola] gmail punto com")),
    ("LEAK-29 arroba punto", letter("anna.kowalska (arroba) gmail (punto) com")),
    ("LEAK-29 Klammeraffe Punkt", letter("anna.kowalska Klammeraffe gmail Punkt com")),
    ("LEAK-29 hard line break inside", letter("anna.kowalska@gma\r\nil.com")),
    ("LEAK-29 spaces", letter("a n n a . k o w a l s k a @ g m a i l . c o m")),
    ("LEAK-29 glued by a joiner", letter(f"mail\u2060{ADDRESS}\u2060now")),
    ("LEAK-30 vCard pasted", letter(CARD)),
    ("LEAK-30 whole header pasted", letter(f"Received: from x\r\nReturn-Path: <{ADDRESS}>\r\n")),
    ("LEAK-40 mailto", page(f'<a href="mailto:{LOCAL}%40{DOMAIN}?subject=x">write</a>')),
    ("LEAK-40 mailto in entities", page(f'<a href="mailto:{"".join(f"&#x{ord(one):x};" for one in ADDRESS)}">write</a>')),
    ("LEAK-41 comment", page(f"<p>x</p><!-- {LOCAL}&#64;{DOMAIN} -->")),
    ("LEAK-41 JSON-LD", page('<script type="application/ld+json">{"email":"anna.kowalska\\u0040gmail.com"}</script>')),
    ("LEAK-42 attribute", page(f'<p data-x="{ADDRESS}" title="y">x</p>')),
    ("LEAK-43 hidden", page(f'<p style="display:none">{ADDRESS}</p>')),
    ("LEAK-44 split by spans", page("<p>anna.<span>kowal</span>ska<b>@</b>gm<i>ail.co</i>m</p>")),
    ("LEAK-44 split by cells", page("<table><tr><td>anna.kowalska</td>\r\n<td>@</td>\r\n<td>gmail.com</td></tr></table>")),
    ("LEAK-44 split by comments and wbr", page("anna<!-- > -->.kowal<wbr>ska@<!--x-->gmail.com")),
    ("LEAK-44 split by a tag with a bracket in it", page('anna.kow<b title="a>b">alska</b>@gmail.com')),
    ("LEAK-44 commat and shy", page("anna&period;kow&shy;alska&commat;gmail&period;com")),
    ("LEAK-44 entities without semicolons", page("anna.kowalska&#64gmail&#46com")),
    ("LEAK-44 direction by style", page(f'<bdo dir="rtl">{ADDRESS[::-1]}</bdo>')),
    ("LEAK-45 tracking pixel", page(f'<img src="https://t.example/o.gif?e={base64.b64encode(ADDRESS.encode()).decode()}">')),
    ("LEAK-46 base64 of a vCard", page(f'<a href="data:text/vcard;base64,{base64.b64encode(CARD.encode()).decode()}">x</a>')),
    ("LEAK-47 enriched", message(f"<bold>{LOCAL}</bold>@{DOMAIN}".encode(), content="text/enriched")),
    ("LEAK-50 preamble", mixed((PLAIN, b"x")).replace(b"\r\n\r\n--=_b", b"\r\n\r\n" + ADDRESS.encode() + b"\r\n--=_b", 1)),
    ("LEAK-50 epilogue", mixed((PLAIN, b"x")) + f"by {ADDRESS}\r\n".encode()),
    ("LEAK-50 boundary", message(b"x", content=f'multipart/mixed; boundary="{ADDRESS}"')),
    ("LEAK-50 beside a delimiter", mixed((PLAIN, b"x")).replace(b"--=_b\r\n", b"--=_b " + ADDRESS.encode() + b"\r\n", 1)),
    ("LEAK-50 Content-Description", mixed((f"{PLAIN}\r\nContent-Description: {ADDRESS}", b"x"))),
    ("LEAK-50 Content-ID", mixed((f"{PLAIN}\r\nContent-ID: <p1@mail.{OWN_DOMAIN}>", b"x"))),
    ("LEAK-51 file name", attached(b"x", name=f"card of {ADDRESS}.txt")),
    (
        "LEAK-51 file name in pieces",
        mixed((f"{PLAIN}; name*0*=utf-8''anna.kow%61l;\r\n name*1*=ska%40gm;\r\n name*2=\"ail.com\"", b"x")),
    ),
    ("LEAK-51 file name in encoded words", attached(b"x", name=coded(ADDRESS, "utf-8"))),
    ("LEAK-52 CSV in UTF-16", attached(f"a;b\r\n1;{ADDRESS}\r\n".encode("utf-16"), "text/csv")),
    ("LEAK-52 JSON undeclared", attached(b'{"mail": "anna.kowalska\\u0040gmail.com"}')),
    ("LEAK-52 XML", attached(f"<a><b>{ADDRESS}</b></a>".encode(), "application/xml")),
    ("LEAK-53 attached message", mixed(("Content-Type: message/rfc822", NESTED))),
    (
        "LEAK-53 in base64",
        mixed(("Content-Type: message/rfc822\r\nContent-Transfer-Encoding: base64", base64.encodebytes(NESTED_BASE64))),
    ),
    ("LEAK-53 as octet stream", attached(NESTED_BASE64.replace(b"Subject", b"Received: x\r\nSubject"), name="x.eml")),
    ("LEAK-53 in a digest", message(b"--d\r\n\r\n" + NESTED_BASE64 + b"\r\n--d--\r\n", content="multipart/digest; boundary=d")),
    ("LEAK-53 header only", mixed(("Content-Type: text/rfc822-headers", NESTED))),
    (
        "LEAK-54 external body",
        mixed((f'Content-Type: message/external-body; access-type=URL; URL="http://x/{ADDRESS}"', b"\r\n")),
    ),
    ("LEAK-55 boundary never closed", mixed((PLAIN, ADDRESS.encode())).replace(b"--=_b--", b"")),
    (
        "LEAK-55 boundary absent",
        message(base64.encodebytes(ADDRESS.encode()), content='multipart/mixed; boundary="absent"', encoding="base64"),
    ),
    (
        "LEAK-55 multipart in base64",
        message(
            base64.encodebytes(b"--q\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\nanna.kowalska=40gmail.com\r\n--q--"),
            content='multipart/mixed; boundary="q"',
            encoding="base64",
        ),
    ),
    ("LEAK-55 NUL inside", message("\0".join(ADDRESS).encode())),
    ("LEAK-60 EXIF", attached(a_jpeg(EXIF), "image/jpeg")),
    ("LEAK-60 EXIF in UTF-16", attached(a_jpeg(b"Exif\0\0" + ADDRESS.encode("utf-16-le")), "image/jpeg")),
    ("LEAK-60 JPEG comment, declared as text", attached(a_jpeg(ADDRESS.encode(), 0xFE), "text/plain")),
    ("LEAK-60 PNG text", attached(a_png(b"tEXt", b"Author\0" + ADDRESS.encode()), "image/png")),
    ("LEAK-60 PNG deflated text", attached(a_png(b"zTXt", b"Author\0\0" + zlib.compress(ADDRESS.encode())), "image/png")),
    ("LEAK-60 HEIC", attached(b"\0\0\0\x18ftypheic\0\0\0\0\1\2\3\4" + b"\xf1\x02\0" * 90 + XMP, "image/heic")),
    ("LEAK-61 PDF author", attached(a_pdf(author=ADDRESS, text="x"), "application/pdf")),
    ("LEAK-61 PDF author with octal signs", attached(a_pdf(author="anna.kowalska\\100gmail.com", text="x"), "application/pdf")),
    (
        "LEAK-61 PDF author in hexadecimal",
        attached(b"%PDF-1.4\n<< /Author <feff" + ADDRESS.encode("utf-16-be").hex().encode() + b"> >>"),
    ),
    (
        "LEAK-61 PDF object stream",
        attached(a_pdf(author="", text="x", packed=b"<< /Author (" + ADDRESS.encode() + b") >>"), "application/pdf"),
    ),
    ("LEAK-61 PDF deflated XMP", attached(a_pdf(author="", text="x", xmp=XMP), "application/pdf")),
    ("LEAK-61 PDF XMP in UTF-16", attached(a_pdf(author="", text="x", xmp=XMP.decode().encode("utf-16-le")), "application/pdf")),
    ("LEAK-62 Office creator", attached(an_office_file("docProps/core.xml", f"<dc:creator>{ADDRESS}</dc:creator>".encode()))),
    ("LEAK-62 comment author", attached(an_office_file("word/comments.xml", f'<w:comment w:author="{ADDRESS}"/>'.encode()))),
    (
        "LEAK-62 OpenDocument",
        attached(a_zip(("mimetype", b"application/vnd.oasis.opendocument.text"), ("meta.xml", ADDRESS.encode()), method=0)),
    ),
    (
        "LEAK-63 old Office",
        attached(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0\1\xff" * 400 + ADDRESS.encode("utf-16-le") + b"\0\1\xfe" * 400),
    ),
    ("LEAK-63 RTF", attached(b"{\\rtf1\\ansi{\\info{\\author anna.kowalska\\'40gmail.com}}x}", "application/rtf")),
    (
        "LEAK-63 MP3",
        attached(b"ID3\3\0\0\0\0\x1f\x76TPE1\0\0\0\x20\0\0\0" + ADDRESS.encode() + b"\xff\xfb\x90\x04" * 300, "audio/mpeg"),
    ),
    ("LEAK-64 text in an archive", attached(a_zip(("a/b.txt", f"mail {ADDRESS}".encode())), "application/zip")),
    ("LEAK-64 archive in an archive", attached(a_zip(("in.zip", a_zip(("b.txt", ADDRESS.encode())))), "application/zip")),
    ("LEAK-64 member name", attached(a_zip((f"{ADDRESS}.txt", b"x")), "application/zip")),
    ("LEAK-64 comment of an archive", attached(a_zip(("x.txt", b"x"), comment=ADDRESS.encode()), "application/zip")),
    ("LEAK-64 text in an archive that unpacks itself", attached(b"MZ\x90\0" + a_zip(("b.txt", ADDRESS.encode())))),
    ("LEAK-64 text in an archive by LZMA", attached(a_zip(("b.txt", f"mail {ADDRESS}".encode() * 9), method=14))),
    ("LEAK-64 text in an archive by BZIP2", attached(a_zip(("b.txt", f"mail {ADDRESS}".encode() * 9), method=12))),
    ("LEAK-64 TAR", attached(a_tar("b.txt", f"mail {ADDRESS}"))),
    ("LEAK-64 compressed text in a TAR", attached(a_tar("b.txt.gz", gzip.compress(f"mail {ADDRESS}".encode())))),
    ("LEAK-64 TAR in BZIP2", attached(bz2.compress(a_tar("b.txt", f"mail {ADDRESS}")))),
    ("LEAK-64 TAR in XZ", attached(lzma.compress(a_tar("b.txt", f"mail {ADDRESS}")))),
    ("LEAK-64 member name in a TAR", attached(lzma.compress(a_tar(f"{ADDRESS}.txt", "x")))),
    ("LEAK-64 long member name in a TAR", attached(a_tar(f"{'a/' * 120}{ADDRESS}.txt", "x"))),
    ("LEAK-64 owner in a TAR", attached(bz2.compress(a_tar("b.txt", "x", owner=ADDRESS)))),
    ("LEAK-64 gzip", attached(gzip.compress(f"x {ADDRESS}".encode()), "application/gzip")),
    ("LEAK-66 organizer", mixed(("Content-Type: text/calendar; method=REQUEST", CALENDAR.encode()))),
    ("LEAK-66 folded line", mixed(("Content-Type: text/calendar", CALENDAR.replace("kowalska", "kowa\r\n lska").encode()))),
    ("LEAK-66 folded in an escape", mixed(("Content-Type: text/calendar", CALENDAR.replace("@", "%4\r\n 0").encode()))),
    (
        "LEAK-66 UID with host",
        mixed(("Content-Type: text/calendar", f"BEGIN:VCALENDAR\r\nUID:1-2-3@{HOST}\r\nEND:VCALENDAR".encode())),
    ),
    ("LEAK-67 vCard", mixed(("Content-Type: text/vcard", CARD.encode()))),
    (
        "LEAK-67 vCard in quoted-printable",
        mixed(
            (
                "Content-Type: text/x-vcard",
                b"BEGIN:VCARD\r\nEMAIL;ENCODING=QUOTED-PRINTABLE:anna=2Ekowalska=40gm=\r\nail=2Ecom\r\nEND:VCARD",
            )
        ),
    ),
    (
        "LEAK-68 winmail.dat",
        attached(
            b"\x78\x9f\x3e\x22\1\0\1\x90" + b"\0\6\xff" * 99 + b"SMTP:" + ADDRESS.upper().encode() + b"\0" * 99,
            "application/ms-tnef",
        ),
    ),
    ("LEAK-84 SRS", letter(f"SRS0=HHH=TT={DOMAIN}={LOCAL}@forwarder.example")),
    ("LEAK-84 BATV", letter(f"prvs=0412345678={ADDRESS}")),
    ("LEAK-84 tag", letter(f"{LOCAL}+tours@{DOMAIN}")),
    ("Gmail without dots", letter("annakowalska@gmail.com")),
    ("Gmail with other dots", letter("a.nnako.walska@googlemail.com")),
    ("EXT form of Exchange", letter(f"{LOCAL}_{DOMAIN}#EXT#@tenant.onmicrosoft.com")),
    ("the number of a footnote behind it", page(f"<p>{ADDRESS}<sup>1</sup></p>")),
    ("IMCEA form", letter("IMCEASMTP-anna+2Ekowalska+40gmail+2Ecom@x.example")),
]


@pytest.mark.parametrize("octets", [pytest.param(octets, id=name) for name, octets in VECTORS])
def test_an_identifier_is_found_in_every_place_and_under_every_encoding(octets: bytes) -> None:
    """LEAK-1 to LEAK-84."""
    found = leaks(octets, PARTIES, allowed=ALIASES)
    assert {one.kind for one in found} & {Kind.ADDRESS, Kind.DOMAIN, Kind.HOST}


def test_the_same_places_without_the_identifier_are_clean() -> None:
    """What is found is the address, and not the form around it."""
    for name, octets in VECTORS:
        clean = octets
        for one in (LOCAL, LOCAL.upper(), OWN_DOMAIN, HOST, IP):
            clean = clean.replace(one.encode(), b"q" * len(one))
        if clean != octets:
            assert not leaks(clean, PARTIES, allowed=ALIASES), name


def test_quoted_printable_of_the_standard_library_is_read() -> None:
    assert leaks(
        message(quopri.encodestring(ADDRESS.encode(), quotetabs=True), encoding="quoted-printable"), PARTIES, allowed=ALIASES
    )
