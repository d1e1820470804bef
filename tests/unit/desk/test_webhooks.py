"""Other systems are told of each step, and nothing personal."""

from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import AsyncIterator, Sequence
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path

import pytest
from sqlalchemy import Connection
from standardwebhooks.webhooks import Webhook
from structlog.testing import capture_logs
from support.archive import World
from support.bookkeeping import SHOWN, ZOFIA, Office
from support.world import NOW

from relay.app.heralding import PAUSES, Messenger, pause_s
from relay.desk.webhooks import NAMES, Herald, WebhookDesk, overlap
from relay.errors import NotDone, NotFound
from relay.outbound.webhook import Answer, Receiver
from relay.store.bookings import records
from relay.store.engine import open_engine
from relay.store.store import Store
from relay.web.webhook_ports import Sending

URL = "https://shop.example/hook"


@pytest.fixture
async def store(migrated: Path, tmp_path: Path) -> AsyncIterator[Store]:
    file = shutil.copy(migrated, tmp_path / "relay.db")
    store = Store(open_engine(f"sqlite:///{file}"))
    yield store
    await store.close()


class Scene:
    """A house with an endpoint, a receiver that answers what it is told to, and a clock that is moved."""

    def __init__(self, store: Store) -> None:
        self.now = NOW
        self.answers: list[Answer] = []
        self.heard: list[tuple[Receiver, bytes, dict[str, str]]] = []
        numbers = count(1)
        self.new_id = lambda: f"{next(numbers):026d}"
        self.store = store
        self.desk = WebhookDesk(store, self.new_id, self.clock, lambda octets: b"k" * octets)
        self.messenger = Messenger(store, self.post, self.clock)

    def clock(self) -> datetime:
        return self.now

    async def post(self, to: Receiver, body: bytes, fields: Sequence[tuple[str, str]]) -> Answer:
        self.heard.append((to, body, dict(fields)))
        return self.answers.pop(0) if self.answers else Answer(200)

    async def book(self) -> str:
        """A booking that begins, of which everybody is told in the same transaction."""
        office = Office(World(self.store.engine))
        step = office.first_step()
        rules = office.listing.rules

        def taken(connection: Connection) -> None:
            records.add(connection, step, rules, ZOFIA, shown=SHOWN)
            Herald(self.new_id)(connection, step)

        await self.store.write(taken)
        return step.booking.reference


@pytest.fixture
def scene(store: Store) -> Scene:
    return Scene(store)


async def test_a_step_is_told_signed_and_without_anything_personal(scene: Scene) -> None:
    endpoint, secret = await scene.desk.add(URL, (), "token t1")
    reference = await scene.book()
    assert await scene.messenger.once() == 0.0
    assert await scene.messenger.once() == pause_s
    [(to, body, fields)] = scene.heard
    assert (to.host, to.target) == ("shop.example", "/hook")
    told = json.loads(body)
    assert told["type"] == "booking.reserve"
    assert told["data"]["reference"] == reference
    assert told["data"]["stage"] == "awaiting_payment"
    assert not any(word in body.decode() for word in ("Zofia", "Kowalska", "@", "poczta", "Garda"))
    assert fields["webhook-signature"] in Webhook(secret).sign(fields["webhook-id"], scene.now, body.decode())
    [sent] = await scene.desk.log(endpoint.id, None, 10, None)
    assert (sent.state, sent.id, [one.code for one in sent.tries]) == (Sending.DELIVERED, fields["webhook-id"], [200])


async def test_what_is_not_taken_is_sent_again_under_its_id_until_it_is_given_up(scene: Scene) -> None:
    endpoint, _ = await scene.desk.add(URL, ("booking.reserve",), "token t1")
    await scene.book()
    scene.answers = [Answer(None, "no connection")] * (len(PAUSES) + 1)
    with capture_logs() as logs:
        for pause in (*PAUSES, None):
            await scene.messenger.once()
            assert await scene.messenger.once() == pause_s
            scene.now += pause or timedelta()
    assert [one["event"] for one in logs] == ["webhook.given_up"]
    assert len({fields["webhook-id"] for _, _, fields in scene.heard}) == 1
    assert len(scene.heard) == len(PAUSES) + 1
    [sent] = await scene.desk.log(endpoint.id, Sending.FAILED, 10, None)
    assert (sent.next_at, len(sent.tries)) == (None, len(PAUSES) + 1)
    again = await scene.desk.redeliver(endpoint.id, sent.id, "token t1")
    assert again.state is Sending.DUE
    await scene.messenger.once()
    assert [one.state for one in await scene.desk.log(endpoint.id, None, 10, None)] == [Sending.DELIVERED]


async def test_who_wants_nothing_any_more_is_told_nothing(scene: Scene) -> None:
    endpoint, _ = await scene.desk.add(URL, (), "token t1")
    await scene.book()
    scene.answers = [Answer(410)]
    await scene.messenger.once()
    assert (await scene.desk.one(endpoint.id)).is_enabled is False


async def test_for_a_day_a_rotated_secret_signs_too(scene: Scene) -> None:
    endpoint, old = await scene.desk.add(URL, (), "token t1")
    scene.desk = WebhookDesk(scene.store, scene.new_id, scene.clock, lambda octets: b"n" * octets)
    rotated, new = await scene.desk.rotate(endpoint.id, "token t1")
    assert rotated.rotated_until == NOW + overlap
    await scene.book()
    await scene.messenger.once()
    [(_, body, fields)] = scene.heard
    signed = {Webhook(secret).sign(fields["webhook-id"], scene.now, body.decode()) for secret in (old, new)}
    assert set(fields["webhook-signature"].split()) == signed


async def test_an_endpoint_that_is_taken_away_while_it_is_told_leaves_nothing(scene: Scene) -> None:
    endpoint, _ = await scene.desk.add(URL, (), "token t1")
    await scene.book()
    telling, go_on = asyncio.Event(), asyncio.Event()

    async def slow(*_: object) -> Answer:
        telling.set()
        await go_on.wait()
        return Answer(200)

    messenger = Messenger(scene.store, slow, scene.clock)
    once = asyncio.create_task(messenger.once())
    await telling.wait()
    await scene.desk.remove(endpoint.id, "token t1")
    go_on.set()
    assert await once == 0.0
    with pytest.raises(NotFound):
        await scene.desk.log(endpoint.id, None, 10, None)


@pytest.mark.parametrize(("url", "names"), [("http://shop.example/", ()), ("https://10.0.0.1/", ()), (URL, ("booking.dance",))])
async def test_where_and_what_is_told_is_looked_at_first(scene: Scene, url: str, names: tuple[str, ...]) -> None:
    with pytest.raises(NotDone):
        await scene.desk.add(url, names, "token t1")
    assert "booking.accept" in NAMES
