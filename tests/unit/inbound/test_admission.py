"""Who is let in."""

from __future__ import annotations

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


def test_guesses_are_counted_by_network_and_the_oldest_network_is_forgotten() -> None:
    """FAULT-29, GW-20."""
    admission = Admission(Limits(networks_remembered_max=2))
    assert [admission.guessed(network) for network in "aaabacab"] == [1, 2, 3, 1, 4, 1, 5, 1]


def test_content_is_counted_against_one_room() -> None:
    admission = Admission(Limits(in_flight_octets_max=10))
    admission.hold(8)
    assert (admission.has_room(2), admission.has_room(3)) == (True, False)
    admission.hold(-8)
    assert admission.has_room(10)
