"""Documents, archives, invitations, cards, and signed or wrapped content, made by hand (LEAK-61 to LEAK-69)."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Sequence
from typing import Final

from relay.selftest.traps.letters import crlf, filled
from relay.selftest.traps.pictures import SEEN, a_jpeg, xmp
from relay.selftest.traps.trap import Scene

Member = tuple[str, str | bytes]

_OFFICE: Final = "http://schemas.openxmlformats.org"
_TYPES: Final = (
    '<?xml version="1.0" encoding="UTF-8"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/><Default Extension="jpeg" ContentType="image/jpeg"/>'
    '<Override PartName="/word/document.xml" '
    'ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>'
)
_RELATIONS: Final = (
    f'<?xml version="1.0"?><Relationships xmlns="{_OFFICE}/package/2006/relationships"><Relationship Id="r1" '
    f'Type="{_OFFICE}/officeDocument/2006/relationships/officeDocument" Target="word/document.xml"/><Relationship Id="r2" '
    f'Type="{_OFFICE}/package/2006/relationships/metadata/core-properties" Target="docProps/core.xml"/></Relationships>'
)
_CORE: Final = (
    f'<?xml version="1.0"?><cp:coreProperties xmlns:cp="{_OFFICE}/package/2006/metadata/core-properties" '
    'xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:creator>$name</dc:creator><cp:lastModifiedBy>$address</cp:lastModifiedBy>'
    "<dc:description>by $company</dc:description></cp:coreProperties>"
)
_APP: Final = (
    f'<?xml version="1.0"?><Properties xmlns="{_OFFICE}/officeDocument/2006/extended-properties"><Company>$company</Company>'
    "<Manager>$name</Manager><Template>C:\\Users\\$local\\$address.dotm</Template></Properties>"
)
_CUSTOM: Final = (
    f'<?xml version="1.0"?><Properties xmlns="{_OFFICE}/officeDocument/2006/custom-properties"><property pid="2" name="Owner">'
    '<vt:lpwstr xmlns:vt="http://schemas.openxmlformats.org/officeDocument/2006/docPropsVTypes">$address</vt:lpwstr></property>'
    "</Properties>"
)
_WORD: Final = f'xmlns:w="{_OFFICE}/wordprocessingml/2006/main"'
_DOCUMENT: Final = (
    f'<?xml version="1.0"?><w:document {_WORD}><w:body><w:p><w:ins w:id="1" w:author="$name" w:date="2026-06-01T12:00:00Z"><w:r>'
    '<w:t>Nine is fine.</w:t></w:r></w:ins><w:del w:id="2" w:author="$address"><w:r><w:delText>x</w:delText></w:r></w:del></w:p>'
    "</w:body></w:document>"
)
_COMMENTS: Final = (
    f'<?xml version="1.0"?><w:comments {_WORD}><w:comment w:id="0" w:author="$name" w:initials="$last"><w:p><w:r><w:t>Fine.</w:t>'
    "</w:r></w:p></w:comment></w:comments>"
)
_PEOPLE: Final = (
    '<?xml version="1.0"?><w15:people xmlns:w15="http://schemas.microsoft.com/office/word/2012/wordml"><w15:person '
    'w15:author="$name"><w15:presenceInfo w15:providerId="AD" w15:userId="S::$address::1"/></w15:person></w15:people>'
)
_OPEN: Final = "urn:oasis:names:tc:opendocument:xmlns"
_META: Final = (
    f'<?xml version="1.0"?><office:document-meta xmlns:office="{_OPEN}:office:1.0" xmlns:meta="{_OPEN}:meta:1.0" '
    'xmlns:dc="http://purl.org/dc/elements/1.1/"><office:meta><meta:initial-creator>$name</meta:initial-creator>'
    '<dc:creator>$address</dc:creator><meta:user-defined meta:name="Company">$company</meta:user-defined></office:meta>'
    "</office:document-meta>"
)
_CONTENT: Final = (
    f'<?xml version="1.0"?><office:document-content xmlns:office="{_OPEN}:office:1.0" xmlns:text="{_OPEN}:text:1.0" '
    'xmlns:dc="http://purl.org/dc/elements/1.1/"><office:body><office:text><office:annotation><dc:creator>$name</dc:creator>'
    "</office:annotation><text:p>Nine is fine.</text:p></office:text></office:body></office:document-content>"
)


def zipped(members: Sequence[Member], *, comment: bytes = b"", method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """An archive with members in their order."""
    octets = io.BytesIO()
    with zipfile.ZipFile(octets, "w", method) as archive:
        for name, content in members:
            archive.writestr(name, content)
        archive.comment = comment
    return octets.getvalue()


def a_docx(scene: Scene) -> bytes:
    """A text of a word processor with its properties, comments, revisions, and a picture that was taken with a phone."""
    parts = {
        "[Content_Types].xml": _TYPES,
        "_rels/.rels": _RELATIONS,
        "docProps/core.xml": _CORE,
        "docProps/app.xml": _APP,
        "docProps/custom.xml": _CUSTOM,
        "word/document.xml": _DOCUMENT,
        "word/comments.xml": _COMMENTS,
        "word/people.xml": _PEOPLE,
    }
    members: list[Member] = [(name, filled(scene, text)) for name, text in parts.items()]
    return zipped([*members, ("word/media/image1.jpeg", a_jpeg(scene))])


def an_odt(scene: Scene) -> bytes:
    """A text in OpenDocument with its makers."""
    members: list[Member] = [("mimetype", "application/vnd.oasis.opendocument.text")]
    members += [(name, filled(scene, text)) for name, text in (("meta.xml", _META), ("content.xml", _CONTENT))]
    manifest = f'<manifest:manifest xmlns:manifest="{_OPEN}:manifest:1.0"/>'
    return zipped([*members, ("META-INF/manifest.xml", manifest)])


def a_pdf(scene: Scene, *, encoding: str = "latin-1", packed: bool = False) -> bytes:
    """A page with Info and XMP. `encoding` utf-16: as PDF writes letters beyond Latin. `packed`: metadata deflated."""
    author = scene.writer.name.encode(encoding)
    metadata = xmp(scene) if encoding == "latin-1" else xmp(scene).decode().encode("utf-16")
    stream = zlib.compress(metadata) if packed else metadata
    filter_ = b" /Filter /FlateDecode" if packed else b""
    text = b"BT /F1 12 Tf 20 100 Td (Nine is fine.) Tj ET"
    info = b"<< /Author <%s> /Creator (%s) /Subject (%s) >>" % (
        author.hex().encode(),
        scene.writer.company.encode(),
        scene.writer.address.encode(),
    )
    objects = (
        b"<< /Type /Catalog /Pages 2 0 R /Metadata 5 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 200] /Contents 4 0 R /Resources << /Font << /F1 7 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%b\nendstream" % (len(text), text),
        b"<< /Type /Metadata /Subtype /XML /Length %d%b >>\nstream\n%b\nendstream" % (len(stream), filter_, stream),
        info,
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    )
    written, places = b"%PDF-1.4\n", []
    for number, one in enumerate(objects, 1):
        places.append(len(written))
        written += b"%d 0 obj\n%b\nendobj\n" % (number, one)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    end = b"xref\n0 %d\n0000000000 65535 f \n%btrailer\n<< /Size %d /Root 1 0 R /Info 6 0 R >>\nstartxref\n%d\n%%%%EOF\n"
    return written + end % (len(objects) + 1, table, len(objects) + 1, len(written))


def an_rtf(scene: Scene) -> bytes:
    """A text in the interchange format of old word processors, with its maker."""
    text = "{\\rtf1\\ansi{\\info{\\author $name}{\\company $company}{\\operator $address}}Nine is fine.\\par}"
    return filled(scene, text).encode()


def an_mp3(scene: Scene) -> bytes:
    """Two frames with a tag that names its maker (ID3v2.3). What is heard in them is `SEEN`, which no program plays."""
    value = b"\0" + filled(scene, "$name $address").encode()
    frame = b"TPE1" + struct.pack(">L", len(value)) + bytes(2) + value
    return (
        b"ID3\x03\0\0"
        + bytes((0, 0, len(frame) >> 7, len(frame) & 0x7F))
        + frame
        + (b"\xff\xfb\x90\0" + SEEN.ljust(413, b"\0")) * 2
    )


def a_tnef(scene: Scene) -> bytes:
    """winmail.dat with a message, its sender, and a file (MS-OXTNEF)."""

    def attribute(level: int, kind: int, content: bytes) -> bytes:
        return bytes((level,)) + struct.pack("<LL", kind, len(content)) + content + struct.pack("<H", sum(content) & 0xFFFF)

    address = filled(scene, "$name").encode() + b"\0" + filled(scene, "SMTP:$address").encode() + b"\0"
    return b"".join(
        (
            struct.pack("<LH", 0x223E9F78, 1),
            attribute(1, 0x00089006, struct.pack("<L", 0x10000)),
            attribute(1, 0x00078008, b"IPM.Microsoft Mail.Note\0"),
            attribute(1, 0x00008000, struct.pack("<HHHH", 4, len(address) + 8, 0, 0) + address),
            attribute(1, 0x00018004, filled(scene, "Fine, $address").encode() + b"\0"),
            attribute(2, 0x00069002, struct.pack("<HLLL", 1, 0xFFFFFFFF, 0, 0)),
            attribute(2, 0x00018010, b"list.txt\0"),
            attribute(2, 0x0006800F, crlf(filled(scene, "Nine is fine.\n$address\n"))),
        )
    )


def a_calendar(scene: Scene, method: str = "REQUEST") -> bytes:
    """An invitation in which every field tells about somebody."""
    text = f"""BEGIN:VCALENDAR
