"""The catalogue: partners, offers, variants, profiles and slots, each with every version that it ever had.

One of `SHELVES` holds all of a kind. Whoever changes something takes it `locked` first, so that two changes come one after the
other; all these locks come before those of bookings (relay.store.bookings). A slot's lock is also that of its places.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Generic, TypeVar

from sqlalchemy import ColumnElement, Connection, Table, delete, insert, select, tuple_, update

from relay.booking.catalogue import Listing, Offer, Slot, Stock, Variant, VariantId, duration_max
from relay.booking.offer import Rules
from relay.booking.partner import Partner
from relay.booking.profile import Profile
from relay.booking.terms import Occasion
from relay.errors import Conflict, NotFound
from relay.store import memberships
from relay.store.bookings.written import Apart, read, written_apart
from relay.store.catalogue_tables import (
    Catalogued,
    catalogue_changes,
    id_characters_max,
    offers,
    partners,
    person_characters_max,
    profile_variants,
    profiles,
    slots,
    variants,
)
from relay.store.folding import folded
from relay.store.rows import Found, text

page_max: Final = 500
"""Of one page of a shelf."""
below_max: Final = 5_000
"""Of what belongs to all that stands on one page."""

T = TypeVar("T", Partner, Offer, Variant, Profile, Slot)
Columns = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Version:
    """A change of something in the catalogue: which version it made, when (UTC), and who made it."""

    number: int
    at: datetime
    by: str


@dataclass(frozen=True, slots=True)
class Shelf(Generic[T]):
    """All of one kind, by their ids. `columns` are what is asked by, beside what stands in its JSON."""

    kind: Catalogued
    type: type[T]
    table: Table
    columns: Callable[[T], Columns]
    above: str = ""
    """The column that names what it belongs to."""

    def one(self, connection: Connection, id_: str) -> T:
        """The one of `id_`. Raises NotFound."""
        return self._value(self._row(connection, id_))

    def locked(self, connection: Connection, id_: str) -> T:
        """The same, which nobody else changes before this transaction ends. Raises NotFound."""
        chosen = select(self.table.c.id).where(self.table.c.id == text(id_, id_characters_max + 1))
        connection.execute(chosen.with_for_update())  # SQLite, one writer, ignores the lock
        return self.one(connection, id_)

    def version(self, connection: Connection, id_: str) -> int:
        """Which version it is, counted from 1. Raises NotFound."""
        return int(self._row(connection, id_).version)

    def page(self, connection: Connection, *, limit: int, above: str | None = None, after: str | None = None) -> tuple[T, ...]:
        """At most `limit`, by their ids, those after `after`, and of what belongs to `above` alone where that is given."""
        chosen = select(self.table).order_by(self.table.c.id).limit(min(limit, page_max))
        if after is not None:
            chosen = chosen.where(self.table.c.id > text(after, id_characters_max + 1))
        if above is not None:
            chosen = chosen.where(self._belongs_to(text(above, id_characters_max + 1)))
        return tuple(self._value(row) for row in connection.execute(chosen))

    def add(self, connection: Connection, new: T, *, now: datetime, by: str) -> None:
        """One more. Raises Conflict where its id is in use, and NotFound where what it belongs to is not there."""
        if connection.execute(select(self.table.c.id).where(self.table.c.id == new.id)).first() is not None:
            raise Conflict(f"there is {_a(self.kind)} {new.id} already")
        columns = self.columns(new)
        for name in filter(None, [self.above]):
            shelf = _ABOVE[name]
            if connection.execute(select(shelf.c.id).where(shelf.c.id == columns[name])).first() is None:
                raise NotFound(f"no {name} {columns[name]}")
        told = written_apart(new)
        connection.execute(insert(self.table).values(id=new.id, version=1, changed_at=now, **columns, **self._told(told)))
        self._changed(connection, new, told, 1, now, by)

    def put(self, connection: Connection, value: T, *, now: datetime, by: str) -> None:
        """It, as it is from now on; the caller holds its lock. Raises NotFound.

        What was bought before stays what it was (SV-12). A slot that gets less room than is taken of it is a Conflict.
        """
        before = self._row(connection, value.id)
        columns = self.columns(value)
        if self.above and before._mapping[self.above] != columns[self.above]:
            raise Conflict(f"{_a(self.kind)} stays with its {self.above}")
        if isinstance(value, Slot) and value.capacity < before.taken:
            raise Conflict(f"{before.taken} places are taken already")
        told = written_apart(value)
        changed = update(self.table).where(self.table.c.id == value.id)
        connection.execute(changed.values(version=before.version + 1, changed_at=now, **columns, **self._told(told)))
        self._changed(connection, value, told, before.version + 1, now, by)

    def history(self, connection: Connection, id_: str) -> tuple[Version, ...]:
        """Who changed it when, the oldest first."""
        chosen = select(catalogue_changes).where(*self._of(id_)).order_by(catalogue_changes.c.version)
        return tuple(Version(row.version, row.at, row.person) for row in connection.execute(chosen))

    def as_it_was(self, connection: Connection, id_: str, version: int) -> T:
        """That version of it. Raises NotFound; a partner's addresses are not kept, so that of one is Damaged."""
        chosen = select(catalogue_changes.c.state).where(*self._of(id_), catalogue_changes.c.version == version)
        state = connection.execute(chosen).scalar_one_or_none()
        if state is None:
            raise NotFound(f"no {self.kind.value} {id_} of version {version}")
        return read(self.type, state)

    def several(self, connection: Connection, ids: Collection[str]) -> dict[str, T]:
        """Those of `ids` that there are, in one question."""
        chosen = select(self.table).where(self.table.c.id.in_(sorted(set(ids))))
        return {row.id: self._value(row) for row in connection.execute(chosen)}

    def below(self, connection: Connection, above: Collection[str]) -> dict[str, list[T]]:
        """What belongs to each of `above`, by their ids, in one question."""
        chosen = select(self.table).where(self.table.c[self.above].in_(sorted(set(above)))).order_by(self.table.c.id)
        found: dict[str, list[T]] = {}
        for row in connection.execute(chosen.limit(below_max)):
            found.setdefault(row._mapping[self.above], []).append(self._value(row))
        return found

    def as_they_were(self, connection: Connection, wanted: Collection[tuple[str, int]]) -> dict[tuple[str, int], T]:
        """Those versions of several, by id and version, in one question; one that is not there is left out."""
        if not wanted:
            return {}
        named = tuple_(catalogue_changes.c.id, catalogue_changes.c.version).in_(sorted(set(wanted)))
        chosen = select(catalogue_changes).where(catalogue_changes.c.kind == self.kind.value, named)
        return {(row.id, row.version): read(self.type, row.state) for row in connection.execute(chosen)}

    def _row(self, connection: Connection, id_: str) -> Found:
        row = connection.execute(select(self.table).where(self.table.c.id == text(id_, id_characters_max + 1))).one_or_none()
        if row is None:
            raise NotFound(f"no {self.kind.value} {id_}")
        return row

    def _value(self, row: Found) -> T:
        return read(self.type, row.state, row.addresses if "addresses" in self.table.c else "[]")

    def _told(self, told: Apart) -> Columns:
        return {"state": told.state, "addresses": told.addresses} if "addresses" in self.table.c else {"state": told.state}

    def _belongs_to(self, above: str) -> ColumnElement[bool]:
        if self.table is profiles:
            return self.table.c.id.in_(select(profile_variants.c.profile).where(profile_variants.c.variant == above))
        if not self.above:
            raise ValueError(f"{_a(self.kind)} belongs to nothing")
        return self.table.c[self.above] == above

    def _of(self, id_: str) -> tuple[ColumnElement[bool], ...]:
        return catalogue_changes.c.kind == self.kind.value, catalogue_changes.c.id == id_

    def _changed(self, connection: Connection, value: T, told: Apart, version: int, now: datetime, by: str) -> None:
        person = text(by, person_characters_max)
        kept = {"kind": self.kind.value, "id": value.id, "version": version, "at": now, "person": person, "state": told.state}
        connection.execute(insert(catalogue_changes).values(kept))
        if isinstance(value, Partner):
            memberships.keep(connection, value)
        if isinstance(value, Profile):
            connection.execute(delete(profile_variants).where(profile_variants.c.profile == value.id))
            rows = [{"profile": value.id, "variant": one} for one in sorted(value.variants)]
            connection.execute(insert(profile_variants), rows)


