"""The asynchronous face of the database, for the edges: a few threads answer questions, the committer writes."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Final, TypeVar

import structlog
from sqlalchemy import Connection, Engine

from relay.conversation import Conversation
from relay.errors import Damaged, Unavailable
from relay.store import (
    accepting,
    background,
    booking_answers,
    claims,
    conversations,
    house_mail,
    indexing,
    outbox,
    packing,
    presence,
)
from relay.store.arrivals import Arrivals
from relay.store.blobs import Blob
from relay.store.committer import Committer
from relay.store.engine import Line, objects_of, patience
from relay.store.glance import Glance
from relay.store.packing import Packed
from relay.store.rounds import Question, Rounds
from relay.transit.answer import Answer
from relay.transit.background import Background, Inquiry
from relay.transit.bounce import Intake
from relay.transit.crossing import Crossing
from relay.transit.delivery import Delivery, Outcome
from relay.values import Alias, ConversationId, DeliveryId, RealAddress

readers: Final = 4
"""Threads that answer questions, each with a connection of its own."""
questions_max: Final = 1_000
"""Questions that wait or are being answered; more are refused."""
packed_in_loop_octets_max: Final = 128 * 1024
"""Larger messages are compressed in a thread, so that the event loop serves everybody else meanwhile."""
carried_in_loop_octets_max: Final = 32 * 1024
"""The same where there is an object store: no rendition of such a message can be large enough to go there."""
learnt_at_once: Final = 8
"""Messages that the search index learns in one transaction: mail that comes meanwhile waits for its end (PERF-8)."""
carriers: Final = 8
"""Threads that bring octets to the object store, or fetch them."""
carrying_s_max: Final = 60.0
"""What a message, or the contents of one claim, may take to be brought there or fetched; then it is for later."""
fetched_again_after: Final = timedelta(minutes=1)
"""When a delivery is claimed again whose content could not be had."""

log = structlog.get_logger("relay.store")

T = TypeVar("T")


class Store:
    """A database in use. Every method raises Unavailable for "later", and recovers by itself (FAULT-98).

    A question is answered or broken off within `patience`. What is written waits for its turn and for its commit, which no
    clock can take back: whoever stops waiting does not know whether it is stored.
    """

    def __init__(self, engine: Engine, *, patience: timedelta = patience) -> None:
        self.engine = engine
        self.committer = Committer(engine)
        self._arrivals = Arrivals()
        self._patience_s = patience.total_seconds()
        self._readers = ThreadPoolExecutor(readers, thread_name_prefix="store-reader")
        self._lines = [Line(engine, writes=False) for _ in range(readers)]
        """Those that are not in use; the one used last is used first."""
        self._glance = Glance(engine) if engine.dialect.name == "sqlite" else None
        self._objects = objects_of(engine)
        self._carriers = ThreadPoolExecutor(carriers, thread_name_prefix="store-carrier")
        self._questions = 0
        self._backgrounds: Rounds[tuple[Background | None, ...]] = Rounds(self.read)
        self._turn = ""
        """Where the last claim ended."""

    async def read(self, question: Callable[[Connection], T]) -> T:
        """The answer to `question`, from one consistent view. One that takes too long is broken off."""
        if self._questions >= questions_max:
            raise Unavailable("database: too many questions wait")
        query = _Query(self._lines)
        self._questions += 1
        try:
            async with asyncio.timeout(self._patience_s):
                return await asyncio.wrap_future(self._readers.submit(query.answer, question))
        except TimeoutError:
            query.break_off()
            raise Unavailable("database: no answer in time") from None
        finally:
            self._questions -= 1

    async def write(self, work: Callable[[Connection], T], octets: int = 0) -> T:
        """The result of `work`, committed. See Committer.submit, also for what happens when the caller is cancelled."""
        future = self.committer.submit(work, octets, at_once=False, afterwards=self._arrivals.wake)
        # What one turn of the loop brings is written together: nobody could be answered before the end of that turn anyway.
        asyncio.get_running_loop().call_soon(self.committer.wake)
        return await self._arrivals.of(future)

    async def close(self) -> None:
        """Writes what waits, then lets go of the database."""
        await asyncio.to_thread(self.committer.close)
        for threads in (self._readers, self._carriers):
            await asyncio.to_thread(threads.shutdown, wait=True, cancel_futures=True)
        for line in self._lines:
            line.close()
        if self._glance is not None:
            self._glance.close()
        self.engine.dispose()

    async def conversation_at(self, alias: Alias) -> Conversation | None:
        """The conversation of which `alias` reaches a party."""
        return await self._glanced(lambda connection: conversations.by_alias(connection, alias), self.read)

    async def backgrounds(self, aliases: Sequence[Alias], inquiry: Inquiry) -> tuple[Background | None, ...]:
        """See background.backgrounds."""
        return await self._glanced(lambda connection: background.backgrounds(connection, aliases, inquiry), self._backgrounds.ask)

    async def notices_since(self, conversation: ConversationId, recipient: RealAddress, since: datetime) -> int:
        """See accepting.notices_since (GW-52)."""
        return await self.read(lambda connection: accepting.notices_since(connection, conversation, recipient, since))

    async def accept(self, crossing: Crossing, *, now: datetime, lease: timedelta, worker: str) -> tuple[Delivery, ...]:
        """Takes a message over: when this returns, it is on disk (invariant 3).

        Its deliveries come back with their first attempt begun, claimed for `worker` until `now + lease`: when that dies, others
        take them over. See accepting.write.
        """
        make = partial(packing.packed, crossing, now=now, lease=lease, worker=worker, objects=self._objects)
        ready = await self._packed(len(crossing.envelope.content), make)
        # Who has written 25 MB into a database holds them several times: the message as it came is not needed for it (PERF-6).
        del crossing, make
        return await self.write(lambda connection: accepting.write(connection, ready), ready.octets)

    async def accept_answer(
        self, crossing: Crossing, answer: Answer | None, *, now: datetime, lease: timedelta, worker: str
    ) -> tuple[Delivery, ...]:
        """The same of an answer about a booking, with what it says. See booking_answers.accept."""
        make = partial(packing.packed, crossing, now=now, lease=lease, worker=worker, objects=self._objects)
        ready = await self._packed(len(crossing.envelope.content), make)
        return await self.write(lambda connection: booking_answers.accept(connection, ready, answer), ready.octets)

    async def accept_house_mail(
        self,
        intake: Intake,
        *,
        now: datetime,
        lease: timedelta,
        worker: str,
    ) -> tuple[Delivery, ...]:
        """Takes mail to the house over, with the ends of the deliveries that came back. See house_mail.accept_house_mail."""
        ready = await self._packed(
            len(intake.envelope.content),
            lambda: packing.packed_house_mail(intake, now=now, lease=lease, worker=worker, objects=self._objects),
        )
        return await self.write(
            lambda connection: house_mail.accept_house_mail(connection, ready, intake, now=now, lease=lease, worker=worker),
            ready.octets,
        )

    async def claim(
        self,
        *,
        now: datetime,
        lease: timedelta,
        count_max: int,
        worker: str,
    ) -> list[Delivery]:
        """See outbox.claim. Asks first whether anything is due: most often nothing is, and then nothing is written."""
        due_at = await self.next_due_at()
        if due_at is None or due_at > now:
            return []
        after = self._turn

        def work(connection: Connection) -> tuple[list[Delivery], dict[DeliveryId, Blob]]:
            claimed = claims.claim(connection, now, lease, count_max, worker, after)
            return claimed, claims.apart(connection, claimed)

        claimed, apart = await self.write(work)
        self._turn = claims.turn_of(claimed[-1]) if claimed else ""
        return await self._whole(claimed, apart, now, worker) if apart else claimed

    async def next_due_at(self) -> datetime | None:
        """See claims.next_due_at."""
        return await self.read(claims.next_due_at)

    async def record(
        self,
        delivery: DeliveryId,
        outcome: Outcome,
        *,
        now: datetime,
        next_due: datetime | None = None,
        notices: Sequence[Delivery] = (),
        attempt: int | None = None,
        delay_told: bool = False,
        untold: str = "",
    ) -> bool:
        """See outbox.record."""
        return await self.write(
            lambda connection: outbox.record(
                connection,
                delivery,
                outcome,
                now=now,
                next_due=next_due,
                notices=notices,
                attempt=attempt,
                delay_told=delay_told,
                untold=untold,
            )
        )

    async def index_some(self, count_max: int = 100) -> int:
        """See indexing.index_some; folded before the committer is asked, the rest in portions: mail waits for neither."""
        entries = await self.read(lambda connection: indexing.unlearnt(connection, count_max))
        portions = [entries[at : at + learnt_at_once] for at in range(0, len(entries), learnt_at_once)]
        return sum([await self.write(partial(indexing.learn, entries=portion)) for portion in portions])

    async def beat(self, worker: str) -> bool:
        """See presence.beat."""
        return await self.write(lambda connection: presence.beat(connection, worker))

    async def beats(self) -> dict[str, int]:
        """See presence.beats."""
        return await self.read(presence.beats)

    async def bury(self, worker: str, beat: int, now: datetime) -> int | None:
        """See presence.bury."""
        return await self.write(lambda connection: presence.bury(connection, worker, beat, now))

    async def leave(self, worker: str, now: datetime) -> int:
        """See presence.leave."""
        return await self.write(lambda connection: presence.leave(connection, worker, now))

    async def release_claims(self, worker: str, now: datetime) -> int:
        """See claims.release_claims."""
        return await self.write(lambda connection: claims.release_claims(connection, worker, now))

    async def _glanced(self, question: Question[T], otherwise: Callable[[Question[T]], Awaitable[T]]) -> T:
        """The answer to a question that takes microseconds; by way of `otherwise` where it would have to be waited for."""
        if self._glance is not None:
            with suppress(Unavailable):
                return self._glance.answer(question)
        return await otherwise(question)

    async def _packed(self, octets: int, make: Callable[[], Packed]) -> Packed:
        """What `make` makes of a message of that many octets."""
        if self._objects is None:
            return make() if octets <= packed_in_loop_octets_max else await asyncio.to_thread(make)
        if octets <= carried_in_loop_octets_max:
            return make()
        try:
            async with asyncio.timeout(carrying_s_max):
                return await asyncio.wrap_future(self._carriers.submit(make))
        except TimeoutError:
            raise Unavailable("object store: no answer in time") from None

    async def _whole(
        self, claimed: Sequence[Delivery], apart: Mapping[DeliveryId, Blob], now: datetime, worker: str
    ) -> list[Delivery]:
        """`claimed` with the content that lies apart. What cannot be had now is given back, what is damaged is held."""
        fetched = {id_: asyncio.wrap_future(self._carriers.submit(blob.octets, self._objects)) for id_, blob in apart.items()}
        await asyncio.wait(fetched.values(), timeout=carrying_s_max)
        content: dict[DeliveryId, bytes] = {}
        damaged: list[DeliveryId] = []
        for id_, future in fetched.items():
            if not future.done():
                future.cancel()
            elif isinstance(trouble := future.exception(), Damaged):
                damaged.append(id_)
            elif trouble is None:
                content[id_] = future.result()
            elif not isinstance(trouble, Unavailable):
                raise trouble
        later = apart.keys() - content.keys() - set(damaged)
        if damaged or later:
            log.warning("claim.without_content", damaged=len(damaged), later=len(later))

            def step_back(connection: Connection) -> None:
                claims.hold_damaged(connection, damaged, now)
                claims.give_back(connection, later, worker, now + fetched_again_after)

            await self.write(step_back)
        at_hand = [one for one in claimed if one.content or one.id in content]
        return [one if one.content else replace(one, content=content[one.id]) for one in at_hand]


class _Query:
    """One question on its way, which another thread may break off."""

    def __init__(self, lines: list[Line]) -> None:
        self._lines = lines
        self._lock = threading.Lock()
        self._break: Callable[[], None] | None = None
        self._broken_off = False

    def answer(self, question: Callable[[Connection], T]) -> T:
        # There are as many as threads.
        line = self._lines.pop()
        try:
            return self._answered(question, line)
        finally:
            self._lines.append(line)

    def _answered(self, question: Callable[[Connection], T], line: Line) -> T:
        with line.transaction() as connection:
            driver = connection.connection.driver_connection
            # SQLite's and psycopg's names for the same thing.
            stop = getattr(driver, "interrupt", None) or getattr(driver, "cancel", None)
            with self._lock:
                if self._broken_off:
                    raise Unavailable("database: nobody waits for the answer any more")
                self._break = stop
            try:
                return question(connection)
            finally:
                # From here on the connection is somebody else's, and must not be broken off.
                with self._lock:
                    self._break = None

    def break_off(self) -> None:
        with self._lock:
            self._broken_off = True
            if self._break is not None:
                self._break()
