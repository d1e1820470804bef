"""The lane for large messages."""

from __future__ import annotations

import asyncio

from relay.inbound.lane import Lane


async def test_so_many_octets_are_inside_at_once_in_the_order_of_arrival() -> None:
    lane, order, gates = Lane(10), [], [asyncio.Event() for _ in range(5)]

    async def pass_through(number: int, octets: int) -> None:
        async with lane.passage(octets):
            order.append(number)
            await gates[number].wait()

    # The third does not fit beside the first two; the fourth would, and waits behind it all the same.
    tasks = [asyncio.create_task(pass_through(number, octets)) for number, octets in enumerate((4, 4, 4, 1, 100))]
    await settled()
    assert order == [0, 1]
    gates[0].set()
    await settled()
    assert order == [0, 1, 2, 3]
    for gate in gates[1:4]:
        gate.set()
    await settled()
    assert order == [0, 1, 2, 3, 4]  # larger than the lane: alone
    gates[4].set()
    await asyncio.gather(*tasks)


async def test_whoever_gives_up_leaves_the_lane_to_the_next() -> None:
    lane, passed = Lane(10), []

    async def pass_through(number: int) -> None:
        async with lane.passage(10):
            passed.append(number)
            await asyncio.sleep(3600)

    tasks = [asyncio.create_task(pass_through(number)) for number in range(4)]
    await settled()
    tasks[1].cancel()  # while it waits
    tasks[0].cancel()  # while it is inside
    await settled()
    assert passed == [0, 2]
    tasks[2].cancel()
    await settled()
    assert passed == [0, 2, 3]
    tasks[3].cancel()
    assert all(isinstance(one, asyncio.CancelledError) for one in await asyncio.gather(*tasks, return_exceptions=True))


async def test_networks_take_turns_however_many_one_of_them_brings() -> None:
    """PERF-9: a flood of large messages from one place delays its own."""
    lane, order = Lane(10), []

    async def pass_through(network: str, number: int) -> None:
        async with lane.passage(10, network):
            order.append(f"{network}{number}")
            await asyncio.sleep(0)

    flood = [asyncio.create_task(pass_through("a", number)) for number in range(5)]
    await asyncio.sleep(0)
    others = [asyncio.create_task(pass_through(network, 0)) for network in ("b", "c")]
    await asyncio.gather(*flood, *others)
    assert order == ["a0", "a1", "a2", "b0", "c0", "a3", "a4"]


async def settled() -> None:
    for _ in range(5):
        await asyncio.sleep(0)
