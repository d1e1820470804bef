from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from support.bookings import NOW, PRICE, STARTS, TOUR, VARIANT, a_booking, a_situation
from support.catalogue import ADULT, BOAT, EN, GARDA, GIULIA, MORNING, SLOT, WINE, a_listing

from relay.booking.beginning import WAYS, Order, again, begun, draft, unsold
from relay.booking.booking import Actor, BookingId, Hold, HoldKind, Keeping, RequiredAction, Stage
from relay.booking.catalogue import Listing, OfferKind, SlotId, VariantId
from relay.booking.deadlines import Term
from relay.booking.lifecycle import NotAllowed, possible
from relay.booking.money import Money
from relay.booking.notification import Notification, To
from relay.booking.offer import Audience, Channel, Mode, Pay, Reach, Rules
from relay.booking.partner import StaffId, Tier
from relay.booking.profile import Profile, ProfileId
from relay.booking.requirement import Requirement, RequirementKind
from relay.booking.situation import Act
from relay.booking.terms import Choice, Line, Occasion
from relay.booking.texts import Texts
from relay.booking.transition import Effect, Mail, Step
from relay.errors import Conflict
from relay.values import Language

TWO = (Choice(ADULT.key, 2),)
PHONE = Reach(Audience.GROUP, Channel.PHONE)


def an_order(act: Act = Act.REQUEST, **more: Any) -> Order:
    known: dict[str, Any] = {"actor": Actor.CUSTOMER, "slot": SLOT, "choices": TWO, "participants": 2, "language": EN, **more}
    return Order(act, by="customer", **known)


def begin(listing: Listing, order: Order, *, room: bool = True, profiles: tuple[Profile, ...] = ()) -> Step:
    return begun(listing, order, BookingId("b9"), "K7XW2M", now=NOW, room=room, profiles=profiles)


def objection(listing: Listing, order: Order, **more: Any) -> str:
    with pytest.raises(NotAllowed) as refused:
        begin(listing, order, **more)
    return refused.value.why


@pytest.mark.parametrize("mode", [Mode.ON_REQUEST, Mode.CUSTOM_REQUEST])
def test_a_request_reaches_the_partner_and_tells_the_customer_to_be_patient(mode: Mode) -> None:
    """T1, SL-10, OR-2, OR-13, OR-19"""
    step = begin(a_listing(mode), an_order())
    assert (step.transition, step.booking.stage, step.booking.version) == ("T1", Stage.REQUESTED, 1)
    assert step.mails == (Mail(Notification.NEW_REQUEST, To.PARTNER), Mail(Notification.REQUEST_RECEIVED, To.CUSTOMER))
    assert step.effects == (Effect.PREPARE_CONVERSATION,)
    assert (step.booking.hold, step.booking.deadline) == (None, None)


def test_a_request_takes_a_place_where_the_rules_say_so_and_needs_one_then() -> None:
    """ST-4"""
    holding = a_listing(request_holds=True)
    assert begin(holding, an_order()).booking.hold == Hold(HoldKind.RESERVATION, Keeping.HELD, None, SLOT.id, 2)
    assert "no place left" in objection(holding, an_order(), room=False)
    assert begin(a_listing(), an_order(), room=False).booking.stage is Stage.REQUESTED


def test_a_reservation_is_held_until_its_deadline_and_says_so() -> None:
    """T2, ST-1, ST-2, ST-7"""
    step = begin(a_listing(Mode.RESERVE, term=Term(days_after=3)), an_order(Act.RESERVE))
    until = NOW + timedelta(days=3)
    assert (step.transition, step.booking.stage, step.booking.deadline) == ("T2", Stage.AWAITING_PAYMENT, until)
    assert step.booking.hold == Hold(HoldKind.RESERVATION, Keeping.HELD, until, SLOT.id, 2)
    assert step.mails == (Mail(Notification.RESERVED, To.CUSTOMER),)
    assert Effect.OFFER_PAYMENT in step.effects
    option = begin(a_listing(Mode.RESERVE), an_order(Act.RESERVE, hold=HoldKind.OPTION)).booking.hold
    assert option is not None
    assert option.kind is HoldKind.OPTION  # ST-20


def test_nobody_chooses_a_checkout_for_a_hold() -> None:
    """ST-20: it would be released at its deadline, whatever the rules say of deadlines, and nobody told."""
    with pytest.raises(ValueError, match="hold: an option or a reservation"):
        begin(a_listing(Mode.RESERVE), an_order(Act.RESERVE, hold=HoldKind.CHECKOUT))


