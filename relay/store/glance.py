"""Questions that are answered where they are asked: in the event loop itself.

SQLite finds a row in microseconds. Waking a thread for it takes ten times as long, and while there is much to do the thread waits
for the interpreter at each of its steps (PERF-3, PERF-8). But the loop serves everybody, so nothing may wait there: a reader of
SQLite's log waits for no writer, and where it would have to wait after all, or to search for long, it gives up at once. Whoever
asked then asks a thread, which has the patience of the store (FAULT-98).
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta
from typing import Final, TypeVar

from sqlalchemy import Connection, Engine, event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import ConnectionPoolEntry

from relay.errors import Unavailable
from relay.store.engine import Line, open_engine

steps_told_of: Final = 50_000
"""Of SQLite's machine: some milliseconds. A statement that is asked again and again goes on counting where it stopped, so the
first time that it has come so far says nothing, and only with the second one a question is broken off."""
slow_s: Final = 0.1
"""An answer that took longer came from a disk that is in trouble, or from a machine that is ..."""
rest_s: Final = 60.0
"""... and for so long afterwards threads are asked."""

T = TypeVar("T")


class Glance:
    """Answers one question at a time, for one thread. `monotonic` counts seconds."""

    def __init__(self, engine: Engine, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._engine = open_engine(engine.url.render_as_string(hide_password=False), patience=timedelta(0))
        event.listen(self._engine, "connect", self._bound)
        self._line = Line(self._engine, writes=False)
        self._monotonic = monotonic
        self._rests_until = 0.0
        self._told = 0

    def answer(self, question: Callable[[Connection], T]) -> T:
        """The answer to `question`, from one consistent view. Raises what it raises, and Unavailable where it is for a thread."""
        began = self._monotonic()
        if began < self._rests_until:
            raise Unavailable("database: answers take too long to wait for them here")
        self._told = 0
        try:
            with self._line.transaction() as connection:
                return question(connection)
        finally:
            ended = self._monotonic()
            if ended - began > slow_s:
                self._rests_until = ended + rest_s

    def close(self) -> None:
        """Lets go of the database."""
        self._line.close()
        self._engine.dispose()

    def _bound(self, raw: DBAPIConnection, _: ConnectionPoolEntry) -> None:
        # What the handler returns says whether to break off.
        raw.set_progress_handler(self._is_too_far, steps_told_of)

    def _is_too_far(self) -> bool:
        self._told += 1
        return self._told > 1
