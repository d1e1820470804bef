"""Durations, sizes, endpoints: what is read, what is refused, what is written back."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.settings import kinds
from relay.settings.kinds import Mx, Smarthost, Tcp, UnixSocket
from relay.values import Rate


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("30s", timedelta(seconds=30)),
        ("90m", timedelta(minutes=90)),
        ("12h", timedelta(hours=12)),
        ("7d", timedelta(days=7)),
        ("2w", timedelta(days=14)),
        ("1h 30m", timedelta(minutes=90)),
        (" 7 d ", timedelta(days=7)),
        ("0s", timedelta()),
    ],
)
def test_a_duration_is_a_number_with_its_unit(text: str, expected: timedelta) -> None:
    assert kinds.duration(text) == expected


@pytest.mark.parametrize("given", ["", "7", "d", "-7d", "7.5d", "7 days", "7D", "٧d", 7, None, True, ["7d"], "9" * 400 + "d"])
def test_what_is_no_duration_is_refused_with_an_example(given: object) -> None:
    with pytest.raises(ValueError, match=r"is no duration; write .*7d") as caught:
        kinds.duration(given)
    assert len(str(caught.value)) < 250


@pytest.mark.parametrize(
    ("text", "octets"),
    [
        ("10 MiB", 10 * 2**20),
        ("10 MB", 10**7),
        ("10MiB", 10 * 2**20),
        ("1 kB", 1000),
        ("64 KiB", 65536),
        ("1 GiB", 2**30),
        ("5 b", 5),
    ],
)
def test_a_size_tells_binary_from_decimal_units(text: str, octets: int) -> None:
    assert kinds.size(text) == octets


@pytest.mark.parametrize("given", ["", "10", "MiB", "-1 MB", "1.5 MiB", "10 M", "10 iB", "10 TB", 10, None])
def test_what_is_no_size_is_refused_with_an_example(given: object) -> None:
    with pytest.raises(ValueError, match=r"is no size; write .*10 MiB"):
        kinds.size(given)


@pytest.mark.parametrize(
    ("text", "count", "span", "written"),
    [
        ("60/h", 60, timedelta(hours=1), "60/h"),
        ("20/10m", 20, timedelta(minutes=10), "20/10m"),
        (" 5 / 1 d ", 5, timedelta(days=1), "5/d"),
        ("3/60s", 3, timedelta(minutes=1), "3/m"),
        ("1/2h", 1, timedelta(hours=2), "1/2h"),
    ],
)
def test_a_rate_is_how_many_in_what_time(text: str, count: int, span: timedelta, written: str) -> None:
    assert kinds.rate(text) == Rate(count, span)
    assert kinds.rate_text(kinds.rate(text)) == written


def test_no_rate_is_written_as_off() -> None:
    assert kinds.rate("off") is None
    assert kinds.rate_text(None) == "off"


@pytest.mark.parametrize("given", ["", "60", "60/", "/h", "0/h", "5/0m", "-1/h", "1.5/h", "60/hour", "60/w", "٦/h", 60, ["60/h"]])
def test_what_is_no_rate_is_refused_with_an_example(given: object) -> None:
    with pytest.raises(ValueError, match=r"is no rate; write .*60/h"):
        kinds.rate(given)


@given(st.integers(0, 10**12 - 1), st.integers(0, 10**6 - 1))
def test_what_is_written_is_what_was_meant(octets: int, seconds: int) -> None:
    assert kinds.size(kinds.size_text(octets)) == octets
    assert kinds.duration(kinds.duration_text(timedelta(seconds=seconds))) == timedelta(seconds=seconds)


def test_the_longest_duration_that_can_be_written_is_still_one() -> None:
    assert kinds.duration("999999w" * 5) > timedelta(days=3_650)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("127.0.0.1:2525", Tcp("127.0.0.1", 2525)),
        ("[::1]:25", Tcp("::1", 25)),
        ("Mail.Example.com:25", Tcp("mail.example.com", 25)),
        ("tcp:127.0.0.1:3310", Tcp("127.0.0.1", 3310)),
        ("unix:/run/relay/lmtp.sock", UnixSocket(Path("/run/relay/lmtp.sock"))),
    ],
)
def test_an_endpoint_is_a_host_with_a_port_or_a_socket(text: str, expected: object) -> None:
    assert kinds.endpoint(text) == expected
    assert kinds.endpoint(str(expected)) == expected


@pytest.mark.parametrize(
    "text", ["", ":25", "a b:25", "::1:25x", "[::1]25", "[x]:25", "host:", "host:-1", "host:65536", "host\n:25", "unix:"]
)
def test_what_is_no_endpoint_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"write|port"):
        kinds.endpoint(text)


@pytest.mark.parametrize("text", ["tcp:127.0.0.1:3310", "tcp:[::1]:3310", "unix:/run/clamav/clamd.ctl"])
def test_a_scanner_is_written_as_it_was_read(text: str) -> None:
    assert str(kinds.scanner(text)) == text
    assert kinds.scanner(kinds.scanner(text)) == kinds.scanner(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("mx", Mx()),
        ("smarthost:127.0.0.1:2526", Smarthost(Tcp("127.0.0.1", 2526))),
        ("smarthost:out.example.com", Smarthost(Tcp("out.example.com", 25))),
    ],
)
def test_a_route_is_mx_or_a_smarthost(text: str, expected: object) -> None:
    assert kinds.route(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [("192.0.2.1", Tcp("192.0.2.1", 53)), ("::1", Tcp("::1", 53)), ("127.0.0.1:5353", Tcp("127.0.0.1", 5353))],
)
def test_a_dns_server_listens_at_port_53_unless_told(text: str, expected: Tcp) -> None:
    assert kinds.dns_server(text) == expected


@given(st.text(max_size=400))
def test_no_text_brings_a_reader_down(text: str) -> None:
    said: list[str] = []
    for reader in (
        kinds.duration,
        kinds.size,
        kinds.endpoint,
        kinds.route,
        kinds.loopback,
        kinds.dns_server,
        kinds.network,
        kinds.domain,
        kinds.address,
        kinds.database_url,
        kinds.blobs_url,
        kinds.web_url,
        kinds.listed,
    ):
        try:
            reader(text)
        except ValueError as error:
            said.append(str(error))
    assert not any("\n" in sentence or len(sentence) > 300 for sentence in said)


@pytest.mark.parametrize(
    "text",
    [
        "", "smarthost", "smarthost:", "smarthost::25", "smarthost:host:", "smarthost:host:0", "smarthost:host:65536",
        "smarthost:host:-1", "smarthost:host:2x", "smarthost:::1:25", "smarthost:a b:25", "smarthost:a\n:25",
        "smarthost:host:٢٥", "lmtp:host:24", "smarthost:host:99999999999999999999",
    ],
)  # fmt: skip
def test_what_leads_nowhere_is_no_route(text: str) -> None:
    with pytest.raises(ValueError, match=r"is no|port"):
        kinds.route(text)


@pytest.mark.parametrize("text", ["127.0.0.1:2527", "127.8.0.1:1", "[::1]:2527"])
def test_a_port_of_the_loopback_interface_is_read(text: str) -> None:
    assert str(kinds.loopback(text)) == text


@pytest.mark.parametrize(
    "text", ["192.0.2.1:2527", "0.0.0.0:2527", "[::]:2527", "localhost:2527", "127.0.0.1", "127.0.0.1:0", ""]
)
def test_a_place_that_others_may_reach_is_not_on_the_loopback_interface(text: str) -> None:
    with pytest.raises(ValueError, match=r"loopback|is no endpoint|has no port"):
        kinds.loopback(text)
