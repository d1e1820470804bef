"""Who lives, and who takes over (invariants 4 and 8)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, select
from support.archive import LEASE, World
from support.world import NOW

from relay.app.presence import Presence, beat_s, entitled_s, silence_s
from relay.errors import Unavailable
from relay.store.engine import open_engine
from relay.store.schema import migrate
from relay.store.store import Store
from relay.store.tables import deliveries


@dataclass
class Seconds:
    """A monotonic clock that the test moves."""

    now: float = 0.0

    def __call__(self) -> float:
        return self.now


@dataclass
class PlayedCourier:
    entitled_until: float = 0.0
    handed_back: int = 0
    woken: int = 0

    def hand_back(self) -> None:
        self.handed_back += 1

    def wake(self) -> None:
        self.woken += 1


@dataclass
class Worker:
    """One worker with a clock of its own."""

    store: Store
    name: str
    seconds: Seconds = field(default_factory=Seconds)
    courier: PlayedCourier = field(default_factory=PlayedCourier)

    def __post_init__(self) -> None:
        self.presence = Presence(self.store, self.courier, self.name, clock=lambda: NOW, monotonic=self.seconds)

    async def lives_for(self, seconds: float, *others: Worker) -> None:
        """Beats at the usual pace; the clocks of `others`, who are silent, go on as well."""
        passed = 0.0
        while passed < seconds:
            passed += beat_s
            for one in (self, *others):
                one.seconds.now += beat_s
            await self.presence.once()


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    engine = open_engine(f"sqlite:///{tmp_path / 'relay.db'}")
    migrate(engine)
    yield engine
    engine.dispose()


async def claimed_by(store: Store) -> list[str | None]:
    return await store.read(lambda connection: list(connection.execute(select(deliveries.c.claimed_by)).scalars()))


async def test_what_a_dead_worker_held_is_another_s_within_a_minute(engine: Engine) -> None:
    """Long before its lease is over"""
    store, world = Store(engine), World(engine)
    dead, alive = Worker(store, "dead"), Worker(store, "alive")
    await dead.presence.once()
    await alive.presence.once()
    conversation = world.opened()
    await store.accept(world.crossing(conversation), now=NOW, lease=LEASE, worker="dead")
    await alive.lives_for(silence_s - beat_s)
    assert await claimed_by(store) == ["dead"]
    await alive.lives_for(2 * beat_s)
    assert await claimed_by(store) == [None]
    assert alive.courier.woken == 1
    assert len(await store.claim(now=NOW, lease=timedelta(hours=1), count_max=9, worker="alive")) == 1
    await alive.lives_for(3 * silence_s)
    assert alive.courier.woken == 1
    await store.close()


async def test_a_worker_that_beats_is_never_taken_for_dead(engine: Engine) -> None:
    """FAULT-99: whatever the others' clocks say; they compare no times, only the count."""
    store = Store(engine)
    slow, fast = Worker(store, "slow"), Worker(store, "fast")
    for _ in range(20):
        await slow.presence.once()
        slow.seconds.now += beat_s
        fast.seconds.now += 4 * beat_s
        await fast.presence.once()
    assert set(await store.beats()) == {"slow", "fast"}
    assert slow.courier.handed_back == 1  # at its first beat, when there was nothing
    await store.close()


async def test_whoever_was_taken_for_dead_stops_before_and_hands_back_after(engine: Engine) -> None:
    """A worker that was cut off, or stood still: what waits in its memory may have been delivered by another."""
    store = Store(engine)
    cut_off, alive = Worker(store, "cut off"), Worker(store, "alive")
    await cut_off.presence.once()
    await alive.presence.once()
    assert cut_off.courier.entitled_until == entitled_s < silence_s
    await alive.lives_for(2 * silence_s, cut_off)
    assert cut_off.seconds.now > cut_off.courier.entitled_until
    assert "cut off" not in await store.beats()
    handed_back = cut_off.courier.handed_back
    await cut_off.presence.once()
    assert cut_off.courier.handed_back == handed_back + 1
    assert cut_off.courier.entitled_until == cut_off.seconds.now + entitled_s
    await cut_off.presence.once()
    assert cut_off.courier.handed_back == handed_back + 1
    await store.close()


async def test_no_sign_of_life_is_no_entitlement(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    store = Store(engine)
    worker = Worker(store, "one")
    await worker.presence.once()
    worker.seconds.now = 20

    async def cut_off(_: str) -> bool:
        raise Unavailable("no way there")

    monkeypatch.setattr(store, "beat", cut_off)
    with pytest.raises(Unavailable):
        await worker.presence.once()
    assert worker.courier.entitled_until == entitled_s
    await store.close()


async def test_two_who_see_the_same_silence_take_it_over_once(engine: Engine) -> None:
    store = Store(engine)
    await Worker(store, "dead").presence.once()
    assert await store.bury("dead", 1, NOW) == 0
    assert await store.bury("dead", 1, NOW) is None
    await store.beat("back")
    await store.beat("back")
    assert await store.bury("back", 1, NOW) is None
    await store.close()


async def test_whoever_leaves_in_good_order_is_not_waited_for(engine: Engine) -> None:
    store, world = Store(engine), World(engine)
    worker = Worker(store, "one")
    await worker.presence.once()
    await store.accept(world.crossing(world.opened()), now=NOW, lease=LEASE, worker="one")
    await worker.presence.leave()
    assert await store.beats() == {}
    assert await claimed_by(store) == [None]
    await store.close()
