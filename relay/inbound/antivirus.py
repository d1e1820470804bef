"""The client of clamd: is there something in these octets? (GW-26, FAULT-66)

An answer is "clean" or "infected"; whatever else happens (no connection, silence, an end in the middle, a size limit, an error,
an answer nobody understands) is Unavailable, so that nothing passes unscanned (invariant 7).

**Protocol** (clamd(8)): `zINSTREAM\\0`, then pieces, each after its length in four octets, network order, then a length of zero.
The answer ends in NUL. A clamd that has had enough answers while we still send, so the answer is awaited all the time.
"""

from __future__ import annotations

import asyncio
import re
from collections import OrderedDict
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Final

from relay import figures
from relay.errors import Unavailable

_piece_octets: Final = 256 * 1024
_answer_octets_max: Final = 4096
_CLEAN: Final = b"stream: OK"
_FOUND: Final = re.compile(rb"stream: ([ -~]{1,512}) FOUND")
_VERSION: Final = re.compile(r"ClamAV ([^/\s]{1,40})(?:/([0-9]{1,10})/([A-Za-z0-9: ]{20,30}))?")

failures_in_a_row_max: Final = 3
"""So many connections that fail, one after the other, and nobody asks for `pause_s` any more."""
pause_s: Final = 5.0
database_known_for_s: Final = 10.0
"""How long the version of the signature database is believed, and with it what was found clean before."""


@dataclass(frozen=True, slots=True)
class Clean:
    """No signature matched."""


@dataclass(frozen=True, slots=True)
class Infected:
    """`signature` matched; its name is for support, not for the writer (GW-26)."""

    signature: str


@dataclass(frozen=True, slots=True)
class Version:
    """What clamd says of itself. `database` and `database_at` are None when it runs on private signatures alone.

    `database_at` has no zone on the wire, and is taken for UTC: its age counts in days.
    """

    engine: str
    database: int | None
    database_at: datetime | None


@dataclass(frozen=True, slots=True)
class Place:
    """Where clamd listens: a socket file, or else host and port."""

    path: str = ""
    host: str = ""
    port: int = 0


@dataclass(slots=True)
class ScanStats:
    """Counts since the start."""

    clean: int = 0
    infected: int = 0
    remembered: int = 0
    """Of the clean: known from before, not scanned again."""
    unavailable: int = 0


