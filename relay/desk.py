"""The desk: what people ask for from outside (HTTP, command line), answered from the store.

Here the ports of `relay.web` meet `relay.store`. What touches the queue is also what `relay queue` does, so both do the same.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection

from relay.conversation import Conversation, Opening, Party, Standing
from relay.errors import Conflict, NotFound
from relay.masking import masked
from relay.store import archive as archived
from relay.store import conversations, queue, search, steps, tokens
from relay.store.highlight import Span
from relay.store.queue import HeldPassage, Wanted
from relay.store.steps import Mint
from relay.store.store import Store
from relay.store.tables import State
from relay.store.tracked import Tracked
from relay.transit.delivery import Carries, Delivery
from relay.transit.return_path import ReturnPaths
from relay.values import Clock, ConversationId, DeliveryId, MessageId, NewId, RealAddress, Role
from relay.web.ports import (
    Bearer,
    FoundMessage,
    FoundShare,
    Opened,
    Queued,
    QueuePage,
    ShownAttempt,
    ShownDelivery,
    ShownMessage,
    ShownShare,
)
from relay.web.scopes import Scope

_HELD: Final = re.compile(r"([0-9a-z]{1,40})-([0-9]{1,4})")
_KNOWN_SCOPES: Final = {scope.value: scope for scope in Scope}


def held_id(held: HeldPassage) -> str:
    """What names a held recipient of a message: MESSAGE-N, where N counts its recipients."""
    return f"{held.message}-{held.ordinal}"


@dataclass(frozen=True, slots=True)
class Stepping:
    """Steps in the queue, by a delivery's id or that of a held recipient. Each raises NotFound, and Conflict."""

    return_paths: ReturnPaths
    new_id: NewId

    def release(self, connection: Connection, id_: str, *, now: datetime, by: str) -> None:
        """What is held goes out as it is, with a return path of today: the old one would be believed for some days only."""
        if (recipient := _recipient(id_)) is None:
            path = self.return_paths.mint(DeliveryId(id_), now)
            queue.release(connection, DeliveryId(id_), now=now, by=by, return_path=path)
            return
        message, ordinal = recipient
        queue.release_passage(connection, message, ordinal, self._made(connection, message, ordinal, now), now=now, by=by)

    def drop(self, connection: Connection, id_: str, *, now: datetime, by: str, because: str) -> None:
        """What is under way or held is given up."""
        if (recipient := _recipient(id_)) is None:
            queue.drop(connection, DeliveryId(id_), now=now, by=by, because=because)
        else:
            queue.drop_passage(connection, *recipient, now=now, by=by, because=because)

    def _made(self, connection: Connection, message: MessageId, ordinal: int, now: datetime) -> Delivery:
        """The delivery of a held rendition, as it would have been made when the message came."""
        share = next((one for one in archived.shown(connection, message).passages if one.ordinal == ordinal), None)
        if share is None:
            raise NotFound(f"message {message} has no recipient number {ordinal}")
        if share.rendition is None:
            raise Conflict(f"no rendition of message {message} was made for recipient {ordinal}: there is nothing to let out")
        delivery = DeliveryId(self.new_id())
        return Delivery(
            id=delivery,
            message=message,
            conversation=share.conversation,
            carries=Carries.RENDITION,
            return_path=self.return_paths.mint(delivery, now),
            recipient=conversations.by_id(connection, share.conversation).party(share.writer.other).addresses[0],
            content=share.rendition,
            accepted_at=now,
        )


def held_recipient(connection: Connection, id_: str) -> HeldPassage | None:
    """The held recipient that `id_` names; None when it has another form. Raises NotFound when nothing of that name is held."""
    if (recipient := _recipient(id_)) is None:
        return None
    found = queue.held_passage(connection, *recipient)
    if found is None:
        raise NotFound(f"nothing is held under {id_}")
    return found


@dataclass(frozen=True, slots=True)
class ConversationDesk:
    """relay.web.ports.Conversations over the store."""

    store: Store
    mint: Mint
    window_after: timedelta
    clock: Clock

    async def open(self, opening: Opening, by: str) -> Opened:
        def work(connection: Connection) -> Opened:
            try:
                found = conversations.by_reference(connection, opening.reference)
            except NotFound:
                made = steps.open_conversation(
                    connection, opening, self.mint, now=self.clock(), window_after=self.window_after, by=by
                )
                return Opened(made, new=True)
            if not _same(found, opening):
                raise Conflict(f"booking {opening.reference} has a conversation already, with other data")
            return Opened(found, new=False)

        return await self.store.write(work)

    async def one(self, reference: str) -> Conversation:
        return await self.store.read(lambda connection: conversations.by_reference(connection, reference))

    async def page(self, standing: Standing | None, limit: int, after: ConversationId | None) -> Sequence[Conversation]:
        now = self.clock()
        return await self.store.read(
            lambda connection: conversations.listed(connection, now=now, standing=standing, limit=limit, after=after)
        )

    async def confirm(self, reference: str, by: str) -> Conversation:
        return await self.store.write(
            lambda connection: steps.confirm(connection, reference, now=self.clock(), window_after=self.window_after, by=by)
        )

    async def close(self, reference: str, by: str) -> Conversation:
        return await self.store.write(lambda connection: steps.close(connection, reference, now=self.clock(), by=by))

    async def extend(self, reference: str, closes_at: datetime, by: str) -> Conversation:
        return await self.store.write(lambda connection: steps.extend(connection, reference, closes_at, now=self.clock(), by=by))

    async def reopen(self, reference: str, closes_at: datetime, by: str) -> Conversation:
        return await self.store.write(lambda connection: steps.reopen(connection, reference, closes_at, now=self.clock(), by=by))

    async def add_address(self, reference: str, role: Role, address: RealAddress, by: str) -> Conversation:
        return await self.store.write(
            lambda connection: steps.add_address(connection, reference, role, address, now=self.clock(), by=by)
        )


