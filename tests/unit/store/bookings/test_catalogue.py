"""The catalogue, with every version that it had."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection
from support.archive import World
from support.bookings import NOW, OFFER, PARTNER, STARTS, TOUR, VARIANT
from support.bookkeeping import HOUSE, Office
from support.catalogue import BOAT, GARDA, MORNING, SLOT

from relay.booking.catalogue import OfferId, Slot, VariantId
from relay.booking.offer import Mode
from relay.booking.partner import PartnerId
from relay.booking.profile import Profile, ProfileId
from relay.booking.terms import Occasion, SlotId
from relay.errors import Conflict, Damaged, NotFound
from relay.store.bookings.catalogue import (
    OFFERS,
    PARTNERS,
    PROFILES,
    SLOTS,
    VARIANTS,
    Stock,
    listing,
    profiles_beside,
    profiles_of,
    slots_near,
    stock,
    stocks,
)

SUMMER = Profile(ProfileId("summer"), "Summer", frozenset({VARIANT}), date(2026, 6, 1), date(2026, 8, 31))


def a_slot(id_: str, days: int = 0, capacity: int = 8) -> Slot:
    at = STARTS + timedelta(days=days)
    return replace(SLOT, id=SlotId(id_), occasion=Occasion(at, at + timedelta(hours=3), TOUR.zone), capacity=capacity)


def test_what_was_added_is_found(office: Office) -> None:
    def found(connection: Connection) -> Any:
        return (
            PARTNERS.one(connection, PARTNER),
            VARIANTS.one(connection, VARIANT),
            stock(connection, SLOT.id),
            listing(connection, VARIANT, HOUSE),
        )

    partner, variant, of_slot, whole = office.world.read(found)
    assert (partner, variant, of_slot) == (GARDA, MORNING, Stock(SLOT, 0))
    assert whole.rules.mode is Mode.RESERVE


@pytest.mark.parametrize(
    ("shelf", "value", "problem"),
    [
        (PARTNERS, GARDA, "there is a partner p1 already"),
        (OFFERS, BOAT, "there is an offer o1 already"),
        (OFFERS, replace(BOAT, id=OfferId("o2"), partner=PartnerId("p2")), "no partner p2"),
        (VARIANTS, replace(MORNING, id=VariantId("v2"), offer=OfferId("o2")), "no offer o2"),
        (SLOTS, replace(SLOT, id=SlotId("t2"), variant=VariantId("v2")), "no variant v2"),
    ],
)
def test_what_cannot_be_added_is_named(office: Office, shelf: Any, value: Any, problem: str) -> None:
    with pytest.raises((Conflict, NotFound), match=problem):
        office.world.write(lambda connection: shelf.add(connection, value, now=NOW, by="operator"))


@pytest.mark.parametrize("shelf", [PARTNERS, OFFERS, VARIANTS, PROFILES, SLOTS])
def test_what_is_not_there_is_not_found(world: World, shelf: Any) -> None:
    for question in (shelf.one, shelf.locked, shelf.version):
        with pytest.raises(NotFound, match=r"no .* nowhere"):
            world.write(lambda connection, question=question: question(connection, "nowhere"))


def test_a_change_makes_a_version_and_says_who_made_it(office: Office) -> None:
    """SV-12: what it was before can be had again."""
    later = NOW + timedelta(hours=1)

    def change(connection: Connection) -> Any:
        offer = OFFERS.locked(connection, OFFER)
        OFFERS.put(connection, replace(offer, place="Pier 3"), now=later, by="token-1")

    office.world.write(change)
    assert office.world.read(lambda connection: OFFERS.one(connection, OFFER)).place == "Pier 3"
    assert office.world.read(lambda connection: OFFERS.as_it_was(connection, OFFER, 1)).place == ""
    history = office.world.read(lambda connection: OFFERS.history(connection, OFFER))
    assert [(one.number, one.at, one.by) for one in history] == [(1, NOW, "operator"), (2, later, "token-1")]
    with pytest.raises(NotFound, match="of version 3"):
        office.world.read(lambda connection: OFFERS.as_it_was(connection, OFFER, 3))


def test_addresses_of_partners_are_in_no_history(office: Office) -> None:
    """T26"""
    with pytest.raises(Damaged):
        office.world.read(lambda connection: PARTNERS.as_it_was(connection, PARTNER, 1))


def test_a_variant_stays_with_its_offer(office: Office) -> None:
    moved = replace(MORNING, offer=OfferId("o2"))
    with pytest.raises(Conflict, match="a variant stays with its offer"):
        office.world.write(lambda connection: VARIANTS.put(connection, moved, now=NOW, by="operator"))


def test_pages_follow_one_another_and_narrow_to_what_something_belongs_to(office: Office) -> None:
    more = [replace(MORNING, id=VariantId(f"v{number}")) for number in (2, 3)]
    for one in more:
        office.world.write(lambda connection, one=one: VARIANTS.add(connection, one, now=NOW, by="operator"))
    page = office.world.read(lambda connection: VARIANTS.page(connection, above=OFFER, limit=2))
    assert page == (MORNING, more[0])
    assert office.world.read(lambda connection: VARIANTS.page(connection, above=OFFER, limit=2, after="v2")) == (more[1],)
    assert office.world.read(lambda connection: VARIANTS.page(connection, above="o2", limit=2)) == ()
    with pytest.raises(ValueError, match="belongs to nothing"):
        office.world.read(lambda connection: PARTNERS.page(connection, above="p", limit=2))


def test_profiles_are_found_by_the_variants_of_which_they_speak(office: Office) -> None:
    """ST-6, ST-8"""
    office.world.write(lambda connection: VARIANTS.add(connection, replace(MORNING, id=VariantId("v2")), now=NOW, by="operator"))
    office.world.write(lambda connection: PROFILES.add(connection, SUMMER, now=NOW, by="operator"))
    assert office.world.read(lambda connection: profiles_of(connection, VARIANT)) == (SUMMER,)
    other = replace(SUMMER, id=ProfileId("autumn"), variants=frozenset({VARIANT, VariantId("v2")}))
    assert office.world.write(lambda connection: profiles_beside(connection, other)) == (SUMMER,)
    assert office.world.write(lambda connection: profiles_beside(connection, SUMMER)) == ()
    moved = replace(SUMMER, variants=frozenset({VariantId("v2")}))
    office.world.write(lambda connection: PROFILES.put(connection, moved, now=NOW, by="operator"))
    assert office.world.read(lambda connection: profiles_of(connection, VARIANT)) == ()
    strange = replace(SUMMER, variants=frozenset({VariantId("v9")}))
    with pytest.raises(NotFound, match="no variant v9"):
        office.world.write(lambda connection: profiles_beside(connection, strange))


def test_slots_are_listed_by_their_start_with_what_is_taken(office: Office) -> None:
    later, first = a_slot("t0", days=2), a_slot("t9", days=-1)
    for slot in (later, first):
        office.world.write(lambda connection, slot=slot: SLOTS.add(connection, slot, now=NOW, by="operator"))
    office.begun()

    def found(**more: object) -> list[tuple[str, int, int]]:
        listed = office.world.read(lambda connection: stocks(connection, [VARIANT], **more))  # type: ignore[arg-type]
        return [(one.slot.id, one.taken, one.free) for one in listed]

    assert found() == [("t9", 0, 8), ("t1", 1, 7), ("t0", 0, 8)]
    assert found(limit=1) == [("t9", 0, 8)]
    assert found(after="t9", limit=1) == [("t1", 1, 7)]
    assert found(starts_from=STARTS, starts_before=later.occasion.starts_at) == [("t1", 1, 7)]


def test_a_slot_cannot_have_less_room_than_is_taken(office: Office) -> None:
    """Invariant 10"""
    office.begun(participants=3)
    with pytest.raises(Conflict, match="3 places are taken already"):
        office.world.write(lambda connection: SLOTS.put(connection, replace(SLOT, capacity=2), now=NOW, by="operator"))
    office.world.write(lambda connection: SLOTS.put(connection, replace(SLOT, capacity=3), now=NOW, by="operator"))
    assert office.world.read(lambda connection: stock(connection, SLOT.id)).free == 0


def test_a_closed_slot_has_nothing_free(office: Office) -> None:
    """SL-B6"""
    office.world.write(lambda connection: SLOTS.put(connection, replace(SLOT, is_closed=True), now=NOW, by="operator"))
    assert office.world.read(lambda connection: stock(connection, SLOT.id)).free == 0


@pytest.mark.parametrize(
    ("hours", "pause", "near"),
    [(0, 0, True), (2, 0, True), (3, 0, False), (-3, 0, False), (3, 1, True), (4, 1, False), (-4, 1, False)],
)
def test_a_slot_that_is_too_near_to_another_is_found(office: Office, hours: int, pause: int, near: bool) -> None:
    """SV-B5"""
    at = STARTS + timedelta(hours=hours)
    new = replace(SLOT, id=SlotId("t2"), occasion=Occasion(at, at + timedelta(hours=3), TOUR.zone))
    rules = replace(HOUSE, pause=timedelta(hours=pause))
    assert office.world.write(lambda connection: slots_near(connection, new, rules)) == ((SLOT,) if near else ())
