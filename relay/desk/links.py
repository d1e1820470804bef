"""Links that decide, over the booking desk: what each allows now, what its form does, and that it does it once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, Protocol

from relay.booking.booking import CLOSED, PAYABLE, Actor, Booking, Stage
from relay.booking.link import REPEATED, Allows, Link
from relay.booking.notification import Notification, To
from relay.booking.refunds import owed
from relay.booking.situation import Act, Situation, Wish
from relay.booking.terms import Terms
from relay.booking.transition import Effect
from relay.correspondence.notifications.matter import Guide, Links, Matter, Product, Recipient
from relay.correspondence.passed_on import is_own_note, terms_heard, words_in
from relay.desk.go_between import GoBetween, terms_passed_on
from relay.desk.parties import insist_on_few
from relay.errors import Conflict, NotFound
from relay.store import booking_links
from relay.store.booking_links import Found
from relay.store.store import Store
from relay.transit.answer import WRITES
from relay.transit.question import digest_of
from relay.values import Alias, Clock
from relay.web.booking_ports import Doing, Letter, NewTerms, Past, Shown
from relay.web.link_ports import Opened, Said, Stands
from relay.web.once import Once

_OWNER: Final = "link"
"""For whom the booking desk keeps that a link was used."""
_SAYS: Final = {To.PARTNER: Notification.NEW_REQUEST, To.CUSTOMER: Notification.REQUEST_RECEIVED}


class Core(Protocol):
    """The booking desk, as far as links need it. Raises as `relay.web.booking_ports.Bookings` says."""

    async def one(self, reference: str) -> Shown: ...

    async def act(self, reference: str, doing: Doing, once: Once[Shown] | None) -> Shown: ...

    async def ask_again(self, reference: str, asked: NewTerms | None, by: str, once: Once[Shown] | None) -> Shown: ...

    async def letter(self, reference: str, actor: Actor) -> Letter: ...

    async def history(self, reference: str) -> Sequence[Past]: ...

    async def terms(self, reference: str) -> Sequence[Terms]: ...

    async def situation(self, reference: str) -> Situation:
        """As it is now, with the rules by which it was bought and what the ledger comes to."""
        ...


class Checkouts(Protocol):
    """Payments at a provider's page."""

    async def checkout(self, reference: str) -> str:
        """The address of the checkout for what is outstanding, a new one or the one that is open (SL-16). Raises Conflict where
        there is nothing to pay."""
        ...


