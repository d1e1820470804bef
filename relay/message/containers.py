"""Content that comes wrapped in a container, taken out of it (GW-46, LEAK-68, LEAK-69, LEAK-53).

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
from relay.message.cms import Wrapping, cms_in
from relay.message.entities import taken_apart
from relay.message.mail import Entity
from relay.message.recognised import CMS, UNDECLARED, recognised

_MESSAGE: Final = "message/rfc822"
_MIME_HEAD: Final = re.compile(
    rb"\s{0,99}(?:[!-9;-~]{1,100}:[^\n]*\n(?:[ \t][^\n]*\n)*){0,60}?(?:content-|mime-version)", re.IGNORECASE
)
_SIGNED_ENDING: Final = re.compile(r"\.p7m$", re.IGNORECASE)


def opened(root: Entity, account: Account) -> Entity:
    """The message with its containers opened, and theirs. Raises Unreadable when a bound of the account is exceeded.

    What nobody can open stays a leaf, and a recognised one has its true media type.
    """
    return _Opening(account).entity(root, 0)


@dataclass(frozen=True, slots=True)
class _Opening:
    account: Account

    def entity(self, entity: Entity, depth: int) -> Entity:
        if not entity.parts:
            return entity if entity.is_multipart else self._leaf(entity, depth)
        parts = tuple(self.entity(part, depth + 1) for part in entity.parts)
        return entity if all(new is old for new, old in zip(parts, entity.parts, strict=True)) else replace(entity, parts=parts)

    def _leaf(self, entity: Entity, depth: int) -> Entity:
        media_type = recognised(entity)
        if media_type != entity.media_type:
            entity = replace(entity, media_type=media_type)
        if media_type in UNDECLARED and (entity.filename or "").casefold().endswith(".eml"):
            return self._message(entity, depth)
        opener = _OPENERS.get(media_type)
        parts = opener(self, entity, depth) if opener is not None else ()
        return replace(entity, parts=tuple(self.entity(part, depth + 1) for part in parts)) if parts else entity

    def _message(self, entity: Entity, depth: int) -> Entity:
        """A message that is declared as a mere file (LEAK-53)."""
        if not entity.payload.strip():
            return entity
        inner = self.entity(taken_apart(entity.payload, self.account, depth + 1), depth + 1)
        return replace(entity, media_type=_MESSAGE, parts=(inner,))

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


_OPENERS: Final[Mapping[str, Callable[[_Opening, Entity, int], tuple[Entity, ...]]]] = {CMS: _Opening._cms}
