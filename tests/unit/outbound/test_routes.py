from __future__ import annotations

import pytest

from relay.outbound.routes import Host, SelfTestApart, Smarthost
from relay.values import RealAddress


async def test_everything_goes_to_the_smarthost() -> None:
    host = Host("mail.example.com", 25)
    route = Smarthost(host)
    one, other = (route.destination(RealAddress(address)) for address in ("a@one.example", "b@two.example"))
    assert one == other
    assert await route.hosts(one) == (host,)


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("m@partner.self-test.invalid", "loopback"),
        ("m@self-test.invalid", "loopback"),
        ("M@Partner.SELF-TEST.invalid.", "loopback"),
        ("m@myself-test.invalid", "mail.example.com"),
        ("m@self-test.invalid.example.com", "mail.example.com"),
        ("m@self-test.example", "mail.example.com"),
        ("self-test.invalid@example.com", "mail.example.com"),
    ],
)
async def test_mail_of_the_self_test_never_takes_the_way_out_and_other_mail_always_does(address: str, expected: str) -> None:
    route = SelfTestApart(Host("loopback", 2527), Smarthost(Host("mail.example.com", 25)))
    key = route.destination(RealAddress(address))
    assert await route.hosts(key) == (Host(expected, 2527 if expected == "loopback" else 25),)


def test_the_self_tests_destination_is_nobody_elses() -> None:
    """Limits and back-off of the one are not felt by the other."""
    route = SelfTestApart(Host("loopback", 2527), Smarthost(Host("mail.example.com", 25)))
    ours, others = (route.destination(RealAddress(one)) for one in ("m@a.self-test.invalid", "m@a.example"))
    assert ours != others
