"""The operators hear of what they have to hear of, once, whatever happens meanwhile (GW-54, FAULT-75)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import pytest
from sqlalchemy import Connection
from structlog.testing import capture_logs
from support.alerts import an_alert
from support.patience import patience_s
from support.world import DOMAIN, NOW

from relay.app import alerting
from relay.app.alerting import Alerting, keep_alerting
from relay.correspondence.house import House
from relay.errors import Unavailable
from relay.store import alerts
from relay.transit.alarm import Alarm, Alert
from relay.transit.delivery import Carries, Delivery
from relay.values import RealAddress


@dataclass
class PlayedStore:
    """A table of alerts in memory. `trouble` is raised by the next questions, one each."""

    waiting: list[Alert] = field(default_factory=list)
    letters: list[Delivery] = field(default_factory=list)
    quicker: bool = False
    trouble: list[Exception] = field(default_factory=list)

    async def read(self, question: Callable[[Connection], Any]) -> Any:
        if self.trouble:
            raise self.trouble.pop()
        return question(self)  # type: ignore[arg-type]  # the functions of the table are played too

    async def write(self, work: Callable[[Connection], Any]) -> Any:
        return work(self)  # type: ignore[arg-type]


@pytest.fixture(autouse=True)
def table(monkeypatch: pytest.MonkeyPatch) -> None:
    def told(store: PlayedStore, numbers: list[int], letters: list[Delivery], _: object) -> bool:
        if store.quicker:
            return False
        store.waiting = [one for one in store.waiting if one.number not in numbers]
        store.letters += letters
        return True

    monkeypatch.setattr(alerts, "untold", lambda store, limit: tuple(store.waiting[:limit]))
    monkeypatch.setattr(alerts, "told", told)


def an_alerting(store: PlayedStore, *operators: str) -> Alerting:
    numbers = count(1)
    return Alerting(
        store,  # type: ignore[arg-type]  # another implementation
        tuple(RealAddress(one) for one in operators),
        House("Example Travel", DOMAIN, "https://example.com/support"),
        lambda octets, _: octets,
        lambda: f"id{next(numbers)}",
        lambda: NOW,
    )


async def test_each_operator_gets_one_letter_that_nothing_is_ever_sent_about() -> None:
    store = PlayedStore([an_alert(Alarm.COMPLAINT, number=1), an_alert(Alarm.ADDRESS_DEAD, number=2)])
    telling = an_alerting(store, "a@house.example", "b@house.example")
    with capture_logs() as lines:
        assert await telling.tell_some() == 2
        assert await telling.tell_some() == 0
    assert [(one.carries, one.return_path, one.conversation) for one in store.letters] == [(Carries.OPERATOR, "", None)] * 2
    assert [(line["event"], line["what"]) for line in lines] == [("alert", "complaint"), ("alert", "address_dead")]


async def test_without_operators_the_log_is_told_and_nobody_twice() -> None:
    store = PlayedStore([an_alert(Alarm.COMPLAINT)])
    with capture_logs() as lines:
        assert await an_alerting(store).tell_some() == 1
        assert await an_alerting(store).tell_some() == 0
    assert len(lines) == 1


async def test_what_another_node_tells_is_not_told_again() -> None:
    store = PlayedStore([an_alert(Alarm.COMPLAINT)], quicker=True)
    with capture_logs() as lines:
        await an_alerting(store, "a@house.example").tell_some()
    assert (lines, store.letters) == ([], [])


async def test_telling_outlives_every_trouble(monkeypatch: pytest.MonkeyPatch) -> None:
    store = PlayedStore([an_alert(Alarm.COMPLAINT)], trouble=[RuntimeError("x@y.example"), Unavailable("database")])
    pauses: list[float] = []
    sleep = asyncio.sleep

    async def passed(seconds: float) -> None:
        pauses.append(seconds)
        await sleep(0)
        if len(pauses) == 3:
            await asyncio.Event().wait()

    monkeypatch.setattr(asyncio, "sleep", passed)
    with capture_logs() as lines:
        keeping = asyncio.create_task(keep_alerting(an_alerting(store, "a@house.example")))
        async with asyncio.timeout(patience_s):
            while len(pauses) < 3:
                await sleep(0)
        keeping.cancel()
        await asyncio.gather(keeping, return_exceptions=True)
    assert pauses == [alerting.pause_s, alerting.pause_s, alerting.pause_after_letter_s]
    assert [line["event"] for line in lines] == ["alerts.waits", "alerts.failed", "alert"]
    assert "x@y" not in str(lines)
    assert len(store.letters) == 1
