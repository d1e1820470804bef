"""Ids that must come back: sealed on the way out, opened when the other side answers with them (LEAK-66).

An invitation's UID often ends with the host that made it, and an answer is matched by that UID alone. Sealing it makes a UID of
ours that says nothing, and that this installation, nobody else, turns into the original again; nothing has to be remembered.
AES-SIV is deterministic, so an update of an event keeps its UID.
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass, field
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV

sealed_octets_max: Final = 1_000


@dataclass(frozen=True, slots=True)
class Seal:
    """Seals for one installation. `key` is 32 secret octets; `domain` is the reply domain, at which sealed ids end."""

    key: bytes = field(repr=False)
    domain: str

    def sealed(self, text: str, conversation: str) -> str:
        """An id on the reply domain that stands for `text` in `conversation`; already sealed ones are made anew alike."""
        octets = AESSIV(self.key).encrypt(text.encode("utf-8")[:sealed_octets_max], [conversation.encode()])
        return f"{base64.b32encode(octets).decode().rstrip('=').lower()}@{self.domain}"

    def opened(self, text: str, conversation: str) -> str | None:
        """What `text` stands for, when it was sealed here for this conversation."""
        local, _, domain = text.rpartition("@")
        if domain.casefold() != self.domain or len(local) > 2 * sealed_octets_max:
            return None
        padded = local.upper() + "=" * (-len(local) % 8)
        try:
            return AESSIV(self.key).decrypt(base64.b32decode(padded), [conversation.encode()]).decode("utf-8")
        except (binascii.Error, InvalidTag, ValueError):
            return None
