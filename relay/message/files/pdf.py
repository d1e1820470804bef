"""PDF without what its software wrote about people: properties, XMP, authors of notes, old revisions, signatures (LEAK-61).

What a page shows stays, octet for octet (LEAK-65): pages, forms, bookmarks and links are objects that are copied as they are.
"""

from __future__ import annotations

import html
import io
import logging
import re
import warnings
import zlib
from collections.abc import Iterator
from itertools import islice
from typing import Final

import pikepdf
from pikepdf import Array, Dictionary, Name, NameTree, Object, Pdf, Stream, String

from relay.errors import Unreadable
from relay.message.charsets import decoded_octets
from relay.message.files.cleaned import Cleaned, Inside, Tells

pdf_octets_max: Final = 32 * 1024 * 1024
objects_max: Final = 100_000
values_max: Final = 1_000_000
"""Entries of dictionaries and arrays, of all objects that are walked together."""
nesting_max: Final = 40
revisions_max: Final = 8
"""A file that was changed more often than that, each time at its end, is written anew whatever its revisions say."""
metadata_octets_max: Final = 512 * 1024
"""What is read of one packet of metadata, or of one string."""
inflated_octets_max: Final = 64 * 1024 * 1024
"""Of all streams of objects together, which the library holds in memory."""
stream_octets_max: Final = 16 * 1024 * 1024
"""Of one stream that the library inflates. Pages and pictures are copied as they are, and may be larger."""

ABOUT_PEOPLE: Final = ("/Metadata", "/PieceInfo", "/CreatorInfo", "/SpiderInfo", "/LastModifiedBy")
"""Entries that no page shows, of whatever object: XMP, private data of programs, where a page of the web came from."""
OF_A_SIGNATURE: Final = ("/Name", "/Reason", "/Location", "/ContactInfo", "/Contents")
_SIGNED_ROOT: Final = ("/Perms", "/DSS")
"""Where the catalogue keeps what belongs to signatures: permissions, and the certificates of those who signed."""
_FILE_NAMES: Final = ("/F", "/UF", "/DOS", "/Mac", "/Unix")
_PICTURES: Final = ("/DCTDecode", "/DCT", "/JPXDecode")

_TELLING_PICTURES: Final = (b"Exif\0\0", b"<x:xmpmeta", b"<rdf:RDF")

_ENTRY: Final = re.compile(
    rb"/(?:T|FT|EF|SigFlags|ByteRange|EmbeddedFile|%b)(?![A-Za-z0-9])"
    % b"|".join(name[1:].encode() for name in (*ABOUT_PEOPLE, *_PICTURES))
)
_END: Final = b"%%EOF"
_STREAM: Final = re.compile(rb"stream\r?\n")
_dictionary_octets_max: Final = 1000
_ENDING: Final = re.compile(r"\.[A-Za-z0-9]{1,8}\Z")
_OURS: Final = re.compile(r"file(?:\.[A-Za-z0-9]{1,8})?|[0-9]{5}")
"""What stands in the place of a file's name that told something."""
_BROKEN: Final = (pikepdf.PdfError, pikepdf.PikepdfError, ValueError, TypeError, LookupError, RuntimeError, ArithmeticError)
"""What the library raises for a file that is no PDF after all. No program shows more of it than its first octets."""

# Said of damaged forms while a file is written; what it shows afterwards is what it showed before.
warnings.filterwarnings("ignore", category=pikepdf.PageCopyWarning)

# What the library logs about a damaged file quotes from it.
logging.getLogger("pikepdf").setLevel(logging.CRITICAL + 1)

# Process-wide, and read by the library without a lock: therefore here, before anybody opens a file.
pikepdf.settings.set_qpdf_limits(
    flate_max_memory=stream_octets_max,
    run_length_max_memory=stream_octets_max,
    png_max_memory=stream_octets_max,
    tiff_max_memory=stream_octets_max,
    max_stream_filters=4,
    parser_max_nesting=100,
    doc_max_warnings=1000,
)


