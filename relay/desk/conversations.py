"""Conversations, as they are asked for over HTTP."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from relay.conversation import Conversation, KnownDomain, Opening, Party, Standing
from relay.errors import Conflict, NotFound
from relay.store import conversations, known, steps
from relay.store.steps import Mint
from relay.store.store import Store
from relay.values import Clock, ConversationId, RealAddress, Role
from relay.web.ports import Opened


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

    async def move(self, reference: str, activity_end: datetime, by: str) -> Conversation:
        def work(connection: Connection) -> Conversation:
            now, window_after = self.clock(), self.window_after
            return steps.move(connection, reference, activity_end, now=now, window_after=window_after, by=by)

        return await self.store.write(work)

    async def reopen(self, reference: str, closes_at: datetime, by: str) -> Conversation:
        return await self.store.write(lambda connection: steps.reopen(connection, reference, closes_at, now=self.clock(), by=by))

    async def add_address(self, reference: str, role: Role, address: RealAddress, by: str) -> Conversation:
        return await self.store.write(
            lambda connection: known.add_address(connection, reference, role, address, now=self.clock(), by=by)
        )

    async def remove_address(self, reference: str, role: Role, address: RealAddress, by: str) -> Conversation:
        return await self.store.write(
            lambda connection: known.remove_address(connection, reference, role, address, now=self.clock(), by=by)
        )

    async def add_domain(self, reference: str, role: Role, domain: KnownDomain, by: str) -> Conversation:
        return await self.store.write(
            lambda connection: known.add_domain(connection, reference, role, domain, now=self.clock(), by=by)
        )

    async def remove_domain(self, reference: str, role: Role, name: str, by: str) -> Conversation:
        return await self.store.write(
            lambda connection: known.remove_domain(connection, reference, role, name, now=self.clock(), by=by)
        )

    async def resume(self, reference: str, role: Role, by: str) -> Conversation:
        return await self.store.write(lambda connection: steps.resume(connection, reference, role, now=self.clock(), by=by))


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