def _a(kind: Catalogued) -> str:
    return f"an {kind.value}" if kind is Catalogued.OFFER else f"a {kind.value}"


_ABOVE: Final[Mapping[str, Table]] = {"partner": partners, "offer": offers, "variant": variants}


def _of_offer(offer: Offer) -> Columns:
    titles = " ".join(one.text for one in offer.title.said)
    return {"partner": offer.partner, "promotion": offer.promotion, "folded": folded(titles)}


def _of_slot(slot: Slot) -> Columns:
    return {
        "variant": slot.variant,
        "starts_at": slot.occasion.starts_at,
        "ends_at": slot.occasion.ends_at,
        "capacity": slot.capacity,
        "closed": slot.is_closed,
    }


PARTNERS: Final = Shelf(Catalogued.PARTNER, Partner, partners, lambda _: {})
OFFERS: Final = Shelf(Catalogued.OFFER, Offer, offers, _of_offer, "partner")
VARIANTS: Final = Shelf(Catalogued.VARIANT, Variant, variants, lambda variant: {"offer": variant.offer}, "offer")
PROFILES: Final = Shelf(Catalogued.PROFILE, Profile, profiles, lambda _: {})
SLOTS: Final = Shelf(Catalogued.SLOT, Slot, slots, _of_slot, "variant")


