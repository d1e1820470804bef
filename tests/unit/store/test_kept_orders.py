"""Orders that wait to be confirmed, as they are kept on each database."""

from __future__ import annotations

from datetime import timedelta

import pytest
from support.archive import World
from support.world import NOW

from relay.errors import NotFound
from relay.store import kept_orders
from relay.store.bookings.written import Apart
from relay.store.kept_orders import Rates
from relay.values import Rate, RealAddress

TOM, EVE = RealAddress("tom.baker@mail.example"), RealAddress("eve@mail.example")
HOUR = timedelta(hours=1)
RATES = Rates(Rate(2, HOUR), Rate(3, HOUR))
ORDER = Apart('{"note":"By the window"}', '["tom.baker@mail.example"]')
NETWORK = "203.0.113.0/24"


def keep(world: World, secret: str, address: RealAddress = TOM, network: str = NETWORK) -> None:
    world.write(lambda connection: kept_orders.keep(connection, secret, address, network, "REQUEST", ORDER, NOW, NOW + HOUR))


def test_an_order_waits_under_its_secret_until_its_time_is_over(world: World) -> None:
    """SL-B1"""
    keep(world, "secret-1")
    assert world.read(lambda connection: kept_orders.kept(connection, "secret-1", NOW)).order == ORDER
    for secret, now in (("secret-2", NOW), ("secret-1", NOW + HOUR)):
        with pytest.raises(NotFound):
            world.read(lambda connection, secret=secret, now=now: kept_orders.kept(connection, secret, now))


def test_of_an_order_that_counts_nothing_is_kept_of_what_was_written(world: World) -> None:
    keep(world, "secret-1")
    world.write(lambda connection: kept_orders.counts(connection, "secret-1", "R1"))
    found = world.read(lambda connection: kept_orders.kept(connection, "secret-1", NOW + 2 * HOUR))
    assert (found.reference, found.order) == ("R1", Apart("", "[]"))


@pytest.mark.parametrize(
    ("kept", "address", "network", "crowded"),
    [
        ([(TOM, NETWORK), (TOM, NETWORK)], TOM, "198.51.100.0/24", True),
        ([(TOM, NETWORK), (TOM, NETWORK)], EVE, NETWORK, False),
        ([(TOM, NETWORK), (TOM, NETWORK), (EVE, NETWORK)], RealAddress("x@mail.example"), NETWORK, True),
        ([(TOM, "local"), (TOM, "local"), (EVE, "local")], RealAddress("x@mail.example"), "local", False),
    ],
)
def test_a_network_and_an_address_may_order_so_often(
    world: World, kept: list[tuple[RealAddress, str]], address: RealAddress, network: str, crowded: bool
) -> None:
    """From our own networks comes whatever a proxy brings: they are nobody's."""
    for number, (whose, where) in enumerate(kept):
        keep(world, f"secret-{number}", whose, where)

    def is_crowded(now: object) -> bool:
        return world.write(lambda connection: kept_orders.is_crowded(connection, address, network, RATES, now))  # type: ignore[arg-type]

    assert is_crowded(NOW + HOUR / 2) is crowded
    assert is_crowded(NOW + HOUR) is False


def test_what_was_ordered_long_ago_is_forgotten(world: World) -> None:
    keep(world, "secret-1")
    later = NOW + kept_orders.counts_for
    world.write(lambda connection: kept_orders.is_crowded(connection, EVE, NETWORK, RATES, later))
    world.write(lambda connection: kept_orders.counts(connection, "secret-1", "R1"))
    with pytest.raises(NotFound):
        world.read(lambda connection: kept_orders.kept(connection, "secret-1", NOW))
