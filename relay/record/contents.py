"""What a bundle is made of: one conversation with everything that proves it, as values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import Final

from relay.record.head import Head
from relay.record.tree import Hash
from relay.values import Role

Json = str | int | bool | None | Sequence["Json"] | Mapping[str, "Json"]


class Profile(Enum):
    """For whom a bundle is (AR-1): what it shows of the addresses, and of what was received."""

    INTERNAL = "internal"
    """All that is kept, for the house itself."""
    AUTHORITY = "authority"
    """The same, for a court or an authority: without who of the house looked at what."""
    PARTNER = "partner"
    """For that party: what crossed, never a real address, nor what was received or said between servers."""
    CUSTOMER = "customer"

    @property
    def party(self) -> Role | None:
        """The party for whom it is; None where it is for nobody of them."""
        return _PARTIES.get(self)


_PARTIES: Final = {Profile.PARTNER: Role.PARTNER, Profile.CUSTOMER: Role.CUSTOMER}


@dataclass(frozen=True, slots=True)
class ProvenEntry:
    """An entry of the timeline. `octets` are what is hashed after `previous`; `leaf` is its leaf in the record, at `number`.

    `path` leads to the root; of each step, whether that hash stands on the left, and the hash.
    """

    entry: int
    octets: bytes
    previous: bytes
    leaf: bytes
    number: int
    path: tuple[tuple[bool, Hash], ...]


@dataclass(frozen=True, slots=True)
class Crossed:
    """What one recipient was sent, octet for octet."""

    ordinal: int
    reader: Role
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class BundledMessage:
    """One message. `raw` is None where it is withheld, lost or infected: `withheld` says why. `told` is for verdicts.json."""

    id: str
    at: datetime
    writer: Role
    entry: int
    salt: bytes = field(repr=False)
    raw: bytes | None = field(repr=False)
    withheld: str
    crossed: tuple[Crossed, ...]
    verdicts: Mapping[str, Json]
    events: tuple[Mapping[str, Json], ...]
    dns: Sequence[Json]


@dataclass(frozen=True, slots=True)
class Contents:
    """All of a conversation, of which `profile` decides what is shown. `key` is the public key in PEM, `at` when it was made."""

    reference: str
    conversation: str
    profile: Profile
    at: datetime
    house: str
    head: Head
    head_signature: bytes
    key: bytes
    fingerprint: str
    entries: tuple[ProvenEntry, ...]
    messages: tuple[BundledMessage, ...]
    access: tuple[Mapping[str, Json], ...] = ()
