"""Steps with all that they cause: history, capacity, money, conversation, mails, timers, in one transaction (invariant 9)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import Connection, func, select
from support.archive import World
from support.bookings import NOW, PRICE, STARTS, TOUR, terms
from support.bookkeeping import ZOFIA
from support.catalogue import SLOT
from support.front_desk import FrontDesk

from relay.booking.booking import Actor, Stage
from relay.booking.cancellation import Policy, Tier
from relay.booking.deadlines import Term
from relay.booking.ledger import Payment
from relay.booking.lifecycle import NotAllowed
from relay.booking.money import Money
from relay.booking.offer import DeadlinePolicy, Mode, Pay, Redeem
from relay.booking.situation import Act
from relay.booking.terms import Occasion
from relay.conversation import Standing
from relay.errors import Conflict
from relay.store import legal_holds
from relay.store.booking_tables import booking_steps, bookings
from relay.store.bookings import checkouts, history, records, refunds
from relay.store.bookings.checkouts import Begun, StillOpen
from relay.store.exchange_tables import Checkout, notifications
from relay.store.legal_holds import Placing
from relay.values import RealAddress
from relay.web.booking_ports import Stale

P, C = Actor.PARTNER, Actor.CUSTOMER
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
TIERS = Policy((Tier(10, 10_000), Tier(5, 5_000)))


def test_a_request_is_told_to_both_and_makes_both_aliases_which_are_closed(world: World) -> None:
    """T1, SL-10, OR-15, GY-6, GY-17: nothing passes before it is confirmed."""
    desk = FrontDesk(world)
    booking = desk.begin(note="We are two and a dog")
    assert booking.stage is Stage.REQUESTED
    assert desk.mails(booking) == ["N1 partner", "N2 customer"]
    conversation = desk.conversation(booking)
    assert conversation.standing(desk.now) is Standing.PENDING
    assert conversation.customer.knows(ZOFIA.address)  # type: ignore[arg-type]
    assert conversation.partner.mailbox.reveal() == "team@garda.example"
    assert conversation.partner.knows(RealAddress("channel@system.example")), "GY-B5: their reservation system may write"
    assert desk.office.taken() == 0


def test_a_request_that_is_accepted_and_paid_opens_the_conversation_until_a_week_after(world: World) -> None:
    """T6, T12, SL-15, SL-18, GY-1, GY-15: from asking to the end of the window, with the clock alone at the end."""
    desk = FrontDesk(world)
    booking = desk.begin()
    booking = desk.act(booking, Act.ACCEPT, P, terms_version=1)
    assert (booking.stage, desk.office.taken()) == (Stage.AWAITING_PAYMENT, 1)
    assert desk.conversation(booking).standing(desk.now) is Standing.PENDING
    booking = desk.pay(booking)
    assert booking.stage is Stage.CONFIRMED
    conversation = desk.conversation(booking)
    assert conversation.standing(desk.now) is Standing.OPEN
    assert conversation.window.closes_at == TOUR.ends_at + timedelta(days=7)
    assert desk.money(booking).payment(booking.terms.total) is Payment.PAID
    desk.now = TOUR.ends_at
    desk.tick()
    assert desk.one(booking).stage is Stage.COMPLETED
    assert desk.mails(booking) == ["N1 partner", "N2 customer", "N6 customer", "N9 customer", "N11 partner", "N23 customer"]
    desk.tick(timedelta(days=7))
    assert desk.conversation(booking).standing(desk.now) in {Standing.OVER, Standing.CLOSED}
    assert desk.timers(booking) == {}


def test_whoever_is_overtaken_at_the_last_place_hears_the_same_as_where_there_was_none(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Invariant 10: it is seen when the place is taken, as nobody waits with it while somebody looks."""
    front = FrontDesk(world, Mode.RESERVE)
    monkeypatch.setattr("relay.desk.lifecycle.capacity.settle", lambda connection, *of: False)
    with pytest.raises(NotAllowed, match="no place left") as raised:
        front.begin()
    assert raised.value.objects == "there_is_room"


def test_a_counter_offer_is_answered_as_the_version_that_was_read(world: World) -> None:
    """T5, T7, SL-5"""
    desk = FrontDesk(world)
    booking = desk.begin()
    offered = replace(terms(2, price=Money(12_000, "EUR")), slot=SLOT.id)
    booking = desk.act(booking, Act.COUNTER, P, terms=offered)
    with pytest.raises(NotAllowed, match="the terms have changed"):
        desk.act(booking, Act.ACCEPT, C, terms_version=1)
    booking = desk.act(booking, Act.ACCEPT, C, terms_version=2)
    assert (booking.stage, booking.terms.total) == (Stage.AWAITING_PAYMENT, Money(12_000, "EUR"))
    versions = world.read(lambda connection: history.terms(connection, booking.id))
    assert [one.total.minor for one in versions] == [9_000, 12_000]
    assert desk.mails(booking)[2:] == ["N5 customer", "N6 customer"]


