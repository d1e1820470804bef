"""The database is locked, slow, or gone for a while (FAULT-98, FAULT-33): later, and back without a restart."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from support import postgresql
from support.accounts import a_conversation, books, copies, counts, findings, holds, settled
from support.mails import a_mail
from support.nursery import Fault, Nursery, Nursling
from support.postgresql import Server
from support.sink import Sink, Step, reply
from support.smtp import SmtpClient
from support.world import CUSTOMER_ADDRESS, PARTNER_ADDRESS

from relay.store.tally import End

pytestmark = pytest.mark.slow


async def test_a_database_that_is_locked_for_long_means_later(nursling: Nursling, sink: Sink) -> None:
    """FAULT-98: longer than anybody waits; nothing is left of what was refused."""
    await nursling.off_loop("start")
    with books(nursling.directory) as engine:
        alias = str(a_conversation(engine).customer.alias)
        mail = a_mail(to=alias)
        with closing(sqlite3.connect(nursling.directory / "var" / "relay.db")) as other:
            other.execute("BEGIN IMMEDIATE")
            assert (await nursling.sent(mail, alias)).codes == "451 4.3.0"
            other.rollback()
        assert counts(engine) == {}
        assert (await nursling.sent(mail, alias)).code == 250
        assert await settled(engine) == {End.DELIVERED: 1}
        assert findings(engine) == ()


@pytest.mark.parametrize(
    ("asked_at", "question", "codes"),
    [
        ("RCPT", "relay.store.conversations:by_alias", "451 4.3.0"),
        ("the dot", "relay.store.background:backgrounds", "451 4.3.0"),
    ],
)
async def test_a_database_that_is_slow_means_later(
    nursling: Nursling, sink: Sink, asked_at: str, question: str, codes: str
) -> None:
    """FAULT-33, FAULT-98: a question that takes too long is broken off; an alias is not unknown for that."""
    # The event loop gives up in the middle of the question, so that the end of it is slow in the thread alone that is asked then.
    nursling.faults = (
        Fault("relay.store.glance:steps_told_of", "= 1"),
        Fault(question, "slow 6", when="after", times=1),
    )
    await nursling.off_loop("start")
    with books(nursling.directory) as engine:
        alias = str(a_conversation(engine).customer.alias)
        async with SmtpClient(nursling.smtp_port) as client:
            await client.hello()
            if asked_at == "RCPT":
                nursling.arm()
                assert (await client.begin(alias, sender=f"<{PARTNER_ADDRESS}>"))[1].codes == codes
            else:
                await client.begin(alias, sender=f"<{PARTNER_ADDRESS}>")
                await client.command("DATA")
                nursling.arm()
                await client.send(a_mail(to=alias) + b".\r\n")
                assert (await client.answer()).codes == codes
        assert counts(engine) == {}
        assert (await nursling.sent(a_mail(to=alias), alias)).code == 250
        assert await settled(engine) == {End.DELIVERED: 1}
        assert findings(engine) == ()


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """One that may be stopped."""
    with postgresql.running() as one:
        yield one


async def test_a_database_server_that_is_gone_for_a_while_means_later(
    tmp_path: Path, sink: Sink, nursery: Nursery, server: Server
) -> None:
    """FAULT-98, invariants 3 and 8: what was being delivered meanwhile is written down when it is back, and not sent again."""
    sink.always(Step.DOT, reply("250 2.0.0 taken", delay_s=1))
    url = server.migrated
    gateway = Nursling(tmp_path, sink.port, changed={"database": {"url": url}}, nursery=nursery)
    await gateway.off_loop("start")
    try:
        with books(url) as engine:
            alias = str(a_conversation(engine).customer.alias)
        under_way = a_mail(to=alias, message_id="1@alpine-tours.example")
        assert (await gateway.sent(under_way, alias)).code == 250
        await asyncio.to_thread(server.control, "stop", "-m", "immediate")
        assert (await gateway.sent(a_mail(to=alias, message_id="2@alpine-tours.example"), alias)).codes == "451 4.3.0"
        assert await asyncio.to_thread(gateway.is_ready) is False
        await sink.until(1)
        await asyncio.to_thread(server.control, "start")
        await holds(gateway.is_ready)
        assert (await gateway.sent(a_mail(to=alias, message_id="2@alpine-tours.example"), alias)).code == 250
        with books(url) as engine:
            assert await settled(engine) == {End.DELIVERED: 2}
            assert findings(engine) == ()
        assert list(copies(sink, CUSTOMER_ADDRESS).values()) == [1, 1]
        assert await gateway.off_loop("stop") == 0
    finally:
        gateway.close()