@pytest.mark.parametrize("mode", [Mode.INSTANT, Mode.VOUCHER])
def test_a_checkout_keeps_the_place_for_half_an_hour_and_tells_nobody_yet(mode: Mode) -> None:
    """T3"""
    step = begin(a_listing(mode), an_order(Act.CHECK_OUT))
    until = NOW + timedelta(minutes=30)
    assert (step.transition, step.booking.stage, step.mails) == ("T3", Stage.AWAITING_PAYMENT, ())
    assert step.booking.hold == Hold(HoldKind.CHECKOUT, Keeping.HELD, until, SLOT.id, 2)


@pytest.mark.parametrize(("mode", "act"), [(Mode.INSTANT, Act.CHECK_OUT), (Mode.RESERVE, Act.RESERVE)])
def test_what_costs_nothing_or_is_paid_later_is_booked_at_once(mode: Mode, act: Act) -> None:
    """OR-B2"""
    for listing in (
        a_listing(mode, pay=Pay.ON_SITE),
        a_listing(mode, variant=replace(MORNING, prices=(replace(ADULT, unit=Money(0, "EUR")),))),
    ):
        step = begin(listing, an_order(act))
        assert (step.booking.stage, step.booking.confirmed_at) == (Stage.CONFIRMED, NOW)
        assert step.effects == (Effect.PREPARE_CONVERSATION, Effect.OPEN_CONVERSATION, Effect.INVITE)
        assert Mail(Notification.BOOKED, To.CUSTOMER) in step.mails


def test_what_is_on_request_is_not_booked_directly_and_the_refusal_says_what_to_do() -> None:
    """OR-2"""
    with pytest.raises(NotAllowed, match="send a request") as refused:
        begin(a_listing(Mode.ON_REQUEST), an_order(Act.CHECK_OUT, slot=None))
    assert refused.value.possible == (Act.REQUEST,)


EARLY = Order(Act.RESERVE, Actor.CUSTOMER, "customer", EN, slot=SLOT, choices=TWO, participants=2)
MAY = Profile(ProfileId("f1"), "May", frozenset({VARIANT}), date(2026, 5, 1), date(2026, 5, 31))


@pytest.mark.parametrize(
    ("listing", "order", "why"),
    [
        (a_listing(partner=replace(GARDA, is_active=False)), an_order(), "takes no bookings"),
        (a_listing(partner=replace(GARDA, tier=Tier.BASIC)), an_order(), "lacks the Gold profile"),  # SL-2
        (a_listing(offer=replace(BOAT, is_closed=True)), an_order(), "sold out"),  # SL-B6
        (a_listing(variant=replace(MORNING, is_closed=True)), an_order(), "sold out"),
        (a_listing(), an_order(slot=replace(SLOT, is_closed=True)), "sold out"),  # GY-B4
        (a_listing(offer=replace(BOAT, valid_until=NOW)), an_order(), "not sold any more"),
        (a_listing(lead_time=timedelta(days=21)), an_order(), "at least 21 days before"),  # SV-B5
        (a_listing(horizon=timedelta(hours=36)), an_order(), "36 hours before it starts, and no earlier"),
        (a_listing(Mode.RESERVE, reservable=(PHONE,)), EARLY, "not reserved online by public"),  # ST-5
        (a_listing(Mode.RESERVE), an_order(), "or reserved, at once"),
        (a_listing(Mode.INSTANT), EARLY, "not reserved"),
        (a_listing(Mode.RESERVE), replace(EARLY, act=Act.CHECK_OUT), "paid later"),
        (a_listing(), an_order(slot=replace(SLOT, occasion=Occasion(NOW, NOW + timedelta(hours=3), TOUR.zone))), "has begun"),
    ],
)
def test_what_is_not_sold_says_why(listing: Listing, order: Order, why: str) -> None:
    assert why in objection(listing, order)


def test_a_partner_who_loses_gold_has_no_new_requests_and_goes_on_with_those_there_are() -> None:
    """SL-2"""
    asked = begin(a_listing(), an_order()).booking
    poorer = a_listing(partner=replace(GARDA, tier=Tier.BASIC))
    assert "lacks the Gold profile" in objection(poorer, an_order())
    of = replace(a_situation(asked), rules=poorer.rules)
    assert {Act.ACCEPT, Act.COUNTER} <= set(possible(of, Actor.PARTNER))


