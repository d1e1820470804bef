"""Office and OpenDocument files (LEAK-62): names of people, companies and machines are blanked, the text stays."""

from __future__ import annotations

import io
import zipfile

import pytest
from support.canaries import ADDRESS, AUTHOR, anybody, nobody, planted
from support.leaking import a_jpeg, an_office_file, attached

from relay.message.files import cleaned
from relay.message.leaks import Watched, leaks

WHO = AUTHOR.decode()
MAIL = ADDRESS.decode()
WATCHED = (Watched.of((MAIL,), (WHO,)),)
W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
TEXT = f"<w:r><w:t>It was a pleasure. {WHO}, {MAIL}</w:t></w:r>"
RELATION = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"

PARTS = {
    "creator": ("docProps/core.xml", f"<dc:creator>{WHO}</dc:creator>"),
    "creator in CDATA": ("docProps/core.xml", f"<dc:creator><![CDATA[{WHO}]]></dc:creator>"),
    "last modified by": ("docProps/core.xml", f'<cp:lastModifiedBy xml:space="preserve">{WHO}</cp:lastModifiedBy>'),
    "title": ("docProps/core.xml", f"<dc:title>Offer of {WHO}</dc:title>"),
    "keywords": ("docProps/core.xml", f"<cp:keywords>{MAIL.replace('@', '&#64;')}</cp:keywords>"),
    "company": ("docProps/app.xml", f"<Company>{WHO}</Company>"),
    "manager": ("docProps/app.xml", f"<Manager>{WHO}</Manager>"),
    "template": ("docProps/app.xml", f"<Template>C:\\Users\\{WHO}\\Offer.dotx</Template>"),
    "custom": ("docProps/custom.xml", f'<property name="Owner"><vt:lpwstr>{WHO}</vt:lpwstr></property>'),
    "change": ("word/document.xml", f'<w:ins w:id="1" w:author="{WHO}">{TEXT}</w:ins>'),
    "change in other quotes": ("word/document.xml", f"<w:del w:author='{WHO}' w:id='1'>{TEXT}</w:del>"),
    "picture's path": ("word/document.xml", f'<pic:cNvPr id="0" descr="C:\\Users\\{WHO}\\beach.jpg"/>{TEXT}'),
    "comment": ("word/comments.xml", f'<w:comment w:initials="{WHO}" w:author="{WHO}">{TEXT}</w:comment>'),
    "people": (
        "word/people.xml",
        f'<w15:people {W}><w15:person w15:author="{WHO}"><w15:presenceInfo w15:userId="S::{MAIL}::0"/></w15:person></w15:people>',
    ),
    "template on a machine": (
        "word/_rels/settings.xml.rels",
        f'<Relationship Id="r1" Type="{RELATION}/attachedTemplate" Target="file:///C:\\{WHO}\\a.dotx" TargetMode="External"/>',
    ),
    "link": (
        "word/_rels/document.xml.rels",
        f'<Relationship Id="r1" Type="{RELATION}/hyperlink" Target="mailto:{MAIL}" TargetMode="External"/>',
    ),
    "sheet's comment": ("xl/comments1.xml", f"<authors><author>{WHO}</author></authors>"),
    "heading of a sheet's comment": (
        "xl/comments1.xml",
        f"<r><rPr><b/></rPr><t>{WHO}:</t></r><r><t xml:space='preserve'>\nIt was a pleasure.</t></r>",
    ),
    "variable": ("word/settings.xml", f'<w:docVars><w:docVar w:name="by" w:val="{MAIL}"/></w:docVars>'),
    "letters to many": ("word/settings.xml", f'<w:connectString w:val="Data Source=C:\\Users\\{WHO}\\list.mdb"/>'),
    "persons": ("xl/persons/person.xml", f'<person displayName="{WHO}" id="1" userId="{MAIL}" providerId="AD"/>'),
    "path of the workbook": ("xl/workbook.xml", f'<x15ac:absPath url="C:\\Users\\{WHO}\\"/><fileSharing userName="{WHO}"/>'),
    "refreshed by": ("xl/pivotCache/pivotCacheDefinition1.xml", f'<pivotCacheDefinition refreshedBy="{WHO}"/>'),
    "slides' authors": ("ppt/authors.xml", f'<p188:author id="1" name="{WHO}" initials="{WHO}" userId="{MAIL}"/>'),
    "bound to a field": ("customXml/item1.xml", f"<CoverPage><CompanyEmail>{MAIL}</CompanyEmail></CoverPage>"),
    "picture": ("word/media/image1.jpeg", a_jpeg(AUTHOR)),
    "table inside": (
        "word/embeddings/table.xlsx",
        an_office_file("docProps/core.xml", f"<dc:creator>{WHO}</dc:creator>".encode()),
    ),
    "signature": ("_xmlsignatures/sig1.xml", f"<X509SubjectName>CN={WHO}</X509SubjectName>"),
    "meta": ("meta.xml", f"<o:m><meta:initial-creator>{WHO}</meta:initial-creator><dc:creator>{WHO}</dc:creator></o:m>"),
    "template of OpenDocument": ("meta.xml", f'<meta:template xlink:title="{WHO}" xlink:href="/home/{WHO}/a.ott"/>'),
    "user-defined": ("meta.xml", f'<meta:user-defined meta:name="x">{WHO}</meta:user-defined>'),
    "note": ("content.xml", f"<office:annotation><dc:creator>{WHO}</dc:creator><text:p>Hello</text:p></office:annotation>"),
    "linked picture": ("content.xml", f'<draw:image xlink:href="file:///home/{WHO}/a.png"/>'),
    "printer": ("settings.xml", f'<config:config-item config:name="PrinterName" config:type="string">{WHO}</config:config-item>'),
    "another setting": ("settings.xml", f'<config:config-item config:name="Source">{MAIL}</config:config-item>'),
    "versions": ("VersionList.xml", f'<VL:version-entry VL:title="Version1" VL:comment="by {WHO}" VL:creator="{WHO}"/>'),
    "OpenDocument's signature": ("META-INF/documentsignatures.xml", f"<X509IssuerName>CN={WHO}</X509IssuerName>"),
}  # fmt: skip


