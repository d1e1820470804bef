"""A booking as rows, for what hangs on one and does not care how it came about."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from sqlalchemy import Connection, Table, insert

from relay.booking.booking import BookingId, Stage
from relay.store.booking_tables import bookings
from relay.store.catalogue_tables import offers, partners, variants
from support.world import NOW

ROW: Final = BookingId("b1")
_KNOWN: Final[Mapping[str, object]] = {
    "version": 1,
    "changed_at": NOW,
    "created_at": NOW,
    "state": "{}",
    "addresses": "[]",
    "stage": Stage.REQUESTED.value,
    "partner": "p1",
    "offer": "o1",
    "variant": "v1",
    "action": "none",
    "payment": "unpaid",
    "total": 9_000,
    "currency": "EUR",
    "release_blocked": False,
}


def a_booking_row(connection: Connection, id_: BookingId = ROW, reference: str = "BOAT-1") -> BookingId:
    """Writes the booking, and of its offer what it hangs on."""
    if id_ == ROW:
        for table, key in ((partners, "p1"), (offers, "o1"), (variants, "v1")):
            connection.execute(insert(table).values(_filled(table, {"id": key})))
    connection.execute(insert(bookings).values(_filled(bookings, {"id": id_, "reference": reference})))
    return id_


def _filled(table: Table, given: Mapping[str, object]) -> dict[str, object]:
    """A value for each column that needs one."""
    columns = [one for one in table.columns if not one.nullable and one.server_default is None]
    texts = {one.name: "{}" for one in columns if one.type.python_type is str}
    numbers = {one.name: 1 for one in columns if one.type.python_type is int}
    return {one.name: given.get(one.name, _KNOWN.get(one.name, {**texts, **numbers}.get(one.name))) for one in columns}