def test_a_reservation_needs_room_and_a_profile_that_holds_today() -> None:
    """ST-4, ST-6"""
    assert "no place left" in objection(a_listing(Mode.RESERVE), EARLY, room=False)
    assert "no profile" in objection(a_listing(Mode.RESERVE), EARLY, profiles=(MAY,))
    assert begin(a_listing(Mode.RESERVE), EARLY, profiles=(replace(MAY, last=None),)).booking.stage is Stage.AWAITING_PAYMENT


def test_staff_at_the_box_office_or_on_the_phone_book_for_a_customer() -> None:
    """ST-16, ST-17: lead time does not bind those who look at it themselves; a pay link there is all the same."""
    listing = a_listing(Mode.RESERVE, lead_time=timedelta(days=21))
    step = begin(listing, replace(EARLY, actor=Actor.OPERATOR, reach=PHONE))
    assert (step.actor, step.booking.reach, Effect.OFFER_PAYMENT in step.effects) == (Actor.OPERATOR, PHONE, True)
    assert unsold(listing, EARLY, NOW).startswith("it has to be booked at least")


def test_the_price_is_the_catalogue_s_in_the_customer_s_language() -> None:
    """OR-17"""
    order = an_order(choices=(*TWO, Choice(WINE.key)), language=Language.PL, note="A window seat.")
    terms = draft(a_listing(), order, BookingId("b9"), "K7XW2M", NOW).terms
    assert terms.lines == (Line("Adult", 2, PRICE), Line("A bottle of wine", 1, WINE.unit))
    assert (terms.total, terms.options, terms.slot) == (Money(19_990, "EUR"), ("A bottle of wine",), SLOT.id)
    assert (terms.occasion, terms.note, terms.version) == (TOUR, "A window seat.", 1)


def test_a_request_may_be_for_a_date_of_one_s_own_and_for_what_is_not_of_the_list() -> None:
    """SL-3, SL-4: the partner names the price."""
    occasion = Occasion(TOUR.starts_at + timedelta(days=3), TOUR.ends_at + timedelta(days=3), TOUR.zone)
    cake = Line("A birthday cake", 1, Money(0, "EUR"))
    terms = begin(a_listing(), an_order(slot=None, occasion=occasion, extras=(cake,))).booking.terms
    assert (terms.occasion, terms.slot) == (occasion, None)
    assert terms.lines[-1] == replace(cake, is_extra=True)


@pytest.mark.parametrize("kind", [OfferKind.ONE_DAY, OfferKind.SEVERAL_DAYS, OfferKind.GOODS])
def test_each_kind_of_offer_can_be_asked_for(kind: OfferKind) -> None:
    """SL-8"""
    days = Occasion(STARTS, STARTS + timedelta(days=3), TOUR.zone)
    when: dict[OfferKind, dict[str, Any]] = {
        OfferKind.GOODS: {"slot": None},
        OfferKind.SEVERAL_DAYS: {"slot": None, "occasion": days},
    }
    step = begin(a_listing(offer=replace(BOAT, kind=kind)), an_order(**when.get(kind, {})))
    assert step.booking.stage is Stage.REQUESTED
    assert (step.booking.terms.occasion is None) is (kind is OfferKind.GOODS)


def test_the_required_action_is_copied_when_it_is_bought() -> None:
    """SV-2, SV-12"""
    sign = Requirement(RequirementKind.SIGN, Texts.of(EN, "Sign the contract."), timedelta(days=2))
    booking = begin(a_listing(Mode.VOUCHER, offer=replace(BOAT, requirement=sign)), an_order(Act.CHECK_OUT)).booking
    assert (booking.action, booking.requirement) == (RequiredAction.OPEN, sign)
    assert booking.action_due == STARTS - timedelta(days=2)
    assert begin(a_listing(), an_order()).booking.action is RequiredAction.NONE


def test_a_voucher_is_bought_without_a_date_and_a_tour_is_not() -> None:
    """SV-B1"""
    order = an_order(Act.CHECK_OUT, slot=None)
    valid = replace(BOAT, valid_until=NOW + timedelta(days=90))
    assert begin(a_listing(Mode.VOUCHER, offer=valid), order).booking.valid_until == valid.valid_until
    with pytest.raises(ValueError, match="one of those that are published"):
        begin(a_listing(Mode.INSTANT), order)


def test_somebody_of_the_staff_is_asked_for_or_anybody() -> None:
    """OR-26, OR-27"""
    assert begin(a_listing(), an_order(assignee=GIULIA.id)).booking.assignee == GIULIA.id
    assert begin(a_listing(), an_order()).booking.assignee is None


