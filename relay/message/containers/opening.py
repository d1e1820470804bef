"""Content that comes wrapped in a container, taken out of it (GW-46, LEAK-30, LEAK-53, LEAK-68, LEAK-69).

A container is a leaf to MIME. Here it becomes an entity with `parts`: what is in it, as a mail program shows it that knows the
container. So everybody who reads the message sees the same parts: the policy, the scanner, the surgery, the search of the
archive. The bounds of the account hold for the message with everything that is in its containers.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from relay.message.account import Account
from relay.message.charsets import decoded_octets
from relay.message.containers.cms import Wrapping, cms_in
from relay.message.containers.mapi import MapiEntities
from relay.message.containers.outlook import outlook_message_in
from relay.message.containers.tnef import tnef_in
from relay.message.containers.uuencode import UuFile, uuencoded_files
from relay.message.entities import taken_apart
from relay.message.html import visible_text
from relay.message.mail import Entity
from relay.message.recognised import CMS, OUTLOOK, TNEF, UNDECLARED, recognised

_MESSAGE: Final = "message/rfc822"
_NOTHING: Final = Entity((), "multipart/mixed", {}, None, None, "7bit", b"")
"""What is in a container that holds properties alone: Exchange adds such to mail that says everything in its text."""
_MIME_HEAD: Final = re.compile(
    rb"\s{0,99}(?:[!-9;-~]{1,100}:[^\n]*\n(?:[ \t][^\n]*\n)*){0,60}?(?:content-|mime-version)", re.IGNORECASE
)
_SIGNED_ENDING: Final = re.compile(r"\.p7m$", re.IGNORECASE)
_OUTLOOK_ENDING: Final = re.compile(r"\.msg$", re.IGNORECASE)


def opened(root: Entity, account: Account) -> Entity:
    """The message with its containers opened, and theirs. Raises Unreadable when a bound of the account is exceeded.

    What nobody can open stays a leaf, and a recognised one has its true media type.
    """
    return _Opening(account, root).entity(root, 0)


@dataclass(frozen=True, slots=True)
class _Opening:
    """The opening of one message; of one attached to it, a further one. `root` is the message before anything was opened."""

    account: Account
    root: Entity

    def entity(self, entity: Entity, depth: int) -> Entity:
        if not entity.parts:
            return entity if entity.is_multipart else self._leaf(entity, depth)
        if entity.is_attached_message:
            parts = tuple(_Opening(self.account, part).entity(part, depth + 1) for part in entity.parts)
        else:
            parts = tuple(self.entity(part, depth + 1) for part in entity.parts)
        return entity if all(new is old for new, old in zip(parts, entity.parts, strict=True)) else replace(entity, parts=parts)

    def _leaf(self, entity: Entity, depth: int) -> Entity:
        media_type = recognised(entity)
        if media_type != entity.media_type:
            entity = replace(entity, media_type=media_type)
        if media_type in UNDECLARED and (entity.filename or "").casefold().endswith(".eml"):
            return self._message(entity, depth)
        if media_type == "text/plain" and not entity.is_attachment:
            return self._text(entity, depth)
        opener = _OPENERS.get(media_type)
        parts = opener(self, entity, depth) if opener is not None else ()
        return replace(entity, parts=tuple(self.entity(part, depth + 1) for part in parts)) if parts else entity

    def _message(self, entity: Entity, depth: int) -> Entity:
        """A message that is declared as a mere file (LEAK-53)."""
        if not entity.payload.strip():
            return entity
        inner = taken_apart(entity.payload, self.account, depth + 1)
        return replace(entity, media_type=_MESSAGE, parts=(_Opening(self.account, inner).entity(inner, depth + 1),))

    def _text(self, entity: Entity, depth: int) -> Entity:
        """A text with uuencoded files in it, as mail programs show it: the text without them, and they attached (LEAK-30)."""
        octets = entity.payload
        files = tuple(uuencoded_files(octets))
        if not files:
            return entity
        edges = (0, *(edge for file in files for edge in (file.start, file.end)), len(octets))
        words = b"".join(octets[start:end] for start, end in zip(edges[::2], edges[1::2], strict=True))
        self.account.enter(depth + 1)
        self.account.keep(len(words))
        text = replace(entity, fields=(), body=words, encoding="binary")
        attached = [self.entity(self._uuencoded(entity, file, depth + 1), depth + 1) for file in files]
        return Entity(entity.fields, "multipart/mixed", {}, None, None, "7bit", b"", (text, *attached))

    def _uuencoded(self, text: Entity, file: UuFile, depth: int) -> Entity:
        self.account.enter(depth)
        self.account.keep(file.end - file.start)
        name = decoded_octets(file.name, text.parameters.get("charset")) or None
        octets = text.payload[file.start : file.end]
        return Entity((), "application/octet-stream", {}, "attachment", name, "uuencode", octets)

    def _cms(self, entity: Entity, depth: int) -> tuple[Entity, ...]:
        """What was signed or compressed: a MIME entity, or a file that was signed as such (`contract.pdf.p7m`)."""
        cms = cms_in(entity.payload)
        if cms is None or cms.wrapping is Wrapping.ENCRYPTED:
            return ()
        content = cms.content(self.account.octets_left)
        self.account.keep(len(content))
        if _MIME_HEAD.match(content):
            return (taken_apart(content, self.account, depth + 1),)
        self.account.enter(depth + 1)
        name = _SIGNED_ENDING.sub("", entity.filename or "") or None
        return (Entity((), "application/octet-stream", {}, "attachment", name, "binary", content),) if content else ()

    def _tnef(self, entity: Entity, depth: int) -> tuple[Entity, ...]:
        """The files, and the text where the mail has none of its own: beside one, it says the same once more (LEAK-68)."""
        message = tnef_in(entity.payload, self.account)
        if message is None:
            return ()
        parts = MapiEntities(self.account).parts(message, depth, with_text=not _has_words(self.root))
        return parts or (_NOTHING,)

    def _outlook(self, entity: Entity, depth: int) -> tuple[Entity, ...]:
        message = outlook_message_in(entity.payload, self.account.octets_left)
        if message is None:
            return ()
        name = _OUTLOOK_ENDING.sub("", entity.filename or "")
        return (MapiEntities(self.account).attached(message, depth + 1, f"{name}.eml" if name else None),)


def _has_words(entity: Entity) -> bool:
    """Whether the text of a message says anything; messages attached to it do not count."""
    if entity.is_attached_message or entity.is_attachment:
        return False
    if entity.parts:
        return any(_has_words(part) for part in entity.parts)
    return bool((visible_text(entity.text) if entity.media_type == "text/html" else entity.text).strip())


_OPENERS: Final[Mapping[str, Callable[[_Opening, Entity, int], tuple[Entity, ...]]]] = {
    CMS: _Opening._cms,
    OUTLOOK: _Opening._outlook,
    TNEF: _Opening._tnef,
}