def a_document(*members: tuple[str, str | bytes]) -> bytes:
    """A word processor's file; the last modified member comes as in the wild: pictures stored, texts deflated."""
    octets = io.BytesIO()
    with zipfile.ZipFile(octets, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("word/styles.xml", f'<w:styles {W}><w:style w:styleId="Title"/></w:styles>' * 50)
        for name, content in members:
            method = zipfile.ZIP_STORED if name.endswith("jpeg") else zipfile.ZIP_DEFLATED
            archive.writestr(name, content, method)
    return octets.getvalue()


def members(octets: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(octets)) as archive:
        assert archive.testzip() is None
        return {info.filename: archive.read(info) for info in archive.infolist()}


def all_octets(octets: bytes) -> bytes:
    inside = members(octets)
    return b"\n".join(all_octets(one) if one.startswith(b"PK") else one for one in inside.values())


@pytest.mark.parametrize("name", PARTS)
def test_what_names_somebody_goes_and_all_else_stays(name: str) -> None:
    part, content = PARTS[name]
    told = a_document((part, content), ("word/media/beach.jpeg", a_jpeg(b"JFIF\0", 0xE0)))
    clean = cleaned(told, anybody)
    assert clean.taken
    assert not planted(all_octets(clean.octets).replace(TEXT.encode(), b""))
    assert (TEXT.encode() in all_octets(clean.octets)) is (TEXT.encode() in all_octets(told))
    before, after = members(told), members(clean.octets)
    assert [one for one in before if one != part or part in after] == list(after)
    assert {one: before[one] for one in after if one != part} == {one: after[one] for one in after if one != part}
    assert leaks(attached(clean.octets), WATCHED, allowed=()) == ()
    assert cleaned(clean.octets, anybody).octets is clean.octets
    assert cleaned(told, anybody) == clean


def test_a_document_with_nothing_to_blank_keeps_its_very_octets() -> None:
    """LEAK-56, LEAK-65: the text is its writer's own statement."""
    octets = a_document(
        ("docProps/core.xml", "<dc:creator></dc:creator><cp:lastModifiedBy/><dc:title>Offer</dc:title>"),
        ("word/document.xml", f'<w:document {W}><w:ins w:author="Author">{TEXT}</w:ins></w:document>'),
        ("word/_rels/document.xml.rels", '<Relationship Target="https://example.org/map" TargetMode="External"/>'),
    )
    assert cleaned(octets, anybody).octets is octets


def test_names_of_people_go_whoever_they_are_and_titles_stay() -> None:
    """A login tells as much as an address, and nobody knows all of them."""
    told = a_document(("docProps/core.xml", "<dc:creator>jdoe77</dc:creator><dc:title>Offer</dc:title>"))
    core = members(cleaned(told, nobody).octets)["docProps/core.xml"]
    assert core == b"<dc:creator></dc:creator><dc:title>Offer</dc:title>"


def test_authors_keep_a_stand_in_that_programs_know() -> None:
    told = a_document(("word/document.xml", f'<w:ins w:id="1" w:author="{WHO}" w:date="2026-01-01T00:00:00Z"/>'))
    document = members(cleaned(told, nobody).octets)["word/document.xml"]
    assert document == b'<w:ins w:id="1" w:author="Author" w:date="2026-01-01T00:00:00Z"/>'


def test_of_a_path_the_name_of_the_file_stays() -> None:
    told = a_document(("word/_rels/settings.xml.rels", PARTS["template on a machine"][1]))
    relations = members(cleaned(told, nobody).octets)["word/_rels/settings.xml.rels"]
    assert b'Target="a.dotx"' in relations


def test_a_signature_goes_with_what_refers_to_it() -> None:
    origin = (
        '<Relationship Type="http://schemas.openxmlformats.org/package/2006/relationships/digital-signature/origin" Target="x"/>'
    )
    told = a_document(
        ("_rels/.rels", f"<Relationships>{origin}<Relationship Target='word/document.xml'/></Relationships>"),
        ("_xmlsignatures/origin.sigs", b""),
    )
    clean = members(cleaned(told, nobody).octets)
    assert clean["_rels/.rels"] == b"<Relationships><Relationship Target='word/document.xml'/></Relationships>"
    assert "_xmlsignatures/origin.sigs" not in clean


def test_times_of_members_which_are_local_show_no_zone() -> None:
    clean = cleaned(a_document(("docProps/core.xml", PARTS["creator"][1])), anybody)
    with zipfile.ZipFile(io.BytesIO(clean.octets)) as archive:
        assert {info.date_time for info in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}


TOLD = a_document(*((name, content) for name, content in dict(PARTS.values()).items()))


@pytest.mark.parametrize("at", range(0, len(TOLD), len(TOLD) // 40))
def test_damage_raises_nothing(at: int) -> None:
    for damaged in (TOLD[:at], TOLD[:at] + b"\xff\0\x01" + TOLD[at + 3 :], TOLD[:at] + TOLD[at + 9 :]):
        clean = cleaned(damaged, anybody)
        assert clean.taken or clean.octets is damaged
