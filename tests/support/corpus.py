"""Real mail as the mail of a party: each file of the corpus with its writer's identifiers replaced by the party's, wherever
they stand.

The corpus is never copied into the project: `RELAY_CORPUS` says where it is, or it lies at ../shared/corpus beside the checkout.
"""

from __future__ import annotations

import base64
import binascii
import codecs
import os
import quopri
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from email.utils import getaddresses
from pathlib import Path
from typing import Final

from relay.conversation import Conversation, Party
from relay.message.identity import is_telling
from relay.message.public_mail import PUBLIC_MAIL_DOMAINS
from relay.values import Role
from support.world import a_conversation, a_party

CORPUS: Final = Path(os.environ.get("RELAY_CORPUS", Path(__file__).resolve().parents[3] / "shared" / "corpus"))
PUBLIC_ADDRESS: Final = "zofia.kowalska77@gmail.com"
LETTER: Final = "Good morning,\r\nplease have a look at this.\r\nSee you soon\r\n"

_LINE_END: Final = re.compile(rb"\r\n|\r|\n")
_MBOX_LINE: Final = re.compile(rb"\A(?:>?From [^\n]*\n)+")
_FIELD: Final = rb"(?im)^%s[ \t]*:(?:[^\n]*\n[ \t])*[^\n]*"
_FROM: Final = re.compile(_FIELD % b"from")
_TO: Final = re.compile(_FIELD % b"to")
_ADDRESS: Final = re.compile(r"[\w.+'=-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,5}")
_ENCODED_WORD: Final = re.compile(rb"=\?([\w.:+-]{1,40})(\*[\w-]*)?\?([bq])\?([^?\s]*)\?=", re.IGNORECASE)
_BOUNDARY: Final = re.compile(rb"""(?is)^content-type[ \t]*:.*?;\s*boundary\s*=\s*(?:"([^"\n]+)"|([^\s;"]+))""", re.MULTILINE)
_TYPE: Final = re.compile(rb"(?im)^content-type[ \t]*:\s*([\w.+/-]+)")
_CHARSET: Final = re.compile(rb"""(?im)^content-type[ \t]*:(?:[^\n]*\n[ \t])*[^\n]*?charset\s*=\s*["']?([\w.:+-]{1,40})""")
_ENCODING: Final = re.compile(rb"(?im)^content-transfer-encoding[ \t]*:\s*\"?([\w-]+)")
_NAME: Final = re.compile(r"[^\W\d_]{4,}")
_WRITER_IN: Final = {
    "ics": re.compile(r"(?im)^(?:organizer|attendee)[^\n]*?mailto:([^\s;,>\"]+@[^\s;,>\"]+)"),
    "vcf": re.compile(r"(?im)^(?:item\d+\.)?email[^:\n]*:([^\s;,]+@[^\s;,]+)"),
}
_NOT_ASCII_TRANSPARENT: Final = re.compile(r"utf-?(?:16|32|7)|unicode|hz|iso-2022|cp037|ebcdic|ucs", re.IGNORECASE)
_field_octets_max: Final = 4_000
"""The standard library recurses on longer address lists."""
_TYPES_OF_TEXT: Final = re.compile(rb"text/|message/|application/(?:ics|json|xml|pgp|x-yaml|xhtml)|\Z", re.IGNORECASE)

FORMS: Final = {
    "ics": ("text/calendar; method={method}; charset=utf-8", ""),
    "vcf": ("text/vcard; charset=utf-8", "card.vcf"),
    "tnef": ("application/ms-tnef", "winmail.dat"),
    "msg": ("application/vnd.ms-outlook", "message.msg"),
    "txt": ("text/plain; charset=utf-8", None),
    "html": ("text/html; charset=utf-8", None),
}
"""How what is no mail is sent: its type, and the name under which it is attached; None for a body, empty for an invitation."""


