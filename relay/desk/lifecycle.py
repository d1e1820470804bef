"""A step of a booking's, with everything that it causes, in one transaction (invariant 9).

Whoever wants something of a booking comes here: people by HTTP, commands, links and mail, the clock, the payment provider. Locks
are taken in one order, so that two steps never wait for one another: the booking, the slots in the order of their ids, and the
conversation last.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection

from relay.booking.beginning import Order, begun
from relay.booking.booking import Actor, Booking, BookingId, Stage
from relay.booking.catalogue import Listing
from relay.booking.forecast import Coming, coming
from relay.booking.ledger import Entry, Kind, account
from relay.booking.lifecycle import Effect, Mail, NotAllowed, Step, possible, stepped
from relay.booking.profile import Profile
from relay.booking.refunds import owed, portions
from relay.booking.reminders import Reminders
from relay.booking.situation import Act, Situation, Wish
from relay.booking.terms import SlotId, Terms
from relay.conversation import Opening, shown_name
from relay.store import conversations, legal_holds, steps
from relay.store.bookings import capacity, catalogue, checkouts, ledger, notifications, records, refunds, timers
from relay.store.bookings.catalogue import PARTNERS
from relay.store.bookings.notifications import Waiting
from relay.store.bookings.records import Customer, Record
from relay.store.bookings.refunds import Refund
from relay.store.bookings.timers import Due, Timer
from relay.store.steps import Mint
from relay.values import NameShown, NewId
from relay.web.booking_ports import Stale

Tell = Callable[[Connection, Step], None]
"""Is told of each step, in its transaction."""

no_room: Final = "there is no place left at that time"
_LOOK: Final = "look again"
"""At what is held together with others: what becomes of those writes no timers of this one."""
_looked_at_every: Final = timedelta(hours=1)
_TO: Final = "|"
"""Between the key of a reminder and whom it is for."""


def nobody(connection: Connection, step: Step) -> None:
    """Nobody is told."""


@dataclass(frozen=True, slots=True)
class Lifecycle:
    """Takes steps. `opens_at_once`: the parties may write to each other before the booking is confirmed (GY-6)."""

    mint: Mint
    new_id: NewId
    new_reference: NewId
    reminders: Reminders
    names: NameShown = NameShown.FIRST
    opens_at_once: bool = False
    tell: Tell = field(default=nobody, repr=False)

    def begin(
        self,
        connection: Connection,
        listing: Listing,
        order: Order,
        customer: Customer,
        *,
        now: datetime,
        profiles: Iterable[Profile] = (),
    ) -> Record:
        """The first step of a booking (T1 to T3, T18). Raises ValueError for what cannot be meant, and NotAllowed."""
        id_ = BookingId(self.new_id())
        slot = order.slot
        room = slot is None or capacity.room(connection, slot.id) >= order.participants
        step = begun(listing, order, id_, self.new_reference(), now=now, room=room, profiles=profiles)
        records.add(connection, step, listing.rules, customer, shown=shown_name(customer.name, self.names))
        record = records.by_id(connection, id_)
        of = Situation(step.before, listing.rules, account((), step.before.terms.currency), now, room)
        wish = Wish(order.act, order.actor, order.by)
        if not capacity.settle(connection, step.booking):
            raise _full(of, wish)
        self._follow(connection, _Taking(record, of, step, wish))
        return record

    def act(
        self,
        connection: Connection,
        reference: str,
        wish: Wish,
        *,
        now: datetime,
        version: int | None = None,
    ) -> Step:
        """A step of the booking that is there. `version` is that which was looked at, None for whichever there is.

        What is held together is released together: one of it that may not be released keeps them all (T16). Raises NotFound,
        NotAllowed, Stale, ValueError for what cannot be meant, and checkouts.StillOpen where payment pages have to be ended at
        the provider first.
        """
        found = records.by_reference(connection, reference)
        together = self._locked_with(connection, found, wish.act)
        record = together[found.booking.id]
        if version is not None and version != record.booking.version:
            raise Stale(reference, record.booking.version)
        if wish.assignee is not None and PARTNERS.one(connection, record.booking.partner).member(wish.assignee) is None:
            raise ValueError("assignee: nobody of the staff is that")
        return self._steps(connection, record, together, wish, now)

    def foreseen(
        self, connection: Connection, record: Record, wish: Wish, now: datetime, version: int | None = None
    ) -> tuple[str, ...]:
        """The references of all that would step if `wish` were granted now, its own first; nothing is changed, nor locked.

        Raises what `act` raises for a wish that is not granted.
        """
        booking = record.booking
        if version is not None and version != booking.version:
            raise Stale(booking.reference, booking.version)
        stepped(self.situation(connection, record, now, wish.terms), wish)
        together = records.beside(connection, booking, now) if wish.act is Act.RELEASE and booking.composite else ()
        waiting = [one for one in together if one.booking.stage is Stage.AWAITING_PAYMENT]
        for one in waiting:
            stepped(one, wish)
        return (booking.reference, *(one.booking.reference for one in waiting))

    def situation(self, connection: Connection, record: Record, now: datetime, terms: Terms | None = None) -> Situation:
        """What is known about a booking at `now`, and whether there is room for `terms`, by default those that are talked of.

        Whether it gets that room is found out when it is taken.
        """
        wanted = _wanted(record.booking, terms)
        room = wanted.slot is None or capacity.room(connection, wanted.slot, record.booking.id) >= wanted.participants
        return _situation(connection, record, now, room)

    def work_off(self, connection: Connection, due: Due, *, now: datetime) -> None:
        """What the clock does now that `due` has come; its booking's lock is held. Raises StillOpen.

        What is not to be done any more after all is left: what comes next is reckoned anew either way.
        """
        record = records.by_id(connection, due.booking)
        one = next((one for one in self.coming(connection, record, now) if one.key == due.timer.key), None)
        if one is None or one.at > now:
            self._wind(connection, record, now)
        elif one.act is None:
            for mail in one.mails:
                self.notify(connection, record, mail, f"{one.key}{_TO}{mail.to.value}", now)
            self._wind(connection, record, now)
        else:
            self._let_the_clock(connection, record, one.act, now)

    def notify(self, connection: Connection, record: Record, mail: Mail, key: str, now: datetime, **detail: str) -> bool:
        """Has somebody told of a booking as it is now, once for each `key`; False where they were told."""
        one = Waiting(self.new_id(), record.booking.id, record.booking.version, mail.says, mail.to, now, key, detail)
        return notifications.add(connection, one)

    def coming(self, connection: Connection, record: Record, now: datetime) -> tuple[Coming, ...]:
        """What the clock will do to a booking if nothing else happens, the nearest first."""
        booking = record.booking
        told = {one.notification.key.partition(_TO)[0] for one in notifications.of_booking(connection, booking.id)}
        money = account(ledger.entries(connection, booking.id), booking.terms.currency)
        reminders = replace(self.reminders, to_partner=PARTNERS.one(connection, booking.partner).wants_reminders)
        return coming(booking, record.rules, money, told, reminders, now, records.beside(connection, booking, now))

    def _let_the_clock(self, connection: Connection, record: Record, act: Act, now: datetime) -> None:
        together = self._locked_with(connection, record, act)
        try:
            with connection.begin_nested():
                self._steps(connection, record, together, Wish(act, Actor.CLOCK, "clock"), now)
        except NotAllowed:
            self._wind(connection, record, now)

    def _wind(self, connection: Connection, record: Record, now: datetime) -> None:
        """The booking's timers as they have to be from now on."""
        booking = record.booking
        due = [Timer(one.key, one.at) for one in self.coming(connection, record, now)]
        if booking.composite and (released_at := booking.released_at(record.rules)) is not None:
            due.append(Timer(_LOOK, max(released_at, now + _looked_at_every)))
        timers.write(connection, booking.id, due)

    def _locked_with(self, connection: Connection, record: Record, act: Act) -> dict[BookingId, Record]:
        """The booking, and where `act` is of all that are held together, those too, locked in one order."""
        composite = record.booking.composite
        if act is not Act.RELEASE or not composite:
            return {record.booking.id: records.locked(connection, record.booking.id)}
        return {one.booking.id: one for one in records.composite(connection, composite)}

    def _steps(
        self,
        connection: Connection,
        record: Record,
        together: Mapping[BookingId, Record],
        wish: Wish,
        now: datetime,
    ) -> Step:
        first = self._step(connection, record, wish, now)
        for id_, other in together.items():
            if id_ != record.booking.id and other.booking.stage is Stage.AWAITING_PAYMENT:
                self._step(connection, other, wish, now)
        return first

    def _step(self, connection: Connection, record: Record, wish: Wish, now: datetime) -> Step:
        of = self.situation(connection, record, now, wish.terms)
        step = stepped(of, wish)
        if not capacity.settle(connection, step.booking):
            # Somebody else took the place since it was looked for; the table says what comes of it then (T12: it is paid back).
            of = replace(of, room=False)
            step = stepped(of, wish)
            if not capacity.settle(connection, step.booking):
                raise _full(of, wish)
        if Effect.END_PAYMENT in step.effects:
            checkouts.refuse_open(connection, step.booking.id, now)
        records.stepped(connection, step)
        self._follow(connection, _Taking(replace(record, booking=step.booking), of, step, wish))
        return step

    def _follow(self, connection: Connection, taking: _Taking) -> None:
        """What a step causes."""
        step = taking.step
        detail = {"by": step.actor.value, "reason": step.reason}
        for effect in step.effects:
            if effect is Effect.PREPARE_CONVERSATION:
                self._prepare(connection, taking)
            elif effect in _GIVES_BACK:
                detail |= self._give_back(connection, taking, effect)
            elif (cause := _CAUSES.get(effect)) is not None:
                cause(connection, taking)
        for number, mail in enumerate(step.mails):
            self.notify(connection, taking.record, mail, f"{step.booking.version}.{number}", step.at, **detail)
        self.tell(connection, step)
        self._wind(connection, taking.record, step.at)

    def _give_back(self, connection: Connection, taking: _Taking, effect: Effect) -> dict[str, str]:
        """What goes back is entered now, and the payment provider asked afterwards, for the payment that it came by (SL-30)."""
        step = taking.step
        amount = owed(taking.of, effect, taking.wish)
        if amount.minor <= 0:
            return {}
        entries = ledger.entries(connection, step.booking.id)
        for portion in portions(amount, entries, refunds.given_back(connection, step.booking.id)):
            id_ = self.new_id()
            refunds.add(connection, Refund(id_, step.booking.id, portion.payment, portion.amount, step.at, step.at))
            started = Entry(Kind.REFUND_STARTED, portion.amount, step.at, f"{id_}.started", id_, step.by)
            ledger.enter(connection, step.booking.id, started)
        return {"amount": str(amount.minor), "currency": amount.currency}

    def _prepare(self, connection: Connection, taking: _Taking) -> None:
        """Both aliases, so that they are the same wherever the booking is told of (GY-17)."""
        booking, customer = taking.step.booking, taking.record.customer
        partner = PARTNERS.one(connection, booking.partner)
        opening = Opening(
            reference=booking.reference,
            partner_name=partner.name,
            partner_addresses=(*partner.handlers(booking.assignee), *partner.addresses, *partner.senders),
            customer_name=customer.name,
            customer_addresses=(customer.address,) if customer.address is not None else (),
            activity_end=booking.activity_end(taking.record.rules),
            pending=not self.opens_at_once,
            partner_language=partner.language,
            customer_language=customer.language,
        )
        steps.open_conversation(
            connection, opening, self.mint, now=taking.step.at, window_after=taking.record.rules.write_for, by=taking.step.by
        )


