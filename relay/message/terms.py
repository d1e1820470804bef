"""On what terms a message crosses: who writes to whom, what the house decided, what the thread is called on the other side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from functools import lru_cache
from typing import Final

from relay.conversation import Conversation, Party
from relay.message.files import DocumentMetadata
from relay.message.html import RemoteImages
from relay.message.identity import Identity
from relay.message.leaks import Watched
from relay.message.masker import Masker
from relay.message.seal import Seal
from relay.message.treatment import STANDARD, Treatments
from relay.values import MessageId, MsgId, NameShown

maskers_max: Final = 500
"""Maskers that are kept for the next message of the same two. One takes some kilobytes."""


class ToHeader(Enum):
    """Whose address stands in To of a rendition (GW-40)."""

    ALIAS = "alias"
    REAL = "real"


@dataclass(frozen=True, slots=True)
class Style:
    """What one house decided about its renditions.

    `house_domains` are its own: addresses and links there may stand in a text. On `house_hosts` only links may.
    """

    brand: str
    domain: str
    seal: Seal
    names: NameShown = NameShown.FIRST
    treatments: Treatments = STANDARD
    remote_images: RemoteImages = RemoteImages.REMOVE
    document_metadata: DocumentMetadata = DocumentMetadata.IDENTIFYING
    to_header: ToHeader = ToHeader.ALIAS
    house_domains: tuple[str, ...] = ()
    house_hosts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Terms:
    """One message for one reader. `now` is when it was received (UTC); ids are without angle brackets.

    `hosts` are names and addresses of the writer's machines, as servers on the way wrote them down. `trace` is our id of the
    message, which the rendition carries (GW-28). `automatic`: the message is an automatic answer, and says so on (GW-47).
    """

    conversation: Conversation
    writer: Party
    reader: Party
    message_id: MsgId
    in_reply_to: Sequence[MsgId]
    references: Sequence[MsgId]
    footer: Sequence[str]
    hosts: Sequence[str] = field(repr=False)
    automatic: bool
    trace: MessageId
    now: datetime

    def masker(self, style: Style) -> Masker:
        """The masker for this writer and this reader."""
        return masker(self.writer, self.reader, style, self.hosts)

    def shown_to(self, style: Style) -> str:
        """The address in To: the reader's alias, or in a house that routes on it, the reader's own (GW-40)."""
        return self.reader.mailbox.reveal() if style.to_header is ToHeader.REAL else str(self.reader.alias)

    def watched(self, style: Style) -> tuple[Watched, Watched]:
        """See `watched`."""
        return watched(self.writer, self.reader, style, self.hosts)


def masker(writer: Party, reader: Party, style: Style, hosts: Sequence[str] = ()) -> Masker:
    """The masker for what `writer` says to `reader`; `hosts` are the writer's machines, where they are known."""
    return _masker(
        Identity.of(writer, style.names, hosts),
        Identity.of(reader, style.names),
        reader.language,
        style.treatments,
        style.house_domains,
        style.house_hosts,
    )


def watched(writer: Party, reader: Party, style: Style, hosts: Sequence[str] = ()) -> tuple[Watched, Watched]:
    """What the second reading looks for: the writer with name and machines, the reader by addresses alone, whose own name
    may well be called in a letter to them."""
    house = (*style.house_domains, writer.alias.domain)
    one, other = (Identity.of(party, style.names).beside(house) for party in (writer, reader))
    phrase = (" ".join(one.name.withheld),) if one.name.stands_alone else ()
    return (
        Watched(_revealed(writer), phrase, one.own_domains, tuple(hosts)),
        Watched(_revealed(reader), (), other.own_domains),
    )


_masker: Final = lru_cache(maxsize=maskers_max)(Masker)
"""The two write each other again, mostly through the same machines: what is looked for is worked out once."""


def _revealed(party: Party) -> tuple[str, ...]:
    return tuple(address.reveal() for address in (*party.addresses, *party.former_addresses))
