from __future__ import annotations

from dataclasses import fields, replace
from datetime import timedelta

import pytest
from support.bookings import TOUR
from support.catalogue import ADULT, BOAT, EN, GARDA, MORNING, SLOT, WINE, a_listing

from relay.booking.catalogue import Listing, OfferId, Price, PriceKey
from relay.booking.money import Money
from relay.booking.offer import Mode, Pay, Rules, Switches
from relay.booking.partner import PaymentAccount, Tier
from relay.booking.requirement import Requirement, RequirementKind
from relay.booking.texts import Texts


def test_a_variant_s_switches_stand_over_the_offer_s_and_those_over_the_house_s() -> None:
    """OR-10, SL-9: each variant of one offer may be on request, and each offer of one partner."""
    offer = replace(BOAT, switches=Switches(mode=Mode.ON_REQUEST, pay=Pay.ON_SITE))
    listing = Listing(
        GARDA, offer, replace(MORNING, switches=Switches(mode=Mode.INSTANT)), Rules(Mode.VOUCHER, request_holds=True)
    )
    assert listing.rules == Rules(Mode.INSTANT, Pay.ON_SITE, request_holds=True)


def test_every_switch_can_be_set_at_every_level() -> None:
    assert [one.name for one in fields(Switches)] == [one.name for one in fields(Rules)]
    assert Switches().over(Rules(Mode.RESERVE)) == Rules(Mode.RESERVE)


@pytest.mark.parametrize(
    ("tier", "account", "missing"),
    [
        (Tier.GOLD, PaymentAccount.ACTIVE, None),
        (Tier.BASIC, PaymentAccount.ACTIVE, "the Gold profile"),
        (Tier.GOLD, PaymentAccount.PENDING, "an active payment account"),  # SL-B6: until its mail address is verified
        (Tier.BASIC, PaymentAccount.NONE, "the Gold profile and an active payment account"),
    ],
)
def test_custom_requests_need_gold_and_a_payment_account_and_what_is_missing_is_named(
    tier: Tier, account: PaymentAccount, missing: str | None
) -> None:
    """SL-2"""
    partner = replace(GARDA, tier=tier, account=account)
    assert a_listing(partner=partner).missing == missing
    assert a_listing(Mode.ON_REQUEST, partner=partner).missing is None


def test_a_variant_s_required_action_stands_in_place_of_the_offer_s() -> None:
    """SV-2"""
    sign = Requirement(RequirementKind.SIGN, Texts.of(EN, "Sign the contract."))
    names = Requirement(RequirementKind.HAND_OVER, Texts.of(EN, "Tell us all names."))
    offer = replace(BOAT, requirement=sign)
    assert a_listing(offer=offer).requirement == sign
    assert a_listing(offer=offer, variant=replace(MORNING, requirement=names)).requirement == names
    assert a_listing().requirement is None


@pytest.mark.parametrize(
    ("made", "wrong"),
    [
        (lambda: replace(ADULT, unit=Money(-1, "EUR")), "below zero"),
        (lambda: replace(MORNING, options=(ADULT,)), "a key stands twice"),
        (lambda: replace(MORNING, duration=timedelta()), "duration"),
        (lambda: replace(MORNING, participants_max=0), "participants"),
        (lambda: replace(MORNING, title=Texts.of(EN, "Two\nlines")), "variant"),
        (lambda: replace(MORNING, prices=tuple(replace(WINE, key=PriceKey(str(n))) for n in range(51))), "at most 50"),
        (lambda: replace(BOAT, currency="euro"), "three capital letters"),
        (lambda: replace(BOAT, place="x" * 501), "place"),
        (lambda: replace(BOAT, staff_note="x" * 5001), "staff note"),
        (lambda: replace(BOAT, valid_until=TOUR.starts_at.replace(tzinfo=None)), "time zone"),
        (lambda: replace(SLOT, capacity=-1), "capacity"),
        (lambda: Rules(Mode.RESERVE, lead_time=timedelta(seconds=-1)), "lead time"),
        (lambda: Rules(Mode.RESERVE, request_for=timedelta(days=3651)), "request for"),
        (lambda: replace(a_listing(), variant=replace(MORNING, offer=OfferId("o2"))), "do not belong together"),
        (lambda: replace(a_listing(), offer=replace(BOAT, currency="CZK")), "all have to be in CZK"),
        (lambda: Price(PriceKey(""), Texts.of(EN, "Adult"), Money(1, "EUR")), "price"),
        (lambda: Requirement(RequirementKind.SIGN, Texts.of(EN, "Sign."), timedelta(days=366)), "at most 365 days"),
    ],
)
def test_what_could_not_be_sold_is_refused_and_says_why(made: object, wrong: str) -> None:
    with pytest.raises(ValueError, match=wrong):
        made()  # type: ignore[operator]  # a table of makers
