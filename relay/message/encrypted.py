"""Whether something in a message can be read by its recipient alone (GW-46, CASE-22)."""

from __future__ import annotations

import re
from typing import Final

from relay.message.html import visible_text
from relay.message.mail import Entity, Mail
from relay.message.recognised import CMS, PGP_ENCRYPTED

_ARMOUR: Final = "-----BEGIN PGP MESSAGE"
_UNQUOTED: Final = re.compile(rf"^[ \t]{{0,80}}{_ARMOUR}", re.MULTILINE)


def holds_encrypted(mail: Mail) -> bool:
    """Whether any part of it, an attached file included, is encrypted."""
    return any(is_encrypted(entity) for entity in mail.root.walk())


def is_encrypted(entity: Entity) -> bool:
    """Whether this very part is encrypted, by what it is after it was parsed.

    In text, armour that is quoted does not count: it is what the other party had written, and the answer can be checked. It is
    cut out with a mark (docs/decisions/0005).
    """
    if entity.media_type in {"multipart/encrypted", PGP_ENCRYPTED}:
        return True
    if entity.media_type == CMS:
        # What could be opened has parts. What declares itself so and could not cannot be checked either.
        return not entity.parts and entity.parameters.get("smime-type", "").casefold() != "certs-only"
    if entity.media_type not in {"text/plain", "text/html"} or _ARMOUR not in entity.text:
        return False
    words = entity.text if entity.media_type == "text/plain" else visible_text(entity.text, with_quotes=False)
    return _UNQUOTED.search(words) is not None
