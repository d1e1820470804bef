"""Which addresses we connect to that strangers chose (FAULT-86)."""

from __future__ import annotations

import pytest

from relay.outbound.addresses import allowed


@pytest.mark.parametrize("address", ["192.0.9.1", "2001:4860::1", "::ffff:8.8.8.8", "64:ff9b::808:808"])
def test_somebody_s_address_is_connected_to(address: str) -> None:
    assert allowed([address], private=False) == [address]


@pytest.mark.parametrize("address", ["127.0.0.1", "10.1.2.3", "fd00::1", "::ffff:127.0.0.1", "64:ff9b::10.0.0.1", "::7f00:1"])
def test_nobody_s_address_is_connected_to_in_a_closed_network_alone(address: str) -> None:
    """Which are nobody's: tests/unit/test_internet.py."""
    assert allowed([address], private=False) == []
    assert allowed([address], private=True) == [address]
