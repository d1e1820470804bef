"""Somebody who guesses at aliases from one network, over several connections, as fast as they are answered."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice

from support.smtp import SmtpClient

SHUT_OUT = "Too many unknown recipients"
RECIPIENTS_A_TRANSACTION = 15
"""Fewer than the errors after which a session ends."""


@dataclass
class Guesser:
    """Tries `locals`, one after the other, at the gateway on `port`. `found` are those that it took."""

    port: int
    source: str
    locals: Iterator[str]
    domain: str
    answers: Counter[str] = field(default_factory=Counter)
    """By what the server said: both codes, and `shut out` where it no longer says anything about the address."""
    found: list[str] = field(default_factory=list)
    shut_out_after_s: float | None = None
    _began: float = 0.0

    async def run(self, connections: int) -> None:
        self._began = time.monotonic()
        await asyncio.gather(*(self._keep_on() for _ in range(connections)))

    async def _keep_on(self) -> None:
        while batch := list(islice(self.locals, RECIPIENTS_A_TRANSACTION)):
            await self._try(batch)

    async def _try(self, batch: list[str]) -> None:
        """One connection for a few addresses. Whoever is sent away has tried one of them."""
        while batch:
            async with SmtpClient(self.port, source=self.source) as client:
                greeting = client.greeting
                if greeting is None or greeting.code != 220 or (await client.hello()).code != 250:
                    self._count(batch.pop(0), greeting.codes if greeting else "", greeting.text if greeting else "")
                    continue
                if (begun := await client.command("MAIL FROM:<guesser@elsewhere.example>")).code != 250:
                    self._count(batch.pop(0), begun.codes, begun.text)
                    continue
                while batch:
                    answer = await client.command(f"RCPT TO:<{batch[0]}@{self.domain}>")
                    self._count(batch.pop(0), answer.codes, answer.text)
                    if answer.code == 421:
                        break

    def _count(self, local: str, codes: str, text: str) -> None:
        if SHUT_OUT in text:
            codes = "shut out"
            if self.shut_out_after_s is None:
                self.shut_out_after_s = time.monotonic() - self._began
        elif codes.startswith("250"):
            self.found.append(local)
        self.answers[codes] += 1
