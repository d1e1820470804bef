"""The front desk of a house under test: it begins bookings and lets people act on them, one transaction each."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from itertools import count
from typing import Any, Final

from sqlalchemy import Connection

from relay.booking.beginning import WAYS, Order
from relay.booking.booking import Actor, Booking
from relay.booking.catalogue import Slot
from relay.booking.ledger import Account, account
from relay.booking.lifecycle import Step
from relay.booking.offer import Mode
from relay.booking.reminders import Reminders
from relay.booking.situation import Act, Wish
from relay.booking.terms import Choice
from relay.conversation import Conversation
from relay.desk.lifecycle import Lifecycle
from relay.machine import clock
from relay.store import conversations
from relay.store.bookings import ledger, notifications, records, timers
from relay.values import Language
from support.archive import World
from support.bookings import NOW
from support.bookkeeping import ZOFIA, Office
from support.catalogue import ADULT, SLOT

REMINDERS: Final = Reminders(
    unanswered=(timedelta(hours=2), timedelta(hours=24)), unpaid=(timedelta(days=1),), before_deadline=(), before_action=()
)


class FrontDesk:
    """`now` is what its clock shows; `tick` lets it do what has come due."""

    def __init__(
        self, world: World, mode: Mode = Mode.CUSTOM_REQUEST, *, now: datetime = NOW, slot: Slot = SLOT, **switches: Any
    ) -> None:
        self.world = world
        self.slot = slot
        self.office = Office(world, mode, slot=slot, **switches)
        self.now = now
        self._numbers = count(1)
        self.lifecycle = Lifecycle(world.mint, world.new_id, self._reference, REMINDERS)

    def _reference(self) -> str:
        return f"BOAT-{next(self._numbers)}"

    def begin(self, **more: Any) -> Booking:
        """Somebody orders a place in the boat."""
        act = WAYS[self.office.listing.rules.mode]
        said = {"slot": self.slot, "choices": (Choice(ADULT.key, more.get("participants", 1)),), **more}
        order = Order(act, Actor.CUSTOMER, "customer", Language.PL, **said)
        listing, customer = self.office.listing, ZOFIA
        record = self.world.write(lambda connection: self.lifecycle.begin(connection, listing, order, customer, now=self.now))
        return record.booking

    def act(self, booking: Booking, act: Act, actor: Actor, **wish: Any) -> Booking:
        """What somebody does; the booking afterwards."""
        return self.step(booking, act, actor, **wish).booking

    def step(self, booking: Booking, act: Act, actor: Actor, **wish: Any) -> Step:
        version = wish.pop("version", None)
        said = Wish(act, actor, wish.pop("by", actor.value), **wish)
        return self.world.write(
            lambda connection: self.lifecycle.act(connection, booking.reference, said, now=self.now, version=version)
        )

    def tick(self, span: timedelta = timedelta()) -> int:
        """The clock goes on by `span`; then it does what has come due, one timer a transaction. How many that were."""
        self.now += span
        done = 0

        def once(connection: Connection) -> bool:
            due = timers.due(connection, self.now, 1)
            for one in due:
                self.lifecycle.work_off(connection, one, now=self.now)
            return bool(due)

        while self.world.write(once):
            done += 1
            assert done < 100, "a timer that is never worked off"
        return done

    def one(self, booking: Booking) -> Booking:
        return self.world.read(lambda connection: records.by_id(connection, booking.id)).booking

    def conversation(self, booking: Booking) -> Conversation:
        return self.world.read(lambda connection: conversations.by_reference(connection, booking.reference))

    def money(self, booking: Booking) -> Account:
        entries = self.world.read(lambda connection: ledger.entries(connection, booking.id))
        return account(entries, booking.terms.currency)

    def mails(self, booking: Booking) -> list[str]:
        """What was told to whom, in order: "N1 partner"."""
        told = self.world.read(lambda connection: notifications.of_booking(connection, booking.id))
        return [f"{one.notification.says.value} {one.notification.to.value}" for one in told]

    def timers(self, booking: Booking) -> dict[str, datetime]:
        """What comes, by the words of its key."""
        found = self.world.read(lambda connection: timers.of_booking(connection, booking.id))
        return {one.key.rpartition(" ")[0]: one.due_at for one in found}

    def pay(self, booking: Booking, event: str = "evt1", minor: int | None = None) -> Booking:
        """The payment provider has told that it was paid."""
        from support.bookings import paid

        entry = paid(booking.terms.total.minor if minor is None else minor, event)

        def work(connection: Connection) -> Step:
            record = records.locked(connection, booking.id)
            ledger.enter(connection, booking.id, replace(entry, at=self.now))
            return self.lifecycle.act(
                connection, record.booking.reference, Wish(Act.PAID, Actor.PAYMENTS, "payments"), now=self.now
            )

        return self.world.write(work).booking


def front_desk_of_today(world: World) -> FrontDesk:
    """What it sells lies ahead by the clock of this machine: a gateway that runs beside it has nothing to do about it yet."""
    now = clock()
    ahead, occasion = now - NOW, SLOT.occasion
    later = replace(occasion, starts_at=occasion.starts_at + ahead, ends_at=occasion.ends_at + ahead)
    return FrontDesk(world, now=now, slot=replace(SLOT, occasion=later))