def test_whoever_looked_at_another_version_is_told_so_and_nothing_happens(world: World) -> None:
    desk = FrontDesk(world)
    booking = desk.begin()
    desk.act(booking, Act.MARK_CONTACTED, P, version=1)
    with pytest.raises(Stale, match="version 2 now"):
        desk.act(booking, Act.DECLINE, P, version=1)
    assert desk.one(booking).stage is Stage.REQUESTED


def test_what_is_not_allowed_leaves_nothing_behind(world: World) -> None:
    """Invariant 9: the last place is taken meanwhile, and the second acceptance writes nothing at all."""
    desk = FrontDesk(world, slot=replace(SLOT, capacity=1))
    first, second = desk.begin(), desk.begin()
    desk.act(first, Act.ACCEPT, P, terms_version=1)

    def rows(connection: Connection) -> tuple[int, ...]:
        return tuple(
            connection.execute(select(func.count()).select_from(one)).scalar_one() for one in (booking_steps, notifications)
        )

    before = world.read(rows)
    with pytest.raises(NotAllowed, match="no place left"):
        desk.act(second, Act.ACCEPT, P, terms_version=1)
    assert world.read(rows) == before
    assert (desk.office.taken(), desk.one(second).version) == (1, 1)


def test_a_partner_who_does_not_answer_is_reminded_and_at_the_start_the_request_lapses(world: World) -> None:
    """SL-11, OR-34, N25, N16: once after two hours, once after a day, and the start instant ends it."""
    desk = FrontDesk(world)
    booking = desk.begin()
    assert desk.tick(2 * HOUR - timedelta(seconds=1)) == 0
    assert desk.tick(timedelta(seconds=1)) == 1
    assert desk.tick() == 0
    assert desk.mails(booking)[2:] == ["N25 partner"]
    desk.tick(DAY)
    assert desk.mails(booking)[2:] == ["N25 partner"] * 2
    desk.now = STARTS
    desk.tick()
    assert desk.one(booking).stage is Stage.EXPIRED
    assert desk.mails(booking)[4:] == ["N16 customer", "N16 partner"]
    assert desk.timers(booking) == {}


def test_who_has_answered_is_not_reminded(world: World) -> None:
    """SL-11"""
    desk = FrontDesk(world)
    booking = desk.begin()
    desk.act(booking, Act.DECLINE, P, reason="We are full")
    desk.tick(2 * DAY)
    assert desk.mails(booking)[2:] == ["N7 customer"]


def test_unpaid_is_told_to_both_and_nothing_is_cancelled_by_the_clock(world: World) -> None:
    """SL-20, SL-21"""
    desk = FrontDesk(world, deadline_policy=DeadlinePolicy.NONE)
    booking = desk.act(desk.begin(), Act.ACCEPT, P, terms_version=1)
    desk.tick(3 * DAY)
    assert desk.mails(booking)[3:] == ["N26 customer", "N26 partner"]
    assert desk.one(booking).stage is Stage.AWAITING_PAYMENT


def test_a_firm_deadline_releases_the_place_after_its_margin(world: World) -> None:
    """T16, ST-21, ST-23, N15"""
    firm = {"deadline_policy": DeadlinePolicy.FIRM, "term": Term(days_after=2), "margin": HOUR}
    desk = FrontDesk(world, Mode.RESERVE, **firm)
    booking = desk.begin()
    assert desk.mails(booking) == ["N3 customer"]
    desk.tick(2 * DAY)
    assert desk.one(booking).stage is Stage.AWAITING_PAYMENT
    desk.tick(HOUR)
    assert (desk.one(booking).stage, desk.office.taken()) == (Stage.EXPIRED, 0)
    assert desk.mails(booking)[-2:] == ["N15 customer", "N15 partner"]


def test_what_is_blocked_is_never_released(world: World) -> None:
    """ST-B4: the flag beats the timer, and the operator."""
    desk = FrontDesk(world, Mode.RESERVE, deadline_policy=DeadlinePolicy.FIRM, term=Term(days_after=2))
    booking = desk.begin()
    desk.act(booking, Act.BLOCK, Actor.OPERATOR)
    desk.tick(5 * DAY)
    assert desk.one(booking).stage is Stage.AWAITING_PAYMENT
    with pytest.raises(NotAllowed):
        desk.act(booking, Act.RELEASE, Actor.OPERATOR)
    desk.act(booking, Act.UNBLOCK, Actor.OPERATOR)
    desk.tick()
    assert desk.one(booking).stage is Stage.EXPIRED


