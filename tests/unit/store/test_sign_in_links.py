"""Links by which somebody signs in: each once, for a short time, and not as many as somebody likes."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from support.archive import World
from support.world import NOW

from relay.store import sign_in_links
from relay.store.people_tables import sign_in_links as table
from relay.store.sign_in_links import Rates, Wish, counts_for, waiting_max
from relay.values import Language, Rate, RealAddress

ZOFIA = RealAddress("zofia@poczta.example")
QUARTER = timedelta(minutes=15)
RATES = Rates(Rate(2, timedelta(hours=1)), Rate(4, timedelta(hours=1)))
ANYTIME = Rates(None, None)


def asked(
    world: World, address: RealAddress = ZOFIA, *, at: datetime = NOW, network: str = "203.0.113.0/24", rates: Rates = ANYTIME
) -> bool:
    wish = Wish(world.new_id(), address, network, Language.PL, "/my", at)
    return world.write(lambda connection: sign_in_links.ask(connection, wish, rates))


def waiting(world: World) -> tuple[Wish, ...]:
    return world.read(lambda connection: sign_in_links.waiting(connection, 100))


def linked(world: World, secret: str = "k", *, at: datetime = NOW) -> Wish:
    asked(world, at=at)
    (wish,) = waiting(world)
    assert world.write(lambda connection: sign_in_links.write(connection, wish, secret, at, QUARTER))
    return wish


def used(world: World, secret: str, at: datetime = NOW) -> Wish | None:
    return world.write(lambda connection: sign_in_links.use(connection, secret, at))


def test_what_was_asked_waits_until_it_is_written_and_is_written_once(world: World) -> None:
    assert asked(world)
    (wish,) = waiting(world)
    assert (wish.address, wish.next, wish.language) == (ZOFIA, "/my", Language.PL)
    assert world.write(lambda connection: sign_in_links.write(connection, wish, "k", NOW, QUARTER))
    assert not world.write(lambda connection: sign_in_links.write(connection, wish, "other", NOW, QUARTER))
    assert waiting(world) == ()
    assert used(world, "other") is None
    assert used(world, "k") == wish


def test_whoever_is_not_known_is_not_asked_about_again(world: World) -> None:
    asked(world)
    (wish,) = waiting(world)
    world.write(lambda connection: sign_in_links.refuse(connection, wish, NOW))
    assert waiting(world) == ()
    assert not world.write(lambda connection: sign_in_links.write(connection, wish, "k", NOW, QUARTER))


@pytest.mark.parametrize(("later", "works"), [(timedelta(0), True), (QUARTER - timedelta(seconds=1), True), (QUARTER, False)])
def test_a_link_works_for_a_quarter_of_an_hour(world: World, later: timedelta, works: bool) -> None:
    linked(world)
    found = world.read(lambda connection: sign_in_links.invited(connection, "k", NOW + later))
    assert (found == ZOFIA) is works
    assert (used(world, "k", NOW + later) is not None) is works


def test_it_works_once_and_then_no_other_of_the_same_mailbox_does(world: World) -> None:
    linked(world, "first")
    linked(world, "second")
    assert used(world, "second") is not None
    for secret in ("first", "second", "never"):
        assert used(world, secret) is None
        assert world.read(lambda connection, s=secret: sign_in_links.invited(connection, s, NOW)) is None


def test_the_secret_is_nowhere_in_the_table(world: World) -> None:
    linked(world, "a secret that stands in a mail")
    row = world.read(lambda connection: connection.execute(select(table)).one())
    assert len(row.digest) == 32
    assert "a secret" not in str(tuple(row))


def test_of_one_address_no_more_than_its_rate_are_written_and_whoever_asks_does_not_see_it(world: World) -> None:
    for spelled in ("zofia@poczta.example", "Zofia+a@poczta.example", "ZOFIA@poczta.example"):
        assert asked(world, RealAddress(spelled), rates=RATES)
    assert len(waiting(world)) == 2
    assert asked(world, at=NOW + timedelta(hours=1), rates=RATES)
    assert len(waiting(world)) == 3


def test_of_one_network_no_more_than_its_rate_are_taken_known_or_not(world: World) -> None:
    for number in range(4):
        assert asked(world, RealAddress(f"guess{number}@poczta.example"), rates=RATES)
    assert not asked(world, RealAddress("zofia@poczta.example"), rates=RATES)
    assert asked(world, network="198.51.100.0/24", rates=RATES)
    for number in range(5):
        assert asked(world, RealAddress(f"house{number}@poczta.example"), network="local", rates=RATES)
    assert asked(world, RealAddress("later@poczta.example"), at=NOW + timedelta(hours=1), rates=RATES)


def test_there_is_an_end_to_what_waits(world: World) -> None:
    """Invariant 12"""
    row = {"address": "a@b.example", "key": "a@b.example", "network": "", "language": "en", "next": "", "created_at": NOW}
    rows = [{**row, "id": world.new_id()} for _ in range(waiting_max)]
    world.write(lambda connection: connection.execute(table.insert(), rows))
    assert not asked(world)


def test_what_was_asked_is_forgotten_after_two_days(world: World) -> None:
    linked(world)
    asked(world, RealAddress("marco@garda.example"), at=NOW + counts_for)
    assert [one.address.reveal() for one in waiting(world)] == ["marco@garda.example"]
    assert world.read(lambda connection: len(connection.execute(select(table)).all())) == 1