PRODID:-//$company//$canary//DE
VERSION:2.0
METHOD:{method}
X-WR-CALNAME:$address
X-WR-RELCALID:$canary
X-MS-OLK-FORCEINSPECTOROPEN:TRUE
BEGIN:VTIMEZONE
TZID:Zone of $address
X-LIC-LOCATION:$canary
BEGIN:STANDARD
DTSTART:20261025T030000
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
TZNAME:CET
END:STANDARD
END:VTIMEZONE
BEGIN:VEVENT
UID:040000008200E00074C5B7101A82E008-$canary@$host
DTSTAMP:20260601T120000Z
DTSTART:20260610T090000Z
DTEND:20260610T110000Z
SUMMARY:Nine is fine. $address
DESCRIPTION:Call $name\\, mailto:$address\\nor $second\\n
 at the fo
 untain; $local@
 $domain
LOCATION:At the fountain
ORGANIZER;CN="$name";SENT-BY="mailto:$second";EMAIL=$address;DIR="ldap://$host/$canary":mailto:$address
ATTENDEE;CN=$their_name;PARTSTAT=NEEDS-ACTION;RSVP=TRUE;X-NUM-GUESTS=0;EMAIL=$their_address:mailto:$their_address
ATTENDEE;CN=$canary;MEMBER="mailto:$second";DELEGATED-TO="mailto:$second";ROLE=REQ-PARTICIPANT:MAILTO:$second
ATTENDEE;CN=Nora;PARTSTAT=ACCEPTED:mailto:$stranger
CONTACT;ALTREP="https://www.$domain/$canary":$name\\, $address
ATTACH;FMTTYPE=text/plain:https://www.$domain/$canary
URL:https://www.$domain/tour
RELATED-TO:$canary@$host
CONFERENCE;LABEL=$canary:mailto:$address
X-ALT-DESC;FMTTYPE=text/html:<p>$address $canary</p>
X-MICROSOFT-CDO-BUSYSTATUS:$canary
X-MS-OLK-SENDER;CN="$name":mailto:$address
X-GOOGLE-CONFERENCE:https://meet.example.org/$canary
X-APPLE-STRUCTURED-LOCATION;X-TITLE=$canary:geo:47.2692,11.4041
BEGIN:VALARM
ACTION:EMAIL
SUMMARY:$canary
DESCRIPTION:$address
ATTENDEE:mailto:$address
TRIGGER:-PT15M
END:VALARM
BEGIN:VALARM
ACTION:DISPLAY
DESCRIPTION:Soon, says $address
X-WR-ALARMUID:$canary
TRIGGER:-PT15M
END:VALARM
END:VEVENT
END:VCALENDAR
"""
    return crlf(filled(scene, text))


def an_old_calendar(scene: Scene) -> bytes:
    """An appointment in vCalendar 1.0, whose values are quoted-printable with soft breaks."""
    text = """BEGIN:VCALENDAR
VERSION:1.0
PRODID:$company
BEGIN:VEVENT
DTSTART:20260610T090000Z
SUMMARY;CHARSET=ISO-8859-1;ENCODING=QUOTED-PRINTABLE:Nine is=20=
fine.
LOCATION;QUOTED-PRINTABLE:At=20the=20fountain
DESCRIPTION;ENCODING=QUOTED-PRINTABLE:Write to $local=
=40$domain=0D=0Aor to $second=
77
END:VEVENT
END:VCALENDAR
"""
    return crlf(filled(scene, text))


def a_card(scene: Scene) -> bytes:
    """The writer's contact card."""
    text = """BEGIN:VCARD
VERSION:3.0
N:$last;$first;;;
FN:$name
ORG:$company
TITLE:$canary
EMAIL;TYPE=INTERNET:$address
EMAIL:$second
TEL:+43 512 555 0140
ADR:;;$canary;;;;
URL:https://www.$domain
X-SKYPE:$canary
NOTE:$local@
 $domain
END:VCARD
"""
    return crlf(filled(scene, text))
