"""Questions of one turn of the event loop are asked together, and one that fails harms no other."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from typing import TypeVar

import pytest
from sqlalchemy import Connection, Engine, text

from relay.errors import NotFound, Unavailable
from relay.store.rounds import Rounds
from relay.store.store import Store

T = TypeVar("T")


@pytest.fixture
def store(engine: Engine) -> Iterator[Store]:
    store = Store(engine)
    yield store
    asyncio.run(store.close())


class Counting:
    """A store's reading, counted."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.times = 0

    async def __call__(self, question: Callable[[Connection], T], /) -> T:
        self.times += 1
        return await self._store.read(question)


def said(number: int) -> Callable[[Connection], int]:
    return lambda connection: int(connection.execute(text(f"SELECT {number}")).scalar_one())


def not_found(_: Connection) -> int:
    raise NotFound("no such thing")


def test_what_is_asked_in_one_turn_is_asked_in_one_go(store: Store) -> None:
    """PERF-3"""
    read = Counting(store)
    rounds: Rounds[int] = Rounds(read)

    async def asked() -> list[int]:
        first = await asyncio.gather(*(rounds.ask(said(number)) for number in range(5)))
        return [*first, await rounds.ask(said(5))]

    assert asyncio.run(asked()) == [0, 1, 2, 3, 4, 5]
    assert read.times == 2


def test_a_question_that_cannot_be_answered_harms_no_other(store: Store) -> None:
    rounds: Rounds[int] = Rounds(store.read)

    async def asked() -> list[int | BaseException]:
        return await asyncio.gather(*map(rounds.ask, (said(1), not_found, said(2))), return_exceptions=True)

    one, refused, two = asyncio.run(asked())
    assert (one, two) == (1, 2)
    assert isinstance(refused, NotFound)


def test_all_hear_of_it_when_there_is_no_answer_at_all() -> None:
    async def unavailable(question: Callable[[Connection], T], /) -> T:
        raise Unavailable("database: no answer in time")

    rounds: Rounds[int] = Rounds(unavailable)

    async def asked() -> list[int | BaseException]:
        return await asyncio.gather(*map(rounds.ask, (said(1), said(2))), return_exceptions=True)

    assert [type(one) for one in asyncio.run(asked())] == [Unavailable, Unavailable]


def test_who_does_not_wait_any_more_is_not_missed(store: Store) -> None:
    rounds: Rounds[int] = Rounds(store.read)

    async def asked() -> int:
        leaves = asyncio.create_task(rounds.ask(said(1)))
        stays = asyncio.create_task(rounds.ask(said(2)))
        await asyncio.sleep(0)
        leaves.cancel()
        return await stays

    assert asyncio.run(asked()) == 2
