"""A gateway that starts with a hundred thousand deliveries is ready at once, and hands them on without a storm (FAULT-103)."""

from __future__ import annotations

import asyncio
import re
import sqlite3
import time
from contextlib import closing
from pathlib import Path
from typing import Final

import pytest
from support.gateway import Gateway
from support.mails import a_mail
from support.sink import Sink, Step, reply

pytestmark = pytest.mark.slow

deliveries: Final = 100_000
memory_mb_max: Final = 300
connections_max: Final = 20
"""To one destination: relay.outbound.lanes.Limits."""

COPIES: Final = """
WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < :count)
INSERT INTO deliveries ({columns})
SELECT {values} FROM deliveries, numbers WHERE deliveries.id = :seed
"""


def multiplied(database: Path, count: int) -> None:
    """`count` copies of the one delivery there, due within the last hour; a thousand were in the hands of a worker that died."""
    changed = {
        "id": "printf('%s%06d', substr(id, 1, 20), n)",
        "state": "'due'",
        "due_at": "due_at - 3600000000 + n * 36000",
        "claimed_by": "CASE WHEN n % 100 = 0 THEN 'gone/0' END",
        "attempts": "1",
    }
    with closing(sqlite3.connect(database)) as connection, connection:
        columns = [row[1] for row in connection.execute("PRAGMA table_info(deliveries)")]
        values = [changed.get(column, f"deliveries.{column}") for column in columns]
        [(seed,)] = connection.execute("SELECT id FROM deliveries")
        statement = COPIES.format(columns=", ".join(columns), values=", ".join(values))
        connection.execute(statement, {"count": count, "seed": seed})


def memory_mb(process: int) -> int:
    found = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{process}/status").read_text())
    assert found is not None
    return int(found[1]) // 1024


async def test_ready_in_seconds_flat_in_memory_and_no_storm(gateway: Gateway, sink: Sink) -> None:
    alias = (await gateway.opened())["customer_alias"]
    sink.always(Step.RCPT, reply("450 4.2.1 not now"))
    assert (await gateway.sent(a_mail(to=alias), alias)).code == 250
    assert await gateway.off_loop("stop") == 0
    await asyncio.to_thread(multiplied, gateway.directory / "var" / "relay.db", deliveries)
    sink.as_usual()
    began = time.monotonic()
    await gateway.off_loop("start")
    ready_s = time.monotonic() - began
    answered = time.monotonic()
    # While they are handed on, new mail is taken and the figures are told.
    assert (await gateway.sent(a_mail(to=alias, message_id="new@alpine-tours.example"), alias)).code == 250
    answered = time.monotonic() - answered
    await sink.until(500, timeout_s=120)
    assert gateway.process is not None
    peak_mb = memory_mb(gateway.process.pid)
    print(f"ready after {ready_s:.1f} s, new mail in {answered:.2f} s, peak {peak_mb} MB, {sink.open_most} connections at a time")
    assert peak_mb < memory_mb_max
    assert sink.open_most <= connections_max
