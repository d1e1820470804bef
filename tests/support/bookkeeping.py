"""Bookings in a database under test: the boat tour's catalogue, bookings that begin and step by the table of the lifecycle."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from relay.booking.beginning import WAYS, Order, begun
from relay.booking.booking import Actor, Booking, BookingId
from relay.booking.catalogue import Listing, Slot
from relay.booking.ledger import account
from relay.booking.lifecycle import Step, stepped
from relay.booking.offer import Mode, Rules
from relay.booking.situation import Act, Situation, Wish
from relay.booking.terms import Choice, SlotId
from relay.store.bookings import capacity, ledger, records
from relay.store.bookings.catalogue import OFFERS, PARTNERS, SLOTS, VARIANTS, listing, stock
from relay.store.bookings.records import Customer
from relay.values import Language, RealAddress
from support.archive import World
from support.bookings import NOW, VARIANT
from support.catalogue import ADULT, BOAT, GARDA, MORNING, SLOT

HOUSE: Final = Rules(Mode.INSTANT)
ZOFIA: Final = Customer("Zofia Kowalska", RealAddress("zofia@poczta.example"), Language.PL, ZoneInfo("Europe/Warsaw"))
SHOWN: Final = "Zofia"


class Office:
    """A house that sells the boat tour in `mode`. What it does is one transaction each."""

    def __init__(self, world: World, mode: Mode = Mode.RESERVE, *, slot: Slot = SLOT, **switches: Any) -> None:
        self.world = world
        offer = replace(BOAT, switches=replace(BOAT.switches, mode=mode, **switches), promotion="SUMMER-26")

        def open_house(connection: Connection) -> None:
            PARTNERS.add(connection, GARDA, now=NOW, by="operator")
            OFFERS.add(connection, offer, now=NOW, by="operator")
            VARIANTS.add(connection, MORNING, now=NOW, by="operator")
            SLOTS.add(connection, slot, now=NOW, by="operator")

        world.write(open_house)

    @property
    def listing(self) -> Listing:
        return self.world.read(lambda connection: listing(connection, VARIANT, HOUSE))

    def first_step(self, reference: str = "BOAT-1", *, now: datetime = NOW, **more: Any) -> Step:
        """The step by which somebody orders a place in the boat, or what is said instead."""
        act = WAYS[self.listing.rules.mode]
        said = {"slot": SLOT, "choices": (Choice(ADULT.key, more.get("participants", 1)),), **more}
        order = Order(act, Actor.CUSTOMER, "customer", Language.PL, **said)
        return begun(self.listing, order, BookingId(self.world.new_id()), reference, now=now, room=True)

    def begun(self, reference: str = "BOAT-1", *, customer: Customer = ZOFIA, shown: str = SHOWN, **more: Any) -> Booking:
        """A booking, in the database, with its places."""
        step = self.first_step(reference, **more)
        rules = self.listing.rules

        def write(connection: Connection) -> Booking:
            records.add(connection, step, rules, customer, shown=shown)
            assert capacity.settle(connection, step.booking)
            return step.booking

        return self.world.write(write)

    def stepped(self, booking: Booking, act: Act, actor: Actor, *, now: datetime = NOW, **wish: Any) -> Booking:
        """The booking after that act, as the database has it."""

        def write(connection: Connection) -> Booking:
            step = self.step(connection, booking.id, act, actor, now=now, **wish)
            records.stepped(connection, step)
            assert capacity.settle(connection, step.booking)
            return step.booking

        return self.world.write(write)

    def step(self, connection: Connection, id_: BookingId, act: Act, actor: Actor, *, now: datetime = NOW, **wish: Any) -> Step:
        """What that act comes to; nothing is written."""
        record = records.locked(connection, id_)
        entries = ledger.entries(connection, id_)
        of = Situation(record.booking, record.rules, account(entries, record.booking.terms.currency), now)
        return stepped(of, Wish(act, actor, wish.pop("by", actor.value), **wish))

    def taken(self, slot: SlotId = SLOT.id) -> int:
        return self.world.read(lambda connection: stock(connection, slot).taken)
