"""The wall clock jumps a day, forth and back (FAULT-99): nothing expires, nobody is told, and no storm follows."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import func, select
from support.accounts import a_conversation, books, copies, counts, findings, holds
from support.gateway import Gateway
from support.mails import a_mail
from support.sink import Sink, Step, reply
from support.world import CUSTOMER_ADDRESS, PARTNER_ADDRESS

from relay.store.engine import reading
from relay.store.tables import attempts
from relay.store.tally import End

pytestmark = pytest.mark.slow

WAITING = 10


@pytest.fixture
def offset(tmp_path: Path) -> Path:
    """Where the gateway reads by how much its clock is wrong. Skips the test where there is no libfaketime."""
    file = tmp_path / "offset"
    put(file, "+0")
    return file


def put(offset: Path, jump: str) -> None:
    """From now on the clock is wrong by `jump`. At no time is there half a file, which would be another jump."""
    (written := offset.with_suffix(".new")).write_text(f"{jump}\n")
    written.replace(offset)


@pytest.fixture
async def displaced(tmp_path: Path, sink: Sink, offset: Path) -> AsyncIterator[Gateway]:
    """A gateway whose wall clock can be set; what counts seconds goes on as it did, as on a real machine."""
    libraries = sorted(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"))
    if shutil.which("faketime") is None or not libraries:
        pytest.skip("libfaketime is not installed")
    environment = {
        "LD_PRELOAD": str(libraries[0]),
        "FAKETIME_TIMESTAMP_FILE": str(offset),
        "FAKETIME_NO_CACHE": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
    }
    one = Gateway(tmp_path / "relay", sink.port, environment=environment)
    await one.off_loop("start")
    yield one
    put(offset, "+0")
    assert await one.off_loop("stop") == 0
    one.close()


async def test_a_clock_that_jumps_a_day_expires_nothing_and_starts_no_storm(displaced: Gateway, sink: Sink, offset: Path) -> None:
    """FAULT-99: ten wait for their next attempt; a day later each is tried once, a day earlier new mail passes all the same."""
    gateway = displaced
    with books(gateway.directory) as engine:
        alias = str(a_conversation(engine).customer.alias)

        async def send(name: str) -> None:
            assert (await gateway.sent(a_mail(to=alias, message_id=f"{name}@alpine-tours.example"), alias)).codes == "250 2.6.0"

        def tried() -> int:
            return sum(command.startswith("RCPT") for _, command in sink.commands)

        def recorded() -> int:
            with reading(engine) as connection:
                return connection.execute(select(func.count()).select_from(attempts)).scalar_one()

        sink.plan(Step.RCPT, *[reply("451 4.3.0 later")] * WAITING)
        for number in range(WAITING):
            await send(f"waits-{number}")
        # Not before each is in the table again: an attempt under way as the clock jumps has its next one by the new clock.
        await holds(lambda: recorded() == WAITING)
        assert tried() == WAITING
        passed = 0
        for jump in ("+1d", "+0", "-1d", "+0"):
            put(offset, jump)
            await send(f"new-{passed}")
            passed += 1
            # By the clock a day has passed at the first jump, so what waited has its turn: once.
            await holds(lambda so_far=passed: counts(engine) == {End.DELIVERED: WAITING + so_far})
        assert tried() == 2 * WAITING + passed
        assert set(copies(sink, CUSTOMER_ADDRESS).values()) == {1}
        assert [one for one in sink.received if one.recipients == (PARTNER_ADDRESS,)] == []
        assert findings(engine) == ()
