"""Writing the traps into a gateway: what becomes of it when somebody breaks the test off (design.md invariant 3)."""

from __future__ import annotations

import asyncio

import pytest
from support.sink import Received, Sink, Step, reply
from support.trap_scene import SCENE

from relay.selftest.plan import planned
from relay.selftest.post import connections_per_writer, posted
from relay.selftest.traps import TRAPS
from relay.settings import Tcp
from relay.values import Role

pytestmark = pytest.mark.slow


async def test_broken_off_it_ends_with_the_answer_to_everything_that_it_has_said() -> None:
    """A gateway takes over what was sent to it, also when the sender hangs up before its answer."""
    everybody = len(Role) * connections_per_writer
    busy = asyncio.Event()
    count = 0

    def taken(_: Received) -> None:
        nonlocal count
        count += 1
        if count == everybody:
            busy.set()

    async with Sink(on_received=taken) as sink:
        taken_over = f"250 2.6.0 Accepted [{'0' * 26}]"
        sink.plan(Step.DOT, reply(taken_over, delay_s=0.5))  # one of them is slower than the others
        sink.always(Step.DOT, reply(taken_over, delay_s=0.1))
        at = Tcp(sink.host, sink.port)
        test = asyncio.create_task(posted(planned(TRAPS), lambda _: SCENE, at, lambda: None))
        await busy.wait()
        test.cancel()
        with pytest.raises(asyncio.CancelledError):
            await test
        last = dict(sink.commands)
        assert set(last.values()) == {"QUIT"}, last
        assert len(last) == everybody