@dataclass(frozen=True, slots=True)
class LinkDesk:
    """relay.web.link_ports.BookingLinks."""

    store: Store
    core: Core
    checkouts: Checkouts | None
    go_between: GoBetween
    guide: Guide
    domain: str
    clock: Clock

    async def look(self, secret: str) -> Opened:
        return await self._opened(await self.store.read(lambda connection: booking_links.link(connection, secret)))

    async def act(self, secret: str, said: Said) -> Opened:
        found = await self.store.read(lambda connection: booking_links.link(connection, secret))
        opened = await self._open(found)
        link, reference, by = found.link, found.reference, _by(found.link)
        # Of two clicks at once the booking desk carries one out: it keeps the key in the transaction that steps.
        once: Once[Shown] = Once(_OWNER, digest_of(secret).hex(), digest_of(secret), lambda _: "")
        if link.allows is Allows.ASK_AGAIN:
            await self.core.ask_again(reference, None, by, once)
        elif opened.act is not None:
            reason = await self.go_between.passed_on(reference, link.to, said.text) if said.text else ""
            doing = Doing(
                opened.act,
                link.actor,
                by,
                version=said.version,
                reason=reason,
                terms=await terms_passed_on(self.go_between, reference, link.to, said.terms) if said.terms is not None else None,
                terms_version=link.terms_version if opened.act is Act.ACCEPT else None,
                cause=said.cause,
            )
            await self.core.act(reference, doing, once)
        else:
            raise Conflict("this link only shows")
        now = self.clock()
        await self.store.write(lambda connection: booking_links.use(connection, secret, now))
        return await self.look(secret)

    async def write(self, secret: str, text: str) -> None:
        found = await self.store.read(lambda connection: booking_links.link(connection, secret))
        await self._open(found)
        act, now = WRITES.get(found.link.to), self.clock()
        if act is None:
            raise Conflict("nobody writes by this link")
        doing = Doing(act, found.link.actor, _by(found.link))
        insist_on_few(await self.core.history(found.reference), doing, now)
        passed = await self.go_between.passed_on(found.reference, found.link.to, text)
        await self.core.act(found.reference, replace(doing, reason=passed), None)

    async def pay(self, secret: str, version: int) -> str:
        found = await self.store.read(lambda connection: booking_links.link(connection, secret))
        opened = await self._open(found)
        if self.checkouts is None or found.link.allows is not Allows.PAY or opened.matter.booking.version != version:
            raise Conflict("there is nothing to pay by this link")
        return await self.checkouts.checkout(found.reference)

    async def _open(self, found: Found) -> Opened:
        """Raises Conflict for one that is not open."""
        opened = await self._opened(found)
        if opened.stands is not Stands.OPEN:
            raise Conflict(f"this link is {opened.stands.value}")
        return opened

    async def _opened(self, found: Found) -> Opened:
        link, reference, now = found.link, found.reference, self.clock()
        if link.to not in _SAYS:
            raise NotFound("there is no such link for a party")
        shown = await self.core.one(reference)
        situation = await self.core.situation(reference)
        act = link.act(shown.possible.get(link.actor, ()))
        stands = _stands(link, act, shown, situation, now)
        matter = await self._matter(link, shown, situation, stands)
        if act is Act.CANCEL:
            back = owed(situation, Effect.COMPUTE_REFUND, Wish(act, link.actor, _by(link)))
            matter = replace(matter, amount=back)
        return Opened(
            link=link,
            stands=stands,
            act=act,
            matter=matter,
            letter=await self._letter(link, stands, reference),
            reader=shown.customer.language if link.to is To.PARTNER else shown.partner.language,
        )

    async def _letter(self, link: Link, stands: Stands, reference: str) -> Letter | None:
        """What a form to write is filled with; whoever declines is advised to write first (SL-24)."""
        if stands is not Stands.OPEN or link.allows not in {Allows.CONTACT, Allows.ANSWER, Allows.DECLINE}:
            return None
        return await self.core.letter(reference, link.actor) if link.actor is Actor.PARTNER else None

    async def _matter(self, link: Link, shown: Shown, situation: Situation, stands: Stands) -> Matter:
        booking = shown.booking
        me, other = (shown.partner, shown.customer) if link.to is To.PARTNER else (shown.customer, shown.partner)
        before = await self._before(link, booking, stands)
        return Matter(
            says=_SAYS[link.to],
            recipient=Recipient(link.to, me.language, me.alias or Alias("noreply", self.domain)),
            booking=await self._heard(replace(booking, terms=booking.proposal or booking.terms), link),
            rules=situation.rules,
            product=Product(shown.offer_title, booking.zone, shown.variant_title),
            links=Links(),
            guide=self.guide,
            before=await self._heard(before, link) if before is not None else None,
            other_name=other.name,
            account=shown.account,
        )

    async def _heard(self, booking: Booking, link: Link) -> Booking:
        """`booking` with all that people wrote in it as the reader of `link` may read it, as in the mail that the link is in
        (LEAK-86)."""
        terms = booking.terms
        if is_own_note(booking, terms, is_customer=link.to is To.CUSTOMER):
            return booking
        heard = {text: await self._heard_text(booking.reference, link, text) for text in words_in(terms)}
        return replace(booking, terms=terms_heard(terms, heard.__getitem__))

    async def _heard_text(self, reference: str, link: Link, text: str) -> str:
        try:
            return await self.go_between.passed_on(reference, _OTHER[link.to], text)
        except Conflict:
            return "…"

    async def _before(self, link: Link, booking: Booking, stands: Stands) -> Booking | None:
        """What it is compared with: the terms that were read, where others stand now; what is booked, where a change is proposed;
        what was asked for, where other terms were offered."""
        if booking.proposal is not None and stands is not Stands.CHANGED:
            return booking
        if stands is Stands.CHANGED:
            version = link.terms_version
        elif booking.stage is Stage.COUNTERED:
            version = booking.terms.version - 1
        else:
            return None
        read = next((one for one in await self.core.terms(booking.reference) if one.version == version), None)
        return replace(booking, terms=read) if read is not None else None


_OTHER: Final = {To.PARTNER: To.CUSTOMER, To.CUSTOMER: To.PARTNER}


def _by(link: Link) -> str:
    """For the history: never a name or an address."""
    return link.person or link.to.value


def _stands(link: Link, act: Act | None, shown: Shown, situation: Situation, now: datetime) -> Stands:
    if link.used_at is not None and link.allows not in REPEATED:
        return Stands.USED
    if link.is_over(now):
        return Stands.OVER
    if link.allows is Allows.BOOKING:
        return Stands.OPEN
    if not _is_possible(link, act, shown, situation):
        return Stands.CLOSED
    if link.allows not in _OF_ANY_TERMS and link.terms_version not in {None, shown.booking.terms_in_question.version}:
        return Stands.CHANGED
    return Stands.OPEN


_OF_ANY_TERMS: Final = frozenset({Allows.CONTACT, Allows.ANSWER, Allows.ASK_AGAIN})


def _is_possible(link: Link, act: Act | None, shown: Shown, situation: Situation) -> bool:
    possible = shown.possible.get(link.actor, ())
    match link.allows:
        case Allows.PAY:
            return situation.outstanding.minor > 0 and shown.booking.stage in PAYABLE
        case Allows.ASK_AGAIN:
            return shown.booking.stage in CLOSED
        case Allows.CONTACT | Allows.ANSWER:
            return WRITES.get(link.to) in possible
        case _:
            return act is not None
