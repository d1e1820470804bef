"""Figures of the database (faults.md 4.5)."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry
from sqlalchemy import Engine
from support.archive import World
from support.world import NOW

from relay.app.figures import TableFigures, fresh_s
from relay.errors import Unavailable
from relay.store import alerts
from relay.store.alerts import Came
from relay.store.engine import open_engine
from relay.store.schema import migrate
from relay.store.store import Store
from relay.transit.alarm import Alarm
from relay.values import Role


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    engine = open_engine(f"sqlite:///{tmp_path / 'relay.db'}")
    migrate(engine)
    yield engine
    engine.dispose()


async def test_alerts_are_counted_in_the_table_so_every_process_tells_the_same_also_after_a_restart(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, world, registry = Store(engine), World(engine), CollectorRegistry()
    conversation = world.opened()
    crossing = world.crossing(conversation)
    world.accepted(crossing)
    came = Came(conversation.id, Role.PARTNER, crossing.envelope.id)
    world.write(lambda connection: alerts.raised(connection, Alarm.COMPLAINT, came, NOW))
    seconds = [1000.0]
    figures = TableFigures(store, registry, lambda: seconds[0])
    await figures.refresh()
    told = {alarm: registry.get_sample_value("relay_alerts", {"alarm": alarm.value}) for alarm in Alarm}
    assert told == dict.fromkeys(Alarm, 0) | {Alarm.COMPLAINT: 1}
    assert registry.get_sample_value("relay_deliveries_due") == 1

    async def gone(*_: object) -> None:
        raise Unavailable("database: gone")

    monkeypatch.setattr(store, "read", gone)
    seconds[0] += fresh_s
    await figures.refresh()
    assert math.isnan(registry.get_sample_value("relay_deliveries_due") or 0)
    assert registry.get_sample_value("relay_alerts", {"alarm": "complaint"}) is None
    await store.close()
