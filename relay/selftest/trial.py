"""A self-test from its beginning to its end, through the gateway that runs (leaks.md, design.md invariant 1)."""

from __future__ import annotations

import asyncio
import email
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from sqlalchemy import Engine

from relay.app.addressing import mint
from relay.conversation import Conversation, Standing
from relay.errors import NotDone
from relay.machine import NewIds, clock
from relay.message.terms import ToHeader
from relay.selftest import people
from relay.selftest.plan import Posting, planned
from relay.selftest.post import Posted, posted, reached_at
from relay.selftest.report import Report
from relay.selftest.sink import Arrival, Sink, sink
from relay.selftest.traps import Scene, Trap
from relay.selftest.verdict import result
from relay.settings import Settings
from relay.store import held, outcomes, queue, steps
from relay.store.conversations import by_id
from relay.store.engine import reading, writing
from relay.store.outcomes import ShareOutcome
from relay.store.queue import UNDER_WAY
from relay.store.stepping import Step
from relay.transit.crossing import Fate
from relay.values import MessageId

look_s: Final = 0.5
"""Between two looks at what the gateway has finished."""
patience_s: Final = 60.0
"""Without any progress, the rest is taken for lost: the gateway tries again for two days, and nobody waits for that."""
BY: Final = "self-test"

_ID: Final = re.compile(r"(?<![0-9a-z])[0-9a-z]{26}(?![0-9a-z])")
_TRACE: Final = "X-Relay-Trace"


class Audience(Protocol):
    """Who watches."""

    def begins(self, stage: str, count: int) -> None:
        """A stage with so many steps begins; the one before is over."""
        ...

    def comes_to(self, count: int) -> None:
        """So many steps of the stage are done."""
        ...


@dataclass(frozen=True, slots=True)
class Trial:
    """One self-test on one installation: `engine` is the database of its `settings`."""

    settings: Settings
    engine: Engine
    audience: Audience

    async def run(self, traps: Sequence[Trap], *, keep: bool = False) -> Report:
        """Send `traps` both ways, and say what came of them. Afterwards nothing is left under way and its conversations are
        closed, also when it is cancelled; with `keep` they stay open, and what is held stays held.

        Raises Unavailable when no gateway runs, and NotDone when it takes no mail by SMTP, when the port of outbound.self_test is
        taken, and when the gateway puts mail off.
        """
        if not self.settings.smtp.listen:
            raise NotDone(
                "the self-test brings its mail by SMTP, and smtp.listen is empty; name a port of the loopback interface"
            )
        postings = planned(traps)
        async with sink(self.settings.outbound.self_test) as taken:
            conversations = self._opened(1 + max(one.conversation for one in postings))
            try:
                written = await self._written(postings, conversations)
                came_to = await self._finished(written, conversations)
            finally:
                if not keep:
                    self._tidied(conversations)
        return self._report(written, came_to, taken, conversations, keep=keep)

    def _opened(self, count: int) -> tuple[Conversation, ...]:
        now, made = clock(), mint(self.settings, NewIds())
        window_after = self.settings.policy.window_after_activity
        with writing(self.engine) as connection:
            return tuple(
                steps.open_conversation(
                    connection,
                    people.opening(f"{people.REFERENCE}-{now:%Y%m%dT%H%M%SZ}-{number}", now),
                    made,
                    now=now,
                    window_after=window_after,
                    by=BY,
                    self_test=True,
                )
                for number in range(1, count + 1)
            )

    async def _written(self, postings: Sequence[Posting], conversations: Sequence[Conversation]) -> tuple[Posted, ...]:
        self.audience.begins("sent", len(postings))
        count = 0

        def told() -> None:
            nonlocal count
            count += 1
            self.audience.comes_to(count)

        def scene(posting: Posting) -> Scene:
            return people.scene(self.settings, conversations[posting.conversation], posting.writer)

        return await posted(postings, scene, reached_at(self.settings.smtp.listen[0]), told)

    async def _finished(
        self, written: Sequence[Posted], conversations: Sequence[Conversation]
    ) -> Mapping[MessageId, ShareOutcome]:
        """What became of everything that was taken over, once the gateway has done with it or makes no progress any more."""
        taken = {one.message for one in written if one.message is not None}
        self.audience.begins("finished", len(taken))
        loop = asyncio.get_running_loop()
        most, progress_at = -1, loop.time()
        while True:
            known = await asyncio.to_thread(self._outcomes, conversations)
            done = sum(known[one].is_final for one in taken if one in known)
            self.audience.comes_to(done)
            if done > most:
                most, progress_at = done, loop.time()
            if done == len(taken) or loop.time() > progress_at + patience_s:
                return known
            await asyncio.sleep(look_s)

    def _outcomes(self, conversations: Sequence[Conversation]) -> Mapping[MessageId, ShareOutcome]:
        with reading(self.engine) as connection:
            return {share.message: share for one in conversations for share in outcomes.in_conversation(connection, one.id)}

    def _tidied(self, conversations: Sequence[Conversation]) -> None:
        """Close the conversations, and give up what is still under way or held in them: nobody is to decide on it."""
        with writing(self.engine) as connection:
            step = Step(BY, clock(), "the self-test is over")
            for conversation in conversations:
                for share in outcomes.in_conversation(connection, conversation.id):
                    for delivery in share.deliveries:
                        if delivery.state in UNDER_WAY:
                            queue.drop(connection, delivery.id, step)
                    if share.fate is Fate.HELD and not share.is_dropped:
                        held.drop(connection, share.message, share.ordinal, step)
                if by_id(connection, conversation.id).standing(step.at) is not Standing.CLOSED:
                    steps.close(connection, conversation.reference, now=step.at, by=BY)

    def _report(
        self,
        written: Sequence[Posted],
        came_to: Mapping[MessageId, ShareOutcome],
        taken: Sink,
        conversations: Sequence[Conversation],
        *,
        keep: bool,
    ) -> Report:
        ids = {one.message for one in written if one.message is not None}
        arrivals: dict[MessageId, list[Arrival]] = {}
        strays = 0
        for arrival in taken.arrivals:
            belongs = next((one for one in _ids(arrival.content) if one in ids), None)
            if belongs is None:
                strays += 1
            else:
                arrivals.setdefault(belongs, []).append(arrival)
        self.audience.begins("read", len(written))
        results = []
        for one in written:
            outcome = came_to.get(one.message) if one.message is not None else None
            arrived = arrivals.get(one.message, []) if one.message is not None else []
            shows_recipient = self.settings.policy.to_header is ToHeader.REAL
            results.append(result(one, outcome, arrived, shows_recipient=shows_recipient))
            self.audience.comes_to(len(results))
        return Report(tuple(one.reference for one in conversations), tuple(results), strays, keep)


def _ids(content: bytes) -> list[MessageId]:
    """Ids of messages that a mail of the gateway names: the rendition's in its trace field, the notice's in its text."""
    mail = email.message_from_bytes(content)
    texts = [str(mail[_TRACE] or "")]
    if not texts[0]:
        payloads = (part.get_payload(decode=True) for part in mail.walk() if part.get_content_maintype() == "text")
        texts = [payload.decode("utf-8", "replace") for payload in payloads if isinstance(payload, bytes)]
    return [MessageId(one) for text in texts for one in _ID.findall(text)]
