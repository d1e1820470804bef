"""Vacation responders, one for each mailbox: they answer every mail that arrives, also automatic ones, which RFC 3834 forbids."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum

from support.gateway import Gateway
from support.mails import read
from support.patience import patience_s
from support.sink import Received
from support.smtp import Answer

_ADDRESS = re.compile(r"<([^<>]+)>")


class To(Enum):
    """Where a responder sends its answer."""

    FROM = "the From address"
    RETURN_PATH = "the return path"


@dataclass(frozen=True)
class Responder:
    """Answers in the name of `address`."""

    address: str
    to: To
    extra: str = "Auto-Submitted: auto-replied"
    return_path: str = ""
    subject: str = "Out of office: "
    """Before the one that it answers."""
    text: str = "I am away, and write this for the {number}. time."

    def answer(self, got: Received, number: int) -> tuple[bytes, str]:
        """Its mail about one that arrived, and to whom it goes; empty where there is nobody to answer."""
        arrived = read(got.content)
        found = _ADDRESS.search(str(arrived["From"]))
        recipient = got.return_path if self.to is To.RETURN_PATH else (found[1] if found else "")
        fields = [
            f"From: {self.address}",
            f"To: {recipient}",
            f"Subject: {self.subject}{arrived['Subject']}",
            f"Message-ID: <vacation{number}@{self.address.partition('@')[2]}>",
            f"In-Reply-To: {arrived['Message-ID']}",
            *([self.extra] if self.extra else []),
        ]
        return ("\r\n".join(fields) + f"\r\n\r\n{self.text.format(number=number)}\r\n").encode(), recipient


@dataclass
class Responders:
    """What a sink tells of arrivals (`on_received`): each is answered by the responder whose mailbox it came to."""

    everybody: tuple[Responder, ...]
    gateway: Callable[[], Gateway]
    answers: list[Answer] = field(default_factory=list)
    """What the gateway said to each answer."""
    _under_way: set[asyncio.Task[None]] = field(default_factory=set)
    _number: int = 0

    def __call__(self, got: Received) -> None:
        for responder in self.everybody:
            if responder.address in got.recipients:
                self._number += 1
                mail, recipient = responder.answer(got, self._number)
                if recipient:
                    task = asyncio.get_running_loop().create_task(self._answer(mail, recipient, responder.return_path))
                    self._under_way.add(task)
                    task.add_done_callback(self._under_way.discard)

    async def _answer(self, mail: bytes, recipient: str, return_path: str) -> None:
        self.answers.append(await self.gateway().sent(mail, recipient, sender=return_path))

    async def until_answers(self, count: int) -> None:
        """Wait until the gateway has said something to so many answers, however long all of them take."""
        while (before := len(self.answers)) < count:
            async with asyncio.timeout(patience_s):
                while len(self.answers) == before:
                    await asyncio.sleep(0.02)
