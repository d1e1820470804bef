"""Who is let in."""

from __future__ import annotations

import asyncio

import pytest

from relay.inbound.admission import Admission, network_of
from relay.inbound.limits import Limits


@pytest.mark.parametrize(
    ("client_ip", "network"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::9", "2001:db8:1:2::/64"),
        ("2001:db8:1:3::9", "2001:db8:1:3::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("", ""),
        ("no:address", "no:address"),
    ],
)
def test_neighbours_share_an_ipv4_address_or_an_ipv6_64(client_ip: str, network: str) -> None:
    """CASE-52."""
    assert network_of(client_ip) == network


def test_connections_are_capped_together_and_by_network_and_released() -> None:
    """FAULT-41."""
    admission = Admission(Limits(connections_max=3, connections_per_network_max=2))
    assert [admission.enter(network) for network in "aaabc"] == [True, True, False, True, False]
    admission.leave("a")
    assert admission.enter("c")
    assert (admission.connections, admission.stats.connections, admission.stats.connections_refused) == (3, 4, 2)


def test_nobody_is_let_in_while_it_closes() -> None:
    """FAULT-43."""
    admission = Admission(Limits())
    admission.closing = True
    assert not admission.enter("a")


def test_a_network_has_as_much_room_as_is_still_free() -> None:
    """Invariant 12: whoever sends in a flood has half, and the next has half of the rest."""
    admission = Admission(Limits(in_flight_octets_max=100))
    assert (admission.has_room("a", 50), admission.has_room("a", 51)) == (True, False)
    admission.hold("a", 50)
    assert (admission.has_room("a"), admission.has_room("b", 25)) == (False, True)
    admission.hold("b", 25)
    assert (admission.has_room("b"), admission.has_room("c", 12)) == (False, True)
    admission.hold("a", -50)
    assert admission.has_room("b", 25)


async def test_whoever_waits_for_room_has_it_when_others_let_go() -> None:
    admission = Admission(Limits(in_flight_octets_max=100))
    admission.hold("a", 50)
    waiting = asyncio.create_task(admission.room("b", 40))
    await asyncio.sleep(0)
    admission.hold("a", -20)
    await asyncio.sleep(0)
    assert not waiting.done()
    admission.hold("a", -20)
    assert await waiting


async def test_the_wait_for_room_has_an_end() -> None:
    admission = Admission(Limits(in_flight_octets_max=100, room_s=0.001))
    admission.hold("a", 50)
    assert not await admission.room("a", 1)


@pytest.mark.parametrize(("free", "has_room"), [(1000, True), (999, False), (0, False)])
def test_a_disk_that_is_nearly_full_takes_no_more(free: int, has_room: bool) -> None:
    """FAULT-97."""
    assert Admission(Limits(disk_octets_free_min=1000), lambda: free).disk_has_room is has_room


def test_a_disk_that_does_not_tell_has_no_room() -> None:
    """FAULT-97."""

    def broken() -> int:
        raise OSError("input/output error")

    assert not Admission(Limits(), broken).disk_has_room
