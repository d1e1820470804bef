"""No sequence of acts and clock moves oversells, unbalances a ledger, loses a timer, or tells anything twice or not (invariants 9
and 10): after each, an audit of all that the database holds finds nothing."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from random import Random

import pytest
from sqlalchemy import Connection
from support.archive import World
from support.bookings import STARTS
from support.catalogue import SLOT
from support.front_desk import FrontDesk

from relay.booking.booking import Actor, Booking, Cause
from relay.booking.deadlines import Term
from relay.booking.ledger import Entry, Kind
from relay.booking.lifecycle import NotAllowed, possible
from relay.booking.offer import DeadlinePolicy, Mode
from relay.booking.situation import Act, Situation
from relay.store.bookings import audit, ledger, notifications, records, refunds
from relay.store.engine import open_engine
from relay.store.schema import migrate

pytestmark = pytest.mark.slow

PLACES = 2
HAPPENINGS = 40
LEASE = timedelta(minutes=5)
HOUSES: dict[str, dict[str, object]] = {
    "custom requests": {"mode": Mode.CUSTOM_REQUEST},
    "on request": {"mode": Mode.ON_REQUEST, "request_for": timedelta(days=2), "request_holds": True},
    "reservations": {
        "mode": Mode.RESERVE,
        "deadline_policy": DeadlinePolicy.FIRM,
        "term": Term(days_after=3),
        "may_be_reinstated": True,
    },
    "instant": {"mode": Mode.INSTANT},
}


class Marketplace:
    """Some customers want two places, and everybody does what they may, and what they may not."""

    def __init__(self, world: World, house: str, seed: int) -> None:
        said = dict(HOUSES[house])
        mode = said.pop("mode")
        assert isinstance(mode, Mode)
        self.front = FrontDesk(world, mode, slot=replace(SLOT, capacity=PLACES), **said)
        self.random = Random(seed)
        self.bookings = [self.front.begin() for _ in range(PLACES)]
        self.payments = self.steps = 0

    def something_happens(self) -> None:
        happenings = (
            [self.somebody_does_what_they_may] * 6
            + [self.somebody_tries_anything, self.somebody_orders, self.the_customer_pays]
            + [self.time_passes] * 2
        )
        self.random.choice(happenings)()

    def somebody_orders(self) -> None:
        try:
            self.bookings.append(self.front.begin())
        except NotAllowed:
            return

    def time_passes(self) -> None:
        self.the_provider_gives_back()
        self.front.tick(timedelta(hours=self.random.choice([1, 12, 36])))
        self.the_provider_gives_back()

    def somebody_does_what_they_may(self) -> None:
        booking = self.random.choice(self.bookings)
        of = self.situation(booking)
        acts = [(actor, act) for actor in Actor for act in possible(of, actor) if act is not Act.PAID]
        if acts:
            actor, act = self.random.choice(acts)
            self.act(booking, act, actor)

    def somebody_tries_anything(self) -> None:
        act = self.random.choice([one for one in Act if one is not Act.PAID])
        self.act(self.random.choice(self.bookings), act, self.random.choice(list(Actor)))

    def the_customer_pays(self) -> None:
        """Also twice, or too late."""
        self.payments += 1
        booking = self.random.choice(self.bookings)
        try:
            self.front.pay(booking, f"evt{self.payments}", booking.terms.total.minor)
        except NotAllowed:
            return
        self.steps += 1

    def the_provider_gives_back(self) -> None:
        def give(connection: Connection) -> None:
            for one in refunds.claim(connection, self.front.now, LEASE, 10):
                refunds.sent(connection, one.id, f"re_{one.id}", self.front.now)
                back = Entry(Kind.REFUNDED, one.amount, self.front.now, f"{one.id}.sent", one.id, "provider")
                ledger.enter(connection, one.booking, back)

        self.front.world.write(give)

    def situation(self, booking: Booking) -> Situation:
        def look(connection: Connection) -> Situation:
            record = records.by_id(connection, booking.id)
            return self.front.lifecycle.situation(connection, record, self.front.now)

        return self.front.world.read(look)

    def act(self, booking: Booking, act: Act, actor: Actor) -> None:
        of = self.situation(booking)
        offered = replace(of.booking.terms, version=of.booking.terms_made + 1, valid_until=None)
        wish = {
            "by": "somebody",
            "reason": "Because.",
            "terms": offered,
            "terms_version": of.booking.terms_in_question.version,
            "until": min(self.front.now + timedelta(days=1), STARTS),
            "amount": of.outstanding if act is Act.TAKE_PAYMENT else of.account.refundable,
            "cause": Cause.OPERATIONAL,
        }
        try:
            step = self.front.step(booking, act, actor, **wish)
        except NotAllowed:
            assert self.front.one(booking) == of.booking, "what is refused changes nothing"
            return
        assert self.front.one(booking) == step.booking
        told = self.front.world.read(lambda connection: notifications.of_booking(connection, booking.id))
        now = [one.notification for one in told if one.notification.version == step.booking.version]
        assert [(one.says, one.to) for one in now] == [(one.says, one.to) for one in step.mails]
        self.steps += 1

    def problems(self) -> list[str]:
        found = self.front.world.read(lambda connection: list(audit.contradictions(connection, self.front.now)))
        return [one.problem for one in found]


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty database, to be copied."""
    file = tmp_path_factory.mktemp("migrated") / "relay.db"
    engine = open_engine(f"sqlite:///{file}")
    migrate(engine)
    engine.dispose()
    return file


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("house", HOUSES)
def test_whatever_happens_in_whatever_order_an_audit_finds_nothing(house: str, seed: int, migrated: Path, tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{shutil.copy(migrated, tmp_path / 'relay.db')}")
    market = Marketplace(World(engine), house, seed)
    for _ in range(HAPPENINGS):
        market.something_happens()
        assert market.problems() == []
    assert market.steps > HAPPENINGS // 10, "something happened"
    engine.dispose()
