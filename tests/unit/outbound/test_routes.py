from __future__ import annotations

from relay.outbound.routes import Host, Smarthost
from relay.values import RealAddress


async def test_everything_goes_to_the_smarthost() -> None:
    host = Host("mail.example.com", 25)
    route = Smarthost(host)
    one, other = (route.destination(RealAddress(address)) for address in ("a@one.example", "b@two.example"))
    assert one == other
    assert await route.hosts(one) == (host,)
