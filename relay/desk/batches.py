"""Several bookings at once: released, cancelled, told something together, each stepping by itself (ST-22, GY-B4, SL-B5)."""

from __future__ import annotations

from collections.abc import Awaitable, Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from hashlib import sha256
from typing import Final

from sqlalchemy import Connection

from relay.booking.booking import Actor, Stage
from relay.booking.notification import Notification, To
from relay.booking.selection import Filter, Order
from relay.booking.situation import Act, Wish
from relay.booking.transition import Mail
from relay.desk.bookings import BookingDesk
from relay.desk.catalogue import Keeper
from relay.desk.go_between import GoBetween
from relay.desk.repeats import kept
from relay.errors import NotDone
from relay.store.bookings import catalogue, records
from relay.store.bookings.catalogue import SLOTS, VARIANTS
from relay.web.batch_ports import Announcement, Batch, Foreseen, Outcome, Release, batch_max
from relay.web.booking_ports import Doing, Shown
from relay.web.once import Once

_WAITS: Final = frozenset({Stage.AWAITING_PAYMENT})
_SOLD: Final = frozenset({Stage.AWAITING_PAYMENT, Stage.CONFIRMED})
told_max: Final = 5_000
"""Bookings that are told something at once; more do not take part in anything on one date."""
_REMINDER: Final = Mail(Notification.UNPAID, To.CUSTOMER)
_WORD: Final = Mail(Notification.PARTNER_WRITES, To.CUSTOMER)


