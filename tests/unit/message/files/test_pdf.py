"""PDF (LEAK-61): what software wrote about people goes, pages and forms stay, a file that tells nothing keeps its octets."""

from __future__ import annotations

import io
import zlib

import pikepdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pikepdf import Array, Dictionary, Name, OutlineItem, Pdf, Stream, String
from support.canaries import ADDRESS, AUTHOR, anybody, nobody, planted
from support.leaking import a_jpeg, attached

from relay.message.files import DocumentMetadata, cleaned
from relay.message.files.pdf_kind import is_pdf
from relay.message.leaks import Watched, leaks

WHO = AUTHOR.decode()
XMP = f'<?xpacket begin="\ufeff"?><x:xmpmeta><rdf:li>{WHO} {ADDRESS.decode()}</rdf:li></x:xmpmeta>'
WATCHED = (Watched.of((ADDRESS.decode(),), (WHO,)),)


def a_document() -> Pdf:
    """Two pages with text, a form with a field, a link."""
    pdf = Pdf.new()
    for number in (1, 2):
        page = pdf.add_blank_page()
        page.Contents = pdf.make_stream(b"BT /F1 12 Tf (Page %d, by Ann Canary Writer) Tj ET" % number)
    field = pdf.make_indirect(Dictionary(Type=Name.Annot, Subtype=Name.Widget, FT=Name.Tx, Rect=[0, 0, 9, 9], T="guests", V="2"))
    link = pdf.make_indirect(Dictionary(Type=Name.Annot, Subtype=Name.Link, Rect=[0, 0, 9, 9]))
    pdf.pages[0].Annots = Array([field, link])
    pdf.Root.AcroForm = Dictionary(Fields=Array([field]))
    pdf.trailer["/Info"] = pdf.make_indirect(Dictionary(Producer="some program", CreationDate="D:20260601"))
    return pdf


def saved(pdf: Pdf, **options: object) -> bytes:
    octets = io.BytesIO()
    pdf.save(octets, static_id=True, fix_metadata_version=False, **options)
    return octets.getvalue()


def shown(octets: bytes) -> list[object]:
    """All that somebody sees: pages, fields, notes."""
    with Pdf.open(io.BytesIO(octets)) as pdf:
        notes = [
            [(str(one.get("/Subtype")), str(one.get("/V", "")), str(one.get("/Contents", ""))) for one in page.get("/Annots", ())]
            for page in pdf.pages
        ]
        fields = [str(one.T) for one in pdf.Root.AcroForm.Fields]
        return [[page.Contents.read_bytes() for page in pdf.pages], notes, fields]


def info(pdf: Pdf) -> None:
    pdf.trailer.Info.Author = WHO


def info_in_utf16(pdf: Pdf) -> None:
    pdf.trailer.Info.Author = String(b"\xfe\xff" + WHO.encode("utf-16-be"))


def custom_info(pdf: Pdf) -> None:
    pdf.trailer.Info["/SourceModified"] = Array([String(WHO)])


def xmp(pdf: Pdf) -> None:
    pdf.Root.Metadata = Stream(pdf, XMP.encode(), Type=Name.Metadata, Subtype=Name.XML)


def compressed_xmp(pdf: Pdf) -> None:
    pdf.Root.Metadata = Stream(pdf, zlib.compress(XMP.encode()), Filter=Name.FlateDecode)


def xmp_in_utf16(pdf: Pdf) -> None:
    pdf.Root.Metadata = Stream(pdf, zlib.compress(b"\xff\xfe" + XMP.encode("utf-16-le")), Filter=Name.FlateDecode)


def xmp_with_entities(pdf: Pdf) -> None:
    pdf.Root.Metadata = Stream(pdf, "".join(f"&#{ord(one)};" for one in WHO).encode())


def xmp_of_a_page(pdf: Pdf) -> None:
    pdf.pages[1].Metadata = Stream(pdf, XMP.encode())


def xmp_of_an_image(pdf: Pdf) -> None:
    image = Stream(pdf, bytes(3), Subtype=Name.Image, Width=1, Height=1, Metadata=Stream(pdf, XMP.encode()))
    pdf.pages[0].Resources = Dictionary(XObject=Dictionary(Im0=image))


def picture(pdf: Pdf) -> None:
    image = Stream(pdf, a_jpeg(b"Exif\0\0" + AUTHOR), Subtype=Name.Image, Width=1, Height=1, Filter=Name.DCTDecode)
    pdf.pages[0].Resources = Dictionary(XObject=Dictionary(Im0=image))


def private_data(pdf: Pdf) -> None:
    private = pdf.make_indirect(Dictionary(Path=f"C:\\Users\\{WHO}\\flyer.indd"))
    pdf.pages[0].PieceInfo = Dictionary(InDesign=Dictionary(Private=private))


def author_of_a_note(pdf: Pdf) -> None:
    pdf.pages[0].Annots.append(Dictionary(Type=Name.Annot, Subtype=Name.Text, Rect=[0, 0, 1, 1], T=WHO, Contents="Here"))