def listing(connection: Connection, variant: str, house: Rules) -> Listing:
    """A variant with all that stands above it; `house`: the organisation's defaults. Raises NotFound."""
    chosen = VARIANTS.one(connection, variant)
    offer = OFFERS.one(connection, chosen.offer)
    return Listing(PARTNERS.one(connection, offer.partner), offer, chosen, house)


def profiles_beside(connection: Connection, new: Profile) -> tuple[Profile, ...]:
    """The others that speak of one of its variants (ST-8). Nobody adds or changes one of those before this transaction ends.

    Raises NotFound for a variant that is not there.
    """
    for variant in sorted(new.variants):
        VARIANTS.locked(connection, variant)
    chosen = select(profiles).where(
        profiles.c.id != new.id,
        profiles.c.id.in_(select(profile_variants.c.profile).where(profile_variants.c.variant.in_(sorted(new.variants)))),
    )
    return tuple(read(Profile, row.state) for row in connection.execute(chosen.order_by(profiles.c.id)))


def profiles_of(connection: Connection, variant: VariantId) -> tuple[Profile, ...]:
    """All that speak of `variant` (ST-6)."""
    return PROFILES.page(connection, above=variant, limit=page_max)


def profiles_about(connection: Connection, of: Collection[str]) -> tuple[Profile, ...]:
    """All that speak of one of those variants, in one question."""
    speak = select(profile_variants.c.profile).where(profile_variants.c.variant.in_(sorted(set(of))))
    chosen = select(profiles).where(profiles.c.id.in_(speak)).order_by(profiles.c.id).limit(page_max)
    return tuple(read(Profile, row.state) for row in connection.execute(chosen))


def stock(connection: Connection, slot: str) -> Stock:
    """A slot with what is taken of it. Raises NotFound."""
    row = SLOTS._row(connection, slot)
    return Stock(read(Slot, row.state), row.taken)


