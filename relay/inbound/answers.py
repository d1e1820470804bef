"""Answers by mail to what we wrote about a booking (GY-6): what a clear word or a calendar says is carried out, and everything
else is passed on as text.

An answer is believed of whoever would be believed at an alias of the same conversation, and of nobody else: there are links for
those who write from elsewhere. While the conversation is open, mail here is mail to the other party.
"""

from __future__ import annotations

from collections.abc import Awaitable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final, Protocol

import structlog

from relay.booking.answer import Accepts, Declines, clear_word, greets_only
from relay.booking.booking import OPEN, BookingId, Stage, reason_characters_max
from relay.booking.situation import Act
from relay.booking.terms import Occasion
from relay.conversation import Party, Standing, checked_instant
from relay.correspondence.house import House
from relay.correspondence.passed_on import passed_on
from relay.correspondence.receipt import Receipt, Says, receipt
from relay.errors import Conflict, Unreadable
from relay.inbound.crossings import Crossings
from relay.inbound.decide import Draft, Outgoing
from relay.inbound.gather import Gathered, Gatherer
from relay.inbound.judging import worked
from relay.inbound.ports import AtAlias, AtBooking, Incoming
from relay.inbound.replies import ACCEPTED
from relay.message.calendar_answer import CalendarAnswer, calendar_answer
from relay.message.calendar_answer import Says as CalendarSays
from relay.message.mail import Mail
from relay.message.own_words import first_lines, line_below, own_words
from relay.message.parse import parse
from relay.message.searchable import words_of
from relay.message.terms import Style
from relay.policy import ANSWER_RULES, PASS, judge
from relay.policy.reasons import LATER, REPLIES, Reason
from relay.policy.reply import Reply
from relay.policy.verdict import Absorb, Defer, Pass, Refuse
from relay.transit.answer import WRITES, Addressed, Answer, AnswerId, due
from relay.transit.crossing import Crossing, Fate, Searchable
from relay.transit.delivery import Delivery, notices_a_day_max
from relay.transit.question import digest_of
from relay.values import ConversationId, MsgId, NewId, NewSecret, RealAddress

log = structlog.get_logger("relay.answers")

CANNOT_CROSS: Final = Reply(550, "5.7.1", "This text cannot be passed on; use the links in the mail that you answer")
_ACTS: Final[dict[type[Accepts] | type[Declines], tuple[Act, ...]]] = {
    Accepts: (Act.ACCEPT,),
    Declines: (Act.DECLINE, Act.WITHDRAW, Act.REFUSE),
}
_ON_TERMS: Final = frozenset(act for acts in _ACTS.values() for act in acts)
"""What answers the terms as they were read."""
answered_ids_max: Final = 10
"""Message-IDs that are looked up, of those that a mail says that it answers."""
_PROPOSING: Final = (Act.COUNTER, Act.PROPOSE)


class Bookings(Protocol):
    """Who answers where."""

    async def addressed(self, local: str, now: datetime) -> Addressed | None:
        """The booking whose mail is answered at that local part; None for none. Raises relay.errors.Unavailable."""
        ...

    async def terms_shown(self, booking: BookingId, ids: Sequence[MsgId]) -> int | None:
        """The version of the terms in the mail about `booking` that has the first of these Message-IDs that one has; None where
        none has one. Raises relay.errors.Unavailable."""
        ...


class Archive(Protocol):
    """Takes answers over for good."""

    async def notices_since(self, conversation: ConversationId, recipient: RealAddress, since: datetime) -> int: ...

    def accept_answer(self, crossing: Crossing, answer: Answer | None) -> Awaitable[Sequence[Delivery]]:
        """Writes mail and answer in one transaction; what goes out comes back claimed for this process."""
        ...


class Courier(Protocol):
    def offer(self, deliveries: Sequence[Delivery]) -> object:
        """Takes claimed deliveries."""
        ...


@dataclass(frozen=True, slots=True)
class Reading:
    """What a mail says: an act, or a message; neither where it says nothing."""

    act: Act | None
    text: str = field(default="", repr=False)
    occasion: Occasion | None = None
    is_word: bool = False
    """Whether it is a clear word, possible or not."""
    is_silent: bool = False
    """Nobody need be told: it is what calendar programs send by themselves."""


