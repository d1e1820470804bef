"""A small world for tests: one partner, one customer, one confirmed booking, and a clock that stands still."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from relay.conversation import Conversation, Party
from relay.values import Alias, ConversationId, Language, PartyId, RealAddress, Role, Window

DOMAIN: Final = "reply.example.com"
PARTNER_ADDRESS: Final = "marco.bellini@alpine-tours.example"
CUSTOMER_ADDRESS: Final = "zofia.kowalska@poczta.example"
PARTNER_ALIAS: Final = Alias("local-partner-1a2b3c4d5678", DOMAIN)
CUSTOMER_ALIAS: Final = Alias("customer-12ab3456cd78", DOMAIN)


def utc(text: str) -> datetime:
    """An instant from ISO 8601 text with an offset."""
    at = datetime.fromisoformat(text)
    assert at.tzinfo is not None
    return at


NOW: Final = utc("2026-06-01T12:00:00+00:00")


def a_party(
    role: Role,
    *,
    name: str | None = None,
    alias: Alias | None = None,
    addresses: tuple[str, ...] | None = None,
    language: Language | None = None,
) -> Party:
    """A partner who writes French, or a customer who writes Polish, unless told otherwise."""
    partner = role is Role.PARTNER
    return Party(
        id=PartyId(f"party-{role.value}"),
        role=role,
        alias=alias or (PARTNER_ALIAS if partner else CUSTOMER_ALIAS),
        name=name if name is not None else ("Marco Bellini" if partner else "Zofia Kowalska"),
        language=language or (Language.FR if partner else Language.PL),
        addresses=tuple(RealAddress(text) for text in (addresses or (PARTNER_ADDRESS if partner else CUSTOMER_ADDRESS,))),
    )


def a_conversation(
    *,
    reference: str = "GYG4K7Q2X9ABC",
    partner: Party | None = None,
    customer: Party | None = None,
    opens_at: datetime | None = NOW - timedelta(days=3),
    activity_end: datetime = NOW + timedelta(days=9),
    closed_at: datetime | None = None,
) -> Conversation:
    """A confirmed booking, open since three days, its activity in nine."""
    return Conversation(
        id=ConversationId(f"conversation-{reference}"),
        reference=reference,
        partner=partner or a_party(Role.PARTNER),
        customer=customer or a_party(Role.CUSTOMER),
        activity_end=activity_end,
        window=Window(opens_at, activity_end + timedelta(days=7)),
        closed_at=closed_at,
    )
