"""Payment pages at the provider."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Final

import pytest
from support.archive import World
from support.booking_rows import ROW, a_booking_row
from support.world import NOW

from relay.booking.money import Money
from relay.store.bookings import checkouts
from relay.store.bookings.checkouts import Begun, StillOpen
from relay.store.exchange_tables import Checkout

LATER: Final = NOW + timedelta(hours=1)
BEGUN: Final = Begun("c1", ROW, Money(9_000, "EUR"), NOW, LATER)


def begin(world: World) -> None:
    world.write(a_booking_row)
    world.write(lambda connection: checkouts.begin(connection, BEGUN))


def test_pages_are_open_before_the_provider_has_made_them(world: World) -> None:
    """T11: whoever takes the booking away finds them."""
    begin(world)
    assert world.read(lambda connection: checkouts.is_open(connection, ROW)) == BEGUN
    assert world.write(lambda connection: checkouts.opened(connection, "c1", "cs_1", "https://pay.example/cs_1", LATER))
    whole = replace(BEGUN, provider_id="cs_1", url="https://pay.example/cs_1")
    assert world.read(lambda connection: checkouts.is_open(connection, ROW)) == whole


def test_what_has_ended_is_not_open_and_makes_room_for_others(world: World) -> None:
    begin(world)
    world.write(lambda connection: checkouts.end(connection, "c1", Checkout.ENDED, NOW))
    assert world.read(lambda connection: checkouts.is_open(connection, ROW)) is None
    world.write(lambda connection: checkouts.begin(connection, replace(BEGUN, id="c2")))
    assert world.read(lambda connection: checkouts.is_open(connection, ROW)) == replace(BEGUN, id="c2")


def test_the_provider_names_the_pages_that_ended(world: World) -> None:
    begin(world)
    world.write(lambda connection: checkouts.opened(connection, "c1", "cs_1", "https://pay.example/cs_1", LATER))
    world.write(lambda connection: checkouts.ended_at_provider(connection, "cs_of_somebody_else", Checkout.PAID, NOW))
    assert world.read(lambda connection: checkouts.is_open(connection, ROW)) is not None
    world.write(lambda connection: checkouts.ended_at_provider(connection, "cs_1", Checkout.PAID, NOW))
    assert world.read(lambda connection: checkouts.is_open(connection, ROW)) is None


def test_a_step_after_which_nobody_may_pay_is_refused_while_somebody_could(world: World) -> None:
    """T11, SL-25: before the provider has made them, too."""
    begin(world)
    with pytest.raises(StillOpen, match="have to end first") as raised:
        world.write(lambda connection: checkouts.refuse_open(connection, ROW, NOW))
    assert raised.value.pages == BEGUN
    world.write(lambda connection: checkouts.end(connection, "c1", Checkout.ENDED, NOW))
    world.write(lambda connection: checkouts.refuse_open(connection, ROW, NOW))


def test_pages_whose_time_is_over_keep_nothing_up(world: World) -> None:
    begin(world)
    world.write(lambda connection: checkouts.refuse_open(connection, ROW, LATER))
    assert world.read(lambda connection: checkouts.is_open(connection, ROW)) is None


def test_pages_that_were_to_end_before_they_were_made_are_not_opened(world: World) -> None:
    """Whoever made them has to end them: nobody may be sent there."""
    begin(world)
    world.write(lambda connection: checkouts.end(connection, "c1", Checkout.ENDED, NOW))
    assert not world.write(lambda connection: checkouts.opened(connection, "c1", "cs_1", "https://pay.example/cs_1", LATER))
