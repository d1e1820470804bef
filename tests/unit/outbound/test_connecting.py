"""How long a host is waited for; tests/integration/test_connection.py has the sessions."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import cast

import aiosmtplib
import pytest

from relay.outbound.connecting import _connected
from relay.outbound.connection import Timeouts

NO_TIME = replace(Timeouts(), connect_s=0)


class Client:
    """aiosmtplib's: `transport` is there once TCP stands, and `connect` ends with the greeting."""

    def __init__(self, transport: object, broke: Exception | None = None) -> None:
        self.transport = transport
        self.greeted = asyncio.Event()
        self.broke = broke
        self.ended = ""

    async def connect(self, timeout: float) -> None:
        assert timeout == NO_TIME.greeting_s
        try:
            await self.greeted.wait()
            if self.broke is not None:
                raise self.broke
            self.ended = "greeted"
        except asyncio.CancelledError:
            self.ended = "given up"
            raise


def connecting(client: Client) -> asyncio.Task[None]:
    return asyncio.create_task(_connected(cast("aiosmtplib.SMTP", client), NO_TIME))


async def turns() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


async def test_a_host_that_is_there_may_let_us_wait_for_its_greeting() -> None:
    """RFC 5321 §4.5.3.2.1, FAULT-88"""
    client = Client(transport=object())
    waiting = connecting(client)
    await turns()
    assert not waiting.done()
    client.greeted.set()
    await waiting
    assert client.ended == "greeted"


async def test_a_host_that_is_not_there_is_given_up_sooner() -> None:
    client = Client(transport=None)
    with pytest.raises(TimeoutError):
        await connecting(client)
    assert client.ended == "given up"


async def test_what_goes_wrong_is_told_as_it_came() -> None:
    client = Client(object(), aiosmtplib.SMTPConnectResponseError(554, "no"))
    client.greeted.set()
    with pytest.raises(aiosmtplib.SMTPConnectResponseError):
        await connecting(client)


async def test_whoever_stops_waiting_leaves_nothing_behind() -> None:
    client = Client(transport=object())
    waiting = connecting(client)
    await turns()
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert client.ended == "given up"


def test_no_step_has_less_time_than_receivers_may_take() -> None:
    """RFC 5321 §4.5.3.2: the greeting, MAIL and RCPT, DATA, a block, the final dot."""
    usual = Timeouts()
    given = (usual.greeting_s, usual.command_s, usual.data_s, usual.block_s, usual.dot_s)
    assert all(ours >= least for ours, least in zip(given, (300, 300, 120, 180, 600), strict=True))