class Clamd:
    """Asks the clamd at `at`, over a new connection for each question.

    At most `scans_max` scans run at once: clamd has MaxThreads of them, 10 by default, and lets the others wait. Content beyond
    `small_octets` may use half of them, so that small mail does not wait behind large attachments (PERF-9). `connect_s` bounds
    the connecting, `total_s` a whole question, with the wait for its turn.
    """

    def __init__(
        self,
        at: Place,
        *,
        connect_s: float = 2.0,
        total_s: float = 60.0,
        scans_max: int = 8,
        small_octets: int = 256 * 1024,
        remembered_max: int = 4096,
    ) -> None:
        self._at = at
        self._connect_s = connect_s
        self._total_s = total_s
        self._small_octets = small_octets
        self._remembered_max = remembered_max
        self._turns = asyncio.Semaphore(scans_max)
        self._large_turns = asyncio.Semaphore(max(1, scans_max // 2))
        self._clean_before: OrderedDict[tuple[bytes, int], None] = OrderedDict()
        self._database: int | None = None
        self._database_until = 0.0
        self._failures = 0
        self._paused_until = 0.0
        self.stats = ScanStats()

    async def scan(self, octets: bytes) -> Clean | Infected:
        """Whether clamd finds something. Raises Unavailable whenever it is not certain."""
        began = asyncio.get_running_loop().time()
        try:
            async with asyncio.timeout(self._total_s):
                found = await self._scanned(octets)
        except TimeoutError as error:
            self.stats.unavailable += 1
            raise self._failure(f"clamd has not answered within {self._total_s:g} s") from error
        except Unavailable:
            self.stats.unavailable += 1
            raise
        finally:
            figures.SCAN_SECONDS.add(asyncio.get_running_loop().time() - began)
        if isinstance(found, Infected):
            self.stats.infected += 1
        else:
            self.stats.clean += 1
        return found

    async def ping(self) -> None:
        """Return when clamd is there. Raises Unavailable."""
        if await self._question(b"PING") != b"PONG":
            raise Unavailable("clamd answers PING with something else than PONG")

    async def version(self) -> Version:
        """Engine and signature database; how old that is tells whether freshclam still runs. Raises Unavailable."""
        return _version(await self._question(b"VERSION"))

    # What the same database found clean before: one voucher goes out a hundred times.

    async def _scanned(self, octets: bytes) -> Clean | Infected:
        database = await self._current_database()
        key = None if database is None else (await _digest(octets, self._small_octets), database)
        if key is not None and key in self._clean_before:
            self._clean_before.move_to_end(key)
            self.stats.remembered += 1
            return Clean()
        async with self._turn(len(octets)):
            found = _result(await self._streamed(octets))
        if key is not None and isinstance(found, Clean):
            self._clean_before[key] = None
            if len(self._clean_before) > self._remembered_max:
                self._clean_before.popitem(last=False)
        return found

    async def _current_database(self) -> int | None:
        """None when clamd names none: then nobody could tell when its private signatures change, and nothing is remembered."""
        now = asyncio.get_running_loop().time()
        if now >= self._database_until:
            self._database = (await self.version()).database
            self._database_until = now + database_known_for_s
        return self._database

    # One question, one connection.

    @asynccontextmanager
    async def _turn(self, octets: int) -> AsyncIterator[None]:
        async with AsyncExitStack() as held:
            if octets > self._small_octets:
                await held.enter_async_context(self._large_turns)
            await held.enter_async_context(self._turns)
            yield

    async def _question(self, command: bytes) -> bytes:
        try:
            async with asyncio.timeout(self._total_s), self._connection() as (reader, writer):
                writer.write(b"z" + command + b"\0")
                return await self._answer(reader)
        except TimeoutError as error:
            raise self._failure(f"clamd has not answered within {self._total_s:g} s") from error

    async def _streamed(self, octets: bytes) -> bytes:
        async with self._connection() as (reader, writer):
            sending = asyncio.create_task(_send(writer, octets))
            try:
                answer = await self._answer(reader)
                if answer == _CLEAN and not await _was_sent(sending):
                    raise self._failure("clamd answers before it has everything")
                return answer
            finally:
                sending.cancel()
                await asyncio.gather(sending, return_exceptions=True)

    @asynccontextmanager
    async def _connection(self) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
        if self._failures >= failures_in_a_row_max and asyncio.get_running_loop().time() < self._paused_until:
            raise Unavailable(f"clamd has failed {self._failures} times in a row")
        try:
            async with asyncio.timeout(self._connect_s):
                reader, writer = await self._opened()
        except OSError as error:
            raise self._failure(f"clamd cannot be reached: {error.strerror or type(error).__name__}") from error
        try:
            yield reader, writer
        finally:
            # Not close(), which would wait until a clamd that hangs has read everything.
            writer.transport.abort()
            await asyncio.gather(writer.wait_closed(), return_exceptions=True)

    async def _opened(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if self._at.path:
            return await asyncio.open_unix_connection(self._at.path, limit=_answer_octets_max)
        return await asyncio.open_connection(self._at.host, self._at.port, limit=_answer_octets_max)

    async def _answer(self, reader: asyncio.StreamReader) -> bytes:
        try:
            answer = await reader.readuntil(b"\0")
        except (OSError, asyncio.IncompleteReadError) as error:
            raise self._failure("clamd has closed the connection without an answer") from error
        except asyncio.LimitOverrunError as error:
            raise self._failure("clamd answers without end") from error
        self._failures = 0
        return answer[:-1].strip()

    def _failure(self, text: str) -> Unavailable:
        """Count a failure of clamd itself; after several nobody waits for the next one any more."""
        self._failures += 1
        self._paused_until = asyncio.get_running_loop().time() + pause_s
        return Unavailable(text)


async def _send(writer: asyncio.StreamWriter, octets: bytes) -> None:
    writer.write(b"zINSTREAM\0")
    view = memoryview(octets)
    for start in range(0, len(octets), _piece_octets):
        piece = view[start : start + _piece_octets]
        writer.write(len(piece).to_bytes(4, "big"))
        writer.write(piece)
        await writer.drain()
    writer.write(bytes(4))
    await writer.drain()


async def _was_sent(sending: asyncio.Task[None]) -> bool:
    """Whether everything was handed to clamd by the time it answered."""
    await asyncio.sleep(0)  # the task may have its last step still before it
    return sending.done() and not sending.cancelled() and sending.exception() is None


async def _digest(octets: bytes, small_octets: int) -> bytes:
    if len(octets) <= small_octets:
        return sha256(octets).digest()
    return (await asyncio.to_thread(sha256, octets)).digest()


def _result(answer: bytes) -> Clean | Infected:
    if answer == _CLEAN:
        return Clean()
    if (found := _FOUND.fullmatch(answer)) is not None:
        return Infected(found[1].decode("ascii"))
    # "INSTREAM size limit exceeded. ERROR", "Can't allocate memory ERROR", and what no clamd says.
    raise Unavailable("clamd reports an error" if answer.endswith(b"ERROR") else "clamd answers what nobody understands")


def _version(answer: bytes) -> Version:
    found = _VERSION.fullmatch(answer.decode("ascii", "replace"))
    if found is None:
        raise Unavailable("clamd does not tell its version")
    if found[2] is None:
        return Version(found[1], None, None)
    try:
        at = datetime.strptime(found[3], "%a %b %d %H:%M:%S %Y").replace(tzinfo=UTC)
    except ValueError as error:
        raise Unavailable("clamd does not tell the age of its database") from error
    return Version(found[1], int(found[2]), at)