@pytest.mark.parametrize(
    ("listing", "order", "wrong"),
    [
        (a_listing(), an_order(occasion=TOUR), "either a slot"),
        (a_listing(), an_order(slot=replace(SLOT, variant=VariantId("v2"))), "another variant's"),
        (a_listing(offer=replace(BOAT, kind=OfferKind.GOODS)), an_order(), "goods have none"),
        (
            a_listing(),
            an_order(slot=None, occasion=Occasion(STARTS, STARTS + timedelta(hours=25), TOUR.zone)),
            "it is of one day",
        ),
        (a_listing(variant=replace(MORNING, participants_max=1)), an_order(), "at most 1"),
        (a_listing(), an_order(participants=1), "are for 2"),
        (a_listing(offer=replace(BOAT, any_staff=False)), an_order(), "has to be chosen"),
        (a_listing(), an_order(assignee=StaffId("s9")), "nobody of the staff"),
        (a_listing(), an_order(choices=TWO + TWO, participants=4), "chosen twice"),
        (a_listing(), an_order(choices=(Choice("child"),)), "'child' is not of the price list"),
        (a_listing(), an_order(extras=(Line("Cake", 1, PRICE),)), "the partner's to say"),
        (a_listing(Mode.INSTANT), an_order(Act.CHECK_OUT, extras=(Line("Cake", 1, Money(0, "EUR")),)), "only be asked for"),
        (a_listing(Mode.INSTANT), an_order(Act.CHECK_OUT, choices=()), "has to be chosen"),
    ],
)
def test_what_cannot_be_meant_is_refused_and_named(listing: Listing, order: Order, wrong: str) -> None:
    with pytest.raises(ValueError, match=wrong):
        begin(listing, order)


def test_what_is_closed_is_asked_for_again_with_its_data_and_stays_as_it_is() -> None:
    """T18, OR-35"""
    cake = Line("A birthday cake", 1, Money(0, "EUR"))
    first = begin(a_listing(), an_order(extras=(cake,), assignee=GIULIA.id, note="A window seat.")).booking
    priced = replace(first.terms, lines=(*first.terms.lines[:1], Line("A birthday cake", 1, Money(2_500, "EUR"), is_extra=True)))
    old = replace(first, stage=Stage.EXPIRED, terms=priced)
    later = replace(
        SLOT, id=SlotId("t2"), occasion=Occasion(STARTS + timedelta(days=1), TOUR.ends_at + timedelta(days=1), TOUR.zone)
    )
    order = again(old, a_listing(), Actor.CUSTOMER, "customer", EN, slot=later)
    step = begin(a_listing(), order)
    assert (step.transition, step.booking.parent, step.booking.slot) == ("T18", old.id, later.id)
    assert step.booking.terms == replace(first.terms, occasion=later.occasion, slot=later.id)
    assert step.booking.assignee == GIULIA.id


def test_what_is_not_closed_is_not_asked_for_again() -> None:
    """T18"""
    with pytest.raises(Conflict, match="it is confirmed"):
        again(a_booking(Stage.CONFIRMED), a_listing(), Actor.CUSTOMER, "customer", EN)


@pytest.mark.parametrize(
    ("mode", "way"),
    [
        (Mode.INSTANT, Act.CHECK_OUT),
        (Mode.VOUCHER, Act.CHECK_OUT),
        (Mode.ON_REQUEST, Act.REQUEST),
        (Mode.CUSTOM_REQUEST, Act.REQUEST),
        (Mode.RESERVE, Act.RESERVE),
    ],
)
def test_each_mode_begins_in_one_way_and_offers_no_other(mode: Mode, way: Act) -> None:
    """OR-12, ST-9: buttons and words follow from it."""
    booking = draft(a_listing(mode), an_order(way), BookingId("b9"), "K7XW2M", NOW)
    of = a_situation(booking, rules=a_listing(mode).rules)
    assert possible(of, Actor.CUSTOMER) == (way,) == (WAYS[mode],)


def test_what_says_nothing_of_its_own_is_not_on_request() -> None:
    """OR-1, OR-8: one switch of the offer, off unless somebody turns it on; what the staff note is for them alone (OR-7)."""
    plain = Listing(GARDA, replace(BOAT, staff_note="Fill the tank."), MORNING, Rules(Mode.INSTANT))
    assert WAYS[plain.rules.mode] is Act.CHECK_OUT
    assert "tank" not in str(begin(plain, an_order(Act.CHECK_OUT)).booking)