def description_of_a_file(pdf: Pdf) -> None:
    pdf.attachments["plan.txt"] = pikepdf.AttachedFileSpec(pdf, b"at nine", description=WHO, filename="plan.txt")


def name_of_a_file(pdf: Pdf) -> None:
    pdf.attachments[f"{WHO}.txt"] = pikepdf.AttachedFileSpec(pdf, b"at nine", filename=f"{WHO}.txt")


def picture_in_a_file(pdf: Pdf) -> None:
    pdf.attachments["a.jpg"] = pikepdf.AttachedFileSpec(pdf, a_jpeg(AUTHOR), filename="a.jpg")


def document_in_a_file(pdf: Pdf) -> None:
    inner = a_document()
    info(inner)
    pdf.attachments["a.pdf"] = pikepdf.AttachedFileSpec(pdf, saved(inner), filename="a.pdf")


def signature(pdf: Pdf) -> None:
    value = Dictionary(Type=Name.Sig, ByteRange=[0, 1, 2, 3], Contents=String(b"0\x82" + AUTHOR + bytes(90)), Name="Somebody")
    field = pdf.make_indirect(Dictionary(Subtype=Name.Widget, FT=Name.Sig, Rect=[0, 0, 1, 1], T="signature", V=value))
    pdf.Root.AcroForm.Fields.append(field)
    pdf.Root.Perms = Dictionary(DocMDP=value)
    pdf.Root.DSS = Dictionary(Certs=Array([Stream(pdf, AUTHOR)]))


PLACES = (
    info, info_in_utf16, custom_info, xmp, compressed_xmp, xmp_in_utf16, xmp_with_entities, xmp_of_a_page, xmp_of_an_image,
    picture, private_data, author_of_a_note, description_of_a_file, name_of_a_file, picture_in_a_file, document_in_a_file,
    signature,
)  # fmt: skip
LAYOUTS = {
    "plain": {},
    "packed objects": {"object_stream_mode": pikepdf.ObjectStreamMode.generate},
    "for the web": {"linearize": True},
}


def everything(octets: bytes) -> bytes:
    """All strings and streams of all objects, inflated, without what pages show."""
    pieces = []
    with Pdf.open(io.BytesIO(octets)) as pdf:
        for page in pdf.pages:
            del page.obj["/Contents"]
        pdf.remove_unreferenced_resources()
        rest = io.BytesIO()
        pdf.save(rest, fix_metadata_version=False)
    with Pdf.open(rest) as pdf:
        for one in pdf.objects:
            pieces.append(one.unparse(resolved=True) if not isinstance(one, Stream) else str(dict(one.items())).encode())
            if isinstance(one, Stream):
                pieces.append(one.read_bytes() if one.get("/Filter") != Name.DCTDecode else one.read_raw_bytes())
        pieces.append(str(dict(pdf.trailer.get("/Info", {}))).encode())
    return b"\n".join(pieces)


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("plant", PLACES, ids=[one.__name__ for one in PLACES])
def test_what_tells_goes_and_the_document_opens_as_before(plant: object, layout: str) -> None:
    pdf = a_document()
    assert callable(plant)
    plant(pdf)
    told = saved(pdf, **LAYOUTS[layout])
    clean = cleaned(told, anybody)
    assert clean.taken
    assert not planted(everything(clean.octets))
    assert shown(clean.octets) == shown(told)
    assert leaks(attached(clean.octets, "application/pdf"), WATCHED, allowed=()) == ()
    again = cleaned(clean.octets, anybody)
    assert again.octets is clean.octets
    assert cleaned(told, anybody) == clean  # nothing drawn, no clock


@pytest.mark.parametrize("before", [b"\n", b"\xef\xbb\xbf", b"HTTP/1.1 200 OK\r\n\r\n", b"\0" * 1000])
@pytest.mark.parametrize("layout", LAYOUTS)
def test_what_programs_pass_over_before_the_header_hides_nothing(layout: str, before: bytes) -> None:
    pdf = a_document()
    info(pdf)
    told = before + saved(pdf, **LAYOUTS[layout])
    assert leaks(attached(told, "application/pdf"), WATCHED, allowed=())
    clean = cleaned(told, anybody)
    assert clean.taken
    assert not planted(everything(clean.octets))
    assert leaks(attached(clean.octets, "application/pdf"), WATCHED, allowed=()) == ()


def test_a_text_about_the_format_is_no_document() -> None:
    """It is masked like any text (LEAK-52)."""
    text = b"A file begins with %PDF-1.7, as mine does. " + ADDRESS
    assert not is_pdf(text)
    assert leaks(attached(text, "application/octet-stream"), WATCHED, allowed=())


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_bookmark_is_shown_like_a_page(layout: str) -> None:
    """LEAK-65: Word makes one of each heading."""
    pdf = a_document()
    with pdf.open_outline() as outline:
        outline.root.append(OutlineItem(f"Contact: {WHO}, {ADDRESS.decode()}", 0))
    octets = saved(pdf, **LAYOUTS[layout])
    assert cleaned(octets, anybody).octets is octets
    assert leaks(attached(octets, "application/pdf"), WATCHED, allowed=()) == ()


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_document_that_tells_nothing_keeps_its_very_octets(layout: str) -> None:
    """LEAK-56: what stands on its pages is the person's own statement (LEAK-65)."""
    octets = saved(a_document(), **LAYOUTS[layout])
    assert cleaned(octets, anybody).octets is octets


