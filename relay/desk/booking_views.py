"""Bookings as people look at them: with their offer, the two parties as the other side may know them, and what each may do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Connection

from relay.booking.booking import Actor, BookingId
from relay.booking.catalogue import Offer, Variant
from relay.booking.lifecycle import possible
from relay.booking.situation import Situation
from relay.conversation import Conversation, Party
from relay.desk.lifecycle import seen_together
from relay.errors import NotFound
from relay.store import conversations, unreached
from relay.store.bookings import records
from relay.store.bookings.records import Record
from relay.values import NameShown, Role
from relay.web.booking_ports import Shown, ShownParty

PEOPLE: Final = (Actor.CUSTOMER, Actor.PARTNER, Actor.SUPPORT, Actor.OPERATOR)
"""Those who are told what they may do."""


@dataclass(frozen=True, slots=True)
class Views:
    """`names`: how much of the other's name each may see (GW-40)."""

    names: NameShown

    def shown(self, connection: Connection, record: Record, now: datetime) -> Shown:
        """A booking for whoever looks, whoever that is: all see the same (SV-20). No address is in it (LEAK-86)."""
        return self.several(connection, [record], now)[0]

    def several(self, connection: Connection, of: Sequence[Record], now: datetime) -> tuple[Shown, ...]:
        """Each of them, with as many questions as for one. Raises NotFound where something that belongs to one is not there."""
        conversations_of = conversations.by_references(connection, [one.booking.reference for one in of])
        if len(conversations_of) < len({one.booking.reference for one in of}):
            raise NotFound("a booking has no conversation")
        parents = records.of_ids(connection, [one.booking.parent for one in of if one.booking.parent is not None])
        references = {one.booking.id: one.booking.reference for one in parents}
        return tuple(
            self._shown(record, offer, variant, conversations_of[record.booking.reference], situation, references, dead)
            for record, (offer, variant), situation, dead in zip(
                of,
                records.bought_by_each(connection, of),
                seen_together(connection, of, now),
                unreached.parties_of_each(connection, of),
                strict=True,
            )
        )

    def _shown(
        self,
        record: Record,
        offer: Offer,
        variant: Variant,
        conversation: Conversation,
        of: Situation,
        parents: Mapping[BookingId, str],
        dead: tuple[Role, ...],
    ) -> Shown:
        booking = record.booking
        return Shown(
            booking=booking,
            offer_title=offer.title.said[0].text,
            variant_title=variant.title.said[0].text,
            partner=self._party(conversation.partner),
            customer=self._party(conversation.customer),
            account=of.account,
            possible={actor: possible(of, actor) for actor in PEOPLE},
            parent=parents[booking.parent] if booking.parent is not None else None,
            unreached=dead,
        )

    def _party(self, party: Party) -> ShownParty:
        return ShownParty(party.shown_name(self.names), party.alias, party.language)
