"""Group commit: one thread of a process writes, and commits once for whatever is waiting (invariant 3, PERF-4).

There is no timer and no gathering: while one commit is on its way to the disk, the next batch grows by itself.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Final, Generic, TypeVar, cast

from sqlalchemy import Connection, Engine

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

    def attempt(self, connection: Connection) -> _Came[T]:
        """Does the work. An error belongs to this item alone."""
        try:
            with translated(connection.dialect):
                return _Came(self.future, self.work(connection), None)
        except Exception as error:  # noqa: BLE001 (whatever it is, it belongs to the submitter, not to this thread)
            return _Came(self.future, None, error)

    def fail(self, error: BaseException) -> None:
        if not self.future.done():
            self.future.set_exception(error)


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

    def submit(self, work: Work[T], octets: int = 0, *, at_once: bool = True) -> Future[T]:
        """The result of `work`, once it is committed; what it raised, when it did, and then nothing of it is stored.

        Unavailable when the commit failed: then nothing of the whole batch is stored. `octets` is about what it writes. The work
        is done even when nobody waits for it any more: a client that hung up does not undo what was accepted (FAULT-51). Unless
        `at_once`, an idle committer begins when it is woken: who has more to submit saves it the waking for each.
        Raises Unavailable when too much waits, or after `close`.
        """
        future: Future[T] = Future()
        # A future that runs cannot be cancelled.
        future.set_running_or_notify_cancel()
        with self._changed:
            if self._closing:
                raise Unavailable("database: closing")
            if len(self._waiting) >= waiting_max:
                raise Unavailable("database: too much waits to be written")
            self._waiting.append(_Item(work, future, octets))  # type: ignore[arg-type]  # each item answers its own future only
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
        while batch := self._next():
            for item in self._done(batch):
                self._done([item])
        self._line.close()

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

    def _fail(self, items: Iterable[_Item[object]], error: Exception) -> None:
        for item in items:
            item.fail(error)

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
        if len(batch) == 1:
            self._write_one(batch[0])
            return ()
        with self._line.transaction() as connection:
            came = [(item, _apart(connection, item)) for item in batch]
        # A batch holds the locks of all its items, so two nodes may each want what the other has.
        again = [item for item, one in came if isinstance(one.error, Deadlock)]
        self._count(len(batch) - len(again))
        for _, one in came:
            if not isinstance(one.error, Deadlock):
                one.tell()
        return again

    def _write_one(self, item: _Item[object]) -> None:
        """Alone there is nobody to protect: its error ends the transaction, and two round trips are saved."""
        with self._line.transaction() as connection:
            result = item.work(connection)
        self._count(1)
        item.future.set_result(result)

    def _count(self, items: int) -> None:
        self.commits += 1
        self.items += items


def _apart(connection: Connection, item: _Item[object]) -> _Came[object]:
    """Does an item inside a savepoint. Trouble with the savepoint itself means that the database gave up the whole transaction
    (a full disk does that), and ends it for all."""
    cursor = connection.connection.cursor()
    cursor.execute("SAVEPOINT item")
    came = item.attempt(connection)
    if came.error is not None:
        cursor.execute("ROLLBACK TO SAVEPOINT item")
    cursor.execute("RELEASE SAVEPOINT item")
    cursor.close()
    return came
