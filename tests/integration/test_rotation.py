"""A running gateway goes over to another key, and every message it ever signed can be verified (GW-45)."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Iterator
from pathlib import Path

import dkim
import pytest
from support.dns import Zone, serving
from support.gateway import Gateway
from support.mails import a_mail
from support.sink import Sink

pytestmark = pytest.mark.slow


@pytest.fixture
def zone() -> Iterator[Zone]:
    with serving(Zone(ttl_s=0)) as one:
        yield one


@pytest.mark.parametrize("workers", [1, 2])
async def test_it_signs_with_the_next_key_after_a_reload_and_both_signatures_hold(
    workers: int, tmp_path: Path, sink: Sink, zone: Zone
) -> None:
    changed = {"authentication": {"mode": "off", "dns_servers": [zone.server]}}
    gateway = Gateway(tmp_path, sink.port, workers=workers, changed=changed)
    published: dict[bytes, bytes] = {}

    def publish(record: dict[str, str]) -> None:
        zone.put(record["name"], "TXT", record["value"])
        published[f"{record['name']}.".encode()] = record["value"].encode()

    await gateway.off_loop("start")
    try:
        alias = (await gateway.opened())["customer_alias"]
        [first] = await gateway.off_loop("json", "dkim", "show")
        publish(first)
        assert (await gateway.sent(a_mail(to=alias, message_id="1@alpine-tours.example"), alias)).code == 250
        publish(await gateway.off_loop("json", "dkim", "rotate", "--selector", "next"))
        assert (await gateway.off_loop("json", "dkim", "rotate"))["step"] == "in use"
        assert gateway.process is not None
        gateway.process.send_signal(signal.SIGHUP)
        async with asyncio.timeout(120):
            while "reloaded" not in gateway.log.read_text(errors="replace"):
                await asyncio.sleep(0.05)
        assert (await gateway.sent(a_mail(to=alias, message_id="2@alpine-tours.example"), alias)).code == 250
        await sink.until(2)
    finally:
        gateway.close()
    signed = [one.content for one in sink.received]
    assert [b" s=relay;" in signed[0], b" s=next;" in signed[1]] == [True, True]
    for one in signed:
        assert dkim.verify(one, dnsfunc=lambda name, timeout=5: published[name])
