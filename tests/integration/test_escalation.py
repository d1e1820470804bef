"""A partner's server that knows nobody there, from outside: the booking, other systems and the operators hear of it (GW-54)."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final

import pytest
from support.archive import World
from support.catalogue import GARDA, MARCO
from support.front_desk import front_desk_of_today
from support.gateway import Gateway
from support.mails import text_of
from support.patience import patience_s
from support.sink import Received, Sink, Step, reply

from relay.booking.booking import Actor
from relay.booking.situation import Act
from relay.store.engine import open_engine

pytestmark = pytest.mark.slow

OPERATOR: Final = "ops@house.example"
TEAM: Final = GARDA.addresses[0].reveal()


@contextmanager
def shop() -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """A system that wants to hear of bookings: where, and what it heard."""
    heard: list[dict[str, Any]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            heard.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(204)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 -- the name that the library has
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/hook", heard
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


async def test_who_is_not_reached_is_known_to_the_booking_to_other_systems_and_to_the_operators(
    tmp_path: Path, sink: Sink
) -> None:
    """GW-54, LEAK-86: 550 5.1.1 three times; the fourth mail goes to whoever sees all of the team's"""
    gateway = Gateway(tmp_path, sink.port, changed={"relay": {"operators": [OPERATOR]}, "webhooks": {"anywhere": True}})
    sink.always(Step.RCPT, reply("550 5.1.1 no such user"), recipient=TEAM)
    await gateway.off_loop("start")
    engine = open_engine(f"sqlite:///{tmp_path}/var/relay.db")
    try:
        with shop() as (url, heard):
            await gateway.off_loop("command", "webhook", "add", url, "--event", "booking.not_reached")
            desk = front_desk_of_today(World(engine))
            booking = desk.begin()
            for _ in range(2):
                desk.act(booking, Act.WRITE_BACK, Actor.CUSTOMER, reason="Is there anybody?")
            steps = await entered(gateway, booking.reference, 4)
            assert {one["actor"] for one in steps} == {"clock"}
            assert sorted(one["reason"].partition(" mail ")[0] for one in steps[:3]) == ["the partner did not get"] * 3
            assert steps[-1]["reason"].startswith("an address of the partner is dead (mail N")
            desk.act(booking, Act.WRITE_BACK, Actor.CUSTOMER, reason="Is there still nobody?")
            letter, other = await sent(sink, OPERATOR), await sent(sink, MARCO.address.reveal())
            told = " ".join(text_of(letter.content).split())
            assert booking.reference in told
            assert f"relay booking act {booking.reference} ACT --actor partner" in told
            assert "Is there still nobody?" in text_of(other.content)
            assert await gateway.off_loop("json", "booking", "list", "--unreached") == []
            sink.always(Step.RCPT, reply("550 5.1.1 no such user"), recipient=MARCO.address.reveal())
            for _ in range(3):
                desk.act(booking, Act.WRITE_BACK, Actor.CUSTOMER, reason="Anybody at all?")
            steps = await entered(gateway, booking.reference, 8)
            shown = await gateway.off_loop("json", "booking", "show", booking.reference)
            assert shown["unreached"] == ["partner"]
            listed = await gateway.off_loop("json", "booking", "list", "--unreached")
            assert [one["reference"] for one in listed] == [booking.reference]
            desk.act(booking, Act.WRITE_BACK, Actor.CUSTOMER, reason="Nobody.")
            steps = await entered(gateway, booking.reference, 9)
            assert steps[-1]["reason"] == "mail N4 to the partner waits for a person"
            async with asyncio.timeout(patience_s):
                while len(heard) < len(steps):
                    await asyncio.sleep(0.1)
            assert {one["type"] for one in heard} == {"booking.not_reached"}
            assert {one["data"]["reference"] for one in heard} == {booking.reference}
            assert sorted(one["data"]["version"] for one in heard) == sorted(one["version"] for one in steps)
            assert "garda.example" not in json.dumps([heard, steps, shown]) + told
            await gateway.off_loop("command", "audit")
            assert await gateway.off_loop("stop") == 0
    finally:
        gateway.close()
        engine.dispose()


async def entered(gateway: Gateway, reference: str, number: int) -> list[dict[str, Any]]:
    """What the history says was not received, once that are so many."""
    async with asyncio.timeout(patience_s * 4):
        while True:
            history = await gateway.off_loop("json", "booking", "history", reference)
            found = [one for one in history if one["act"] == "not reached"]
            if len(found) >= number:
                return found
            await asyncio.sleep(0.5)


async def sent(sink: Sink, address: str) -> Received:
    """The first mail that went there."""
    async with asyncio.timeout(patience_s * 4):
        while True:
            for one in sink.received:
                if one.recipients == (address,):
                    return one
            await asyncio.sleep(0.1)