@dataclass(frozen=True, slots=True)
class _Taking:
    """A step that is being taken: the booking after it, what was known before, and what was wanted."""

    record: Record
    of: Situation
    step: Step
    wish: Wish


def _full(of: Situation, wish: Wish) -> NotAllowed:
    """Somebody else took the place since it was looked for."""
    return NotAllowed(wish, no_room, possible(replace(of, room=False), wish.actor), of.booking.stage, "there_is_room")


def seen(connection: Connection, record: Record, now: datetime) -> Situation:
    """What is known about a booking at `now`, for looking at it alone: nothing is locked."""
    wanted = _wanted(record.booking, None)
    return _situation(
        connection, record, now, wanted.slot is None or _free(connection, record.booking, wanted.slot) >= wanted.participants
    )


def seen_together(connection: Connection, records: Sequence[Record], now: datetime) -> tuple[Situation, ...]:
    """`seen` for each of several bookings, in a few questions for all of them."""
    of = [(one.booking.id, one.booking.terms.currency) for one in records]
    money = ledger.accounts(connection, of)
    wanted = {one.booking.id: slot for one in records if (slot := _wanted(one.booking, None).slot) is not None}
    rooms = capacity.rooms(connection, wanted)
    return tuple(
        Situation(
            one.booking,
            one.rules,
            money[one.booking.id],
            now,
            one.booking.id not in wanted or rooms[one.booking.id] >= _wanted(one.booking, None).participants,
        )
        for one in records
    )


