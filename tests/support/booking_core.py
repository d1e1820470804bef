"""A booking desk in memory: one booking, stepped by the real lifecycle, with what links and answers need of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import datetime

from relay.booking.booking import Actor, Booking
from relay.booking.ledger import Entry, account
from relay.booking.lifecycle import possible, stepped
from relay.booking.offer import Mode, Rules
from relay.booking.situation import Act, Situation, Wish
from relay.booking.terms import Terms
from relay.booking.transition import Step
from relay.errors import NotFound
from relay.values import Alias, Language
from relay.web.booking_ports import Doing, Letter, NewTerms, Past, Shown, ShownParty, Stale
from relay.web.once import Once, Repeated
from support.bookings import NOW, a_booking


@dataclass
class FakeCore:
    """What is done to it stands in `steps`; `asked` are the new requests with its data."""

    booking: Booking = field(default_factory=a_booking)
    rules: Rules = field(default_factory=lambda: Rules(Mode.CUSTOM_REQUEST))
    entries: list[Entry] = field(default_factory=list)
    now: datetime = NOW
    steps: list[Step] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    kept: set[str] = field(default_factory=set)
    versions: list[Terms] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.versions.append(self.booking.terms)

    async def one(self, reference: str) -> Shown:
        if reference != self.booking.reference:
            raise NotFound(reference)
        situation = await self.situation(reference)
        known = {
            "booking": self.booking,
            "offer_title": "Boat tour",
            "variant_title": "",
            "partner": ShownParty("Marco", Alias("local-partner-1a2b3c4d5678", "reply.example.com"), Language.IT),
            "customer": ShownParty("Zofia", Alias("customer-12ab3456cd78", "reply.example.com"), Language.PL),
            "account": situation.account,
            "payment": situation.payment,
            "relay": None,
            "opens_at": None,
            "closes_at": None,
            "possible": {actor: possible(situation, actor) for actor in Actor},
            "parent": None,
            "unreached": (),
        }
        return Shown(**{one.name: known[one.name] for one in fields(Shown)})  # type: ignore[arg-type]  as its fields say

    async def situation(self, reference: str) -> Situation:
        return Situation(self.booking, self.rules, account(self.entries, self.booking.terms.currency), self.now)

    async def act(self, reference: str, doing: Doing, once: Once[Shown] | None) -> Shown:
        if once is not None and once.key in self.kept:
            raise Repeated("done already")
        if doing.version is not None and doing.version != self.booking.version:
            raise Stale(reference, self.booking.version)
        wish = Wish(
            doing.act,
            doing.actor,
            doing.by,
            doing.reason,
            terms=self._terms(doing.terms) if doing.terms is not None else None,
            terms_version=doing.terms_version,
            cause=doing.cause,
        )
        step = stepped(await self.situation(reference), wish)
        self.steps.append(step)
        self.booking = step.booking
        if self.booking.terms != self.versions[-1]:
            self.versions.append(self.booking.terms)
        if once is not None:
            self.kept.add(once.key)
        return await self.one(reference)

    async def ask_again(self, reference: str, asked: NewTerms | None, by: str, once: Once[Shown] | None) -> Shown:
        if once is not None and once.key in self.kept:
            raise Repeated("done already")
        self.asked.append(by)
        if once is not None:
            self.kept.add(once.key)
        return await self.one(reference)

    async def letter(self, reference: str, actor: Actor) -> Letter:
        assert actor is Actor.PARTNER
        return Letter("Zofia", f"Your request {reference}", "Dear Zofia,\n\n", "Say why.", ())

    async def history(self, reference: str) -> Sequence[Past]:
        assert reference == self.booking.reference
        return tuple(
            Past(one.booking.version, one.at, one.transition, one.act.value, one.actor, one.by, one.reason, one.booking.stage)
            for one in self.steps
        )

    async def terms(self, reference: str) -> Sequence[Terms]:
        return tuple(self.versions)

    def offered(self, terms: Terms) -> None:
        """Other terms than those that were read, by some step."""
        self.booking = replace(self.booking, terms=terms, version=self.booking.version + 1)
        self.versions.append(terms)

    def _terms(self, new: NewTerms) -> Terms:
        given = {one.name: value for one in fields(NewTerms) if (value := getattr(new, one.name)) is not None}
        return replace(self.booking.terms, version=self.booking.terms.version + 1, **given)

    @property
    def acts(self) -> list[Act]:
        return [one.act for one in self.steps]