@dataclass(frozen=True, slots=True)
class ArchiveDesk:
    """relay.web.ports.Archive over the store. `domain` is ours: what stands there is an alias."""

    store: Store
    domain: str

    async def search(self, query: str, limit: int) -> Sequence[FoundMessage]:
        hits = await self.store.read(lambda connection: search.search(connection, query, limit))
        return [
            FoundMessage(
                message=hit.message,
                received_at=hit.received_at,
                shares=tuple(FoundShare(one.reference, one.writer, one.fate.value, one.reason) for one in hit.shares),
                subject=self._plain(hit.subject),
                snippet=self._plain(hit.snippet),
                files=tuple(masked(name, self.domain) for name in hit.files),
            )
            for hit in hits
        ]

    async def message(self, message: str) -> ShownMessage:
        found = await self.store.read(lambda connection: archived.shown(connection, MessageId(message)))
        return ShownMessage(
            message=found.envelope.id,
            received_at=found.envelope.received_at,
            size=len(found.envelope.content),
            aliases=found.envelope.aliases,
            shares=tuple(
                ShownShare(
                    number=one.ordinal,
                    writer=one.writer,
                    fate=one.fate.value,
                    reason=one.reason,
                    removed=tuple((removal.kind, removal.place) for removal in one.removed),
                )
                for one in found.passages
            ),
            deliveries=tuple(
                ShownDelivery(
                    id=one.tracked.id,
                    carries=one.tracked.carries.value,
                    state=one.tracked.state.value,
                    attempts=tuple(
                        ShownAttempt(made.at, made.outcome, made.cause.value if made.cause is not None else None, made.code)
                        for made in one.attempts
                    ),
                )
                for one in found.deliveries
            ),
        )

    def _plain(self, spans: Sequence[Span]) -> str:
        return masked("".join(span.text for span in spans), self.domain)


@dataclass(frozen=True, slots=True)
class QueueDesk:
    """relay.web.ports.Queue over the store."""

    store: Store
    stepping: Stepping
    clock: Clock

    async def page(self, limit: int, after: str | None) -> QueuePage:
        """Held recipients without a delivery come first, then the deliveries, each the oldest first."""
        recipient = _recipient(after) if after is not None else None

        def question(connection: Connection) -> QueuePage:
            # After a delivery, no held recipients are left.
            held = () if after is not None and recipient is None else queue.held_passages(connection, limit, recipient)
            items = [_waiting(one) for one in held]
            if len(items) < limit:
                last = DeliveryId(after) if after is not None and recipient is None else None
                items += [_queued(one) for one in queue.listing(connection, Wanted(limit=limit - len(items), after=last))]
            return QueuePage(tuple(items), items[-1].id if len(items) == limit else None)

        return await self.store.read(question)

    async def retry(self, id_: str, by: str) -> None:
        now = self.clock()
        await self.store.write(lambda connection: queue.retry_now(connection, DeliveryId(id_), now=now, by=by))

    async def hold(self, id_: str, by: str) -> None:
        now = self.clock()
        await self.store.write(lambda connection: queue.hold(connection, DeliveryId(id_), now=now, by=by))

    async def release(self, id_: str, by: str) -> None:
        now = self.clock()
        await self.store.write(lambda connection: self.stepping.release(connection, id_, now=now, by=by))

    async def drop(self, id_: str, by: str, because: str) -> None:
        now = self.clock()
        await self.store.write(lambda connection: self.stepping.drop(connection, id_, now=now, by=by, because=because))


@dataclass(frozen=True, slots=True)
class AccessDesk:
    """relay.web.ports.Access over the store."""

    store: Store
    clock: Clock

    async def bearer(self, secret: str) -> Bearer | None:
        token = await self.store.read(lambda connection: tokens.known(connection, secret))
        if token is None:
            return None
        now = self.clock()
        if tokens.is_stale(token, now):
            await self.store.write(lambda connection: tokens.used(connection, token, now))
        # A scope that this version does not know permits nothing here.
        scopes = frozenset(_KNOWN_SCOPES[scope] for scope in token.scopes if scope in _KNOWN_SCOPES)
        return Bearer(token.id, token.name, scopes)


def _recipient(id_: str) -> tuple[MessageId, int] | None:
    found = _HELD.fullmatch(id_)
    return (MessageId(found[1]), int(found[2])) if found else None


def _same(conversation: Conversation, opening: Opening) -> bool:
    """Whether `opening` is what `conversation` was opened by, whatever has happened since.

    Addresses may have been added. It may have been confirmed when `pending` was asked for; the other way round, asking for an
    open one where it waits for its confirmation is something else.
    """
    waits = conversation.window.opens_at is None
    return (
        conversation.activity_end == opening.activity_end
        and (opening.pending or not waits)
        and _same_party(conversation.partner, opening.partner_name, opening.partner_language.value, opening.partner_addresses)
        and _same_party(conversation.customer, opening.customer_name, opening.customer_language.value, opening.customer_addresses)
    )


def _same_party(party: Party, name: str, language: str, addresses: Sequence[RealAddress]) -> bool:
    return party.name == name and party.language.value == language and all(party.knows(one) for one in addresses)


def _waiting(held: HeldPassage) -> Queued:
    return Queued(
        id=held_id(held),
        message=held.message,
        carries="nothing",
        state=State.HELD.value,
        accepted_at=None,
        attempts=0,
        next_at=None,
        reason=held.reason,
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
        last_code=one.last_code,
    )
