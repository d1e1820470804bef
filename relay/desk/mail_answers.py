"""Answers by mail: whose come to which address, what becomes of them when their time is there, and how they are taken back.

Nothing of an answer that acts is done before it can be taken back no more. A message to the other side is passed on at once.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, Protocol

import structlog
from sqlalchemy import Connection

from relay.booking.booking import BookingId
from relay.booking.lifecycle import possible
from relay.booking.link import ACTORS
from relay.booking.situation import Act
from relay.correspondence.house import House
from relay.correspondence.notifications.invitation import uid_of
from relay.correspondence.receipt import Receipt, Says, receipt
from relay.desk.lifecycle import seen
from relay.errors import NotDone, Unavailable, raised_at
from relay.store import accepting, booking_answers, booking_links, conversations, posting, timeline
from relay.store.booking_answers import Kept
from relay.store.bookings import history, records
from relay.store.store import Store
from relay.store.timeline import Draft, Kind
from relay.transit.answer import ROLES, Addressed, Answer, Ended
from relay.transit.delivery import Carries, Delivery
from relay.values import Clock, DeliveryId, Language, MsgId, NewId
from relay.web.answer_ports import OpenAnswer
from relay.web.booking_ports import Doing, NewTerms, Shown
from relay.web.once import Once, Repeated

log = structlog.get_logger("relay.answers")

carried_out_at_once: Final = 20
"""Answers of which one look at the database tells."""
later: Final = timedelta(minutes=5)
"""How long one is left alone that cannot be carried out now."""
_OWNER: Final = "answer"


class Core(Protocol):
    """The booking desk, as far as answers need it."""

    async def act(self, reference: str, doing: Doing, once: Once[Shown] | None) -> Shown:
        """See relay.web.booking_ports.Bookings."""
        ...


@dataclass(frozen=True, slots=True)
class MailAnswerDesk:
    """Answers by mail, over the store: for those who take the mail, for the page, and for the clock."""

    store: Store
    core: Core
    house: House
    sign: Callable[[bytes, datetime], bytes] = field(repr=False)
    new_id: NewId
    clock: Clock
    put_off: dict[str, datetime] = field(default_factory=dict, repr=False)
    """Answers that cannot be carried out now, and until when they are left alone."""

    async def is_answered_at(self, local: str) -> bool:
        return await self.store.read(lambda connection: booking_links.answered_at(connection, local)) is not None

    async def addressed(self, local: str, now: datetime) -> Addressed | None:
        def question(connection: Connection) -> Addressed | None:
            found = booking_links.answered_at(connection, local)
            if found is None or found[1] not in ROLES:
                return None
            record = records.by_id(connection, found[0])
            booking, to = record.booking, found[1]
            talked_of = booking.terms_in_question
            return Addressed(
                booking=booking.id,
                to=to,
                conversation=conversations.by_reference(connection, booking.reference),
                stage=booking.stage,
                can=possible(seen(connection, record, now), ACTORS[to]),
                terms_version=talked_of.version,
                occasion=talked_of.occasion,
                uid=uid_of(booking, self.house.domain),
                zone=booking.zone,
            )

        return await self.store.read(question)

    async def terms_shown(self, booking: BookingId, ids: Sequence[MsgId]) -> int | None:
        def question(connection: Connection) -> int | None:
            found = (posting.named(connection, one) for one in ids)
            mail = next((one for one in found if one is not None and one.booking == booking), None)
            if mail is None:
                return None
            was = history.as_it_was(connection, booking, mail.version)
            return (was.proposal or was.terms).version

        return await self.store.read(question)

    async def look(self, secret: str) -> OpenAnswer:
        return await self._shown(await self.store.read(lambda connection: booking_answers.by_secret(connection, secret)))

    async def undo(self, secret: str) -> OpenAnswer:
        now = self.clock()

        def work(connection: Connection) -> None:
            kept = booking_answers.by_secret(connection, secret)
            booking_answers.end(connection, kept.answer.id, Ended.UNDONE, now)

        await self.store.write(work)
        return await self.look(secret)

    async def settle(self) -> int:
        """Carry out what is due; how many answers that was. One that cannot be now is tried again later."""
        now, settled = self.clock(), 0
        for kept in await self.store.read(lambda connection: booking_answers.due(connection, now, carried_out_at_once)):
            if self.put_off.get(kept.answer.id, now) > now:
                continue
            if await self._settled(kept):
                settled += 1
                self.put_off.pop(kept.answer.id, None)
            else:
                self.put_off[kept.answer.id] = now + later
        return settled

    async def _settled(self, kept: Kept) -> bool:
        answer, now = kept.answer, self.clock()
        how = Ended.DONE
        try:
            # Whoever crashes before the answer is marked as carried out finds by the key that it was.
            once: Once[Shown] = Once(_OWNER, answer.id, _digest(answer), lambda _: "")
            await self.core.act(kept.reference, _doing(answer), once)
        except Repeated:
            pass
        except NotDone as why:
            how = Ended.REFUSED
            log.info("answer.refused", id=answer.message, booking=kept.reference, why=str(why))
        except Unavailable as why:
            log.warning("answer.later", id=answer.message, why=str(why))
            return False
        except Exception as broke:  # noqa: BLE001  whatever it is, it is about this answer, and the others wait behind it
            log.error("answer.failed", id=answer.message, error=type(broke).__name__, at=raised_at(broke))
            return False
        await self.store.write(lambda connection: self._end(connection, kept, how, now))
        return True

    def _end(self, connection: Connection, kept: Kept, how: Ended, now: datetime) -> None:
        ended = booking_answers.end(connection, kept.answer.id, how, now)
        if not ended or how is not Ended.REFUSED:
            return
        conversation = conversations.by_reference(connection, kept.reference)
        writer = conversation.party(ROLES[kept.answer.to])
        message_id = MsgId(f"{self.new_id()}@{self.house.domain}")
        told = Receipt(Says.FAILED, writer, conversation, kept.answer.message, "", kept.answer.received_at)
        notice = Delivery(
            id=DeliveryId(self.new_id()),
            message=kept.answer.message,
            conversation=conversation.id,
            carries=Carries.NOTICE,
            return_path="",
            recipient=writer.mailbox,
            content=self.sign(receipt(told, self.house, now=now, message_id=message_id), now),
            accepted_at=now,
        )
        accepting.add_deliveries(connection, [notice], 0, now)
        facts = {"message": kept.answer.message, "delivery": notice.id, "about": kept.answer.id}
        timeline.append(connection, [Draft(conversation.id, Kind.NOTICE, facts)], now)

    async def _shown(self, kept: Kept) -> OpenAnswer:
        conversation = await self.store.read(lambda connection: conversations.by_reference(connection, kept.reference))
        language: Language = conversation.party(ROLES[kept.answer.to]).language
        is_open = kept.ended is None and self.clock() < kept.answer.due_at
        return OpenAnswer(language, kept.answer.act, kept.answer.due_at, is_open, kept.ended is Ended.UNDONE)


def _doing(answer: Answer) -> Doing:
    proposes = answer.act in {Act.COUNTER, Act.PROPOSE}
    return Doing(
        answer.act,
        ACTORS[answer.to],
        answer.to.value,
        reason="" if proposes else answer.text,
        terms=NewTerms(occasion=answer.occasion, note=answer.text or None) if proposes else None,
        terms_version=answer.terms_version if answer.act is Act.ACCEPT else None,
    )


def _digest(answer: Answer) -> bytes:
    return hashlib.sha256(answer.id.encode()).digest()
