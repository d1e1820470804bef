"""Whether a rendition says what its message said: words, images and files, compared by a reader of its own.

Both are read by the standard library and by a browser's parser, never by the product. What differs is told as a deviation with
a class: each class that may be is explained in `EXPLAINED`, and whatever has none of them is a defect.
"""

from __future__ import annotations

import base64
import binascii
import codecs
import difflib
import email
import hashlib
import io
import re
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from email.message import Message
from typing import Final

import olefile
import pikepdf
from PIL import Image
from selectolax.lexbor import LexborHTMLParser

from relay.message.marks import MARKS
from relay.message.phrases import PHRASES
from support.corpus import Cast

words_compared_max: Final = 20_000

KINDS_COMPARED: Final = frozenset({"replies", "reply-bodies", "plain", "i18n", "html", "attachments"})
"""Kinds of the corpus that both readers understand alike; what the others are, the standard library often gets wrong."""

EXPLAINED: Final = {
    "masked": "an address, a name or a link of somebody became its mask, an alias or the first name (LEAK-20 to LEAK-26)",
    "image": "an image somewhere else left its placeholder (LEAK-45)",
    "mark": "the line that says that a key, a message or a file was taken out (LEAK-53, LEAK-54, GW-46)",
    "charset": "the declared charset cannot be what it is, is none, or is a subset of what browsers read (LEAK-28)",
    "encoding": "a transfer encoding that the standard library did not take off, since it understood the header otherwise",
    "spacing": "white space alone: paragraphs of format=flowed joined, pieces of HTML text joined",
    "control": "control characters, which no program shows",
    "file masked": "an attached text or page in which something was masked (LEAK-52)",
    "file encoding": "the transfer encoding is not what is declared, or broken; the product decodes it as mail programs do",
    "file dropped": "keys, signatures, mail about mail, alternatives that few programs show (LEAK-47, LEAK-54, LEAK-69, LEAK-80)",
    "file rebuilt": "a calendar, a card, an attached message: rebuilt with the aliases (LEAK-53, LEAK-66, LEAK-67)",
    "file cleaned": "metadata had to go; it still opens, and shows the same (LEAK-60 to LEAK-63)",
}
"""The classes of deviations that may be, and why."""

_FOOTER: Final = re.compile(r"~~~~ ~~ ~~~~.*?~~~~ ~ ~~~~", re.DOTALL)
_DROPPED: Final = "script, style, title, head, noscript, template, object, svg"
_UUENCODED: Final = re.compile(
    r"^begin [0-7]{3,4} [^\n]*\n(?:[ -`]{1,70}[ \t\r]*\n)*?(?:`?[ \t\r]*\n)?end[ \t\r]*$", re.MULTILINE
)
"""Files in a text, which become files beside it (LEAK-30)."""
_WORD: Final = re.compile(r"[^\s>|]+")
_MASKS: Final = tuple(phrase for one in PHRASES.values() for phrase in (one.address, one.name, one.link))
_IMAGES: Final = tuple(one.image for one in PHRASES.values())
_MARKS: Final = tuple(phrase for one in MARKS.values() for phrase in one.values())
_EXOTIC: Final = frozenset(
    {"text/enriched", "text/richtext", "application/rtf", "text/rtf", "text/x-amp-html", "text/watch-html"}
)
_STILL_ENCODED: Final = re.compile(r"=[0-9A-F]{2}|[\x00-\x08\x0e-\x1f\x7f-\x9f]")
_CONTROLS: Final = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_BASE64_LINES: Final = re.compile(rb"[A-Za-z0-9+/=\s]+")
_GUESSED: Final = frozenset("ascii iso8859-1 iso8859-9 iso8859-15 gb2312 gbk big5 euc_kr shift_jis iso2022_jp euc_jp".split())
"""Charsets whose name means a superset in practice, or nothing (WHATWG Encoding)."""
_REBUILT: Final = frozenset(
    {"text/calendar", "text/vcard", "text/x-vcard", "text/directory", "message/rfc822", "application/ics"}
)
_DROPPED_FILES: Final = re.compile(
    r"application/(?:pgp-(?:keys|signature)|(?:x-)?pkcs7-signature|rtf|ms-tnef|vnd\.ms-tnef)|text/(?:rfc822-headers|rtf|enriched|richtext"
    r"|x-amp-html|watch-html|html)|message/(?:external-body|partial|delivery-status|disposition-notification|feedback-report)"
)
_BINARY: Final = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]|\A%PDF")
_PKCS7: Final = b"\x06\t*\x86H\x86\xf7"
"""The begin of its object identifiers, near the begin of every signature."""


@dataclass(frozen=True, slots=True)
class Deviation:
    """One difference. `was` and `became` are for the person who looks into it."""

    kind: str
    was: str = field(repr=False)
    became: str = field(repr=False)

    @property
    def is_explained(self) -> bool:
        return self.kind in EXPLAINED