def _wanted(booking: Booking, terms: Terms | None) -> Terms:
    return terms or booking.terms_in_question


def _free(connection: Connection, booking: Booking, slot: SlotId) -> int:
    own = capacity.held(connection, booking.id)
    return catalogue.stock(connection, slot).free + (own.number if own is not None and own.slot == slot else 0)


def _situation(connection: Connection, record: Record, now: datetime, room: bool) -> Situation:
    booking = record.booking
    money = account(ledger.entries(connection, booking.id), booking.terms.currency)
    return Situation(booking, record.rules, money, now, room)


def _open(connection: Connection, taking: _Taking) -> None:
    step, after = taking.step, taking.record.rules.write_for
    _move(connection, taking)
    if conversations.by_reference(connection, step.booking.reference).window.opens_at is None:
        steps.confirm(connection, step.booking.reference, now=step.at, window_after=after, by=step.by)


def _move(connection: Connection, taking: _Taking) -> None:
    step, rules = taking.step, taking.record.rules
    end = step.booking.activity_end(rules)
    steps.move(connection, step.booking.reference, end, now=step.at, window_after=rules.write_for, by=step.by)


def _end_conversation(connection: Connection, taking: _Taking) -> None:
    steps.close(connection, taking.step.booking.reference, now=taking.step.at, by=taking.step.by)


