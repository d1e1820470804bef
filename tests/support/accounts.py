"""What tests of faults ask about an installation: its conversation, its outcomes, and whether all of it is accounted for."""

from __future__ import annotations

import asyncio
import email
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from sqlalchemy import Connection, Engine, update

from relay.conversation import Conversation
from relay.machine import NewIds, clock, hex_digits
from relay.store import steps
from relay.store.audit import unaccounted
from relay.store.engine import open_engine, reading, writing
from relay.store.finding import Finding
from relay.store.steps import Mint
from relay.store.tables import State, deliveries
from relay.store.tally import End, tally
from relay.values import RealAddress
from support.archive import PREFIXES, an_opening
from support.sink import Sink
from support.world import CUSTOMER_ADDRESS, DOMAIN

settles_within_s = 30


@contextmanager
def books(at: Path | str) -> Iterator[Engine]:
    """The database of the embedded gateway in that directory, or at that URL, read and written beside it, as its commands do."""
    engine = open_engine(at if isinstance(at, str) else f"sqlite:///{at}/var/relay.db")
    try:
        yield engine
    finally:
        engine.dispose()


def a_conversation(
    engine: Engine, reference: str = "GYG4K7Q2X9ABC", *, customer: str = CUSTOMER_ADDRESS, ends_in: timedelta = timedelta(days=9)
) -> Conversation:
    """A conversation that has been open for some days."""
    opening = an_opening(reference, activity_end=clock() + ends_in)
    opening = replace(opening, customer_addresses=(RealAddress(customer),))
    mint = Mint(NewIds(), hex_digits, DOMAIN, PREFIXES)
    with writing(engine) as connection:
        opened = clock() - timedelta(days=3)
        return steps.open_conversation(connection, opening, mint, now=opened, window_after=timedelta(days=7))


def findings(engine: Engine) -> tuple[Finding, ...]:
    """What is not accounted for."""
    with reading(engine) as connection:
        return unaccounted(connection, clock())


def counts(engine: Engine) -> Mapping[End, int]:
    """How many came to what."""
    with reading(engine) as connection:
        return tally(connection)


def hurry(engine: Engine) -> None:
    """What waits for its next attempt is due now: time passes in no other way for what a test looks at."""
    waits = deliveries.c.state == State.DUE.value

    def due(connection: Connection) -> None:
        connection.execute(update(deliveries).where(waits, deliveries.c.claimed_by.is_(None)).values(due_at=clock()))

    with writing(engine) as connection:
        due(connection)


async def settled(engine: Engine, within_s: float = settles_within_s) -> Mapping[End, int]:
    """The outcomes, once nothing is under way any more, notices included. What is put off is hurried."""

    def under_way(connection: Connection) -> bool:
        return connection.execute(deliveries.select().where(deliveries.c.state == State.DUE.value).limit(1)).first() is not None

    def look() -> Mapping[End, int] | None:
        with reading(engine) as connection:
            if not under_way(connection):
                return tally(connection)
        hurry(engine)
        return None

    async with asyncio.timeout(within_s):
        while (result := await asyncio.to_thread(look)) is None:
            await asyncio.sleep(0.05)
    return result


async def holds(condition: Callable[[], bool], within_s: float = settles_within_s) -> None:
    """Wait until `condition` holds. Raises TimeoutError."""
    async with asyncio.timeout(within_s):
        while not await asyncio.to_thread(condition):
            await asyncio.sleep(0.02)


def copies(sink: Sink, recipient: str) -> Counter[str]:
    """How often each message arrived at `recipient`, by its Message-ID."""
    arrived = (one for one in sink.received if one.recipients == (recipient,))
    return Counter(str(email.message_from_bytes(one.content)["Message-ID"]) for one in arrived)
