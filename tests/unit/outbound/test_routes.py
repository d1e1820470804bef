from __future__ import annotations

import pytest

from relay.errors import WrongConfiguration
from relay.outbound.routes import Host, Smarthost, Tls, route
from relay.values import RealAddress


@pytest.mark.parametrize(
    ("text", "host"),
    [
        ("smarthost:127.0.0.1:2526", Host("127.0.0.1", 2526)),
        ("smarthost:mail.example.com:25", Host("mail.example.com", 25)),
        ("smarthost:[::1]:587", Host("::1", 587)),
    ],
)
async def test_everything_goes_to_the_smarthost(text: str, host: Host) -> None:
    found = route(text)
    assert found == Smarthost(host)
    one, other = (found.destination(RealAddress(address)) for address in ("a@one.example", "b@two.example"))
    assert one == other
    assert await found.hosts(one) == (host,)


def test_how_the_smarthost_is_spoken_to_is_configuration() -> None:
    assert route("smarthost:127.0.0.1:25", Tls.REQUIRED) == Smarthost(Host("127.0.0.1", 25, Tls.REQUIRED))


@pytest.mark.parametrize(
    "text",
    [
        "", "smarthost", "smarthost:", "smarthost:host", "smarthost::25", "smarthost:host:", "smarthost:host:0",
        "smarthost:host:65536", "smarthost:host:-1", "smarthost:host:2x", "smarthost:::1:25", "smarthost:a b:25",
        "smarthost:a\n:25", "smarthost:host:٢٥", "lmtp:host:24", "smarthost:host:99999999999999999999",
    ],
)  # fmt: skip
def test_what_names_no_route_is_wrong_configuration(text: str) -> None:
    with pytest.raises(WrongConfiguration, match="smarthost:HOST:PORT"):
        route(text)


def test_mx_comes_later() -> None:
    with pytest.raises(WrongConfiguration, match="comes later"):
        route("mx")