@dataclass(frozen=True, slots=True)
class AnswerMail:
    """Takes mail at bookings' own addresses over, or refuses it. `pages` is where ours are found."""

    bookings: Bookings
    gatherer: Gatherer
    crossings: Crossings
    archive: Archive
    courier: Courier
    house: House
    style: Style
    pages: str
    new_id: NewId
    new_secret: NewSecret = field(repr=False)

    async def take(self, incoming: Incoming, at: AtBooking) -> Reply | Incoming:
        """The reply; or the message as it is to go on, to the other party's alias, while their conversation is open.

        Raises Unavailable for "later"; nothing is left behind then.
        """
        addressed = await self.bookings.addressed(at.local, incoming.received_at)
        if addressed is None:
            return REPLIES[Reason.UNKNOWN_ALIAS]
        writer = addressed.conversation.party(addressed.role)
        other = addressed.conversation.party(addressed.role.other)
        as_if = replace(incoming, recipients=(AtAlias(other.alias),))
        try:
            mail = await worked(len(incoming.content), parse, incoming.content)
            from_calendar = calendar_answer(mail)
            is_ours = from_calendar is not None and from_calendar.answers(addressed.uid)
            read = _reading(mail, from_calendar if is_ours else None, addressed, (f"@{self.house.domain}", self.pages))
        except Unreadable:
            return REPLIES[Reason.UNREADABLE]
        if read.act in _ON_TERMS and await self._are_past(mail, addressed):
            read = replace(read, act=None)
        # A house may let the parties write before the confirmation: then a clear word still decides, and the rest is their mail.
        decides = is_ours or (read.is_word and addressed.stage in OPEN)
        if addressed.conversation.standing(incoming.received_at) is Standing.OPEN and not decides:
            return as_if
        gathered = await self.gatherer.gather(as_if, (other.alias,), mail)
        if not gathered.shares:
            return REPLIES[Reason.UNPROVEN]
        facts = gathered.shares[0].facts
        verdict = judge(facts, incoming.received_at, PASS, ANSWER_RULES)
        match verdict:
            case Defer():
                return LATER[verdict.reason]
            case Refuse():
                return REPLIES[verdict.reason]
            case Absorb():
                return await self._kept(as_if, gathered, Draft(addressed.conversation, writer, _fate(verdict), verdict.reason))
            case Pass():
                pass
            case _:
                return REPLIES[Reason.UNPROVEN]
        if facts.automatic and not is_ours:
            # A robot answers whatever it gets: it decides nothing, and nobody reads it (RFC 3834).
            return await self._kept(as_if, gathered, Draft(addressed.conversation, writer, Fate.ABSORBED, Reason.LOOP))
        return await self._answered(as_if, gathered, addressed, writer, read)

    async def _are_past(self, mail: Mail, addressed: Addressed) -> bool:
        """Whether other terms are talked of by now than those in the mail that is answered: the answer is about those (SL-5)."""
        ids = (*mail.in_reply_to, *reversed(mail.references))[:answered_ids_max]
        shown = await self.bookings.terms_shown(addressed.booking, ids) if ids else None
        return shown not in {None, addressed.terms_version}

    async def _answered(
        self, incoming: Incoming, gathered: Gathered, addressed: Addressed, writer: Party, read: Reading
    ) -> Reply:
        now = incoming.received_at
        answer, secret = None, ""
        if read.act is not None:
            try:
                text = passed_on(read.text, addressed.conversation, addressed.role, self.style) if read.text else ""
            except Conflict:
                return CANNOT_CROSS
            begins_at = addressed.occasion.starts_at if addressed.occasion is not None else None
            at = due(read.act, now, begins_at)
            secret = self.new_secret() if at > now else ""
            answer = Answer(
                id=AnswerId(self.new_id()),
                booking=addressed.booking,
                to=addressed.to,
                message=incoming.id,
                act=read.act,
                text=text,
                occasion=read.occasion,
                terms_version=addressed.terms_version,
                received_at=now,
                due_at=at,
                undo=digest_of(secret) if secret else None,
            )
        draft = Draft(addressed.conversation, writer, Fate.TAKEN, Reason.ANSWER, read.act.value if read.act is not None else "")
        if gathered.may_be_answered and not read.is_silent and not await self._told_enough(addressed, writer, now):
            draft = replace(draft, notice=self._receipt(incoming, gathered, addressed, writer, answer, secret))
        return await self._kept(incoming, gathered, draft, answer)

    async def _told_enough(self, addressed: Addressed, writer: Party, now: datetime) -> bool:
        """GW-52"""
        since = now - timedelta(days=1)
        return await self.archive.notices_since(addressed.conversation.id, writer.mailbox, since) >= notices_a_day_max

    def _receipt(
        self, incoming: Incoming, gathered: Gathered, addressed: Addressed, writer: Party, answer: Answer | None, secret: str
    ) -> Outgoing:
        message_id = MsgId(f"{self.new_id()}@{self.house.domain}")
        of = Receipt(
            says=_says(answer),
            writer=writer,
            conversation=addressed.conversation,
            message=incoming.id,
            subject=gathered.mail.subject,
            received_at=incoming.received_at,
            act=answer.act if answer is not None and not answer.is_message else None,
            due_at=answer.due_at if answer is not None else None,
            undo=f"{self.pages.rstrip('/')}/answers/{secret}" if secret else "",
            original_id=gathered.mail.message_id,
        )
        return Outgoing(writer, receipt(of, self.house, now=incoming.received_at, message_id=message_id), message_id)

    async def _kept(self, incoming: Incoming, gathered: Gathered, draft: Draft, answer: Answer | None = None) -> Reply:
        """Archived with what it says, in the conversation of its booking."""
        passage = self.crossings.passage(draft, incoming.id, incoming.received_at)
        words = Searchable(*await worked(len(incoming.content), words_of, gathered.mail))
        envelope = replace(incoming.envelope(), evidence=gathered.evidence)
        crossing = Crossing(envelope, words, gathered.mail.message_id, gathered.fingerprint, (passage,), gathered.proven_author)
        self.courier.offer(await self.archive.accept_answer(crossing, answer))
        log.info("accepted", id=incoming.id, conversation=passage.conversation, fate=passage.fate.value, reason=passage.reason)
        return ACCEPTED


