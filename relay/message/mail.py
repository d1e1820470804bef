"""A mail as a value: what was received, taken apart once, and read by everybody (RFC 5322, RFC 2045)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Final

from relay.message.charsets import decoded_text
from relay.message.transfer import base64_as_written, decoded_body
from relay.values import MsgId, RealAddress

ATTACHED_MESSAGES: Final = frozenset({"message/rfc822", "message/global", "message/news"})
"""Media types of a message inside the message (RFC 2046 §5.2.1, RFC 6532 §3.7, RFC 5537 §2.1)."""
_large_octets: Final = 64 * 1024
"""Of a payload: what is smaller costs more to decode again than to keep."""


@dataclass(frozen=True, slots=True)
class Field:
    """One header field. `value` is as received: folded, undecoded, without the final line end."""

    name: str
    value: bytes = field(repr=False)

    @property
    def key(self) -> str:
        """The name for comparing: names ignore case (RFC 5322 §1.2.2)."""
        return self.name.lower()


@dataclass(frozen=True)
class Entity:
    """A MIME entity: the message itself, a body part, or an attached message (RFC 2045 §2.4).

    `media_type`, parameter names, `disposition` and `encoding` are lower case; parameters and `filename` are decoded
    (RFC 2231, and RFC 2047 where programs put it) and otherwise as the writer gave them. A multipart has `parts` and no `body`.
    A message/rfc822 has the message inside as its only part, and keeps its `body`; so do containers that were opened, with what
    was in them (relay.message.containers). A body in base64 lies in the message that it was taken out of: it may be all of that.
    """

    fields: tuple[Field, ...]
    media_type: str
    parameters: Mapping[str, str]
    disposition: str | None
    filename: str | None
    encoding: str
    body: bytes | memoryview = field(repr=False)
    parts: tuple[Entity, ...] = ()
    is_taken_out: bool = False
    """Somebody decided that it does not cross; a mark stands in its place. It has neither body nor parts then."""

    def named(self, name: str) -> tuple[Field, ...]:
        """All fields of that name, in their order."""
        return tuple(self._by_key.get(name.lower(), ()))

    def first(self, name: str) -> Field | None:
        """The first field of that name: the one that counts when there are several (FAULT-57)."""
        found = self._by_key.get(name.lower())
        return found[0] if found else None

    def walk(self) -> Iterator[Entity]:
        """This entity and all below it, depth first, in order."""
        yield self
        for part in self.parts:
            yield from part.walk()

    @cached_property
    def _by_key(self) -> dict[str, list[Field]]:
        by_key: dict[str, list[Field]] = {}
        for one in self.fields:
            by_key.setdefault(one.key, []).append(one)
        return by_key

    @cached_property
    def payload(self) -> bytes:
        """The body without its transfer encoding, decoded as generously as mail programs do (LEAK-27)."""
        return decoded_body(self.body, self.encoding)

    def forget(self) -> None:
        """Let go of a large payload; whoever asks for it again has it decoded again."""
        if len(self.body) > _large_octets:
            self.__dict__.pop("payload", None)

    @property
    def payload_as_written(self) -> memoryview | None:
        """Base64 of the payload, as this gateway writes it, where the body is that already: nobody need make it anew."""
        return base64_as_written(self.body, self.payload) if self.encoding == "base64" else None

    @cached_property
    def text(self) -> str:
        """The payload as characters, by its declared charset or, where that lies, by what it is (LEAK-28). Line ends are LF."""
        return decoded_text(self.payload, self.parameters.get("charset"))

    @property
    def is_multipart(self) -> bool:
        return self.media_type.startswith("multipart/")

    @property
    def is_attached_message(self) -> bool:
        return self.media_type in ATTACHED_MESSAGES

    @property
    def is_opened(self) -> bool:
        """Whether it is a container, such as signed or TNEF content, whose `parts` stand for it."""
        return bool(self.parts) and not self.is_multipart and not self.is_attached_message

    @property
    def is_attachment(self) -> bool:
        """Whether a mail program shows it as a file rather than as the text of the message."""
        if self.is_multipart or self.is_opened:
            return False
        return self.disposition == "attachment" or self.filename is not None or not self.media_type.startswith("text/")


@dataclass(frozen=True, slots=True)
class Mailbox:
    """One mailbox of an address list: the display name, decoded, and the address; None where that is no address."""

    name: str = field(repr=False)
    address: RealAddress | None
    written: str = field(repr=False)
    """The address as it stood there."""


@dataclass(frozen=True)
class Mail:
    """A parsed message. `defects` names what a strict reader would have refused, for the archive.

    `authors` are the mailboxes of all From fields together, `author_fields` their number: one of each is required (GW-10).
    `references` holds References, then In-Reply-To where it adds anything, without angle brackets.
    """

    root: Entity
    subject: str = field(repr=False)
    author_fields: int
    authors: tuple[Mailbox, ...]
    to: tuple[Mailbox, ...]
    cc: tuple[Mailbox, ...]
    message_id: MsgId | None
    in_reply_to: tuple[MsgId, ...]
    references: tuple[MsgId, ...]
    defects: tuple[str, ...] = ()

    @cached_property
    def attachments(self) -> tuple[Entity, ...]:
        """The leaves that a mail program shows as files, in order, also those inside attached messages."""
        return tuple(
            entity
            for entity in self.root.walk()
            if entity.is_attachment and not entity.is_attached_message and not entity.is_taken_out
        )

    def forget_files(self) -> None:
        """Let go of the large files in it as they were decoded: a message of 25 MB has 18 MB of them beside it (PERF-6)."""
        for entity in self.attachments:
            entity.forget()

    def without_files(self) -> Mail:
        """The same message with everything taken out that a mail program shows as a file, attached messages too (GW-55)."""
        return replace(self, root=_without_files(self.root))


def _without_files(entity: Entity) -> Entity:
    if entity.is_multipart or (entity.parts and not entity.is_attached_message):  # a container may hold all of the message
        return replace(entity, parts=tuple(_without_files(part) for part in entity.parts))
    return replace(entity, body=b"", parts=(), is_taken_out=True) if entity.is_attachment else entity
