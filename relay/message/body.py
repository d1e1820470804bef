"""The body of a rendition: built anew, part by part, from what was understood of the message (design.md invariant 2).

One row of `kinds`, or one small function here, per kind of part.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from relay.message.armour import Armoured, bare_armour, unarmoured, unarmoured_html
from relay.message.calendar import crossing_calendar
from relay.message.charsets import charset_name
from relay.message.contacts import card
from relay.message.encrypted import is_encrypted
from relay.message.filenames import crossing_file_name
from relay.message.files import Cleaned, cleaned, is_known, with_clean_pictures
from relay.message.footer import with_footer_html, with_footer_text
from relay.message.html import scrubbed_html
from relay.message.kinds import EXOTIC, KEPT_MULTIPARTS, Kind, kind_of, media_type_of
from relay.message.mail import Entity, Mail
from relay.message.marks import MARKS, Mark
from relay.message.masked import Kind as Masking
from relay.message.masked import Left, Masked, Noticed
from relay.message.masker import Masker
from relay.message.parse import message_in
from relay.message.recognised import CMS, PGP_ENCRYPTED
from relay.message.removal import Part, Removal
from relay.message.terms import Style, Terms
from relay.message.text import scrubbed_text, unflowed
from relay.message.write import Branch, Leaf
from relay.values import RealAddress

attached_depth_max: Final = 5
"""Messages inside messages that are rebuilt; deeper ones become their mark."""

_METHOD: Final = re.compile(r"[A-Za-z]{1,20}")
_UTF8: Final = (("charset", "utf-8"),)
_TELLING: Final = frozenset({Masking.ADDRESS, Masking.NAME, Masking.LINK, Masking.PHONE, Masking.IBAN})

Body = Leaf | Branch
Inside = Callable[[Mail, int], bytes]
"""Rebuilds an attached message, given how deep it lies."""


@dataclass
class Surgery:
    """The rebuilding of one message's body. `removed` grows as things are taken out.

    `depth` is 0 for the message itself, which gets the footer, and more for messages attached to it.
    """

    mail: Mail
    terms: Terms
    style: Style
    masker: Masker
    inside: Inside
    depth: int = 0
    removed: list[Removal] = field(default_factory=list)
    _cids: Mapping[str, str] = field(default_factory=dict)
    _text: Entity | None = None
    _html: Entity | None = None

    def body(self) -> Body:
        """The new body, with the footer at the end of its text and of its HTML (GW-44).

        What is encrypted as a whole has no footer: programs open it only where nothing stands beside it.
        """
        root = self.mail.root
        self._cids = self._new_content_ids(root)
        footer = self.terms.footer if self.depth == 0 and not is_encrypted(root) else ()
        if footer:
            self._text = _first_shown(root, "text/plain")
            self._html = _first_shown(root, "text/html")
        built = self._rebuilt(root)
        if footer and self._text is None and self._html is None:
            told = _text_leaf(with_footer_text("", footer))
            return told if built is None else Branch("multipart/mixed", (told, built))
        return built if built is not None else _text_leaf("")

    def _new_content_ids(self, root: Entity) -> dict[str, str]:
        """New Content-IDs for old: theirs often end with the host that made them (LEAK-50)."""
        new: dict[str, str] = {}
        for number, entity in enumerate(root.walk()):
            for name in ("Content-ID", "Content-Location"):
                if (one := entity.first(name)) is not None:
                    old = _content_id(one.value)
                    new.setdefault(old, f"{self.depth}.{number}.{self.terms.message_id}")
        return new

    def _rebuilt(self, entity: Entity) -> Body | None:
        """The entity as it crosses; None when nothing of it does."""
        if entity.is_multipart or entity.is_opened:
            return self._multipart(entity)
        if entity.is_taken_out:
            return self._mark(Mark.MESSAGE if entity.is_attached_message else Mark.FILE, entity)
        # A picture that is declared as text would not survive being read as one (LEAK-60).
        kind = Kind.FILE if entity.is_attachment and is_known(entity.payload) else kind_of(entity)
        if entity.is_attachment and kind in {Kind.TEXT, Kind.HTML}:
            entity = self._with_clean_pictures(entity)
        return _HOW[kind](self, entity)

    def _multipart(self, entity: Entity) -> Body | None:
        parts: Sequence[Entity] = entity.parts
        if entity.media_type == "multipart/signed":
            # The second part is the signature: it names its maker, and would not fit what was rebuilt (GW-46, LEAK-69).
            self._note(Part.SIGNATURE, entity)
            parts = parts[:1]
        elif entity.media_type == "multipart/report":
            # The first part is for people, the others are mail about mail (RFC 6522 §3).
            self._note(Part.REPORT, entity)
            parts = parts[:1]
        elif entity.media_type == "multipart/encrypted":
            return self._encrypted_branch(entity)
        elif entity.is_opened:
            self._note(Part.CONTAINER, entity)
        elif entity.media_type == "multipart/alternative":
            parts = [part for part in parts if part.media_type not in EXOTIC] or parts
        kept = tuple(built for built in map(self._rebuilt, parts) if built is not None)
        if not kept:
            return None
        if len(kept) == 1:
            return kept[0]
        # What came out of a container beside a text is no other form of that text.
        stays = entity.media_type in KEPT_MULTIPARTS and not any(part.is_opened for part in parts)
        return Branch(entity.media_type if stays else "multipart/mixed", kept)

    def _text_part(self, entity: Entity) -> Leaf:
        text = self._unarmoured(entity)
        if entity.is_attachment:
            return self._file_of_text(entity, scrubbed_text(text, self.masker))
        if entity.parameters.get("format", "").casefold() == "flowed":
            text = unflowed(text, delsp=entity.parameters.get("delsp", "").casefold() == "yes")
        shown = self._noted(scrubbed_text(text, self.masker), entity)
        return _text_leaf(with_footer_text(shown, self.terms.footer) if entity is self._text else shown)

    def _unarmoured(self, entity: Entity) -> str:
        """The text without OpenPGP armour, with marks where it cannot be seen otherwise that something was there (GW-46)."""
        language = self.terms.reader.language
        marks = MARKS[Mark.KEY][language], MARKS[Mark.ENCRYPTED][language]
        if kind_of(entity) is Kind.HTML:
            bare = unarmoured_html(entity.text, *marks, keeps_encrypted=is_encrypted(entity))
        else:
            bare = unarmoured(entity.text, *marks)
        for one in bare.removed:
            self._note(one, entity)
        return bare.text

    def _html_part(self, entity: Entity) -> Leaf:
        # White space behind the page would move into it.
        text = self._unarmoured(entity)
        masked = scrubbed_html(text.rstrip(), self.masker, self._cids, self.style.remote_images)
        if entity.is_attachment:
            # A page that somebody attached keeps its octets as long as nothing in it tells who they are (LEAK-52, LEAK-56).
            telling = _TELLING.intersection(masked.removals)
            kept = masked if telling or text != entity.text else Masked(entity.text, masked.left)
            return self._file_of_text(entity, kept)
        shown = self._noted(masked, entity)
        if entity is self._html:
            shown = with_footer_html(shown, self.terms.footer)
        return Leaf("text/html", _UTF8, shown.encode("utf-8", "replace"), content_id=self._content_id(entity))

    def _file_of_text(self, entity: Entity, masked: Masked) -> Leaf:
        """An attached text: the same octets, in the charset that they declare, unless something was masked (LEAK-52)."""
        if masked.text == entity.text:
            self._noted(masked, entity)
            charset = charset_name(entity.parameters.get("charset"))
            return self._attached(entity, media_type_of(entity), entity.payload, (("charset", charset),) if charset else ())
        octets = self._noted(masked, entity).replace("\n", "\r\n").encode("utf-8", "replace")
        return self._attached(entity, media_type_of(entity), octets, _UTF8)

    def _calendar(self, entity: Entity) -> Leaf | None:
        people = _Witness(self.masker)
        crossed = crossing_calendar(entity.text, people, self.style.seal, self.terms.conversation.id)
        self._noted(Masked("", tuple(people.noticed)), entity)
        if crossed is None:
            return self._dropped(entity)
        method = entity.parameters.get("method", "")
        parameters = (*_UTF8, ("method", method.upper())) if _METHOD.fullmatch(method) else _UTF8
        if entity.disposition == "attachment":
            return self._attached(entity, "text/calendar", crossed.encode(), parameters)
        # One with a name alone is the invitation itself: programs offer to answer it only where it is no attachment.
        return Leaf("text/calendar", parameters, crossed.encode())

    def _card(self, entity: Entity) -> Leaf:
        """The writer's card is replaced by one with the alias; whose it was is not for us to find out (LEAK-67)."""
        self._note(Part.CARD, entity)
        _, name = self.masker.writer_stand_in()
        written = card(self.terms.writer.alias, name)
        return Leaf("text/vcard", _UTF8, written, disposition="attachment", filename="contact.vcf")

    def _message(self, entity: Entity) -> Leaf:
        """A message inside the message, rebuilt by the same rules (LEAK-53)."""
        if self.depth >= attached_depth_max or not entity.parts:
            return self._mark(Mark.MESSAGE, entity)
        mail = message_in(entity.parts[0])
        self._note(Part.MESSAGE, entity)
        octets = self.inside(mail, self.depth + 1)
        name = self._file_name(entity) or "message.eml"
        return Leaf("message/rfc822", (), octets, disposition="attachment", filename=name)

    def _encrypted_branch(self, entity: Entity) -> Body | None:
        """PGP/MIME as it was, so that the recipient's program still opens it; the armour without its headers (RFC 3156 §4)."""
        if len(entity.parts) < 2:
            return None
        control = Leaf(PGP_ENCRYPTED, (), b"Version: 1\r\n")
        armour = Leaf("application/octet-stream", (), bare_armour(entity.parts[1].payload), "inline", "encrypted.asc")
        return Branch("multipart/encrypted", (control, armour), (("protocol", PGP_ENCRYPTED),))

    def _encrypted(self, entity: Entity) -> Leaf:
        """Content that nobody can look into, where policy lets it pass (CASE-22)."""
        if entity.media_type == CMS:
            parameters = (("smime-type", "enveloped-data"), ("name", "smime.p7m"))
            return Leaf(CMS, parameters, entity.payload, disposition="attachment", filename="smime.p7m")
        return self._attached(entity, "application/octet-stream", bare_armour(entity.payload), ())

    def _key(self, entity: Entity) -> Leaf:
        return self._mark(Mark.KEY, entity)

    def _dropped(self, entity: Entity) -> Leaf:
        return self._mark(Mark.FILE, entity)

    def _file(self, entity: Entity) -> Leaf:
        return self._attached(entity, media_type_of(entity), entity.payload, ())

    def _attached(self, entity: Entity, media_type: str, octets: bytes, parameters: tuple[tuple[str, str], ...]) -> Leaf:
        name = self._file_name(entity)
        if name != entity.filename:
            self._note(Part.FILE_NAME, entity)
        content_id = self._content_id(entity)
        disposition = "inline" if entity.disposition == "inline" or (content_id and not entity.disposition) else "attachment"
        clean = self._cleaned(octets)
        if clean.taken:
            self._note(Masking.METADATA, entity)
        return Leaf(
            media_type,
            parameters,
            clean.octets,
            disposition=disposition,
            filename=name,
            content_id=content_id,
            as_base64=entity.payload_as_written if clean.octets is entity.payload else None,
        )

    def _with_clean_pictures(self, entity: Entity) -> Entity:
        """An attached text with the pictures in it cleaned, which are not searched as text then (LEAK-46)."""
        clean = with_clean_pictures(entity.payload, self._cleaned)
        if not clean.taken:
            return entity
        self._note(Masking.METADATA, entity)
        return replace(entity, body=clean.octets, encoding="binary")

    def _cleaned(self, octets: bytes) -> Cleaned:
        return cleaned(octets, self.masker.tells, self.style.document_metadata)

    def _file_name(self, entity: Entity) -> str | None:
        """The name under which a file crosses. What stays in it is noted; what does not, the caller sees by the name."""
        people = _Witness(self.masker)
        name = crossing_file_name(entity.filename, people.masked_title, self.masker.knows)
        self.removed += [Removal.of(one, "file name") for one in people.noticed if isinstance(one, Left)]
        return name

    def _content_id(self, entity: Entity) -> str | None:
        one = entity.first("Content-ID") or entity.first("Content-Location")
        return self._cids.get(_content_id(one.value)) if one is not None else None

    def _mark(self, mark: Mark, entity: Entity) -> Leaf:
        """A line that says that something was here: what is taken out is seen to be."""
        self._note(mark, entity)
        return _text_leaf(f"{MARKS[mark][self.terms.reader.language]}\n")

    def _noted(self, masked: Masked, entity: Entity) -> str:
        self.removed += [Removal.of(noticed, media_type_of(entity)) for noticed in masked.removals]
        return masked.text

    def _note(self, what: Masking | Part | Mark | Armoured, entity: Entity) -> None:
        self.removed.append(Removal(what.value, media_type_of(entity)))


