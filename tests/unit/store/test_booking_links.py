"""Links that decide, and addresses at which a booking's mail is answered: what is kept lets nobody in."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from itertools import count

import pytest
from sqlalchemy import select
from support.archive import World
from support.booking_rows import ROW, a_booking_row
from support.world import NOW

from relay.booking.booking import Actor, BookingId
from relay.booking.link import Allows, answerable_for_days
from relay.booking.notification import To
from relay.errors import Conflict, NotFound
from relay.store import booking_links
from relay.store.exchange_tables import booking_links as table


def minted(world: World, *offered: Allows, to: To = To.PARTNER, **more: object) -> dict[Allows, str]:
    numbers = count(1)
    world.write(a_booking_row)
    return dict(
        world.write(
            lambda connection: booking_links.mint_links(
                connection,
                ROW,
                to,
                offered,
                **{"terms_version": 2, "now": NOW, "new_secret": lambda: f"{next(numbers):043d}", **more},  # type: ignore[arg-type]
            )
        )
    )


def test_a_link_is_bound_to_a_person_a_booking_an_act_and_a_version_of_the_terms(world: World) -> None:
    secrets = minted(world, Allows.ACCEPT, Allows.DECLINE, person="anna")
    for allows, secret in secrets.items():
        found = world.read(lambda connection, one=secret: booking_links.link(connection, one))
        assert found.reference == "BOAT-1"
        assert (found.link.booking, found.link.to, found.link.person) == (ROW, To.PARTNER, "anna")
        assert (found.link.allows, found.link.terms_version, found.link.used_at) == (allows, 2, None)
        assert found.link.actor is Actor.PARTNER
    assert len(set(secrets.values())) == 2


def test_nothing_of_a_secret_is_kept(world: World) -> None:
    [secret] = minted(world, Allows.ACCEPT).values()
    row = world.read(lambda connection: connection.execute(select(table)).one())
    assert secret not in str(row)
    assert secret.encode() not in bytes(row.digest)


@pytest.mark.parametrize(
    "change", [lambda s: s[:-1], lambda s: s + "0", lambda s: "", lambda s: "\ud83d", lambda s: s.replace("1", "2")]
)
def test_anything_but_the_secret_leads_nowhere(world: World, change: Callable[[str], str]) -> None:
    [secret] = minted(world, Allows.ACCEPT).values()
    with pytest.raises(NotFound):
        world.read(lambda connection: booking_links.link(connection, change(secret)))


def test_a_link_is_used_once(world: World) -> None:
    """Of two clicks at once one is it."""
    [secret] = minted(world, Allows.ACCEPT).values()
    later = NOW + timedelta(minutes=5)
    assert [world.write(lambda connection, at=at: booking_links.use(connection, secret, at)) for at in (NOW, later)] == [
        True,
        False,
    ]
    assert world.read(lambda connection: booking_links.link(connection, secret)).link.used_at == NOW


@pytest.mark.parametrize("until", [None, NOW + timedelta(days=5_000)])
def test_no_link_is_good_for_ever(world: World, until: object) -> None:
    [secret] = minted(world, Allows.PAY, until=until).values()
    link = world.read(lambda connection: booking_links.link(connection, secret)).link
    assert link.until == NOW + timedelta(days=answerable_for_days)
    assert not link.is_over(link.until - timedelta(seconds=1))
    assert link.is_over(link.until)


def test_each_party_answers_about_a_booking_at_an_address_of_their_own(world: World) -> None:
    """Minted at first need, the same ever after, and never another booking's."""
    for id_, reference in ((ROW, "BOAT-1"), (BookingId("b2"), "BOAT-2")):
        world.write(lambda connection, id_=id_, reference=reference: a_booking_row(connection, id_, reference))

    def local(booking: BookingId, to: To) -> str:
        return world.write(
            lambda connection: booking_links.answer_local(connection, booking, to, now=NOW, hex_digits=world.hex_digits)
        )

    of = {(id_, to): local(id_, to) for id_ in (ROW, BookingId("b2")) for to in (To.PARTNER, To.CUSTOMER)}
    assert len(set(of.values())) == 4
    for (id_, to), address in of.items():
        assert local(id_, to) == address
        assert world.read(lambda connection, one=address: booking_links.answered_at(connection, one)) == (id_, to)
    assert world.read(lambda connection: booking_links.answered_at(connection, "booking-000000000000")) is None


def test_a_broken_source_of_addresses_is_no_address(world: World) -> None:
    for id_, reference in ((ROW, "BOAT-1"), (BookingId("b2"), "BOAT-2")):
        world.write(lambda connection, id_=id_, reference=reference: a_booking_row(connection, id_, reference))

    def always(booking: BookingId) -> str:
        return world.write(
            lambda connection: booking_links.answer_local(connection, booking, To.PARTNER, now=NOW, hex_digits=lambda: "0" * 12)
        )

    always(ROW)
    with pytest.raises(Conflict):
        always(BookingId("b2"))