def test_what_is_held_together_is_released_together_or_not_at_all(world: World) -> None:
    """T16: a composite is released whole."""
    desk = FrontDesk(world, Mode.RESERVE, deadline_policy=DeadlinePolicy.FIRM, term=Term(days_after=2))
    two = [desk.begin(composite="TRIP") for _ in range(2)]
    desk.act(two[0], Act.BLOCK, Actor.OPERATOR)
    with pytest.raises(NotAllowed, match="block"):
        desk.act(two[1], Act.RELEASE, Actor.OPERATOR)
    assert [desk.one(one).stage for one in two] == [Stage.AWAITING_PAYMENT] * 2
    desk.act(two[0], Act.UNBLOCK, Actor.OPERATOR)
    desk.act(two[1], Act.RELEASE, Actor.OPERATOR)
    assert [desk.one(one).stage for one in two] == [Stage.EXPIRED] * 2
    assert desk.office.taken() == 0


def test_the_clock_looks_again_at_what_is_held_with_something_that_is_blocked(world: World) -> None:
    """T16, ST-B4: once the block is gone, or what was blocked, the others are released without anybody's help."""
    desk = FrontDesk(world, Mode.RESERVE, deadline_policy=DeadlinePolicy.FIRM, term=Term(days_after=2))
    blocked, other = (desk.begin(composite="TRIP") for _ in range(2))
    desk.act(blocked, Act.BLOCK, Actor.OPERATOR)
    assert desk.tick(3 * DAY) < 10
    assert desk.one(other).stage is Stage.AWAITING_PAYMENT
    desk.act(blocked, Act.CANCEL, C)
    desk.tick(DAY)
    assert desk.one(other).stage is Stage.EXPIRED


def test_a_customer_who_cancels_gets_back_what_the_days_give_on_the_way_it_came(world: World) -> None:
    """T22, T23, SL-B2, SL-30: entered with the cancellation, and due at the payment provider."""
    desk = FrontDesk(world, cancellation=TIERS)
    booking = desk.pay(desk.act(desk.begin(), Act.ACCEPT, P, terms_version=1))
    desk.now = STARTS - 7 * DAY
    booking = desk.act(booking, Act.CANCEL, C, reason="She fell ill")
    assert (booking.stage, desk.office.taken()) == (Stage.CANCELLED, 0)
    money = desk.money(booking)
    assert (money.refunding, money.refundable) == (Money(4_500, "EUR"), Money(4_500, "EUR"))
    [due] = world.read(lambda connection: refunds.of_booking(connection, booking.id))
    assert (due.payment, due.amount) == ("evt1", Money(4_500, "EUR"))
    assert desk.conversation(booking).window.closes_at == desk.now + timedelta(days=7)
    assert desk.mails(booking)[-2:] == ["N19 customer", "N19 partner"]


def test_money_that_comes_after_the_release_takes_a_free_place_or_goes_back(world: World) -> None:
    """T12: paid too late, capacity is tried before it is refunded."""
    firm = {"deadline_policy": DeadlinePolicy.FIRM, "term": Term(days_after=1), "slot": replace(SLOT, capacity=1)}
    desk = FrontDesk(world, Mode.RESERVE, **firm)
    late = desk.begin()
    desk.tick(2 * DAY)
    assert desk.one(late).stage is Stage.EXPIRED
    assert desk.pay(late).stage is Stage.CONFIRMED
    assert desk.office.taken() == 1

    desk.act(late, Act.CANCEL, Actor.OPERATOR, reason="A storm")
    latest = desk.begin()
    desk.tick(2 * DAY)
    winner = desk.begin()
    assert desk.pay(latest, "evt2").stage is Stage.EXPIRED
    assert desk.money(latest).refunding == PRICE
    assert desk.mails(latest)[-2:] == ["N13 customer", "N13 partner"]
    assert (desk.one(winner).stage, desk.office.taken()) == (Stage.AWAITING_PAYMENT, 1)


def test_a_second_payment_of_the_same_booking_goes_back(world: World) -> None:
    desk = FrontDesk(world)
    booking = desk.pay(desk.act(desk.begin(), Act.ACCEPT, P, terms_version=1))
    desk.pay(booking, "evt2")
    money = desk.money(booking)
    assert (money.captured, money.refunding) == (PRICE * 2, PRICE)
    [due] = world.read(lambda connection: refunds.of_booking(connection, booking.id))
    assert due.payment == "evt2"


