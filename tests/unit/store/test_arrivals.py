"""What a thread came to reaches those who wait in the event loop, all of it with one waking (PERF-3)."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import Future

import pytest
from support.letting_go import Weight, no_garbage_sought

from relay.errors import Conflict
from relay.store.arrivals import Arrivals


async def test_all_that_came_is_told_with_one_waking() -> None:
    arrivals, futures = Arrivals(), [Future[int]() for _ in range(3)]
    waiting = [asyncio.create_task(arrivals.of(future)) for future in futures]
    await asyncio.sleep(0)
    turns: list[int] = []

    def thread() -> None:
        for number, future in enumerate(futures):
            future.set_result(number)
        arrivals.wake()

    threading.Thread(target=thread).start()
    for number, one in enumerate(waiting):
        one.add_done_callback(lambda _, number=number: turns.append(number))
    assert await asyncio.gather(*waiting) == [0, 1, 2]
    assert turns == [0, 1, 2]


async def test_nothing_is_told_before_it_is_woken() -> None:
    arrivals, future = Arrivals(), Future[int]()
    waiting = asyncio.create_task(arrivals.of(future))
    await asyncio.sleep(0)
    future.set_result(1)
    await asyncio.sleep(0)
    assert not waiting.done()
    arrivals.wake()
    assert await waiting == 1


async def test_what_had_come_already_is_there_at_once() -> None:
    future = Future[int]()
    future.set_result(1)
    assert await Arrivals().of(future) == 1


async def test_what_was_raised_is_raised() -> None:
    future = Future[int]()
    future.set_exception(Conflict("no"))
    with pytest.raises(Conflict, match="no"):
        await Arrivals().of(future)


async def test_who_stopped_waiting_is_in_nobodys_way() -> None:
    arrivals, gone, other = Arrivals(), Future[int](), Future[int]()
    waiting = [asyncio.create_task(arrivals.of(future)) for future in (gone, other)]
    await asyncio.sleep(0)
    waiting[0].cancel()
    gone.set_result(1)
    other.set_result(2)
    arrivals.wake()
    assert await waiting[1] == 2


def test_a_loop_that_is_closed_is_not_woken() -> None:
    arrivals, future = Arrivals(), Future[int]()

    async def stops_waiting() -> None:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(arrivals.of(future), 0)

    asyncio.run(stops_waiting())
    future.set_result(1)
    arrivals.wake()


async def test_a_result_is_let_go_of_with_those_who_have_it() -> None:
    """PERF-6: it may be a message of 25 MB, and garbage is sought seldom"""
    with no_garbage_sought():
        arrivals, future, result = Arrivals(), Future[Weight](), Weight()
        gone = result.gone
        waiting = asyncio.create_task(arrivals.of(future))
        await asyncio.sleep(0)
        future.set_result(result)
        arrivals.wake()
        assert await waiting is result
        del future, result, waiting
        await asyncio.sleep(0)  # until then the loop has what it woke us with
        assert gone.is_set()