@dataclass
class _Witness:
    """The masker, with a list of what it comes upon in many small texts."""

    masker: Masker
    noticed: list[Noticed] = field(default_factory=list)

    def masked_text(self, text: str) -> str:
        return self._told(self.masker.mask(text))

    def masked_title(self, text: str) -> str:
        return self._told(self.masker.mask(text, title=True))

    def stand_in(self, address: RealAddress) -> tuple[str, str] | None:
        return self.masker.stand_in(address)

    def writer_stand_in(self) -> tuple[str, str]:
        return self.masker.writer_stand_in()

    def reader_stand_in(self) -> tuple[str, str]:
        return self.masker.reader_stand_in()

    def _told(self, masked: Masked) -> str:
        self.noticed += masked.removals
        return masked.text


_HOW: Final[Mapping[Kind, Callable[[Surgery, Entity], Body | None]]] = {
    Kind.TEXT: Surgery._text_part,
    Kind.HTML: Surgery._html_part,
    Kind.CALENDAR: Surgery._calendar,
    Kind.CARD: Surgery._card,
    Kind.MESSAGE: Surgery._message,
    Kind.KEY: Surgery._key,
    Kind.ENCRYPTED: Surgery._encrypted,
    Kind.DROPPED: Surgery._dropped,
    Kind.FILE: Surgery._file,
}


def _text_leaf(text: str) -> Leaf:
    return Leaf("text/plain", _UTF8, text.encode("utf-8", "replace"))


def _content_id(value: bytes) -> str:
    return value.decode("latin-1").strip().strip("<>").strip()


def _first_shown(root: Entity, media_type: str) -> Entity | None:
    """The first part of that type which is the message's own text, not a file and not inside an attached message."""
    if root.is_attached_message:
        return None
    if not root.parts:
        return root if root.media_type == media_type and not root.is_attachment else None
    return next((found for part in root.parts if (found := _first_shown(part, media_type)) is not None), None)
