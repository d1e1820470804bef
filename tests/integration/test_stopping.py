"""SIGTERM ends everything in good order, and a second one at once (FAULT-43; invariants 3 and 8)."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from support.accounts import holds
from support.gateway import Gateway
from support.mails import a_mail
from support.patience import patience_s
from support.sink import HANG, Sink, Step, reply
from support.smtp import SmtpClient
from support.world import PARTNER_ADDRESS

pytestmark = pytest.mark.slow


@pytest.fixture(params=[1, 2], ids=["one-process", "two-workers"])
async def gateway(request: pytest.FixtureRequest, tmp_path: Path, sink: Sink) -> AsyncIterator[Gateway]:
    one = Gateway(tmp_path, sink.port, workers=request.param)
    await one.off_loop("start")
    yield one
    one.close()


def told_to_stop(gateway: Gateway) -> None:
    assert gateway.process is not None
    gateway.process.send_signal(signal.SIGTERM)


async def ended(gateway: Gateway) -> int:
    """The exit code."""
    assert gateway.process is not None
    return int(await asyncio.to_thread(gateway.process.wait, 60))


async def refused(port: int) -> None:
    """Wait until nobody listens there any more: each worker stops by itself."""
    async with asyncio.timeout(patience_s):
        while True:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                return
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()
            await asyncio.sleep(0.05)


async def in_data(client: SmtpClient, alias: str, first: bytes) -> None:
    """A session in the middle of its message."""
    await client.hello()
    await client.begin(alias, sender=f"<{PARTNER_ADDRESS}>")
    assert (await client.command("DATA")).code == 354
    await client.send(first)


async def test_a_slow_upload_is_finished_an_idle_session_hears_421_and_a_request_gets_its_answer(
    gateway: Gateway, sink: Sink
) -> None:
    alias = (await gateway.opened())["customer_alias"]
    mail = a_mail(to=alias)
    async with SmtpClient(gateway.smtp_port) as slow, SmtpClient(gateway.smtp_port) as idle:
        await idle.hello()
        await in_data(slow, alias, mail[:60])
        reader, writer = await asyncio.open_connection("127.0.0.1", gateway.web_port)
        writer.write(b"POST /api/v1/conversations HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 2\r\n\r\n{")
        await writer.drain()
        await asyncio.sleep(1)  # the request has begun, which nothing shows from outside
        told_to_stop(gateway)
        assert (await idle.answer()).codes == "421 4.3.2"
        assert await idle.is_closed()
        await refused(gateway.smtp_port)
        for octet in mail[60:]:
            await slow.send(bytes([octet]))
        await slow.send(b".\r\n")
        assert (await slow.answer()).code == 250
        writer.write(b"}")
        await writer.drain()
        assert (await asyncio.wait_for(reader.read(), 20)).startswith(b"HTTP/1.1 401 ")
        writer.close()
    assert await ended(gateway) == 0
    await gateway.off_loop("start")
    await sink.until(1)
    assert await gateway.off_loop("stop") == 0
    assert len(sink.received) == 1
    await gateway.off_loop("command", "audit")


async def test_a_delivery_under_way_is_finished_and_recorded_and_never_made_twice(gateway: Gateway, sink: Sink) -> None:
    alias = (await gateway.opened())["customer_alias"]
    sink.plan(Step.DOT, reply("250 2.0.0 taken", delay_s=2))
    assert (await gateway.sent(a_mail(to=alias), alias)).code == 250
    await sink.until(1)
    told_to_stop(gateway)
    assert await ended(gateway) == 0
    assert await gateway.off_loop("json", "queue", "list") == []
    await gateway.off_loop("start")
    assert await gateway.off_loop("stop") == 0
    assert len(sink.received) == 1


async def test_a_second_signal_hurries_and_what_was_cut_off_is_tried_again(gateway: Gateway, sink: Sink) -> None:
    alias = (await gateway.opened())["customer_alias"]
    sink.plan(Step.DOT, HANG)
    assert (await gateway.sent(a_mail(to=alias), alias)).code == 250
    while not any(line.startswith("DATA") for _, line in sink.commands):
        await asyncio.sleep(0.05)
    async with SmtpClient(gateway.smtp_port) as slow, SmtpClient(gateway.smtp_port) as idle:
        await in_data(slow, alias, b"From: ")
        told_to_stop(gateway)
        assert (await idle.answer()).codes == "421 4.3.2", "it has heard the first"
        told_to_stop(gateway)
        # Well within the grace of 30 s for each of the two.
        assert await asyncio.wait_for(ended(gateway), 20) == 0
        assert await slow.is_closed()
    [waiting] = await gateway.off_loop("json", "queue", "list")
    assert waiting["state"] == "due"
    await gateway.off_loop("command", "audit")


def workers(gateway: Gateway) -> list[int]:
    """Their process ids."""
    assert gateway.process is not None
    children = Path(f"/proc/{gateway.process.pid}/task/{gateway.process.pid}/children").read_text(encoding="ascii")
    return [int(one) for one in children.split()]


def is_stopped(process: int, *sent: signal.Signals) -> bool:
    """Whether `process` runs no further and has yet to look at all of `sent` (proc(5): State, ShdPnd)."""
    lines = Path(f"/proc/{process}/status").read_text(encoding="ascii").splitlines()
    status = {name: value.split()[0] for name, _, value in (line.partition(":") for line in lines) if value.strip()}
    pending = int(status["ShdPnd"], 16)
    return status["State"] == "T" and all(pending >> (one - 1) & 1 for one in sent)


@pytest.mark.parametrize("gateway", [2], ids=["two-workers"], indirect=True)
async def test_workers_that_are_busy_when_both_signals_come_hurry(gateway: Gateway) -> None:
    """Two of the same that wait for a process are one to it."""
    alias = (await gateway.opened())["customer_alias"]
    processes = workers(gateway)
    assert len(processes) == 2
    async with SmtpClient(gateway.smtp_port) as slow:
        await in_data(slow, alias, b"From: ")
        for one in processes:
            os.kill(one, signal.SIGSTOP)
        try:
            await holds(lambda: all(is_stopped(one) for one in processes))
            told_to_stop(gateway)
            await holds(lambda: all(is_stopped(one, signal.SIGTERM) for one in processes))
            told_to_stop(gateway)
            await holds(lambda: all(is_stopped(one, signal.SIGTERM, signal.SIGINT) for one in processes))
        finally:
            for one in processes:
                os.kill(one, signal.SIGCONT)
        # Well within the grace of 30 s.
        assert await asyncio.wait_for(ended(gateway), 20) == 0
        assert await slow.is_closed()
