"""PROXY headers: whose connection a load balancer passes on (FAULT-42; HAProxy, proxy-protocol.txt)."""

from __future__ import annotations

from ipaddress import ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.inbound.proxy import SIGNATURE_2, Header, NoHeader, header, header_octets_max

_PORTS = b"\xc3\x50\x00\x19"


def version_2(payload: bytes, command: int = 0x21, family: int = 0x11) -> bytes:
    return SIGNATURE_2 + bytes([command, family]) + len(payload).to_bytes(2, "big") + payload


def addresses(client: str, own: str) -> bytes:
    return ip_address(client).packed + ip_address(own).packed + _PORTS


FOUR = addresses("203.0.113.9", "192.0.2.25")
SIX = addresses("2001:db8::9", "2001:db8::25")
TLV = b"\x04" + (4093).to_bytes(2, "big") + b"\0" * 4093

UNDERSTOOD = {
    "v1 over IPv4": (b"PROXY TCP4 203.0.113.9 192.0.2.25 50000 25\r\n", "203.0.113.9"),
    "v1 over IPv6": (b"PROXY TCP6 2001:db8::9 2001:db8::25 50000 25\r\n", "2001:db8::9"),
    "v1, IPv4 in the shape of IPv6": (b"PROXY TCP6 ::ffff:203.0.113.9 ::ffff:192.0.2.25 1 25\r\n", "203.0.113.9"),
    "v1, does not know": (b"PROXY UNKNOWN\r\n", ""),
    "v1, does not know, and says something": (b"PROXY UNKNOWN ffff:f...f:ffff 65535 65535\r\n", ""),
    "v2 over IPv4": (version_2(FOUR), "203.0.113.9"),
    "v2 over IPv6": (version_2(SIX, family=0x21), "2001:db8::9"),
    "v2 with 4 KB of TLVs": (version_2(FOUR + TLV), "203.0.113.9"),
    "v2 LOCAL": (version_2(b"", command=0x20, family=0x00), ""),
    "v2 LOCAL with addresses": (version_2(FOUR, command=0x20), ""),
    "v2 LOCAL of a family that nobody knows": (version_2(b"xyz", command=0x20, family=0x77), ""),
    "v2 without a family": (version_2(b"", family=0x00), ""),
    "v2 over a socket in the file system": (version_2(b"/a".ljust(216, b"\0"), family=0x31), ""),
}

REFUSED = {
    "a command": b"EHLO client.example\r\n",
    "v1 in lower case": b"proxy TCP4 203.0.113.9 192.0.2.25 50000 25\r\n",
    "v1 of another protocol": b"PROXY UDP4 203.0.113.9 192.0.2.25 50000 25\r\n",
    "v1 with the wrong family": b"PROXY TCP4 2001:db8::9 2001:db8::25 50000 25\r\n",
    "v1 with a name": b"PROXY TCP4 client.example 192.0.2.25 50000 25\r\n",
    "v1 with octets beyond ASCII": b"PROXY TCP4 203.0.113.\xb9 192.0.2.25 50000 25\r\n",
    "v1 with two spaces": b"PROXY TCP4  203.0.113.9 192.0.2.25 50000 25\r\n",
    "v1 with too few fields": b"PROXY TCP4 203.0.113.9 192.0.2.25 50000\r\n",
    "v1 with a port that is none": b"PROXY TCP4 203.0.113.9 192.0.2.25 65536 25\r\n",
    "v1 with a port of leading zeros": b"PROXY TCP4 203.0.113.9 192.0.2.25 025 25\r\n",
    "v1 that is too long": b"PROXY UNKNOWN " + b"x" * 94,
    "v1 without a line end for too long": b"PROXY TCP4 " + b"1" * 96,
    "v2 of version 3": version_2(FOUR, command=0x31),
    "v2 with a command that is none": version_2(FOUR, command=0x22),
    "v2 over UDP": version_2(FOUR, family=0x12),
    "v2 of a family that nobody knows": version_2(FOUR, family=0x41),
    "v2 too short for its addresses": version_2(FOUR[:-1]),
    "v2 longer than its bound, before it has come": version_2(b"\0" * header_octets_max)[:16],
}


@pytest.mark.parametrize(("octets", "client"), UNDERSTOOD.values(), ids=UNDERSTOOD)
def test_a_header_says_whose_connection_it_is_and_what_follows_is_not_part_of_it(octets: bytes, client: str) -> None:
    assert header(octets + b"EHLO client.example\r\n") == Header(len(octets), client)


@pytest.mark.parametrize("octets", [octets for octets, _ in UNDERSTOOD.values()], ids=UNDERSTOOD)
def test_as_long_as_a_header_has_not_wholly_come_there_is_none(octets: bytes) -> None:
    for length in {*range(min(len(octets), 120)), len(octets) - 1}:
        assert header(octets[:length]) is None


@pytest.mark.parametrize("octets", REFUSED.values(), ids=REFUSED)
def test_what_is_no_header_is_refused(octets: bytes) -> None:
    with pytest.raises(NoHeader):
        header(octets)


@given(st.binary(max_size=300), st.sampled_from([b"", b"PROXY ", b"PROXY TCP4 ", SIGNATURE_2, SIGNATURE_2 + b"\x21\x11"]))
def test_whatever_comes_is_understood_refused_or_waited_for_within_the_bound(tail: bytes, beginning: bytes) -> None:
    octets = beginning + tail
    try:
        found = header(octets)
    except NoHeader:
        return
    if found is None:
        assert len(octets) < header_octets_max
    else:
        assert 0 < found.octets <= len(octets)