@dataclass(frozen=True, slots=True)
class Shown:
    """What a person sees of a mail, its attached messages apart: words of texts and of pages, whether their charset is beyond
    doubt, the images that pages show from within the mail, those that are there, and the files with their types."""

    plain: tuple[str, ...]
    pages: tuple[str, ...]
    is_certain: bool
    images: frozenset[str]
    content_ids: frozenset[str]
    files: tuple[tuple[str, bytes], ...]


def shown(octets: bytes) -> Shown:
    """A mail as a person sees it."""
    plain, pages, files = [], [], []
    is_certain = True
    images: set[str] = set()
    content_ids: set[str] = set()
    for part in _leaves(email.message_from_bytes(octets)):
        content_ids.update(str(part.get(name, "")).strip(" \t\r\n<>") for name in ("Content-ID", "Content-Location"))
        media_type, payload = part.get_content_type(), _payload(part)
        is_file = part.get_content_disposition() == "attachment" or bool(part.get_filename())
        if is_file or not media_type.startswith(("text/", "multipart/")) or media_type in _REBUILT:
            files.append((media_type, payload))
            continue
        text, certain = _decoded(part, payload)
        is_certain = is_certain and certain
        if media_type == "text/html":
            parser = LexborHTMLParser(text)
            images.update(
                source[4:] for node in parser.css("img[src]") if (source := node.attributes["src"] or "").startswith("cid:")
            )
            pages.append(_words_of(parser))
        else:
            plain.append(_UUENCODED.sub("", _FOOTER.sub("", text)))
    return Shown(tuple(plain), tuple(pages), is_certain, frozenset(images), frozenset(content_ids), tuple(files))


def deviations(before: bytes, after: bytes, cast: Cast) -> Iterator[Deviation]:
    """What the rendition `after` shows otherwise than the message `before`."""
    sent, got = shown(before), shown(after)
    for was, became in ((sent.plain, got.plain), (sent.pages, got.pages)):
        yield from _in_words("\n".join(was), "\n".join(became), sent.is_certain, cast)
    yield from (Deviation("image does not resolve", "", one) for one in got.images - got.content_ids)
    if len(got.images) < len(sent.images & sent.content_ids):
        yield Deviation("image lost", ", ".join(sent.images), ", ".join(got.images))
    yield from _in_files(sent, got)


def _leaves(part: Message) -> Iterator[Message]:
    payload = part.get_payload()
    if isinstance(payload, list) and part.get_content_maintype() == "multipart":
        inside = [one for one in payload if isinstance(one, Message)]
        if part.get_content_subtype() == "alternative":
            # Alternatives that few programs show go while a usual one says the same (LEAK-47).
            inside = [one for one in inside if one.get_content_type() not in _EXOTIC] or inside
        for one in inside:
            yield from _leaves(one)
    else:
        yield part


def _payload(part: Message) -> bytes:
    payload = part.get_payload(decode=True)
    if isinstance(payload, bytes):
        return payload
    inside = part.get_payload()
    return b"".join(one.as_bytes() for one in inside if isinstance(one, Message)) if isinstance(inside, list) else b""


def _decoded(part: Message, payload: bytes) -> tuple[str, bool]:
    """The text, and whether its charset is beyond doubt."""
    try:
        codec = codecs.lookup(part.get_content_charset() or "ascii").name
        text = payload.decode(codec)
    except (LookupError, UnicodeError):
        try:
            return payload.decode("utf-8"), False
        except UnicodeError:
            return payload.decode("cp1252", "replace"), False
    return text, codec not in _GUESSED and "\x1b" not in text and "\ufffd" not in text


def _words_of(parser: LexborHTMLParser) -> str:
    for node in parser.css(_DROPPED):
        node.decompose()
    text = parser.body.text(separator=" ") if parser.body is not None else ""
    return _FOOTER.sub("", text)


def _in_words(old: str, new: str, is_certain: bool, cast: Cast) -> Iterator[Deviation]:
    was, became = (_WORD.findall(text.replace("\ufeff", ""))[:words_compared_max] for text in (old, new))
    if was == became:
        return
    for operation, begin, end, start, stop in difflib.SequenceMatcher(None, was, became, autojunk=False).get_opcodes():
        if operation != "equal":
            one, other = " ".join(was[begin:end]), " ".join(became[start:stop])
            yield Deviation(_class_of(one, other, is_certain, cast), one[:300], other[:300])


def _class_of(was: str, became: str, is_certain: bool, cast: Cast) -> str:
    if was.replace(" ", "") == became.replace(" ", ""):
        return "spacing"
    if any(one in became for one in _IMAGES):
        return "image"
    if any(one in became for one in _MARKS):
        return "mark"
    people = cast.conversation.parties()
    if any(one in became for one in _MASKS) or any(str(one.alias) in became or one.name.split()[0] in became for one in people):
        return "masked"
    if "://" in was and len(became) < len(was) and (not became or "://" in became):
        return "masked"  # a parameter of a link, or what a rewriter had put around it
    if _CONTROLS.sub("", was).split() == _CONTROLS.sub("", became).split():
        return "control"
    if _STILL_ENCODED.search(was) and not _STILL_ENCODED.search(became):
        return "encoding"
    if not is_certain and not (was.isascii() and became.isascii() and "\x1b" not in was):
        return "charset"
    return "words lost" if not became else "words added" if not was else "words changed"