@dataclass(frozen=True, slots=True)
class BatchDesk:
    """relay.web.batch_ports.Batches over the booking desk."""

    desk: BookingDesk
    keeper: Keeper
    go_between: GoBetween = field(repr=False)

    async def releasable(self, wanted: Filter) -> Sequence[Shown]:
        narrowed = replace(wanted, stages=_WAITS, tabs=frozenset())
        return (await self.desk.page(narrowed, Order.DEADLINE, batch_max, None)).items

    async def foreseen(self, ticks: Release, by: str) -> Sequence[Foreseen]:
        now = self.desk.clock()

        def question(connection: Connection) -> Sequence[Foreseen]:
            found = [self._foreseen(connection, one, Wish(Act.RELEASE, Actor.OPERATOR, by), ticks, now) for one in ticks.release]
            gone = {one for step in found if step.done for one in (step.reference, *step.together)}
            for reference, until in ticks.keep:
                wish = Wish(Act.EXTEND, Actor.OPERATOR, by, until=until)
                found.append(self._foreseen(connection, reference, wish, ticks, now))
            found += [_reminder_foreseen(connection, one, gone) for one in ticks.remind]
            return found

        return await self.desk.store.read(question)

    async def release(self, ticks: Release, by: str, once: Once[Sequence[Outcome]] | None) -> Sequence[Outcome]:
        seen = ticks.versions.get
        done = [await self._act(one, Doing(Act.RELEASE, Actor.OPERATOR, by, seen(one))) for one in ticks.release]
        for reference, until in ticks.keep:
            done.append(await self._act(reference, Doing(Act.EXTEND, Actor.OPERATOR, by, seen(reference), until=until)))
        key = _named("reminder", by, self.desk.clock(), once)
        done += [await self._outcome(one, self._tell(one, _REMINDER, key, Actor.OPERATOR, "")) for one in ticks.remind]
        return await self._kept(done, once)

    async def cancellable(self, batch: Batch, actor: Actor) -> Sequence[Shown]:
        return await self._cancellable(batch, actor)

    async def cancel_all(
        self, batch: Batch, references: Sequence[str], actor: Actor, by: str, reason: str, once: Once[Sequence[Outcome]] | None
    ) -> Sequence[Outcome]:
        if batch.stop_selling:
            await self._stop_selling(batch, by)
        there = {one.booking.reference for one in await self._cancellable(batch, actor, tuple(references))}
        done = []
        for reference in references:
            if reference in there:
                done.append(await self._act(reference, Doing(Act.CANCEL, actor, by, reason=reason)))
            else:
                done.append(Outcome(reference, done=False, why="it is not of this batch, or cannot be cancelled"))
        return await self._kept(done, once)

    async def announce(
        self, announcement: Announcement, actor: Actor, by: str, once: Once[Sequence[Outcome]] | None
    ) -> Sequence[Outcome]:
        key = _named("word", by, self.desk.clock(), once)
        text = "\n\n".join(one for one in (announcement.subject.strip(), announcement.text.strip()) if one)
        told = await self._who_takes_part(announcement)
        done = [await self._outcome(one, self._pass_on(one, key, actor, text)) for one in told]
        return await self._kept(done, once)

    def _foreseen(self, connection: Connection, reference: str, wish: Wish, ticks: Release, now: datetime) -> Foreseen:
        try:
            record = records.by_reference(connection, reference)
            _, *together = self.desk.lifecycle.foreseen(connection, record, wish, now, ticks.versions.get(reference))
        except (NotDone, ValueError) as why:
            return Foreseen(reference, wish.act, done=False, why=str(why))
        return Foreseen(reference, wish.act, done=True, together=tuple(together))

    async def _cancellable(self, batch: Batch, actor: Actor, ticked: tuple[str, ...] = ()) -> Sequence[Shown]:
        """Of those that are `ticked`, or of all; at most `batch_max`."""
        found = await self.desk.page(replace(_wanted(batch, _SOLD), references=ticked), Order.START, batch_max, None)
        return [one for one in found.items if Act.CANCEL in one.possible.get(actor, ())]

    async def _who_takes_part(self, announcement: Announcement) -> Sequence[str]:
        """All of them, read before the first is told. Raises NotDone for more than `told_max`: nobody is left out silently."""
        found: list[str] = []
        async for one in self.desk.all(_wanted(announcement, frozenset({Stage.CONFIRMED})), Order.START):
            if len(found) == told_max:
                raise NotDone(f"more than {told_max} bookings would be told; narrow the time")
            found.append(one.booking.reference)
        return found

    async def _stop_selling(self, batch: Batch, by: str) -> None:
        """The slots of that time are closed, so that nobody takes what becomes free."""
        now = self.desk.clock()

        def work(connection: Connection) -> None:
            variants = (
                [batch.variant]
                if batch.variant is not None
                else [one.id for one in VARIANTS.page(connection, above=batch.offer, limit=catalogue.page_max)]
            )
            times, last = (batch.starts_from, batch.starts_before), None
            while found := catalogue.stocks(connection, variants, starts_from=times[0], starts_before=times[1], after=last):
                for one in found:
                    self.keeper.change(connection, SLOTS, one.slot.id, lambda slot: replace(slot, is_closed=True), now=now, by=by)
                last = found[-1].slot.id

        await self.desk.store.write(work)

    async def _act(self, reference: str, doing: Doing) -> Outcome:
        return await self._outcome(reference, self.desk.act(reference, doing, None))

    async def _outcome(self, reference: str, doing: Awaitable[object]) -> Outcome:
        try:
            await doing
        except NotDone as why:
            return Outcome(reference, done=False, why=str(why))
        return Outcome(reference, done=True)

    async def _pass_on(self, reference: str, key: str, actor: Actor, text: str) -> None:
        await self._tell(reference, _WORD, key, actor, await self.go_between.passed_on(reference, To.PARTNER, text))

    async def _tell(self, reference: str, mail: Mail, key: str, actor: Actor, text: str) -> None:
        now = self.desk.clock()

        def work(connection: Connection) -> None:
            record = records.locked_by_reference(connection, reference)
            if mail is _REMINDER and record.booking.stage is not Stage.AWAITING_PAYMENT:
                raise NotDone(f"not while it is {record.booking.stage.value}")
            self.desk.lifecycle.notify(connection, record, mail, key, now, by=actor.value, reason=text)

        await self.desk.store.write(work)
        self.desk.told()

    async def _kept(self, done: Sequence[Outcome], once: Once[Sequence[Outcome]] | None) -> Sequence[Outcome]:
        """The answer to the request, kept for when it comes again: what was done once is refused the second time by itself."""
        now = self.desk.clock()
        if once is not None:
            await self.desk.store.write(lambda connection: kept(connection, once, done, now=now))
        return done


def _reminder_foreseen(connection: Connection, reference: str, gone: Collection[str]) -> Foreseen:
    """`gone`: what would be released before."""
    try:
        stage = records.by_reference(connection, reference).booking.stage
    except NotDone as why:
        return Foreseen(reference, None, done=False, why=str(why))
    after = Stage.EXPIRED if reference in gone else stage
    waits = after is Stage.AWAITING_PAYMENT
    return Foreseen(reference, None, done=waits, why="" if waits else f"not while it is {after.value}")


def _wanted(of: Batch | Announcement, stages: frozenset[Stage]) -> Filter:
    return Filter(offer=of.offer, variant=of.variant, stages=stages, starts_from=of.starts_from, starts_before=of.starts_before)


def _named(what: str, by: str, now: datetime, once: Once[Sequence[Outcome]] | None) -> str:
    """The key of what is told in a batch: of a request that comes again the same, so that nobody is told twice."""
    whole = ("once", once.owner, once.key) if once is not None else ("at", by, now.isoformat())
    return f"{what} {sha256(chr(0).join(whole).encode()).hexdigest()}"
