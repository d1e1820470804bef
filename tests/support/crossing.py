"""The path of a message without sockets and tables: parsed, gathered, decided, as in `relay.inbound.accept`."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import count
from typing import Final

from relay.conversation import Conversation, Party
from relay.correspondence.house import House
from relay.errors import Unreadable
from relay.inbound.decide import Decider, Rejected
from relay.inbound.filetypes import FileTypes
from relay.inbound.gather import Gatherer
from relay.inbound.ports import AtAlias, Incoming
from relay.message.parse import parse
from relay.message.removal import Removal
from relay.message.seal import Seal
from relay.message.terms import Style
from relay.policy.facts import LocalPolicy
from relay.policy.reasons import Reason
from relay.transit.background import Background, Inquiry
from relay.values import Alias, MessageId
from support.world import DOMAIN, NOW


@dataclass(frozen=True, slots=True)
class Crossed:
    """What became of one message: `fate` and `reason` as the archive has them, and in `detail` why it was held or refused."""

    fate: str
    reason: str = ""
    detail: str = ""
    content: bytes = field(default=b"", repr=False)
    removed: tuple[Removal, ...] = ()

    @property
    def outcome(self) -> str:
        return f"{self.fate}:{self.reason}" if self.reason else self.fate


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a message comes from, as the SMTP session has it. Without a return path it is the writer's address."""

    ip: str = "198.51.100.9"
    helo: str = "client.example"
    return_path: str | None = None


SOMEWHERE: Final = Origin()


@dataclass(frozen=True, slots=True)
class OneConversation:
    """A store that knows one conversation, and nothing of what was said in it before."""

    conversation: Conversation

    async def backgrounds(self, aliases: Sequence[Alias], inquiry: Inquiry) -> list[Background | None]:
        return [Background(self.conversation) if self.conversation.at_alias(one) is not None else None for one in aliases]


@cache
def _file_types() -> FileTypes:
    return FileTypes()


def crossed(content: bytes, conversation: Conversation, writer: Party, origin: Origin = SOMEWHERE) -> Crossed:
    """What becomes of `content` when `writer` sends it to the other party's alias, from the machine at `origin`."""
    numbers = count(1)
    gatherer = Gatherer(OneConversation(conversation), None, _file_types(), LocalPolicy(), "customer-", DOMAIN, prover=None)
    style = Style("Example Travel", DOMAIN, Seal(bytes(32), DOMAIN), house_domains=(DOMAIN,))
    house = House("Example Travel", DOMAIN, "https://example.com/support")
    decider = Decider(
        style, house, reject=False, attachment_bytes_max=LocalPolicy().attachment_bytes_max, new_id=lambda: f"id{next(numbers)}"
    )
    alias = conversation.party(writer.role.other).alias
    return_path = writer.addresses[0].reveal() if origin.return_path is None else origin.return_path
    incoming = Incoming(MessageId("m1"), NOW, return_path, (AtAlias(alias),), content, origin.ip, origin.helo)
    try:
        mail = parse(content)
    except Unreadable as why:
        return Crossed("rejected", Reason.UNREADABLE.value, str(why))
    gathered = asyncio.run(gatherer.gather(incoming, (alias,), mail))
    decision = decider.decide(gathered, incoming)
    if isinstance(decision, Rejected):
        return Crossed("rejected", decision.reply.text, "")
    (draft,) = decision
    content = draft.rendition.content if draft.rendition else b""
    reason = draft.reason.value if draft.reason else ""
    detail = "; ".join([draft.detail, *(f"{one.kind} in {one.place} ({one.layer})" for one in draft.findings)])
    return Crossed(draft.fate.value, reason, detail.strip("; "), content, draft.removed)