def clean_pdf(octets: bytes, tells: Tells, inside: Inside) -> Cleaned:
    """The file without its metadata when any of that tells, in any of its revisions; else the very same octets.

    A file written anew has its present revision alone, no signature, which would no longer fit, and no encryption: what
    anybody could open without a password opens so again. Equal octets give equal octets: there is no date and nothing drawn
    in them. Raises Unreadable for a file that is broken, needs a password, or exceeds a bound.
    """
    if len(octets) > pdf_octets_max or _unpacks_too_far(octets):
        raise Unreadable("a PDF larger than is opened")
    try:
        with Pdf.open(io.BytesIO(octets)) as pdf:
            document = _Document(pdf, inside)
            told = _has_old_revisions(octets, tells) or any(map(tells, document.texts()))
            taken = [*document.clean_files(every=told), *(("document properties",) if told else ())]
            if not taken:
                return Cleaned(octets)
            document.unsign()
            if told:
                document.clean(tells)
            return Cleaned(_saved(pdf), tuple(dict.fromkeys(taken)))
    except _BROKEN as broken:
        raise Unreadable("a PDF that does not open") from broken


def _has_old_revisions(octets: bytes, tells: Tells) -> bool:
    """Whether an earlier revision tells: changes are written at the end, and what they replaced stays in the file (§7.5.6)."""
    ends = [found.end() for found in re.finditer(re.escape(_END), octets)]
    if len(ends) > revisions_max:
        return True
    for end in ends[:-1]:
        try:
            with Pdf.open(io.BytesIO(octets[:end]), attempt_recovery=False) as pdf:
                if any(map(tells, _Document(pdf, Cleaned).texts())):
                    return True
        except _BROKEN:
            # The first part of a file made for the web is no revision; nobody opens it alone.
            continue
    return False


class _Document:
    """One opened file: what it says about people, and taking that out."""

    def __init__(self, pdf: Pdf, inside: Inside) -> None:
        self._pdf = pdf
        self._inside = inside
        if len(pdf.objects) > objects_max:
            raise Unreadable("a PDF of more objects than are read")
        self._left = values_max
        self._dictionaries = [one for top in pdf.objects if _may_tell(top) for one in self._walked(top, 0)]

    def texts(self) -> Iterator[str]:
        """What is written about people, each once."""
        found: set[str] = set()
        for text in self._texts():
            if text and text not in found:
                found.add(text)
                yield text

    def clean(self, tells: Tells) -> None:
        """Take all of that out. Files inside keep their names unless those tell."""
        _without(self._pdf.trailer, "/Info")
        for one in self._dictionaries:
            for key in ABOUT_PEOPLE:
                _without(one, key)
            if _is_note(one):
                _without(one, "/T")
            if "/EF" in one:
                _without(one, "/Desc")
                for key in _FILE_NAMES:
                    if isinstance(name := one.get(key), String) and tells(said := _text(bytes(name))):
                        one[key] = String(f"file{_ending(said)}")
        if any(tells(name) for name, _ in self._files()):
            numbered = [one for number, (_, file) in enumerate(self._files()) for one in (String(f"{number:05}"), file)]
            self._pdf.Root["/Names"]["/EmbeddedFiles"] = Dictionary(Names=Array(numbered))

    def unsign(self) -> None:
        """Take out signatures, which fit the octets as they were."""
        for key in _SIGNED_ROOT:
            _without(self._pdf.Root, key)
        for one in self._dictionaries:
            if one.get("/FT") == Name.Sig:
                _without(one, "/V")
            _without(one, "/SigFlags")

    def clean_files(self, *, every: bool) -> Iterator[str]:
        """Clean the files and pictures inside by the rules of their own kind; what was taken out of them.

        Not `every`: of pictures those alone that say something about people or places, so that others, which most programs
        leave some note in, give no reason to write the document anew (LEAK-56).
        """
        for one in self._dictionaries:
            if not isinstance(one, Stream):
                continue
            how = one.get("/Filter")
            if isinstance(how, Name) and str(how) in _PICTURES:
                picture = one.read_raw_bytes()
                if every or any(mark in picture for mark in _TELLING_PICTURES):
                    yield from self._cleaned_in_place(one, picture, how)
            elif one.get("/Type") == Name.EmbeddedFile and (octets := _read(one)):
                yield from self._cleaned_in_place(one, octets, None)

    def _cleaned_in_place(self, stream: Stream, octets: bytes, how: Name | None) -> Iterator[str]:
        after = self._inside(octets)
        if after.octets != octets:
            parameters = stream.get("/DecodeParms") if how is not None else None
            stream.write(after.octets, filter=how, decode_parms=parameters if isinstance(parameters, Dictionary) else None)
            _without(stream, "/Params")
            yield from after.taken

    def _files(self) -> Iterator[tuple[str, Object]]:
        """The files inside by the names under which the catalogue lists them."""
        names = self._pdf.Root.get("/Names")
        tree = names.get("/EmbeddedFiles") if isinstance(names, Dictionary) else None
        if isinstance(tree, Dictionary):
            yield from ((str(name), file) for name, file in islice(NameTree(tree).items(), objects_max))

    def _texts(self) -> Iterator[str]:
        yield from self._said(self._pdf.trailer.get("/Info"))
        yield from (name for name, _ in self._files() if not _OURS.fullmatch(name))
        for one in self._dictionaries:
            keys = [key for key in ABOUT_PEOPLE if key in one]
            if "/Rect" in one and _is_note(one):
                keys.append("/T")
            if "/EF" in one:
                keys += ("/Desc", *_FILE_NAMES)
            if "/ByteRange" in one:
                keys += OF_A_SIGNATURE
            for key in keys:
                yield from (said for said in self._said(one.get(key)) if not _OURS.fullmatch(said))

    def _said(self, value: object) -> Iterator[str]:
        """All texts of a value, and of what it refers to."""
        seen: set[tuple[int, int]] = set()
        waiting = [value]
        while waiting:
            one = waiting.pop()
            if isinstance(one, String):
                yield _text(bytes(one))
            elif isinstance(one, Dictionary | Array | Stream):
                if one.is_indirect and one.objgen in seen:
                    continue
                seen.add(one.objgen)
                if isinstance(one, Stream):
                    yield _text(_read(one))
                for inner in _values(one):
                    self._count()
                    waiting.append(inner)

    def _walked(self, value: object, depth: int) -> Iterator[Dictionary | Stream]:
        """The dictionaries and streams of an object; what it refers to is an object of its own."""
        if not isinstance(value, Dictionary | Array | Stream):
            return
        if depth > nesting_max:
            raise Unreadable("a PDF nested deeper than is read")
        if not isinstance(value, Array):
            yield value
        for one in _values(value):
            self._count()
            if isinstance(one, Dictionary | Array) and not one.is_indirect:
                yield from self._walked(one, depth + 1)

    def _count(self) -> None:
        self._left -= 1
        if self._left < 0:
            raise Unreadable("a PDF of more values than are read")


