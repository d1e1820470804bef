"""Writing the traps into the gateway, as two people would from their own machines: over SMTP, a few connections at a time."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from relay.errors import NotDone, Unavailable
from relay.machine import clock
from relay.outbound.connecting import Connector
from relay.outbound.connection import Connection
from relay.outbound.routes import Host, Tls
from relay.selftest.plan import Posting
from relay.selftest.traps import Scene
from relay.settings import Tcp
from relay.transit.delivery import Carries, Deferred, Delivered, Delivery, Failed, Outcome
from relay.values import DeliveryId, MessageId, RealAddress, Role

connections_per_writer: Final = 2
pauses_s: Final = (1.0, 5.0, 15.0)
"""Of one trap to which the gateway says "later": before the second try, the third and the last."""
last_word_s: Final = 10.0
"""How long a transaction that is under way may still take when the test is broken off."""

_UNKNOWN: Final = "5.1.1"
_ID: Final = re.compile(r"\[([0-9a-z]{26})\]\s*$")
_ANYWHERE: Final[Mapping[str, str]] = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 -- where a server that listens there is reached


@dataclass(frozen=True, slots=True)
class Posted:
    """A trap that was written, and what the gateway said: taken over as `message`, or refused with `reply`.

    `content` is the mail as it was sent.
    """

    posting: Posting
    scene: Scene
    message: MessageId | None
    reply: str
    content: bytes = field(repr=False)


def reached_at(listen: Tcp) -> Tcp:
    """Where a server on this machine that listens at `listen` is reached."""
    return Tcp(_ANYWHERE.get(listen.host, listen.host), listen.port)


async def posted(
    postings: Sequence[Posting], scenes: Callable[[Posting], Scene], at: Tcp, told: Callable[[], object]
) -> tuple[Posted, ...]:
    """All of `postings`, written to the gateway at `at`; `told` is called after each.

    Raises Unavailable when no gateway answers there, and NotDone when it goes on saying "later". Broken off, it comes to its end
    only with the answers to what is being said: the gateway takes nothing over afterwards that nobody would know of.
    """
    done: list[Posted] = []

    async def written(waiting: Iterator[Posting]) -> None:
        mouth = _Mouth(at)
        try:
            for posting in waiting:
                done.append(await mouth.say(posting, scenes(posting)))
                told()
        finally:
            await mouth.close()

    tasks: list[asyncio.Task[None]] = []
    for writer in Role:
        waiting = iter([one for one in postings if one.writer is writer])
        tasks += [asyncio.create_task(written(waiting)) for _ in range(connections_per_writer)]
    try:
        await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            # Once is enough: a second time would cut short the last words of a connection.
            if not task.cancelling():
                task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    return tuple(sorted(done, key=lambda one: one.posting.serial))


@dataclass(slots=True)
class _Mouth:
    """One writer's connection to the gateway, opened anew whenever it has gone."""

    at: Tcp
    connection: Connection | None = None

    async def say(self, posting: Posting, scene: Scene) -> Posted:
        """Write it, and again after a while when the answer is "later". Raises Unavailable and NotDone, see `posted`."""
        sent = _as_delivery(posting, scene)
        outcome = await self._tried(sent, scene.writer.host)
        for pause_s in pauses_s:
            if not isinstance(outcome, Deferred):
                break
            await asyncio.sleep(pause_s)
            outcome = await self._tried(sent, scene.writer.host)
        said = f"{outcome.code or ''} {outcome.text}".strip()
        if isinstance(outcome, Deferred):
            raise NotDone(f'the gateway says "later" to {posting.trap.name!r}: {said}; its log and `relay doctor` tell why')
        if isinstance(outcome, Failed) and outcome.text.startswith(_UNKNOWN):
            raise NotDone(
                f"what listens at {self.at} does not know the conversation just opened: it is another server, or the gateway "
                "with another configuration"
            )
        found = _ID.search(outcome.text)
        taken = MessageId(found[1]) if found is not None and isinstance(outcome, Delivered) else None
        return Posted(posting, scene, taken, said, sent.content)

    async def close(self) -> None:
        if self.connection is not None:
            await self.connection.close()

    async def _tried(self, sent: Delivery, helo: str) -> Outcome:
        if self.connection is None or not self.connection.usable:
            self.connection = await self._opened(helo)
        saying = asyncio.create_task(self.connection.send(sent))
        try:
            return await asyncio.shield(saying)
        except asyncio.CancelledError:
            # The gateway goes on with a message whose sender hangs up, as it must; so its answer is waited for.
            await asyncio.wait([saying], timeout=last_word_s)
            raise
        finally:
            saying.cancel()

    async def _opened(self, helo: str) -> Connection:
        opened = await Connector(helo).open(Host(self.at.host, self.at.port, Tls.OFF))
        if isinstance(opened, Deferred):
            raise Unavailable(f"no gateway takes mail at {self.at} (smtp.listen): {opened.text}; is `relay serve` running?")
        return opened


def _as_delivery(posting: Posting, scene: Scene) -> Delivery:
    """The trap as what connections carry: its octets are sent as they are, like those of any mail."""
    return Delivery(
        id=DeliveryId(f"self-test-{posting.serial}"),
        message=MessageId(f"self-test-{posting.serial}"),
        conversation=None,
        carries=Carries.OPERATOR,
        return_path="" if posting.trap.sender == "null" else scene.writer.address,
        recipient=RealAddress(scene.reader.alias),
        content=posting.content(scene),
        accepted_at=clock(),
    )
