"""Several processes on one port (FAULT-43): each is replaced when it dies, and all end together."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from support.gateway import Gateway
from support.mails import a_mail
from support.sink import Sink
from support.smtp import SmtpClient
from support.world import PARTNER_ADDRESS

pytestmark = pytest.mark.slow


@pytest.fixture
async def gateway(tmp_path: Path, sink: Sink) -> AsyncIterator[Gateway]:
    one = Gateway(tmp_path, sink.port, workers=2)
    await one.off_loop("start")
    yield one
    one.close()


def children(gateway: Gateway) -> set[int]:
    assert gateway.process is not None
    parent = gateway.process.pid
    return {int(word) for word in Path(f"/proc/{parent}/task/{parent}/children").read_text().split()}


def until(holds: Callable[[], bool], within_s: float = 60) -> None:
    patience = time.monotonic() + within_s
    while not holds():
        assert time.monotonic() < patience
        time.sleep(0.05)


async def sent(gateway: Gateway, alias: str, number: int) -> int:
    async with SmtpClient(gateway.smtp_port) as client:
        await client.hello()
        return (
            await client.deliver(
                a_mail(to=alias, message_id=f"{number}@alpine-tours.example"), alias, sender=f"<{PARTNER_ADDRESS}>"
            )
        ).code


async def test_a_worker_that_dies_is_replaced_mail_goes_on_and_sigterm_ends_them_all(gateway: Gateway, sink: Sink) -> None:
    alias = (await gateway.off_loop("open_conversation", "R1"))["customer_alias"]
    assert await sent(gateway, alias, 1) == 250
    await sink.until(1)

    before = children(gateway)
    assert len(before) == 2
    killed = min(before)  # the one that leads: the web and the index go on with its successor
    os.kill(killed, signal.SIGKILL)
    await asyncio.to_thread(until, lambda: len(children(gateway) - {killed}) == 2)
    await asyncio.to_thread(until, lambda: gateway.log.read_text().count("ready") == 3)
    assert "worker.died" in gateway.log.read_text()
    assert await sent(gateway, alias, 2) == 250
    await sink.until(2)
    assert await gateway.off_loop("is_ready"), "the web is served by the successor"

    after = children(gateway)
    assert await gateway.off_loop("stop") == 0
    assert not any(Path(f"/proc/{child}").exists() for child in after)


async def test_sigterm_is_heard_also_while_a_worker_is_being_replaced(gateway: Gateway) -> None:
    for child in children(gateway):
        os.kill(child, signal.SIGKILL)
    await asyncio.to_thread(until, lambda: gateway.log.read_text().count("worker.died") == 2)
    assert await gateway.off_loop("stop") == 0


async def test_no_worker_outlives_a_parent_that_was_killed(gateway: Gateway) -> None:
    left = children(gateway)
    await gateway.off_loop("kill")
    await asyncio.to_thread(until, lambda: not any(Path(f"/proc/{child}").exists() for child in left))
