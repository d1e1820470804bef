"""Group commit: one thread of a process writes, and commits once for whatever is waiting (invariant 3, PERF-4).

There is no timer and no gathering: while one commit is on its way to the disk, the next batch grows by itself.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Final, Generic, TypeVar, cast

from sqlalchemy import Connection, Engine

from relay import figures
from relay.errors import Deadlock, NotBegun, Unavailable
from relay.store.engine import Line, translated

items_max: Final = 64
"""Items of one transaction."""
octets_max: Final = 8 * 1024 * 1024
"""Of one transaction, as their submitters say; an item above that is written alone."""
waiting_max: Final = 1_024
"""Items that wait; more are refused, and the sender's own queue takes the pressure."""

T = TypeVar("T")
Work = Callable[[Connection], T]


@dataclass(frozen=True, slots=True)
class _Came(Generic[T]):
    """What an item came to, to be told once the transaction is committed."""

    future: Future[T]
    result: T | None
    error: Exception | None

    def tell(self) -> None:
        if self.error is not None:
            self.future.set_exception(self.error)
        else:
            self.future.set_result(cast("T", self.result))


@dataclass(frozen=True, slots=True)
class _Item(Generic[T]):
    work: Work[T]
    future: Future[T]
    octets: int
    afterwards: Callable[[], None]

    def attempt(self, connection: Connection) -> _Came[T]:
        """Does the work. An error belongs to this item alone."""
        try:
            with translated(connection.dialect):
                return _Came(self.future, self.work(connection), None)
        except Exception as error:  # noqa: BLE001 (whatever it is, it belongs to the submitter, not to this thread)
            return _Came(self.future, None, error)

    def attempt_with_others(self, connection: Connection) -> _Came[T]:
        """Does the work where nothing keeps it apart from others. Raises _Broke."""
        try:
            return _Came(self.future, self.work(connection), None)
        except Exception as error:
            raise _Broke from error

    def fail(self, error: BaseException) -> None:
        if not self.future.done():
            self.future.set_exception(error)


class _Broke(Exception):
    """The work of an item of a batch raised."""


def _nothing() -> None:
    """Afterwards there is nothing to do."""


