"""The queue, as people ask for it and step in: over HTTP and by `relay queue`. What names a thing in it: see queue_names."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Final

from sqlalchemy import Connection

from relay.desk.anew import Anew
from relay.desk.queue_names import Place, held_share, mail_id, mail_named, parked_mail, share_id, share_named
from relay.errors import Conflict, NotDone
from relay.policy.reasons import Reason
from relay.store import held, posting, queue
from relay.store.conversations import by_reference
from relay.store.held import Case, HeldShare
from relay.store.posting import BookingMail
from relay.store.queue import Wanted
from relay.store.stepping import Step
from relay.store.store import Store
from relay.store.tables import State
from relay.store.timeline import Fact, Kind
from relay.store.tracked import Tracked
from relay.transit.crossing import Passage
from relay.transit.delivery import Carries, Delivery
from relay.transit.return_path import ReturnPaths
from relay.values import Clock, DeliveryId, MessageId, NewId
from relay.web.ports import EVERYTHING, Narrowed, Queued, QueuePage, ShownFinding

_NO_FACTS: Final[Mapping[str, Fact]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class QueueDesk:
    """relay.web.ports.Queue over the store. Each step raises NotFound, and Conflict where it is not possible."""

    store: Store
    return_paths: ReturnPaths
    new_id: NewId
    clock: Clock
    anew: Callable[[], Anew] = field(repr=False)
    """Made when it is needed: most steps decide nothing anew."""

    async def page(self, limit: int, after: str | None, narrowed: Narrowed = EVERYTHING) -> QueuePage:
        """Held shares come first, then mail that could not be written, then the deliveries, each the oldest first."""
        place, wanted = Place.named(after), _wanted(narrowed)
        has_undelivered = State.HELD in wanted.states and not (narrowed.carries or narrowed.domain or narrowed.reference)

        def question(connection: Connection) -> QueuePage:
            items: list[Queued] = []
            if has_undelivered:
                items += [_waiting(one) for one in place.shares(connection, limit)]
                items += [_parked(one) for one in place.mails(connection, limit - len(items))]
            if left := limit - len(items):
                these = replace(wanted, limit=left, after=place.delivery)
                if narrowed.reference:
                    these = replace(these, conversation=by_reference(connection, narrowed.reference).id)
                items += [_queued(one) for one in queue.listing(connection, these)]
            return QueuePage(tuple(items), items[-1].id if len(items) == limit else None)

        return await self.store.read(question)

    async def one(self, id_: str) -> Queued:
        """What `id_` names, as it stands now."""

        def question(connection: Connection) -> Queued:
            if (share := held_share(connection, id_)) is not None:
                return _waiting(share)
            mail = parked_mail(connection, id_)
            return _parked(mail) if mail is not None else _queued(queue.shown(connection, DeliveryId(id_)))

        return await self.store.read(question)

    async def retry(self, id_: str, by: str, *, confirmed: bool = False) -> None:
        """A delivery is tried at once, and mail that could not be written is written; a held share is decided anew, and becomes
        whatever comes of that.

        `confirmed`: whoever decides has made sure that the party whose address it is wrote that message (GW-12).
        """
        step = self._step(by)
        if (share := share_named(id_)) is None:
            if confirmed:
                raise Conflict("only a held message waits for its writer to be confirmed; this is a delivery")
            if (mail := mail_named(id_)) is not None:
                await self.store.write(lambda connection: posting.retry(connection, mail, step))
            else:
                await self.store.write(lambda connection: queue.retry_now(connection, DeliveryId(id_), step))
        else:
            case = await self._case(share)
            facts: Mapping[str, Fact] = {"confirmed": True} if confirmed else _NO_FACTS
            passage = await self.anew().decided(case, step.at, confirmed=confirmed)
            await self._decide(share, Kind.RETRIED, step, passage, facts)

    async def hold(self, id_: str, by: str) -> None:
        """A delivery is stopped until it is released."""
        step = self._step(by)
        await self.store.write(lambda connection: queue.hold(connection, DeliveryId(id_), step))

    async def release(self, id_: str, by: str, *, without_attachments: bool = False) -> None:
        """What is held goes out as it is, with a return path of today: an old one would be believed for some days only.

        `without_attachments`: a held share is made anew without its files, and goes out when nothing is found in it any more.
        """
        step = self._step(by)
        share = share_named(id_)
        if without_attachments:
            if share is None:
                raise Conflict("only a held message can go out without its attachments; this is a delivery")
            case = await self._case(share)
            passage = await self.anew().without_files(case, step.at)
            await self._decide(share, Kind.RELEASED, step, passage, {"without_attachments": True})
        elif mail_named(id_) is not None:
            raise Conflict("there is nothing to let out: this mail could not be written; retry it")
        elif share is None:
            path = self.return_paths.mint(DeliveryId(id_), step.at)
            await self.store.write(lambda connection: queue.release(connection, DeliveryId(id_), step, return_path=path))
        else:
            delivery = self._delivery(await self._case(share), step)
            await self.store.write(lambda connection: held.release(connection, *share, delivery, step))

    async def return_(self, id_: str, by: str, because: str = "") -> None:
        """A held share is refused after all, and its writer told; automatic mail is absorbed instead."""
        step = self._step(by, because)
        if (share := share_named(id_)) is None:
            raise Conflict("only a held message can be returned; this is a delivery, which can be dropped")
        case = await self._case(share)
        await self._decide(share, Kind.RETURNED, step, await self.anew().returned(case, step.at))

    async def drop(self, id_: str, by: str, because: str) -> None:
        """What is under way or held is given up, and nobody is told."""
        step = self._step(by, because)
        if (mail := mail_named(id_)) is not None:
            await self.store.write(lambda connection: posting.drop(connection, mail, step))
        elif (share := share_named(id_)) is None:
            await self.store.write(lambda connection: queue.drop(connection, DeliveryId(id_), step))
        else:
            await self.store.write(lambda connection: held.drop(connection, *share, step))

    def _step(self, by: str, because: str = "") -> Step:
        return Step(by, self.clock(), because)

    async def _case(self, share: tuple[MessageId, int]) -> Case:
        return await self.store.read(lambda connection: held.case(connection, *share))

    async def _decide(
        self, share: tuple[MessageId, int], kind: Kind, step: Step, passage: Passage, facts: Mapping[str, Fact] = _NO_FACTS
    ) -> None:
        await self.store.write(lambda connection: held.decide(connection, *share, passage, kind, step, facts))

    def _delivery(self, case: Case, step: Step) -> Delivery:
        """The delivery of a held rendition, as it would have been made when the message came."""
        if case.rendition is None:
            raise Conflict(f"no rendition of {share_id(case.share)} was made: there is nothing to let out")
        delivery = DeliveryId(self.new_id())
        return Delivery(
            id=delivery,
            message=case.share.message,
            conversation=case.share.conversation,
            carries=Carries.RENDITION,
            return_path=self.return_paths.mint(delivery, step.at),
            recipient=case.conversation.party(case.share.writer.other).mailbox,
            content=case.rendition,
            accepted_at=step.at,
        )


def _wanted(narrowed: Narrowed) -> Wanted:
    """Raises NotDone for a state or load that there is not."""
    try:
        states = frozenset({State(narrowed.state)}) if narrowed.state else queue.UNDER_WAY
        carries = Carries(narrowed.carries) if narrowed.carries else None
    except ValueError as wrong:
        raise NotDone(str(wrong)) from None
    if not states <= queue.UNDER_WAY:
        raise NotDone(f"{narrowed.state} is over: the queue holds what is due or held")
    return Wanted(states=states, carries=carries, domain=narrowed.domain.strip() or None)


def _waiting(share: HeldShare) -> Queued:
    return Queued(
        id=share_id(share),
        message=share.message,
        carries="nothing",
        state=State.HELD.value,
        accepted_at=share.received_at,
        attempts=0,
        next_at=None,
        reason=share.reason,
        detail=share.detail,
        findings=tuple(ShownFinding(one.kind.value, one.place, one.layer) for one in share.findings),
        can_be_released=share.has_rendition,
        last_code=None,
    )


def _parked(mail: BookingMail) -> Queued:
    return Queued(
        id=mail_id(mail),
        message=None,
        carries="nothing",
        state=State.HELD.value,
        accepted_at=mail.at,
        attempts=0,
        next_at=None,
        reason=Reason.FAULT.value,
        detail=f"{mail.says.value}: {mail.why}",
        findings=(),
        can_be_released=False,
        last_code=None,
    )


def _queued(one: Tracked) -> Queued:
    return Queued(
        id=one.id,
        message=one.message,
        carries=one.carries.value,
        state=one.state.value,
        accepted_at=one.accepted_at,
        attempts=one.attempts,
        next_at=one.due_at if one.state is State.DUE else None,
        reason=None,
        detail="",
        findings=(),
        can_be_released=one.state is State.HELD,
        last_code=one.last_code,
    )
