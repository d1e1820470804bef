"""What is forecast comes true: the clock is never refused what it was said to do, and nothing open waits for nobody."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Final

from hypothesis import given, settings
from hypothesis import strategies as st
from support.bookings import NOW, PRICE, STARTS, TOUR, terms
from support.catalogue import ADULT, BOAT, EN, SLOT, a_listing

from relay.booking.beginning import WAYS, Order, begun
from relay.booking.booking import CLOSED, Actor, BookingId, Cause, Stage
from relay.booking.cancellation import Policy, Tier
from relay.booking.catalogue import Listing, OfferKind
from relay.booking.deadlines import Term
from relay.booking.forecast import Coming, coming, waiting
from relay.booking.ledger import Entry, Kind, account
from relay.booking.lifecycle import NotAllowed, possible, stepped
from relay.booking.offer import DeadlinePolicy, Mode, Pay, Redeem
from relay.booking.reminders import Reminders
from relay.booking.requirement import Requirement, RequirementKind
from relay.booking.situation import Act, Situation, Wish
from relay.booking.terms import Choice, Occasion, Terms
from relay.booking.texts import Texts
from relay.booking.transition import Effect

STEPS_MAX: Final = 12
SIGN: Final = Requirement(RequirementKind.SIGN, Texts.of(EN, "Sign the contract."), timedelta(days=2))
PEOPLE: Final = (Actor.CUSTOMER, Actor.PARTNER, Actor.SUPPORT, Actor.OPERATOR, Actor.PAYMENTS)


@st.composite
def listings(draw: st.DrawFn) -> Listing:
    kind = draw(st.sampled_from(OfferKind))
    offer = replace(
        BOAT,
        kind=kind,
        requirement=draw(st.sampled_from([None, SIGN])),
        valid_until=draw(st.sampled_from([None, NOW + timedelta(days=60)])),
    )
    return a_listing(
        draw(st.sampled_from(Mode)),
        offer=offer,
        pay=draw(st.sampled_from(Pay)),
        deadline_policy=draw(st.sampled_from(DeadlinePolicy)),
        term=draw(st.sampled_from([Term(), Term(days_after=3), Term(days_before=25)])),
        margin=draw(st.sampled_from([timedelta(), timedelta(days=1)])),
        request_for=draw(st.sampled_from([None, timedelta(days=2)])),
        request_holds=draw(st.booleans()),
        redeem=draw(st.sampled_from(Redeem)),
        may_be_reinstated=True,
        cancellation=Policy((Tier(5, 5_000),)),
    )


class Life:
    """One booking, and all that becomes of it."""

    def __init__(self, listing: Listing) -> None:
        self.listing, self.now, self.entries, self.told = listing, NOW, list[Entry](), set[str]()
        slot = None if listing.offer.kind is OfferKind.GOODS else SLOT
        act = WAYS[listing.rules.mode]
        order = Order(act, Actor.CUSTOMER, "customer", EN, slot=slot, choices=(Choice(ADULT.key),))
        self.booking = begun(listing, order, BookingId("b1"), "K7XW2M", now=NOW, room=True).booking
        self.seen: dict[int, Terms] = {}
        self.check()

    @property
    def of(self) -> Situation:
        return Situation(self.booking, self.listing.rules, account(self.entries, "EUR"), self.now)

    def forecast(self) -> tuple[Coming, ...]:
        return coming(self.booking, self.listing.rules, self.of.account, self.told, Reminders(), self.now)

    def enter(self, kind: Kind, about: str) -> None:
        self.entries.append(Entry(kind, PRICE, self.now, f"evt{len(self.entries)}", about, "payments"))

    def act(self, act: Act, actor: Actor, days: int) -> None:
        """Raises NotAllowed."""
        of, version = self.of, (self.booking.proposal or self.booking.terms).version
        occasion = Occasion(TOUR.starts_at + timedelta(days=days), TOUR.ends_at + timedelta(days=days), TOUR.zone)
        new = terms(self.booking.terms_made + 1, occasion=None if self.booking.terms.occasion is None else occasion)
        wish = Wish(
            *(act, actor, "somebody", "Because."),
            terms=replace(new, valid_until=self.now + timedelta(days=max(days, 1))),
            terms_version=version,
            until=min(self.now + timedelta(days=1), STARTS)
            if act is not Act.REOPEN_CONVERSATION
            else self.now + timedelta(days=1),
            amount=of.outstanding if act is Act.TAKE_PAYMENT else of.account.refundable,
            cause=Cause.OPERATIONAL,
        )
        if wish.terms is not None and act not in {Act.COUNTER, Act.BOOK, Act.PROPOSE, Act.RESCHEDULE}:
            wish = replace(wish, terms=None)
        step = stepped(of, wish)
        self.booking = step.booking
        if Effect.ENTER_PAYMENT in step.effects:
            self.enter(Kind.PAID, f"cash{len(self.entries)}")
        self.check()

    def check(self) -> None:
        """Whatever is open has something coming, or waits for somebody; and terms that were once there never change."""
        booking, rules = self.booking, self.listing.rules
        if booking.stage not in CLOSED:
            assert self.forecast() or waiting(booking, rules, self.of.account, self.now) is not None
        for one in (booking.terms, booking.proposal):
            if one is not None:
                assert self.seen.setdefault(one.version, one) == one


@settings(max_examples=150, deadline=None, derandomize=True)
@given(listing=listings(), data=st.data())
def test_the_clock_is_never_refused_what_was_forecast(listing: Listing, data: st.DataObject) -> None:
    life = Life(listing)
    for _ in range(data.draw(st.integers(0, STEPS_MAX))):
        if data.draw(st.booleans()) and (soon := life.forecast()):
            run(life, soon[0])
            continue
        actor = data.draw(st.sampled_from(PEOPLE))
        if actor is Actor.PAYMENTS:
            life.enter(data.draw(st.sampled_from([Kind.PAID, Kind.STARTED])), "pay1")
        if acts := possible(life.of, actor):
            try:
                life.act(data.draw(st.sampled_from(acts)), actor, data.draw(st.integers(0, 9)))
            except NotAllowed:
                life.now += timedelta(hours=1)
    if any(one.kind is Kind.STARTED for one in life.entries):
        life.enter(Kind.FAILED, "pay1")
    for _ in range(40):
        soon = life.forecast()
        if not soon:
            break
        run(life, soon[0])
    assert life.forecast() == ()


def run(life: Life, one: Coming) -> None:
    """The clock comes to it, with nothing else between."""
    life.now = max(life.now, one.at)
    if one.act is not None:
        life.act(one.act, Actor.CLOCK, 0)
    else:
        assert one.key not in life.told
        life.told.add(one.key)


def test_every_mode_leads_from_its_beginning_to_a_closed_conversation() -> None:
    """SL-8: the undated too, once they are redeemed."""
    for mode in Mode:
        for kind in OfferKind:
            life = Life(a_listing(mode, offer=replace(BOAT, kind=kind)))
            if life.booking.stage is Stage.REQUESTED:
                life.act(Act.ACCEPT, Actor.PARTNER, 0)
            life.enter(Kind.PAID, "pay1")
            life.act(Act.PAID, Actor.PAYMENTS, 0)
            if kind is OfferKind.GOODS:
                life.act(Act.REDEEM, Actor.PARTNER, 0)
            while soon := life.forecast():
                run(life, soon[0])
            assert (life.booking.stage, life.booking.relay.value) == (Stage.COMPLETED, "closed")