def test_pages_on_which_it_could_still_be_paid_are_ended_before_anybody_is_told(world: World) -> None:
    """T11, SL-25"""
    desk = FrontDesk(world)
    booking = desk.act(desk.begin(), Act.ACCEPT, P, terms_version=1)
    pages = Begun("c1", booking.id, PRICE, desk.now, desk.now + HOUR)
    world.write(lambda connection: checkouts.begin(connection, pages))
    with pytest.raises(StillOpen) as caught:
        desk.act(booking, Act.TAKE_BACK, P, reason="The boat is broken")
    assert caught.value.pages == pages
    assert desk.one(booking).stage is Stage.AWAITING_PAYMENT
    world.write(lambda connection: checkouts.end(connection, "c1", Checkout.ENDED, desk.now))
    booking = desk.act(booking, Act.TAKE_BACK, P, reason="The boat is broken")
    assert booking.stage is Stage.CANCELLED
    assert world.read(lambda connection: checkouts.is_open(connection, booking.id)) is None
    assert desk.mails(booking)[-1] == "N10 customer"


def test_another_date_keeps_the_aliases_and_moves_the_window_and_the_place(world: World) -> None:
    """T20, SV-B4, GY-17"""
    desk = FrontDesk(world, pay=Pay.ON_SITE)
    booking = desk.act(desk.begin(), Act.ACCEPT, P, terms_version=1)
    assert booking.stage is Stage.CONFIRMED
    before = desk.conversation(booking)
    later = Occasion(TOUR.starts_at + 3 * DAY, TOUR.ends_at + 3 * DAY, TOUR.zone)
    booking = desk.act(booking, Act.PROPOSE, P, terms=replace(terms(2), occasion=later))
    assert desk.one(booking).terms.occasion == TOUR
    booking = desk.act(booking, Act.ACCEPT, C, terms_version=2)
    after = desk.conversation(booking)
    assert after.window.closes_at == later.ends_at + timedelta(days=7)
    assert (after.partner.alias, after.customer.alias) == (before.partner.alias, before.customer.alias)
    assert desk.office.taken() == 0
    assert desk.mails(booking)[-2:] == ["N17 customer", "N17 partner"]


def test_every_step_is_in_the_history_and_the_row_is_the_last_of_them(world: World) -> None:
    """Invariants 9 and 11"""
    desk = FrontDesk(world)
    booking = desk.act(desk.begin(), Act.ACCEPT, P, terms_version=1)
    past = world.read(lambda connection: history.past(connection, booking.id))
    assert [(one.version, one.transition) for one in past] == [(1, "T1"), (2, "T6")]
    assert world.read(lambda connection: history.verify(connection, booking.id)) is None
    row = world.read(lambda connection: connection.execute(select(bookings)).one())
    assert (row.version, row.stage) == (2, Stage.AWAITING_PAYMENT.value)
    assert world.read(lambda connection: records.by_id(connection, booking.id)).booking == booking
    assert booking.created_at == NOW


def test_a_redemption_that_was_undone_does_not_come_back_by_itself(world: World) -> None:
    """SV-B1, SV-B2: the clock would undo what support has just done."""
    long = replace(SLOT, occasion=replace(TOUR, ends_at=STARTS + timedelta(hours=20)))
    desk = FrontDesk(world, Mode.INSTANT, slot=long, redeem=Redeem.FIRST_DAY)
    booking = desk.pay(desk.begin())
    desk.tick(STARTS - NOW + timedelta(hours=1))
    assert desk.one(booking).redeemed_at is not None
    desk.act(booking, Act.UNDO_REDEEM, Actor.SUPPORT)
    desk.tick(timedelta(hours=1))
    assert (desk.one(booking).stage, desk.one(booking).redeemed_at) == (Stage.CONFIRMED, None)
    desk.tick(timedelta(days=1))
    assert (desk.one(booking).stage, desk.one(booking).redeemed_at) == (Stage.COMPLETED, None)


def test_what_is_under_legal_hold_is_not_erased_until_two_people_let_it_go(world: World) -> None:
    """T26, AR-1 holds"""
    desk = FrontDesk(world)
    booking = desk.begin()
    booking = desk.act(booking, Act.WITHDRAW, C)
    desk.now += desk.office.listing.rules.kept_for
    wanted = Placing(reason="claim", owner="eva", review_at=desk.now + DAY, reference=booking.reference)
    hold = world.write(lambda connection: legal_holds.place(connection, wanted, by="eva", now=desk.now))
    with pytest.raises(Conflict, match="under legal hold"):
        desk.act(booking, Act.ERASE, Actor.OPERATOR)
    assert desk.one(booking).erased_at is None
    for person in ("eva", "jan"):
        world.write(lambda connection, person=person: legal_holds.release(connection, hold.number, by=person, now=desk.now))  # type: ignore[misc]
    assert desk.act(booking, Act.ERASE, Actor.OPERATOR).erased_at == desk.now
