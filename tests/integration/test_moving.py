"""`relay move`, as an operator does it: stop, move, change the configuration, start."""

from __future__ import annotations

import asyncio
import random
import signal
import subprocess
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from support.archive import World
from support.gateway import RELAY, Gateway
from support.mails import PARTNER_TELLS, a_mail, shows, with_files
from support.objects import BUCKET, CREDENTIALS, s3_server
from support.postgresql import Server
from support.sink import Sink
from support.world import PARTNER_ADDRESS

from relay.errors import Unavailable
from relay.store import moving
from relay.store.engine import open_engine
from relay.store.tables import blobs

pytestmark = pytest.mark.slow


async def test_a_small_installation_moves_and_goes_on(postgresql: Server, tmp_path: Path) -> None:
    """Issue 4 item 5: its conversations, what is under way and what is found, on PostgreSQL with blobs in S3"""
    with s3_server() as s3:
        async with Sink() as sink:
            places = {"url": "database", "endpoint_url": s3.endpoint}
            gateway = Gateway(tmp_path, sink.port, changed={"blobs": places}, environment=CREDENTIALS)
            url = postgresql.empty()
            try:
                await gateway.off_loop("start")
                alias = (await gateway.opened())["customer_alias"]
                plan = ("plan.bin", random.Random(6).randbytes(200_000))
                letters = [
                    with_files(a_mail(to=alias, text="At ten.\n", message_id="1@alpine-tours.example"), plan),
                    a_mail(to=alias, text="At noon.\n", message_id="2@alpine-tours.example"),
                ]
                for letter in letters:
                    assert (await gateway.sent(letter, alias)).codes == "250 2.6.0"
                await sink.until(2)
                refused = await gateway.off_loop("command", "move", "--to", url, expect=1)
                assert "a gateway is at work" in refused.stderr
                assert await gateway.off_loop("stop") == 0

                await gateway.off_loop("command", "move", "--to", "mysql://host/db", expect=2)
                told = await gateway.off_loop("command", "move", "--to", url, "--blobs", f"s3://{BUCKET}/mail")
                assert "are the same there as here" in told.stdout
                assert f's3://{BUCKET}/mail"' in told.stdout
                assert "messages: 2" in told.stderr
                again = await gateway.off_loop("command", "move", "--to", url, expect=1)
                assert "something already in its table" in again.stderr

                gateway.changed = {"database": {"url": url}, "blobs": {**places, "url": f"s3://{BUCKET}/mail"}}
                await gateway.off_loop("start")
                await gateway.off_loop("command", "audit")
                assert (await gateway.sent(letters[1], alias)).codes == "250 2.6.0"
                new = a_mail(to=alias, text="At one.\n", message_id="3@alpine-tours.example")
                assert (await gateway.sent(new, alias)).codes == "250 2.6.0"
                await sink.until(3)
                assert shows(sink.received[2].content, *PARTNER_TELLS, PARTNER_ADDRESS) == []
                assert len(await found_within(gateway, 4)) == 4, "the one that was sent twice is known as a copy"
                assert await gateway.off_loop("stop") == 0
                engine = open_engine(url)
                objects = World(engine).read(lambda c: list(c.execute(select(blobs.c.object)).scalars()))
                engine.dispose()
                assert len([one for one in objects if one is not None]) == 1, "the file crosses as it was, and is kept once"
                assert len(sink.received) == 3
            finally:
                gateway.close()


async def found_within(gateway: Gateway, count: int, patience_s: float = 30) -> list[Any]:
    """What the search finds once it has indexed that many."""
    until = time.monotonic() + patience_s
    while True:
        found: list[Any] = await gateway.off_loop("json", "archive", "search", "booking:GYG4K7Q2X9ABC")
        if len(found) >= count or time.monotonic() > until:
            return found
        await asyncio.sleep(0.3)


def test_killed_in_the_middle_it_goes_on_where_it_was(postgresql: Server, tmp_path: Path) -> None:
    """FAULT-96: SIGKILL again and again, and everything is there once."""
    gateway = Gateway(tmp_path, 1)
    gateway.write_config()
    gateway.open_conversation("FIRST")
    engine = open_engine(f"sqlite:///{tmp_path}/var/relay.db")
    world = World(engine)
    conversation = world.opened("SECOND")
    for number in range(150):
        world.accepted(world.crossing(conversation, body=f"message {number} " + "x" * 2_000))
    engine.dispose()
    url = postgresql.empty()
    command = [RELAY, "move", "--to", url, "--config", str(gateway.config)]
    for beyond in (1, 60, 200, 310):
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=tmp_path)
        wait_for_rows(url, process, beyond)
        assert process.poll() is None, "it was to be killed on its way"
        process.send_signal(signal.SIGKILL)
        process.wait(30)
    told = gateway.json("move", "--to", url)
    assert told["resumed"] is True
    assert {one["name"]: one["rows"] for one in told["tables"]}["messages"] == 150
    gateway.changed = {"database": {"url": url}}
    gateway.write_config()
    assert "conversations" not in gateway.command("audit", expect=None).stderr


def wait_for_rows(url: str, process: subprocess.Popen[bytes], beyond: int, patience_s: float = 60) -> None:
    """Until more rows than that have arrived, or the process has ended."""
    engine = open_engine(url)
    world, until = World(engine), time.monotonic() + patience_s
    while process.poll() is None and time.monotonic() < until:
        with suppress(Unavailable):  # the table is not there yet
            if world.read(lambda c: sum(c.execute(select(moving._arrived.c.rows)).scalars())) > beyond:
                break
    engine.dispose()
