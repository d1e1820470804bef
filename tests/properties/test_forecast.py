"""What is forecast comes true: the clock is never refused what it was said to do, nothing open waits for nobody, and the money of
each booking adds up whatever people do."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Final

import pytest
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
from relay.booking.money import Money
from relay.booking.offer import DeadlinePolicy, Mode, Pay, Redeem
from relay.booking.refunds import owed
from relay.booking.reminders import Reminders
from relay.booking.requirement import Requirement, RequirementKind
from relay.booking.situation import Act, Situation, Wish
from relay.booking.terms import Choice, Occasion, Terms
from relay.booking.texts import Texts
from relay.booking.transition import Effect

STEPS_MAX: Final = 12
SIGN: Final = Requirement(RequirementKind.SIGN, Texts.of(EN, "Sign the contract."), timedelta(days=2))
PAYABLE: Final = frozenset({Stage.AWAITING_PAYMENT, Stage.CONFIRMED, Stage.COMPLETED, *CLOSED})
"""Before that nobody was shown where to pay."""
PEOPLE: Final = (Actor.CUSTOMER, Actor.PARTNER, Actor.SUPPORT, Actor.OPERATOR)


@st.composite
def listings(draw: st.DrawFn, mode: Mode) -> Listing:
    kind = draw(st.sampled_from(OfferKind))
    offer = replace(
        BOAT,
        kind=kind,
        requirement=draw(st.sampled_from([None, SIGN])),
        valid_until=draw(st.sampled_from([None, NOW + timedelta(days=60)])),
    )
    return a_listing(
        mode,
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
        self.rules, self.now, self.entries, self.told = listing.rules, NOW, list[Entry](), set[str]()
        slot = None if listing.offer.kind is OfferKind.GOODS else SLOT
        act = WAYS[self.rules.mode]
        order = Order(act, Actor.CUSTOMER, "customer", EN, slot=slot, choices=(Choice(ADULT.key),))
        self.booking = begun(listing, order, BookingId("b1"), "K7XW2M", now=NOW, room=True).booking
        self.seen: dict[int, Terms] = {}
        self.check()

    @property
    def of(self) -> Situation:
        return Situation(self.booking, self.rules, account(self.entries, "EUR"), self.now)

    def forecast(self) -> tuple[Coming, ...]:
        return coming(self.booking, self.rules, self.of.account, self.told, Reminders(), self.now)

    def enter(self, kind: Kind, about: str, amount: Money = PRICE) -> None:
        self.entries.append(Entry(kind, amount, self.now, f"evt{len(self.entries)}", about, "payments"))

    def pay(self) -> None:
        """The customer pays, sometimes for the second time."""
        self.enter(Kind.PAID, f"pay{len(self.entries)}")
        self.act(Act.PAID, Actor.PAYMENTS, 0)

    def act(self, act: Act, actor: Actor, days: int) -> None:
        """Raises NotAllowed."""
        of, version = self.of, self.booking.terms_in_question.version
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
        if act is Act.PAID:
            wish = replace(wish, amount=PRICE)
        step = stepped(of, wish)
        self.booking = step.booking
        if Effect.ENTER_PAYMENT in step.effects:
            self.enter(Kind.PAID, f"cash{len(self.entries)}", of.outstanding)
        back = Money.total((owed(of, effect, wish) for effect in step.effects), "EUR")
        if back:
            self.enter(Kind.REFUNDED, f"back{len(self.entries)}", back)
        self.check()
        if step.booking.stage is Stage.CONFIRMED and act is Act.PAID:
            assert not self.of.surplus

    def check(self) -> None:
        """Whatever is open has something coming, or waits for somebody; and terms that were once there never change."""
        booking = self.booking
        if booking.stage not in CLOSED:
            assert self.forecast() or waiting(booking, self.rules, self.of.account, self.now) is not None
        money = self.of.account
        assert Money(0, "EUR") <= money.refunded <= money.captured
        assert money.refundable == money.captured - money.refunded
        for one in (booking.terms, booking.proposal):
            if one is not None:
                assert self.seen.setdefault(one.version, one) == one


@pytest.mark.parametrize("mode", Mode)
@settings(derandomize=True)
@given(data=st.data())
def test_the_clock_is_never_refused_what_was_forecast(mode: Mode, data: st.DataObject) -> None:
    life = Life(data.draw(listings(mode)))
    for _ in range(data.draw(st.integers(1, STEPS_MAX))):
        happens = data.draw(st.integers(0, 6))
        if happens == 0 and (soon := life.forecast()):
            run(life, soon[0])
        elif happens == 1 and life.booking.stage in PAYABLE:
            life.pay()
        elif happens == 2 and life.booking.stage in PAYABLE:
            life.enter(data.draw(st.sampled_from([Kind.STARTED, Kind.FAILED])), "try1")
        else:
            of = life.of
            acts = [(actor, act) for actor in PEOPLE for act in (*possible(of, actor), Act.SEE)]
            actor, act = data.draw(st.sampled_from(acts))
            try:
                life.act(act, actor, data.draw(st.integers(0, 9)))
            except NotAllowed:
                life.now += timedelta(hours=1)
    if any(one.kind is Kind.STARTED for one in life.entries):
        life.enter(Kind.FAILED, "try1")
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
            life.pay()
            if kind is OfferKind.GOODS:
                life.act(Act.REDEEM, Actor.PARTNER, 0)
            while soon := life.forecast():
                run(life, soon[0])
            assert (life.booking.stage, life.booking.relay.value) == (Stage.COMPLETED, "closed")
