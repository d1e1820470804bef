"""A message as the other party gets it, and what an independent reading finds in that."""

from __future__ import annotations

from dataclasses import dataclass

from relay.message.anonymise import anonymised
from relay.message.leaks import Finding, leaks
from relay.message.parse import parse
from relay.message.removal import Removal
from relay.message.seal import Seal
from relay.message.terms import Style, Terms
from relay.values import MessageId, MsgId
from support.world import DOMAIN, NOW, a_conversation

STYLE = Style("Example Travel", DOMAIN, Seal(bytes(range(32)), DOMAIN), house_domains=(DOMAIN,))


@dataclass(frozen=True)
class Rendition:
    """The octets that cross, what was taken out, and what the second reading still finds."""

    content: bytes
    removed: tuple[Removal, ...]
    findings: tuple[Finding, ...]


def rendition_of(octets: bytes) -> Rendition:
    """A mail of the partner as the customer gets it, in the usual world."""
    conversation = a_conversation()
    writer, reader = conversation.partner, conversation.customer
    terms = Terms(
        conversation=conversation,
        writer=writer,
        reader=reader,
        message_id=MsgId(f"00000000000000000000rendition@{DOMAIN}"),
        in_reply_to=(),
        references=(),
        footer=(),
        hosts=(),
        automatic=False,
        trace=MessageId("00000000000000000rendition"),
        now=NOW,
    )
    crossed = anonymised(parse(octets), terms, STYLE)
    allowed = {str(party.alias) for party in conversation.parties()}
    return Rendition(crossed.content, crossed.removed, leaks(crossed.content, terms.watched(STYLE), allowed=allowed))
