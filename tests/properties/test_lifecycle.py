"""No sequence of acts and clock moves leaves the table, sells a place twice, or keeps one that nobody has (invariants 9, 10)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Final

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from support.bookings import NOW, PRICE, STARTS, a_booking, a_situation, terms

from relay.booking.booking import CLOSED, OPEN, Actor, Booking, Stage
from relay.booking.deadlines import Term
from relay.booking.ledger import Entry, Kind, account
from relay.booking.lifecycle import TRANSITIONS, Effect, NotAllowed, possible, stepped
from relay.booking.offer import DeadlinePolicy, Mode, Rules
from relay.booking.situation import Act, Situation, Wish

PLACES: Final = 2
WAYS: Final = {(row.act, source, row.target or source) for row in TRANSITIONS for source in row.sources}
RULES: Final = [
    Rules(Mode.CUSTOM_REQUEST),
    Rules(Mode.ON_REQUEST, request_for=timedelta(days=2)),
    Rules(Mode.RESERVE, deadline_policy=DeadlinePolicy.FIRM, term=Term(days_after=3), may_be_reinstated=True),
]


class Marketplace(RuleBasedStateMachine):
    """Four customers want two places, and everybody does what they may, and what they may not."""

    def __init__(self) -> None:
        super().__init__()
        self.bookings: list[Booking] = [replace(a_booking(), reference=f"BOAT-{n}") for n in range(4)]
        self.entries: list[list[Entry]] = [[] for _ in self.bookings]
        self.switches = RULES[0]
        self.now = NOW

    def situation(self, at: int) -> Situation:
        room = sum(one.has_room for one in self.bookings) < PLACES
        return a_situation(self.bookings[at], *self.entries[at], rules=self.switches, now=self.now, room=room)

    @rule(rules=st.sampled_from(RULES))
    def the_house_changes_its_switches(self, rules: Rules) -> None:
        self.switches = rules

    @rule(hours=st.sampled_from([1, 24, 72, 480]))
    def time_passes(self, hours: int) -> None:
        self.now += timedelta(hours=hours)

    @rule(at=st.integers(0, 3), actor=st.sampled_from(Actor), data=st.data())
    def somebody_does_what_they_may(self, at: int, actor: Actor, data: st.DataObject) -> None:
        if acts := possible(self.situation(at), actor):
            self.act(at, data.draw(st.sampled_from(acts)), actor)

    @rule(at=st.integers(0, 3), act=st.sampled_from(Act), actor=st.sampled_from(Actor))
    def somebody_tries_anything(self, at: int, act: Act, actor: Actor) -> None:
        self.act(at, act, actor)

    @rule(at=st.integers(0, 3))
    def the_customer_pays(self, at: int) -> None:
        self.act(at, Act.PAID, Actor.PAYMENTS)

    def act(self, at: int, act: Act, actor: Actor) -> None:
        before = self.bookings[at]
        if act is Act.PAID and actor is Actor.PAYMENTS:
            event = f"evt{len(self.entries[at])}"
            self.entries[at].append(Entry(Kind.PAID, PRICE, self.now, event, event, "payments"))
        of = self.situation(at)
        wish = Wish(
            *(act, actor, "somebody", "Because."),
            terms=replace(terms(before.terms_made + 1), valid_until=before.terms.valid_until),
            terms_version=(before.proposal or before.terms).version,
            until=min(self.now + timedelta(days=1), STARTS),
            amount=of.outstanding if act is Act.TAKE_PAYMENT else of.account.refundable,
        )
        try:
            step = stepped(of, wish)
        except NotAllowed:
            return
        assert act in possible(of, actor) or act in {Act.SEE, Act.ASSIGN, Act.NOT_REACHED}
        after = self.bookings[at] = step.booking
        assert (act, before.stage, after.stage) in WAYS
        assert (after.id, after.version) == (before.id, before.version + 1)
        if Effect.ENTER_PAYMENT in step.effects:
            self.entries[at].append(
                Entry(Kind.PAID, of.outstanding, self.now, f"cash{after.version}", f"cash{after.version}", "x")
            )
        if Effect.REFUND in step.effects or Effect.REFUND_ALL in step.effects:
            back, name = of.account.refundable, f"back{after.version}"
            self.entries[at].append(Entry(Kind.REFUNDED, back, self.now, name, name, "payments"))

    @invariant()
    def no_place_is_sold_twice(self) -> None:
        assert sum(one.has_room for one in self.bookings) <= PLACES

    @invariant()
    def who_has_a_place_is_who_was_promised_one(self) -> None:
        for one in self.bookings:
            promised = one.stage in {Stage.AWAITING_PAYMENT, Stage.CONFIRMED, Stage.COMPLETED}
            assert one.has_room is promised, one
            assert (one.turn is not None) is (one.stage is Stage.COUNTERED or one.proposal is not None)
            assert one.proposal is None or one.stage is Stage.CONFIRMED
            assert (one.deadline is None) or one.stage is Stage.AWAITING_PAYMENT
            assert one.stage in OPEN | CLOSED | {Stage.AWAITING_PAYMENT, Stage.CONFIRMED}

    @invariant()
    def nobody_gets_back_more_than_came_in(self) -> None:
        for entries in self.entries:
            assert account(entries, "EUR").refundable.minor >= 0


Marketplace.TestCase.settings = settings(stateful_step_count=40, derandomize=True)
TestMarketplace = Marketplace.TestCase
