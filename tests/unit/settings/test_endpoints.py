"""Hosts, ports and sockets: what is read, what is refused, what is written back."""

from __future__ import annotations

from pathlib import Path

import pytest

from relay.settings import endpoints
from relay.settings.endpoints import Mx, Smarthost, Tcp, UnixSocket


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
    assert endpoints.endpoint(text) == expected
    assert endpoints.endpoint(str(expected)) == expected


@pytest.mark.parametrize(
    "text", ["", ":25", "a b:25", "::1:25x", "[::1]25", "[x]:25", "host:", "host:-1", "host:65536", "host\n:25", "unix:"]
)
def test_what_is_no_endpoint_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"write|port"):
        endpoints.endpoint(text)


@pytest.mark.parametrize("text", ["tcp:127.0.0.1:3310", "tcp:[::1]:3310", "unix:/run/clamav/clamd.ctl"])
def test_a_scanner_is_written_as_it_was_read(text: str) -> None:
    assert str(endpoints.scanner(text)) == text
    assert endpoints.scanner(endpoints.scanner(text)) == endpoints.scanner(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("mx", Mx()),
        ("smarthost:127.0.0.1:2526", Smarthost(Tcp("127.0.0.1", 2526))),
        ("smarthost:out.example.com", Smarthost(Tcp("out.example.com", 25))),
    ],
)
def test_a_route_is_mx_or_a_smarthost(text: str, expected: object) -> None:
    assert endpoints.route(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [("192.0.2.1", Tcp("192.0.2.1", 53)), ("::1", Tcp("::1", 53)), ("127.0.0.1:5353", Tcp("127.0.0.1", 5353))],
)
def test_a_dns_server_listens_at_port_53_unless_told(text: str, expected: Tcp) -> None:
    assert endpoints.dns_server(text) == expected


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
        endpoints.route(text)


@pytest.mark.parametrize("text", ["127.0.0.1:2527", "127.8.0.1:1", "[::1]:2527"])
def test_a_port_of_the_loopback_interface_is_read(text: str) -> None:
    assert str(endpoints.loopback(text)) == text


@pytest.mark.parametrize(
    "text", ["192.0.2.1:2527", "0.0.0.0:2527", "[::]:2527", "localhost:2527", "127.0.0.1", "127.0.0.1:0", ""]
)
def test_a_place_that_others_may_reach_is_not_on_the_loopback_interface(text: str) -> None:
    with pytest.raises(ValueError, match=r"loopback|is no endpoint|has no port"):
        endpoints.loopback(text)