def _fate(verdict: Absorb) -> Fate:
    return Fate.DUPLICATE if verdict.reason is Reason.DUPLICATE else Fate.ABSORBED


def _says(answer: Answer | None) -> Says:
    if answer is None:
        return Says.NOTHING
    if answer.is_message:
        return Says.MESSAGE
    return Says.WAITS if answer.due_at > answer.received_at else Says.AT_ONCE


def _reading(mail: Mail, calendar: CalendarAnswer | None, addressed: Addressed, marks: Sequence[str]) -> Reading:
    """What the mail says to whoever asked. A word that is not possible now is nobody's message either: nothing is done."""
    if calendar is not None:
        return _from_calendar(calendar, addressed)
    text = own_words(mail, marks)
    lines = first_lines(text)
    first = next((one for one in lines[:2] if not greets_only(one)), "")
    word = clear_word(first, line_below(text, first))
    if word is not None:
        reason = word.reason[:reason_characters_max] if isinstance(word, Declines) else ""
        return Reading(_first(_ACTS[type(word)], addressed), reason, is_word=True)
    return _message(text, addressed)


def _from_calendar(calendar: CalendarAnswer, addressed: Addressed) -> Reading:
    """An entry that is declined cancels nothing that is booked: calendars are tidied for many reasons."""
    is_booked = addressed.stage is Stage.CONFIRMED
    match calendar.says:
        case CalendarSays.ACCEPTED:
            act = _first(_ACTS[Accepts], addressed)
            return Reading(None if is_booked else act, is_silent=is_booked or act is None)
        case CalendarSays.DECLINED:
            return Reading(None if is_booked else _first(_ACTS[Declines], addressed), calendar.comment)
        case CalendarSays.COUNTERED if (occasion := _proposed(calendar, addressed)) is not None:
            return Reading(_first(_PROPOSING, addressed), calendar.comment, occasion)
        case _:
            return _message(calendar.comment, addressed)


def _proposed(calendar: CalendarAnswer, addressed: Addressed) -> Occasion | None:
    """The time that is proposed; as long as the present one, where no end is told. None where nothing can take place then."""
    if calendar.starts is None:
        return None
    zone, occasion = addressed.zone, addressed.occasion
    length = occasion.ends_at - occasion.starts_at if occasion is not None else timedelta(hours=1)
    try:
        starts_at = checked_instant(calendar.starts.instant(zone), "start")
        ends_at = checked_instant(calendar.ends.instant(zone) if calendar.ends is not None else starts_at + length, "end")
        return Occasion(starts_at, ends_at, zone)
    except (ValueError, OverflowError):
        return None


def _message(text: str, addressed: Addressed) -> Reading:
    if not text:
        return Reading(None)
    act = WRITES[addressed.to]
    return Reading(act if act in addressed.can else None, text)


def _first(acts: Sequence[Act], addressed: Addressed) -> Act | None:
    return next((one for one in acts if one in addressed.can), None)
