"""Takes the words of one party of a booking to the other, where no alias carries them (GY-6): by a form, or to a whole group."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from relay.booking.notification import To
from relay.correspondence.passed_on import passed_on
from relay.message.terms import Style
from relay.store import conversations
from relay.store.store import Store
from relay.values import Role


class GoBetween(Protocol):
    """Who takes words to the other party without telling more than they say."""

    async def passed_on(self, reference: str, writer: To, text: str) -> str:
        """`text` without what tells who or where its writer is. Raises NotFound, and Conflict for what cannot be passed on."""
        ...


@dataclass(frozen=True, slots=True)
class GoBetweenDesk:
    """GoBetween over the store, which knows the two. `style`: the switches of `[policy]`."""

    store: Store
    style: Style = field(repr=False)

    async def passed_on(self, reference: str, writer: To, text: str) -> str:
        conversation = await self.store.read(lambda connection: conversations.by_reference(connection, reference))
        return passed_on(text, conversation, Role.CUSTOMER if writer is To.CUSTOMER else Role.PARTNER, self.style)