@dataclass(frozen=True, slots=True)
class Cast:
    """Who writes to whom. The partner writes from a domain of their own, the customer from one of a public provider."""

    conversation: Conversation
    writer: Party

    @property
    def reader(self) -> Party:
        return self.conversation.party(self.writer.role.other)

    @property
    def address(self) -> str:
        return self.writer.addresses[0].reveal()

    @property
    def last_name(self) -> str:
        return self.writer.name.rsplit(maxsplit=1)[-1]

    @property
    def tells(self) -> tuple[str, ...]:
        """Whatever of the two must not be readable in what crosses; the names apart."""
        own = self.address.partition("@")[2]
        return (self.address, *(() if own in PUBLIC_MAIL_DOMAINS else (own,)), self.reader.addresses[0].reveal())


_CONVERSATION: Final = a_conversation(customer=a_party(Role.CUSTOMER, addresses=(PUBLIC_ADDRESS,)))
CASTS: Final = {
    "partner": Cast(_CONVERSATION, _CONVERSATION.partner),
    "customer": Cast(_CONVERSATION, _CONVERSATION.customer),
}


@dataclass(frozen=True, slots=True)
class Specimen:
    """One file of the corpus. `name` is `kind/file`."""

    path: Path

    @property
    def kind(self) -> str:
        return self.path.parent.name

    @property
    def name(self) -> str:
        return f"{self.kind}/{self.path.name}"


def specimens(kinds: tuple[str, ...] = (), every: int = 1, corpus: Path = CORPUS) -> list[Specimen]:
    """The files of those kinds, or of all, sorted; every n-th of each kind."""
    folders = sorted(one for one in corpus.iterdir() if one.is_dir() and one.name != "LICENCES" and not one.name.startswith("."))
    return [
        Specimen(path)
        for folder in folders
        if not kinds or folder.name in kinds
        for path in sorted(one for one in folder.iterdir() if one.is_file())[::every]
    ]


def as_mail_of(specimen: Specimen, cast: Cast) -> bytes:
    """The file as the writer's mail: CRLF line ends, ready for DATA but for the dots; its one author is the writer."""
    octets = specimen.path.read_bytes()
    form = specimen.path.suffix.lstrip(".")
    if form in FORMS and not (form == "txt" and specimen.kind != "reply-bodies"):
        return _wrapped(octets, form, cast)
    mail = _MBOX_LINE.sub(b"", _LINE_END.sub(b"\n", octets).replace(b"\0", b"").lstrip(b"\n"))
    head, blank, body = mail.partition(b"\n\n")
    writer, last_name = _first(_FROM.findall(head)[:1])
    counterpart, _ = _first(_TO.findall(head)[:1])
    planted = _planting(cast, writer, counterpart, last_name)
    mail = _in_entity(head + blank + body, planted)
    head, blank, body = mail.partition(b"\n\n")
    if [one for one, _ in _people(_FROM.findall(head))] != [cast.address]:
        # Several authors, or none: how such mail is refused is tested elsewhere; here the rest of it counts.
        rest = _FROM.sub(b"", head).replace(b"\n\n", b"\n").strip(b"\n")
        if rest[:1] in {b" ", b"\t"}:
            rest = b"X-Continued:" + rest  # a header that begins with a folded line would continue ours
        mail = f"From: {cast.writer.name} <{cast.address}>\n".encode() + rest + blank + body
    return mail.replace(b"\n", b"\r\n") + (b"" if mail.endswith(b"\n") else b"\r\n")


def _wrapped(octets: bytes, form: str, cast: Cast) -> bytes:
    text = octets.decode("utf-8", "surrogateescape")
    found = [one[1] for one in _WRITER_IN[form].finditer(text)] if form in _WRITER_IN else _ADDRESS.findall(text)
    people = [*dict.fromkeys(one.lower() for one in found), "", ""]
    planted = _planting(cast, people[0], people[1], "")
    if form not in {"tnef", "msg"}:
        octets = planted(octets)
    media_type, name = FORMS[form]
    method = re.search(rb"(?im)^METHOD:(\w+)", octets)
    media_type = media_type.format(method=method[1].decode() if method else "PUBLISH")
    head = f"From: {cast.writer.name} <{cast.address}>\r\nTo: {cast.reader.alias}\r\nSubject: For you\r\nMIME-Version: 1.0\r\n"
    part = f"Content-Type: {media_type}\r\nContent-Transfer-Encoding: base64\r\n"
    if name:
        part += f'Content-Disposition: attachment; filename="{name}"\r\n'
    encoded = base64.encodebytes(octets).replace(b"\n", b"\r\n")
    if name is None:
        return (head + part + "\r\n").encode() + encoded
    subtype = "mixed" if name else "alternative"
    top = f'{head}Content-Type: multipart/{subtype}; boundary="=b="\r\n\r\n--=b=\r\nContent-Type: text/plain\r\n\r\n{LETTER}'
    return (top + f"--=b=\r\n{part}\r\n").encode() + encoded + b"--=b=--\r\n"