class Committer:
    """Owns writing in this process, at most `items_max` items a transaction. `commits` and `items` count what was committed."""

    def __init__(self, engine: Engine, *, items_max: int = items_max) -> None:
        self._line = Line(engine, writes=True)
        self._items_max = items_max
        self._waiting: deque[_Item[object]] = deque()
        self._changed = threading.Condition()
        self._closing = False
        self.commits = 0
        self.items = 0
        self._thread = threading.Thread(target=self._run, name="store-committer", daemon=True)
        self._thread.start()

    def submit(
        self, work: Work[T], octets: int = 0, *, at_once: bool = True, afterwards: Callable[[], None] = _nothing
    ) -> Future[T]:
        """The result of `work`, once it is committed; what it raised, when it did, and then nothing of it is stored.

        Unavailable when the commit failed: then nothing of the whole batch is stored. `octets` is about what it writes. The work
        is done even when nobody waits for it any more: a client that hung up does not undo what was accepted (FAULT-51). It may
        be done several times, of which the last one counts. Unless `at_once`, an idle committer begins when it is woken: who has
        more to submit saves it the waking for each. `afterwards` is called once for all items of a batch that have it, when all
        their results are told. Raises Unavailable when too much waits, or after `close`.
        """
        future: Future[T] = Future()
        # A future that runs cannot be cancelled.
        future.set_running_or_notify_cancel()
        with self._changed:
            if self._closing:
                raise Unavailable("database: closing")
            if len(self._waiting) >= waiting_max:
                raise Unavailable("database: too much waits to be written")
            self._waiting.append(_Item(work, future, octets, afterwards))  # type: ignore[arg-type]  # each item answers its own future only
            if at_once:
                self._changed.notify()
        return future

    def wake(self) -> None:
        """Begin with what was submitted. Nothing happens while it is at work: it takes what waits by itself."""
        with self._changed:
            self._changed.notify()

    def close(self) -> None:
        """Takes nothing more, writes what waits, and returns when that is done."""
        with self._changed:
            self._closing = True
            self._changed.notify()
        self._thread.join()

    def _run(self) -> None:
        while self._has_written():
            # Nothing of a batch is kept while the next one is waited for: a message of 25 MB would stay until then (PERF-6).
            pass
        self._line.close()

    def _has_written(self) -> bool:
        """Writes the next batch, once there is one; False when there will be none."""
        batch = self._next()
        for item in self._done(batch) if batch else ():
            self._done([item])
        return bool(batch)

    def _done(self, batch: Sequence[_Item[object]]) -> Sequence[_Item[object]]:
        """Writes a batch, and tells its submitters. What is returned is not done yet: it is to be done again, each item alone."""
        try:
            return self._write(batch)
        except NotBegun as error:
            # All that came meanwhile would wait as long for the same answer, one batch after the other, and nobody waits so long.
            self._fail([*batch, *self._all_waiting()], error)
        except Exception as error:  # noqa: BLE001 (the thread must outlive any trouble; its submitters hear of it)
            self._fail(batch, error)
        return ()

    def _fail(self, items: Sequence[_Item[object]], error: Exception) -> None:
        for item in items:
            item.fail(error)
        _call_afterwards(items)

    def _all_waiting(self) -> list[_Item[object]]:
        with self._changed:
            waiting = [*self._waiting]
            self._waiting.clear()
        return waiting

    def _next(self) -> list[_Item[object]]:
        """What waits, as far as one transaction takes it; nothing once it is closed and done."""
        batch: list[_Item[object]] = []
        octets = 0
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._closing)
            while self._waiting and len(batch) < self._items_max:
                octets += self._waiting[0].octets
                if batch and octets > octets_max:
                    break
                batch.append(self._waiting.popleft())
        return batch

    def _write(self, batch: Sequence[_Item[object]]) -> Sequence[_Item[object]]:
        began = time.monotonic()
        try:
            came = self._together(batch)
        except _Broke:
            came = self._apart(batch)
        figures.COMMIT_SECONDS.add(time.monotonic() - began)
        again: list[_Item[object]] = []
        for item, one in zip(batch, came, strict=True):
            # A batch holds the locks of all its items, so two nodes may each want what the other has.
            if isinstance(one.error, Deadlock) and len(batch) > 1:
                again.append(item)
            else:
                one.tell()
        self._count(len(batch) - len(again))
        _call_afterwards(batch)
        return again

    def _together(self, batch: Sequence[_Item[object]]) -> list[_Came[object]]:
        """Does the items with nothing between them: mostly nothing is wrong with any. Raises _Broke, and then none is done."""
        with self._line.transaction() as connection:
            return [item.attempt_with_others(connection) for item in batch]

    def _apart(self, batch: Sequence[_Item[object]]) -> list[_Came[object]]:
        """Does the items each in a savepoint. Trouble with the savepoint itself means that the database gave up the whole
        transaction (a full disk does that), and ends it for all."""
        came: list[_Came[object]] = []
        with self._line.transaction() as connection:
            cursor = connection.connection.cursor()
            for item in batch:
                cursor.execute("SAVEPOINT item")
                came.append(item.attempt(connection))
                if came[-1].error is not None:
                    cursor.execute("ROLLBACK TO SAVEPOINT item")
                cursor.execute("RELEASE SAVEPOINT item")
        return came

    def _count(self, items: int) -> None:
        self.commits += 1
        self.items += items
        figures.COMMITTED.add(by=items)


def _call_afterwards(items: Iterable[_Item[object]]) -> None:
    for afterwards in {item.afterwards for item in items}:
        afterwards()