def stocks(
    connection: Connection,
    variants_of: Sequence[str],
    *,
    starts_from: datetime | None = None,
    starts_before: datetime | None = None,
    limit: int = page_max,
    after: str | None = None,
) -> tuple[Stock, ...]:
    """At most `limit` slots of those variants, those that start first, after the one of the id `after`; a half-open interval."""
    chosen = select(slots).where(slots.c.variant.in_(variants_of)).order_by(slots.c.starts_at, slots.c.id)
    if starts_from is not None:
        chosen = chosen.where(slots.c.starts_at >= starts_from)
    if starts_before is not None:
        chosen = chosen.where(slots.c.starts_at < starts_before)
    if after is not None:
        last = SLOTS.one(connection, after)
        later = (slots.c.starts_at == last.occasion.starts_at) & (slots.c.id > last.id)
        chosen = chosen.where((slots.c.starts_at > last.occasion.starts_at) | later)
    found = connection.execute(chosen.limit(min(limit, page_max)))
    return tuple(Stock(read(Slot, row.state), row.taken) for row in found)


def variants_of(connection: Connection, of: Sequence[str]) -> tuple[Variant, ...]:
    """All variants of those offers, by their ids, as far as one page holds."""
    chosen = select(variants).where(variants.c.offer.in_(of)).order_by(variants.c.id).limit(page_max)
    return tuple(VARIANTS._value(row) for row in connection.execute(chosen))


def stocks_of_partner(
    connection: Connection, partner: str, starts_before: datetime, ends_after: datetime, limit: int
) -> tuple[tuple[Stock, Variant, Offer], ...]:
    """At most `limit` slots of a partner that lie in that time at least in part, those that start first, and what each is of."""
    chosen = (
        select(slots, variants.c.offer)
        .join_from(slots, variants, variants.c.id == slots.c.variant)
        .join(offers, offers.c.id == variants.c.offer)
        .where(
            offers.c.partner == text(partner, id_characters_max + 1),
            # No slot is longer than what can be booked: so the index by start narrows it from both sides.
            slots.c.starts_at > ends_after - duration_max,
            slots.c.starts_at < starts_before,
            slots.c.ends_at > ends_after,
        )
        .order_by(slots.c.starts_at, slots.c.id)
        .limit(min(limit, page_max))
    )
    rows = connection.execute(chosen).all()
    of_variants = {one.id: one for one in _those(connection, VARIANTS, {row.variant for row in rows})}
    of_offers = {one.id: one for one in _those(connection, OFFERS, {row.offer for row in rows})}
    return tuple((Stock(read(Slot, row.state), row.taken), of_variants[row.variant], of_offers[row.offer]) for row in rows)


def _those(connection: Connection, shelf: Shelf[T], ids: Collection[str]) -> tuple[T, ...]:
    return tuple(shelf._value(row) for row in connection.execute(select(shelf.table).where(shelf.table.c.id.in_(ids))))


def slot_at(connection: Connection, variant: str, occasion: Occasion) -> Slot | None:
    """The slot of a variant that begins and ends just then, of several the first by its id; None where there is none."""
    same = slots.c.variant == variant, slots.c.starts_at == occasion.starts_at, slots.c.ends_at == occasion.ends_at
    row = connection.execute(select(slots.c.state).where(*same).order_by(slots.c.id).limit(1)).one_or_none()
    return read(Slot, row.state) if row is not None else None


def slots_near(connection: Connection, slot: Slot, rules: Rules) -> tuple[Slot, ...]:
    """Other slots of its variant that it would touch, with the pause that has to lie between (SV-B5).

    Nobody adds one before this transaction ends.
    """
    VARIANTS.locked(connection, slot.variant)
    chosen = select(slots).where(
        slots.c.variant == slot.variant,
        slots.c.id != slot.id,
        slots.c.starts_at < slot.occasion.ends_at + rules.pause,
        slots.c.ends_at > slot.occasion.starts_at - rules.pause,
    )
    return tuple(read(Slot, row.state) for row in connection.execute(chosen.order_by(slots.c.starts_at)))