def _people(fields: list[bytes]) -> list[tuple[str, str]]:
    """Of each mailbox in those fields the address, in lower case, and the last word of the display name, if that is ASCII."""
    found = []
    for field in fields:
        value = _ENCODED_WORD.sub(lambda one: _of_word(one).encode("utf-8", "replace"), field.partition(b":")[2])
        for name, address in getaddresses([value[:_field_octets_max].replace(b"\n", b" ").decode("latin-1")]):
            words = _NAME.findall(name) if name.isascii() and "@" not in name else []
            found.append((address.lower() if _ADDRESS.fullmatch(address) else "", words[-1] if words else ""))
    return found


def _first(fields: list[bytes]) -> tuple[str, str]:
    return next((one for one in _people(fields) if one[0]), ("", ""))


def _of_word(word: re.Match[bytes]) -> str:
    return _word_octets(word).decode(_codec(word[1].decode("ascii")) or "utf-8", "replace")


def _word_octets(word: re.Match[bytes]) -> bytes:
    if word[3] in b"bB":
        return _from_base64(word[4])
    return quopri.decodestring(word[4].replace(b"_", b" "))


def _from_base64(octets: bytes) -> bytes:
    letters = re.sub(rb"[^A-Za-z0-9+/]", b"", octets)
    try:
        return binascii.a2b_base64(letters + b"=" * (-len(letters) % 4))
    except binascii.Error:
        return binascii.a2b_base64(letters[: len(letters) // 4 * 4])


def _codec(charset: str) -> str | None:
    try:
        return codecs.lookup(charset).name
    except LookupError:
        return None


def _planting(cast: Cast, writer: str, counterpart: str, last_name: str) -> Callable[[bytes], bytes]:
    """Replaces the old identifiers in octets of any charset that leaves ASCII as it is, in whatever way they are written."""
    pairs: list[tuple[re.Pattern[bytes], bytes]] = []
    if counterpart and counterpart != writer and not counterpart.endswith("@" + cast.conversation.partner.alias.domain):
        pairs += _address_pairs(counterpart, cast.reader.addresses[0].reveal())
    if writer:
        pairs += _address_pairs(writer, cast.address)
        domain = writer.partition("@")[2]
        if domain not in PUBLIC_MAIL_DOMAINS:
            new = cast.address.partition("@")[2].encode()
            # Whole labels, also below another: mail.old.example becomes mail.new.example.
            pairs.append((re.compile(rb"(?i)(?<![a-z0-9_-])" + re.escape(domain.encode()) + rb"(?![a-z0-9_-])"), new))
    if last_name and is_telling(last_name):
        for old, name in ((last_name, cast.last_name), (last_name.upper(), cast.last_name.upper())):
            pattern = rb"(?<![\w.@\x80-\xff-])" + re.escape(old.encode()) + rb"(?![\w@\x80-\xff-]|\.\w)"
            pairs.append((re.compile(pattern), name.encode()))

    def planted(octets: bytes) -> bytes:
        for pattern, new in pairs:
            octets = pattern.sub(new, octets)
        return octets

    return planted


def _address_pairs(old: str, new: str) -> Iterator[tuple[re.Pattern[bytes], bytes]]:
    """As it is, percent-encoded, as entity, and as VERP writes it."""
    local, _, domain = (re.escape(one.encode()) for one in old.partition("@"))
    for sign in (b"@", b"%40", b"&#64;", b"&#x40;", b"&commat;", b"=", b"=40"):
        pattern = rb"(?i)(?<![\w.+])" + local + re.escape(sign) + domain + rb"(?![\w-]|\.\w)"
        yield re.compile(pattern), new.encode().replace(b"@", sign)


def _in_entity(entity: bytes, planted: Callable[[bytes], bytes], depth: int = 0) -> bytes:
    """An entity (LF line ends) with the identifiers replaced in its head and in every leaf; all else as it was."""
    head, blank, body = entity.partition(b"\n\n") if not entity.startswith(b"\n") else (b"", b"\n", entity[1:])
    if not blank or depth > 60:
        return _in_head(entity, planted)
    kind = _TYPE.search(head)
    media_type = kind[1].lower() if kind else b""
    boundary = _BOUNDARY.search(head)
    new_head = _in_head(head, planted)
    if boundary is not None and (mark := b"--" + (boundary[1] or boundary[2])) in body:
        pieces = re.split(rb"(?m)(^%s(?:--)?[ \t]*\n)" % re.escape(mark), body)
        for at in range(2, len(pieces), 2):
            pieces[at] = _in_entity(pieces[at], planted, depth + 1)
        # What was replaced in the boundary itself is replaced in its delimiters too.
        changed = _BOUNDARY.search(new_head)
        if changed is not None:
            new_mark = b"--" + (changed[1] or changed[2])
            pieces[1::2] = [one.replace(mark, new_mark) for one in pieces[1::2]]
        return new_head + blank + b"".join(pieces)
    return new_head + blank + _in_leaf(head, media_type, body, planted, depth)


def _in_leaf(head: bytes, media_type: bytes, body: bytes, planted: Callable[[bytes], bytes], depth: int) -> bytes:
    found = _ENCODING.search(head)
    encoding = found[1].lower() if found else b""
    payload = {b"base64": _from_base64, b"quoted-printable": quopri.decodestring}.get(encoding, bytes)(body)
    if not _TYPES_OF_TEXT.match(media_type) and (b"\0" in payload or not _is_text(payload)):
        return body  # the parts of a binary file have lengths and offsets
    if media_type in {b"message/rfc822", b"message/global"}:
        new = _in_entity(payload, planted, depth + 1)
    else:
        charset = _CHARSET.search(head)
        new = _in_charset(payload, charset[1].decode("ascii") if charset else "", planted)
    if new == payload:
        return body
    if encoding == b"base64":
        return base64.encodebytes(new)
    return _as_quoted_printable(new) if encoding == b"quoted-printable" else new


def _is_text(payload: bytes) -> bool:
    sample = payload[:2000]
    return sum(one < 9 or 13 < one < 32 for one in sample) <= len(sample) // 50 and not payload.startswith((b"%PDF", b"PK"))


def _in_charset(payload: bytes, charset: str, planted: Callable[[bytes], bytes]) -> bytes:
    codec = _codec(charset) if _NOT_ASCII_TRANSPARENT.search(charset) else None
    if codec is None:
        return planted(payload)
    try:
        text = payload.decode(codec)
        new = planted(text.encode("utf-8")).decode("utf-8")
        return payload if new == text else new.encode(codec)
    except UnicodeError:
        return planted(payload)


def _as_quoted_printable(octets: bytes) -> bytes:
    return quopri.encodestring(octets)


def _in_head(head: bytes, planted: Callable[[bytes], bytes]) -> bytes:
    def word(found: re.Match[bytes]) -> bytes:
        octets = _word_octets(found)
        new = _in_charset(octets, found[1].decode("ascii"), planted)
        if new == octets:
            return found[0]
        encoded = base64.b64encode(new) if found[3] in b"bB" else b"".join(b"=%02X" % one for one in new)
        return b"=?" + found[1] + (found[2] or b"") + b"?" + found[3] + b"?" + encoded + b"?="

    return planted(_ENCODED_WORD.sub(word, head))