def _reopen(connection: Connection, taking: _Taking) -> None:
    until = taking.step.booking.relay_until
    if until is not None:
        steps.reopen(connection, taking.step.booking.reference, until, now=taking.step.at, by=taking.step.by)


def _enter(connection: Connection, taking: _Taking) -> None:
    """Taken by hand: in cash, or seen in the bank account."""
    step, amount = taking.step, taking.wish.amount
    if amount is None:
        raise AssertionError("the amount was checked")
    name = f"by-hand.{step.booking.id}.{step.booking.version}"
    ledger.enter(connection, step.booking.id, Entry(Kind.PAID, amount, step.at, name, name, step.by))


def _erase(connection: Connection, taking: _Taking) -> None:
    legal_holds.refuse_held(connection, taking.step.booking.reference)
    records.erase(connection, taking.step.booking.id, taking.step.at)


_GIVES_BACK: Final = frozenset({Effect.COMPUTE_REFUND, Effect.REFUND, Effect.REFUND_ALL, Effect.REFUND_SURPLUS})
_CAUSES: Final[Mapping[Effect, Callable[[Connection, _Taking], None]]] = {
    Effect.OPEN_CONVERSATION: _open,
    Effect.MOVE_CONVERSATION: _move,
    Effect.CLOSE_CONVERSATION: _move,
    Effect.END_CONVERSATION: _end_conversation,
    Effect.REOPEN_CONVERSATION: _reopen,
    Effect.ENTER_PAYMENT: _enter,
    Effect.ERASE: _erase,
}
"""What each causes beside the booking. Payments that are offered and calendar entries go out with the step's mails."""
