"""The words of one party of a booking, for the other, where no alias carries them (GY-6)."""

from __future__ import annotations

from dataclasses import dataclass, field

from relay.booking.notification import To
from relay.correspondence.passed_on import passed_on
from relay.message.terms import Style
from relay.store import conversations
from relay.store.store import Store
from relay.values import Role


@dataclass(frozen=True, slots=True)
class CrossingDesk:
    """What relay.desk.links and relay.desk.batches have words cleaned by. `style`: the switches of `[policy]`."""

    store: Store
    style: Style = field(repr=False)

    async def passed_on(self, reference: str, writer: To, text: str) -> str:
        """`text` without what tells who or where its writer is. Raises NotFound, and Conflict for what cannot be passed on."""
        conversation = await self.store.read(lambda connection: conversations.by_reference(connection, reference))
        return passed_on(text, conversation, Role.CUSTOMER if writer is To.CUSTOMER else Role.PARTNER, self.style)
