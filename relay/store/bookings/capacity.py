"""Who has how many places of which slot. What is taken of a slot is never more than there is (invariant 10).

A place is taken by one statement that looks and takes at once, so no two nodes can both have the last one. Slots are always
taken in the order of their ids: two transactions that want the same ones wait for one another in one direction only.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, false, select, update

from relay.booking.booking import Booking, BookingId
from relay.booking.terms import SlotId
from relay.errors import NotFound
from relay.store.booking_tables import places
from relay.store.catalogue_tables import slots


@dataclass(frozen=True, slots=True)
class Places:
    """`number` places of `slot`."""

    slot: SlotId
    number: int


def settle(connection: Connection, *of: Booking) -> bool:
    """Whether each of those bookings has from now on what its hold says: all of them or none, as `keep` does it."""
    return keep(connection, {booking.id: places_of(booking) for booking in of})


def places_of(booking: Booking) -> Places | None:
    """What the hold of a booking takes of the capacity; None where it takes nothing, or what it takes is not counted."""
    hold = booking.hold
    return Places(hold.slot, hold.places) if hold is not None and hold.counts and hold.slot is not None else None


def keep(connection: Connection, wanted: Mapping[BookingId, Places | None]) -> bool:
    """Whether each of those bookings has from now on exactly what is wanted for it, None being nothing.

    All of them or none: where there is not enough of one slot, or it is closed, nothing is changed (T16, composites). The caller
    holds the bookings' locks. Raises NotFound for a slot that is not there.
    """
    had = {id_: held(connection, id_) for id_ in sorted(wanted)}
    changes: Counter[SlotId] = Counter()
    for id_, places_ in wanted.items():
        if (before := had[id_]) is not None:
            changes[before.slot] -= before.number
        if places_ is not None:
            changes[places_.slot] += places_.number
    done: list[tuple[SlotId, int]] = []
    for slot, more in sorted(changes.items()):
        if more and not _taken(connection, slot, more):
            for other, taken in done:
                _give_back(connection, other, taken)
            return False
        done.append((slot, more))
    for id_, places_ in wanted.items():
        if places_ != had[id_]:
            _write(connection, id_, places_)
    return True


def held(connection: Connection, booking: BookingId) -> Places | None:
    """What a booking has; None where it has nothing."""
    row = connection.execute(select(places).where(places.c.booking == booking, places.c.counts)).one_or_none()
    return Places(SlotId(row.slot), row.number) if row is not None else None


def room(connection: Connection, slot: SlotId, booking: BookingId | None = None) -> int:
    """How many places a booking could have of `slot` now, its own among them; whether it gets them `keep` decides.

    Nothing where it is closed, but for what the booking has already. Raises NotFound.
    """
    row = connection.execute(select(slots).where(slots.c.id == slot)).one_or_none()
    if row is None:
        raise NotFound(f"no slot {slot}")
    own = held(connection, booking) if booking is not None else None
    mine = own.number if own is not None and own.slot == slot else 0
    return mine if row.closed else int(row.capacity) - int(row.taken) + mine


def rooms(connection: Connection, wanted: Mapping[BookingId, SlotId]) -> dict[BookingId, int]:
    """`room` for each of several bookings, in two questions; a slot that is not there has none."""
    rows = connection.execute(select(slots).where(slots.c.id.in_(sorted(set(wanted.values())))))
    free = {row.id: 0 if row.closed else int(row.capacity) - int(row.taken) for row in rows}
    chosen = select(places).where(places.c.booking.in_(sorted(wanted)), places.c.counts)
    own = {row.booking: Places(SlotId(row.slot), row.number) for row in connection.execute(chosen)}

    def mine(booking: BookingId, slot: SlotId) -> int:
        had = own.get(booking)
        return had.number if had is not None and had.slot == slot else 0

    return {booking: free.get(slot, 0) + mine(booking, slot) for booking, slot in wanted.items()}


def _taken(connection: Connection, slot: SlotId, more: int) -> bool:
    """Whether so many more are taken; a number below zero gives back, which always can be."""
    changed = update(slots).where(slots.c.id == slot)
    if more > 0:
        changed = changed.where(slots.c.closed == false(), slots.c.taken + more <= slots.c.capacity)
    if connection.execute(changed.values(taken=slots.c.taken + more)).rowcount == 1:
        return True
    if connection.execute(select(slots.c.id).where(slots.c.id == slot)).first() is None:
        raise NotFound(f"no slot {slot}")
    return False


def _give_back(connection: Connection, slot: SlotId, number: int) -> None:
    """As it was before `_taken`: whatever that changed, there was room for it."""
    connection.execute(update(slots).where(slots.c.id == slot).values(taken=slots.c.taken - number))


def _write(connection: Connection, booking: BookingId, wanted: Places | None) -> None:
    connection.execute(update(places).where(places.c.booking == booking, places.c.counts).values(counts=False))
    if wanted is None:
        return
    values = {"number": wanted.number, "counts": True}
    again = update(places).where(places.c.booking == booking, places.c.slot == wanted.slot).values(values)
    if connection.execute(again).rowcount == 0:
        connection.execute(places.insert().values(booking=booking, slot=wanted.slot, **values))
