"""Bookings as people look at them: with their offer, the two parties as the other side may know them, and what each may do."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Connection

from relay.booking.booking import Actor
from relay.booking.lifecycle import possible
from relay.conversation import Party
from relay.desk.lifecycle import seen
from relay.store import conversations, unreached
from relay.store.bookings import records
from relay.store.bookings.records import Record
from relay.values import NameShown
from relay.web.booking_ports import Shown, ShownParty

PEOPLE: Final = (Actor.CUSTOMER, Actor.PARTNER, Actor.SUPPORT, Actor.OPERATOR)
"""Those who are told what they may do."""


@dataclass(frozen=True, slots=True)
class Views:
    """`names`: how much of the other's name each may see (GW-40)."""

    names: NameShown

    def shown(self, connection: Connection, record: Record, now: datetime) -> Shown:
        """A booking for whoever looks, whoever that is: all see the same (SV-20). No address is in it (LEAK-86)."""
        booking = record.booking
        offer, variant = records.bought(connection, record)
        conversation = conversations.by_reference(connection, booking.reference)
        of = seen(connection, record, now)
        parent = records.by_id(connection, booking.parent).booking.reference if booking.parent is not None else None
        return Shown(
            booking=booking,
            offer_title=offer.title.said[0].text,
            variant_title=variant.title.said[0].text,
            partner=self._party(conversation.partner),
            customer=self._party(conversation.customer),
            account=of.account,
            possible={actor: possible(of, actor) for actor in PEOPLE},
            parent=parent,
            unreached=unreached.parties_of(connection, record),
        )

    def _party(self, party: Party) -> ShownParty:
        return ShownParty(party.shown_name(self.names), party.alias, party.language)