def _in_files(sent: Shown, got: Shown) -> Iterator[Deviation]:
    rest = list(got.files)
    missing = []
    for media_type, octets in sent.files:
        alike = next((one for one in rest for form in (octets, *_encodings(octets)) if one[1] == form), None)
        if alike is None:
            missing.append((media_type, octets))
            continue
        rest.remove(alike)
        if alike[1] != octets:
            yield Deviation("file encoding", f"{media_type} of {len(octets)} octets", f"{len(alike[1])} octets")
    for media_type, octets in missing:
        changed = next((one for one in rest if one[0] == media_type), None)
        if changed is not None:
            rest.remove(changed)
        yield Deviation(_class_of_file(media_type, octets, changed), f"{media_type} of {len(octets)} octets", "")


def _class_of_file(media_type: str, octets: bytes, changed: tuple[str, bytes] | None) -> str:
    if media_type in _REBUILT:
        return "file rebuilt"
    if changed is None:
        is_dropped = _DROPPED_FILES.match(media_type) or _PKCS7 in octets[:20]
        return "file dropped" if is_dropped else "file lost"
    if media_type.startswith("text/") or not _BINARY.search(octets):
        return "file masked"
    encoded = tuple(_encodings(octets))
    if any(_opens_alike(form, changed[1]) for form in (octets, *encoded)):
        return "file cleaned"
    return "file encoding" if encoded and not any(map(_opens, encoded)) else "file broken"


def _opens_alike(before: bytes, after: bytes) -> bool:
    """Whether a file without its metadata still shows what it showed, if it ever opened."""
    return any(map(before.startswith, _OPENERS)) and _opens(before) in {None, _opens(after)}


def _opens(octets: bytes) -> object:
    """What of a file must be the same before and after; None when nothing here opens it."""
    kind = next((one for magic, one in _OPENERS.items() if octets.startswith(magic)), None)
    return kind(octets) if kind is not None else None


def _picture(octets: bytes) -> object:
    try:
        with Image.open(io.BytesIO(octets)) as image:
            return image.size, hashlib.sha256(image.tobytes()).digest()
    except (OSError, ValueError, SyntaxError):
        return None


def _document(octets: bytes) -> object:
    try:
        with pikepdf.open(io.BytesIO(octets)) as pdf:
            return len(pdf.pages)
    except pikepdf.PdfError:
        return None


def _compound(octets: bytes) -> object:
    try:
        with olefile.OleFileIO(octets) as file:
            return tuple(map(tuple, file.listdir()))
    except OSError:
        return None


def _rich_text(octets: bytes) -> object:
    # As many paragraphs and pictures; what is in braces of its own may be what went.
    return octets.count(b"\\par"), octets.count(b"\\pict")


def _archive(octets: bytes) -> object:
    try:
        with zipfile.ZipFile(io.BytesIO(octets)) as archive:
            return archive.testzip() is None and frozenset(archive.namelist())
    except (zipfile.BadZipFile, NotImplementedError):
        return None


_OPENERS: Final[dict[bytes, Callable[[bytes], object]]] = {
    b"\xff\xd8": _picture,
    b"\x89PNG": _picture,
    b"GIF8": _picture,
    b"RIFF": _picture,
    b"II": _picture,
    b"MM": _picture,
    b"%PDF": _document,
    b"PK": _archive,
    b"\xd0\xcf\x11\xe0": _compound,
    b"{\\rtf": _rich_text,
}
"""How a file begins, and what of it must be the same before and after."""


def _uu_line(line: bytes) -> bytes:
    try:
        return binascii.a2b_uu(line)
    except binascii.Error:
        # Some encoders pad too much: the length that the line begins with counts (the standard library's own remedy).
        try:
            return binascii.a2b_uu(line[: (((line[0] - 32) & 63) * 4 + 5) // 3])
        except binascii.Error:
            return b""


def _encodings(octets: bytes) -> Iterator[bytes]:
    """What the octets are where the standard library did not take the encoding off."""
    if octets.startswith(b"begin "):
        yield b"".join(map(_uu_line, octets.split(b"\nend")[0].splitlines()[1:]))
    if _BASE64_LINES.fullmatch(octets):
        letters = re.sub(rb"[\s=]", b"", octets)
        for end in (len(letters), len(letters) // 4 * 4):
            try:
                yield base64.b64decode(letters[:end] + b"=" * (-end % 4))
            except binascii.Error:
                continue