def _may_tell(top: object) -> bool:
    """Whether an object, which the library writes out much faster than it is walked, has any entry that is looked at here."""
    if isinstance(top, Stream):
        return _ENTRY.search(top.stream_dict.unparse()) is not None
    return isinstance(top, Dictionary | Array) and _ENTRY.search(top.unparse(resolved=True)) is not None


def _is_note(one: Object) -> bool:
    """Whether it is an annotation that names its author: in a form field, /T is the name of the field (§12.5.6.2, §12.7.4.1)."""
    return "/Rect" in one and "/T" in one and one.get("/Subtype") != Name.Widget and "/FT" not in one


def _values(value: Object) -> Iterator[object]:
    if isinstance(value, Array):
        yield from value
    else:
        yield from (one for _, one in value.items())


def _without(holder: Object, key: str) -> None:
    if key in holder:
        del holder[key]


def _read(stream: Stream) -> bytes:
    """What a stream holds; nothing where its filters are unknown or its octets broken: then no program shows any of it."""
    try:
        return stream.read_bytes()
    except _BROKEN:
        return b""


def _text(octets: bytes) -> str:
    """A string, a packet of XMP, or a certificate, as characters; UTF-16 by its mark (§7.9.2.2)."""
    return html.unescape(decoded_octets(octets[:metadata_octets_max], None))


def _ending(name: str) -> str:
    found = _ENDING.search(name)
    return found[0] if found else ""


def _unpacks_too_far(octets: bytes) -> bool:
    """Whether streams of objects, which are inflated to read the file at all, hold more than fits (§7.5.7)."""
    left = inflated_octets_max
    for found in _STREAM.finditer(octets):
        head = octets[max(found.start() - _dictionary_octets_max, 0) : found.start()].rpartition(b"obj")[2]
        if b"/First" not in head and b"#" not in head:
            continue
        try:
            left -= len(zlib.decompressobj().decompress(memoryview(octets)[found.end() :], left + 1))
        except zlib.error:
            # In the clear, encrypted, or no such stream: the library's own bound counts.
            continue
        if left < 0:
            return True
    return False


def _saved(pdf: Pdf) -> bytes:
    """The file written anew, its streams as they were."""
    written = io.BytesIO()
    pdf.save(
        written,
        fix_metadata_version=False,
        preserve_pdfa=False,
        compress_streams=True,
        stream_decode_level=pikepdf.StreamDecodeLevel.none,
        object_stream_mode=pikepdf.ObjectStreamMode.preserve,
        encryption=False,
        deterministic_id=True,
    )
    return written.getvalue()
