"""How long a session may take to be opened."""

from __future__ import annotations

import asyncio

import pytest
from support.patience import patience_s

from relay.outbound.openings import Openings


async def forever(openings: Openings, *, crowded: bool = False) -> None:
    async with openings.one(crowded=crowded):
        await asyncio.Event().wait()


async def test_an_opening_ends_after_its_time_and_sooner_where_others_wait_already() -> None:
    with pytest.raises(TimeoutError):
        await forever(Openings(0, patience_s))
    with pytest.raises(TimeoutError):
        await forever(Openings(patience_s, 0), crowded=True)


async def test_who_has_had_enough_gives_way_when_others_begin_to_wait() -> None:
    openings = Openings(2 * patience_s, 0)
    under_way = [asyncio.create_task(forever(openings)) for _ in range(2)]
    await asyncio.sleep(0)
    for _ in range(2):
        openings.hurry()  # once or often, before its time is over or in the same instant
    ended = await asyncio.gather(*under_way, return_exceptions=True)
    assert [type(one) for one in ended] == [TimeoutError, TimeoutError]
    openings.hurry()


async def test_an_opening_never_gets_more_time_than_it_had() -> None:
    openings = Openings(0, 2 * patience_s)
    opening = asyncio.create_task(forever(openings))
    await asyncio.sleep(0)
    openings.hurry()
    with pytest.raises(TimeoutError):
        await opening


async def test_a_session_that_was_opened_is_not_hurried() -> None:
    openings = Openings(patience_s, 0)
    async with openings.one(crowded=False):
        pass
    openings.hurry()
    await asyncio.sleep(0)


async def test_what_goes_wrong_and_whoever_breaks_off_is_heard() -> None:
    openings = Openings(patience_s, patience_s)
    with pytest.raises(KeyError):
        async with openings.one(crowded=False):
            raise KeyError
    opening = asyncio.create_task(forever(openings))
    await asyncio.sleep(0)
    opening.cancel()
    with pytest.raises(asyncio.CancelledError):
        await opening
