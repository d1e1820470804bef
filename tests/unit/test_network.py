"""The network from which somebody wrote (GW-12)."""

from __future__ import annotations

import pytest

from relay.transit.network import neighbourhood


@pytest.mark.parametrize(
    ("client_ip", "network"),
    [
        ("192.0.2.7", "192.0.2.0/24"),
        ("192.0.2.255", "192.0.2.0/24"),
        ("192.0.3.0", "192.0.3.0/24"),
        ("2001:db8:1:2:3::4", "2001:db8:1:2::/64"),
        ("2001:0db8:0001:0002::", "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.7", "192.0.2.0/24"),
        ("fe80::1%eth0", "local"),
        ("127.0.0.1", "local"),
        ("::1", "local"),
        ("::ffff:127.0.0.1", "local"),
        ("172.17.0.1", "local"),
        ("172.32.0.1", "172.32.0.0/24"),
        ("192.168.1.7", "local"),
        ("fd00::5", "local"),
        ("", "local"),
        ("unix:/run/relay/lmtp.sock", "local"),
    ],
)
def test_a_network_is_the_24_of_an_ipv4_and_the_64_of_an_ipv6_address(client_ip: str, network: str) -> None:
    """GW-12, invariant 6: in front of a house's own addresses stands a server, with everybody behind it."""
    assert neighbourhood(client_ip) == network
