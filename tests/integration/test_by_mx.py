"""The product sending by MX: DNS from a zone of ours, receivers on the loopback interface, real sessions."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from support.dns import Zone, serving
from support.gateway import Gateway
from support.mails import a_mail, shows, text_of
from support.sink import Sink
from support.world import CUSTOMER_ADDRESS, PARTNER_ADDRESS

pytestmark = pytest.mark.slow

DOMAIN = CUSTOMER_ADDRESS.rpartition("@")[2]
PARTNER_DOMAIN = PARTNER_ADDRESS.rpartition("@")[2]


@pytest.fixture
def zone() -> Iterator[Zone]:
    with serving(Zone()) as one:
        one.put(DOMAIN, "MX", f"10 first.{DOMAIN}", f"20 second.{DOMAIN}")
        one.put(f"first.{DOMAIN}", "A", "127.0.0.2")  # where nobody listens
        one.put(f"second.{DOMAIN}", "CNAME", f"real.{DOMAIN}")
        one.put(f"real.{DOMAIN}", "A", "127.0.0.1")
        one.put(PARTNER_DOMAIN, "A", "127.0.0.1")
        yield one


@pytest.fixture
async def gateway(tmp_path: Path, sink: Sink, zone: Zone) -> AsyncIterator[Gateway]:
    outbound = {"route": "mx", "mx_port": sink.port, "private_destinations": True}
    one = Gateway(tmp_path, sink.port, {"outbound": outbound, "authentication": {"mode": "off", "dns_servers": [zone.server]}})
    await one.off_loop("start")
    yield one
    if one.process is not None:
        assert await one.off_loop("stop") == 0
    one.close()


async def test_mail_is_taken_to_the_next_host_where_the_first_one_refuses(gateway: Gateway, sink: Sink, zone: Zone) -> None:
    """FAULT-86, FAULT-87: in the same attempt, an alias in the place of a host followed, and none of it in the log."""
    conversation = await gateway.opened()
    answer = await gateway.sent(a_mail(to=conversation["customer_alias"]), conversation["customer_alias"])
    assert answer.code == 250
    await sink.until(1)
    assert sink.received[0].recipients == (CUSTOMER_ADDRESS,)
    assert f"{DOMAIN.lower()} MX" in zone.asked
    log = gateway.log.read_text()
    assert [word for word in (DOMAIN, PARTNER_DOMAIN, "127.0.0.2") if word in log] == []
    assert "delivery.deferred" not in log


async def test_a_domain_that_takes_no_mail_is_told_to_the_writer_at_once_and_without_its_name(
    gateway: Gateway, sink: Sink, zone: Zone
) -> None:
    """FAULT-86, GW-51; the notice goes to a domain without an MX, whose own address counts."""
    zone.put(DOMAIN, "MX", "0 .")
    conversation = await gateway.opened()
    answer = await gateway.sent(a_mail(to=conversation["customer_alias"]), conversation["customer_alias"])
    assert answer.code == 250
    await sink.until(1)
    [notice] = sink.received
    assert notice.recipients == (PARTNER_ADDRESS,)
    assert shows(notice.content, CUSTOMER_ADDRESS, DOMAIN, "null MX", "5.1.10") == []
    assert "not" in text_of(notice.content)
