"""Which addresses we connect to that strangers chose (FAULT-86)."""

from __future__ import annotations

import pytest

from relay.outbound.addresses import allowed


@pytest.mark.parametrize("address", ["192.0.9.1", "8.8.8.8", "2001:4860::1", "::ffff:8.8.8.8", "2002:808:808::"])
def test_somebody_s_address_is_connected_to(address: str) -> None:
    assert allowed([address], private=False) == [address]


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1",
     "0.0.0.0", "10.1.2.3", "172.16.0.1", "192.168.0.1", "169.254.169.254", "100.64.0.1", "224.0.0.1", "255.255.255.255",
     "::1", "::", "fe80::1", "fd00::1", "ff02::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "2002:7f00:1::", "2002:c0a8:1::"],
)  # fmt: skip
def test_nobody_s_address_is_connected_to_in_a_closed_network_alone(address: str) -> None:
    assert allowed([address], private=False) == []
    assert allowed([address], private=True) == [address]
