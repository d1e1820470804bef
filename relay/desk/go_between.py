"""Takes the words of one party of a booking to the other, where no alias carries them (GY-6): by a form, or to a whole group."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Protocol

from relay.booking.notification import To
from relay.correspondence.passed_on import passed_on
from relay.errors import Conflict
from relay.message.terms import Style
from relay.store import conversations
from relay.store.store import Store
from relay.values import Role
from relay.web.booking_ports import NewTerms


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


async def terms_passed_on(go_between: GoBetween, reference: str, writer: To, terms: NewTerms) -> NewTerms:
    """`terms` with what their writer says in words of their own, as the other side may read it. Raises Conflict."""

    async def crossed(text: str) -> str:
        return await go_between.passed_on(reference, writer, text)

    try:
        return replace(
            terms,
            note=await crossed(terms.note) if terms.note else terms.note,
            place=await crossed(terms.place) if terms.place else terms.place,
            options=tuple([await crossed(one) for one in terms.options]) if terms.options is not None else None,
            lines=tuple([replace(one, text=await crossed(one.text)) if one.is_extra else one for one in terms.lines])
            if terms.lines is not None
            else None,
            discounts=tuple([replace(one, text=await crossed(one.text)) for one in terms.discounts])
            if terms.discounts is not None
            else None,
        )
    except ValueError:
        raise Conflict("without what tells who its writer is, a line is none any more") from None
