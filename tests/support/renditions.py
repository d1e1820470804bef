"""A message through the core, as the decider takes it through: parsed, rendered for the other side, read a second time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from relay.conversation import Conversation
from relay.correspondence.footer import footer_lines
from relay.correspondence.house import House
from relay.message.anonymise import anonymised
from relay.message.hosts import hosts_of
from relay.message.leaks import Finding, leaks
from relay.message.mail import Mail
from relay.message.parse import parse
from relay.message.removal import Removal
from relay.message.seal import Seal
from relay.message.terms import Style, Terms
from relay.values import MessageId, MsgId, Role
from support.world import DOMAIN, NOW, a_conversation

HOUSE: Final = House("Example Travel", DOMAIN, "https://example.com/support")
STYLE: Final = Style("Example Travel", DOMAIN, Seal(bytes(range(32)), DOMAIN), house_domains=(DOMAIN,))
THE_TWO: Final = a_conversation()
ID: Final = f"0000000000000000000000test@{DOMAIN}"


@dataclass(frozen=True, slots=True)
class Rendition:
    """The octets that would leave, what was taken out, and what the second reading still finds."""

    content: bytes = field(repr=False)
    removed: tuple[Removal, ...]
    findings: tuple[Finding, ...]


def terms_of(
    mail: Mail,
    *,
    writer: Role = Role.PARTNER,
    conversation: Conversation = THE_TWO,
    footer: Sequence[str] | None = None,
    automatic: bool = False,
) -> Terms:
    """`mail` from one party to the other. Without `footer`, the house's own in the reader's language."""
    reader = conversation.party(writer.other)
    return Terms(
        conversation=conversation,
        writer=conversation.party(writer),
        reader=reader,
        message_id=MsgId(ID),
        in_reply_to=(),
        references=(),
        footer=footer if footer is not None else footer_lines(reader.language, conversation.window.closes_at, HOUSE),
        hosts=hosts_of(mail, "203.0.113.9", "", DOMAIN),
        automatic=automatic,
        trace=MessageId("000000000000000000000test"),
        now=NOW,
    )


def rendered(mail: Mail, terms: Terms, style: Style = STYLE) -> Rendition:
    """`mail` as the reader of `terms` gets it. Raises Unreadable beyond a bound of the surgery."""
    crossed = anonymised(mail, terms, style)
    allowed = {*(str(party.alias) for party in terms.conversation.parties()), terms.shown_to(style)}
    return Rendition(crossed.content, crossed.removed, leaks(crossed.content, terms.watched(style), allowed=allowed))


def rendition_of(content: bytes, *, writer: Role = Role.PARTNER, style: Style = STYLE) -> Rendition:
    """The message in `content` from one party to the other, without a footer. Raises Unreadable."""
    mail = parse(content)
    return rendered(mail, terms_of(mail, writer=writer, footer=()), style)
