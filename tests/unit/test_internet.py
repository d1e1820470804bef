"""Which addresses are somebody's on the internet (FAULT-86)."""

from __future__ import annotations

import pytest

from relay.internet import is_public, unmapped


@pytest.mark.parametrize(
    "address",
    [
        "192.0.9.1",
        "8.8.8.8",
        "2001:4860::1",
        "2a00:1450::1",
        "::ffff:8.8.8.8",
        "2002:808:808::",
        "64:ff9b::808:808",
    ],
)
def test_what_somebody_has_is_public_also_wrapped_in_an_address_of_ipv6(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "0.0.0.0", "10.1.2.3", "172.16.0.1", "192.168.0.1", "169.254.169.254", "100.64.0.1"),
        *("224.0.0.1", "239.1.1.1", "240.0.0.1", "255.255.255.255", "192.0.0.9", "192.0.2.1", "198.18.0.1", "198.51.100.1"),
        *("::1", "::", "fe80::1", "fec0::1", "fd00::1", "ff02::1", "ff0e::1", "2001:db8::1", "3fff::1", "5f00::1", "4000::1"),
        *("::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254"),
        *("2002:7f00:1::", "2002:c0a8:1::"),
        *("64:ff9b::127.0.0.1", "64:ff9b::10.0.0.1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::8.8.8.8", "64:ff9b:1::10.0.0.1"),
        *("::10.0.0.1", "::169.254.169.254", "::8.8.8.8", "::ffff:0:8.8.8.8"),
    ],
)
def test_what_is_nobodys_is_not_public_however_it_is_wrapped(address: str) -> None:
    """RFC 6890, RFC 6052 (NAT64), RFC 8215 (its local prefix), RFC 4291 §2.5.5 (IPv4 in IPv6)."""
    assert not is_public(address)


def test_what_is_no_address_is_not_taken_for_one() -> None:
    with pytest.raises(ValueError, match="does not appear to be"):
        is_public("mx.example.com")


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("::ffff:203.0.113.9", "203.0.113.9"),
        ("203.0.113.9", "203.0.113.9"),
        ("2001:db8::9", "2001:db8::9"),
        ("fe80::9%eth0", "fe80::9%eth0"),
        ("64:ff9b::203.0.113.9", "64:ff9b::203.0.113.9"),  # who that is, is for the translator to say
    ],
)
def test_who_came_by_ipv4_is_called_so(address: str, expected: str) -> None:
    """RFC 4291 §2.5.5.2"""
    assert unmapped(address) == expected