def test_a_note_of_a_program_in_a_picture_is_no_reason_to_write_a_document_anew() -> None:
    """LEAK-56: its signature would not fit any more."""
    pdf = a_document()
    image = Stream(pdf, a_jpeg(b"Ducky", 0xEC), Subtype=Name.Image, Width=1, Height=1, Filter=Name.DCTDecode)
    pdf.pages[0].Resources = Dictionary(XObject=Dictionary(Im0=image))
    octets = saved(pdf)
    assert cleaned(octets, anybody).octets is octets


def test_by_policy_metadata_goes_always() -> None:
    octets = saved(a_document())
    clean = cleaned(octets, nobody, DocumentMetadata.ALWAYS)
    assert clean.taken == ("document properties",)
    assert b"some program" not in clean.octets
    assert shown(clean.octets) == shown(octets)
    assert cleaned(clean.octets, nobody, DocumentMetadata.ALWAYS).octets is clean.octets


def changed_at_the_end(octets: bytes) -> bytes:
    """A later revision, without an author (ISO 32000-1 §7.5.6)."""
    with Pdf.open(io.BytesIO(octets)) as pdf:
        root, size = pdf.Root.objgen[0], int(pdf.trailer.Size)
    at = octets.rindex(b"startxref")
    previous = int(octets[at:].split()[1])
    revision = b"\n%d 0 obj\n<< /Title (Flyer) >>\nendobj\n" % size
    table = b"xref\n%d 1\n%010d 00000 n \n" % (size, len(octets) + 1)
    trailer = b"trailer\n<< /Size %d /Root %d 0 R /Info %d 0 R /Prev %d >>\n" % (size + 1, root, size, previous)
    return octets + revision + table + trailer + b"startxref\n%d\n%%%%EOF\n" % (len(octets) + len(revision))


def test_earlier_revisions_go_with_what_they_said() -> None:
    pdf = a_document()
    info(pdf)
    told = changed_at_the_end(saved(pdf))
    with Pdf.open(io.BytesIO(told)) as opened:
        assert str(opened.trailer.Info.Title) == "Flyer"
    clean = cleaned(told, anybody)
    assert b"/Author" not in clean.octets
    assert shown(clean.octets) == shown(told)


def test_earlier_revisions_that_tell_nothing_stay() -> None:
    octets = changed_at_the_end(saved(a_document()))
    assert cleaned(octets, anybody).octets is octets


def test_a_document_that_opens_without_a_password_is_cleaned_and_one_with_a_password_stays() -> None:
    pdf = a_document()
    info(pdf)
    told = saved(pdf)
    with Pdf.open(io.BytesIO(told)) as opened:
        free, locked = io.BytesIO(), io.BytesIO()
        opened.save(free, encryption=pikepdf.Encryption(owner="o", user=""))
        opened.save(locked, encryption=pikepdf.Encryption(owner="o", user="u"))
    clean = cleaned(free.getvalue(), anybody)
    assert clean.taken == ("document properties",)
    assert not planted(everything(clean.octets))
    assert shown(clean.octets) == shown(told)
    assert cleaned(locked.getvalue(), anybody).taken == ()


def test_a_document_that_unpacks_too_far_stays_as_it_is() -> None:
    bomb = zlib.compress(bytes(65 * 1024 * 1024), 1)
    octets = b"%PDF-1.5\n1 0 obj << /Type /ObjStm /N 1 /First 4 /Filter /FlateDecode >> stream\n" + bomb + b"\nendstream endobj\n"
    assert cleaned(octets, anybody).octets is octets


SAMPLE = a_document()
for _plant in PLACES:
    _plant(SAMPLE)
TOLD = saved(SAMPLE)


@pytest.mark.filterwarnings("ignore::pikepdf.PageCopyWarning")
@settings(max_examples=40, deadline=None, derandomize=True)
@given(st.integers(0, len(TOLD)), st.binary(max_size=6), st.booleans())
def test_damage_raises_nothing(at: int, junk: bytes, cut: bool) -> None:
    damaged = TOLD[:at] + junk + (b"" if cut else TOLD[at + len(junk) :])
    clean = cleaned(damaged, anybody)
    assert clean.taken or clean.octets is damaged


@pytest.mark.filterwarnings("ignore::pikepdf.PageCopyWarning")
def test_nothing_of_a_damaged_document_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    """The library would quote from it."""
    damaged = TOLD.replace(b"/Kids [ ", b"/Kids [ null ")
    assert damaged != TOLD
    assert cleaned(damaged, anybody).taken
    assert caplog.records == []
