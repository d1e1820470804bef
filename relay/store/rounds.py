"""Questions of one turn of the event loop, answered together: waking a thread costs more than what it is asked (PERF-3)."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Generic, Never, Protocol, TypeVar

from sqlalchemy import Connection

from relay.store.engine import translated

T = TypeVar("T")
Question = Callable[[Connection], T]


class Reading(Protocol):
    """Answers one question from one consistent view; relay.store.store.Store.read."""

    def __call__(self, question: Question[T], /) -> Awaitable[T]: ...


@dataclass(frozen=True, slots=True)
class _Asked(Generic[T]):
    question: Question[T]
    answer: asyncio.Future[T]

    def tried(self, connection: Connection) -> Callable[[], T]:
        """What gives the answer, or raises what stood against it: that belongs to this question alone."""
        try:
            with translated(connection.dialect):
                found = self.question(connection)
        except Exception as error:  # noqa: BLE001 (it is for whoever asked)
            return partial(_raised, error)
        return lambda: found

    def tell(self, came: Callable[[], T]) -> None:
        if self.answer.done():
            return  # nobody waits for it any more
        try:
            self.answer.set_result(came())
        except Exception as error:  # noqa: BLE001 (it is for whoever asked)
            self.answer.set_exception(error)


class Rounds(Generic[T]):
    """Asks what came up in one turn of the event loop in one go. For questions that are quick, and alike."""

    def __init__(self, read: Reading) -> None:
        self._read = read
        self._asked: list[_Asked[T]] = []
        self._rounds: set[asyncio.Task[None]] = set()

    async def ask(self, question: Question[T]) -> T:
        """The answer to `question`. Raises what it raises, and Unavailable."""
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[T] = loop.create_future()
        self._asked.append(_Asked(question, answer))
        loop.call_soon(self._begin)
        return await answer

    def _begin(self) -> None:
        """Whoever asked first in this turn has asked for all."""
        asked, self._asked = self._asked, []
        if asked:
            task = asyncio.create_task(self._answer(asked), name="store: questions")
            self._rounds.add(task)
            task.add_done_callback(self._rounds.discard)

    async def _answer(self, asked: Sequence[_Asked[T]]) -> None:
        try:
            came = await self._read(lambda connection: [one.tried(connection) for one in asked])
        except asyncio.CancelledError:
            for one in asked:
                one.answer.cancel()
            raise
        except Exception as error:  # noqa: BLE001 (whatever it is, those who asked hear of it)
            came = [partial(_raised, error)] * len(asked)
        for one, told in zip(asked, came, strict=True):
            one.tell(told)


def _raised(error: Exception) -> Never:
    raise error
