"""The product sending by MX: DNS from a zone of ours, receivers on the loopback interface, real sessions."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from support.certificate import an_authority
from support.dns import Zone, serving
from support.gateway import Gateway
from support.https import page
from support.https import serving as serving_pages
from support.mails import a_mail, shows, text_of
from support.patience import patience_s
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


async def test_a_policy_that_was_seen_holds_after_a_restart_and_its_results_are_counted(tmp_path: Path, zone: Zone) -> None:
    """FAULT-89; RFC 8461, RFC 8460: with the product as it is installed, and a page that is gone by then."""
    ours = an_authority()
    authorities = ours.written(tmp_path / "authorities.pem")
    zone.put(DOMAIN, "MX", f"10 real.{DOMAIN}")
    zone.put(f"mta-sts.{DOMAIN}", "A", "127.0.0.1")
    zone.put(f"_mta-sts.{DOMAIN}", "TXT", "v=STSv1; id=1;")
    policy = page(f"version: STSv1\nmode: enforce\nmx: *.{DOMAIN}\nmax_age: 86400\n")
    good, bad = (ours.issue(name).server_context(tmp_path) for name in (f"real.{DOMAIN}", "other.example"))
    async with Sink(tls=good) as sink, serving_pages(ours.issue(f"mta-sts.{DOMAIN}").server_context(tmp_path), {}) as site:
        site.pages = {f"mta-sts.{DOMAIN}": policy}
        outbound = {
            "route": "mx",
            "mx_port": sink.port,
            "private_destinations": True,
            "authorities": str(authorities),
            "mta_sts_port": site.port,
        }
        authentication = {"mode": "off", "dns_servers": [zone.server]}
        gateway = Gateway(tmp_path / "relay", sink.port, {"outbound": outbound, "authentication": authentication})
        await gateway.off_loop("start")
        try:
            alias = (await gateway.opened())["customer_alias"]
            assert (await gateway.sent(a_mail(to=alias), alias)).code == 250
            await sink.until(1)
            assert sink.received[0].tls
            assert await gateway.off_loop("stop") == 0
            asked, site.pages, sink.tls = len(site.asked), {}, bad
            await gateway.off_loop("start")
            assert (await gateway.sent(a_mail(to=alias, subject="Again"), alias)).code == 250
            async with asyncio.timeout(patience_s):
                while "delivery.deferred" not in gateway.log.read_text():
                    await asyncio.sleep(0.1)
            assert await gateway.off_loop("stop") == 0
            assert (len(sink.received), len(site.asked)) == (1, asked)
            results = {(one["policy"], one["result"]) for one in await gateway.off_loop("json", "tls-report")}
            assert results == {("sts", "success"), ("sts", "certificate-host-mismatch")}
            log = gateway.log.read_text()
            assert [word for word in (DOMAIN, "other.example", "127.0.0.1:" + str(sink.port)) if word in log] == []
        finally:
            gateway.close()
