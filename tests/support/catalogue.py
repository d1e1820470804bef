"""A boat tour that a partner at Lake Garda offers, and what may be changed about it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

from relay.booking.catalogue import Listing, Offer, OfferKind, Price, PriceKey, Slot, Variant
from relay.booking.money import Money
from relay.booking.offer import Mode, Rules
from relay.booking.partner import Partner, PaymentAccount, StaffId, StaffMember, Tier
from relay.booking.terms import SlotId
from relay.booking.texts import Text, Texts
from relay.values import Language, RealAddress
from support.bookings import OFFER, PARTNER, PRICE, ROME, TOUR, VARIANT

EN: Final = Language.EN
GIULIA: Final = StaffMember(StaffId("s1"), "Giulia Rossi", RealAddress("giulia@garda.example"), Language.IT)
MARCO: Final = StaffMember(StaffId("s2"), "Marco Rossi", RealAddress("marco@garda.example"), Language.DE, sees_team=True)
GARDA: Final = Partner(
    PARTNER,
    "Garda Boats",
    (Language.IT, EN),
    ROME,
    (RealAddress("team@garda.example"),),
    Tier.GOLD,
    PaymentAccount.ACTIVE,
    (GIULIA, MARCO),
    senders=(RealAddress("channel@system.example"),),
)
BOAT: Final = Offer(
    OFFER, PARTNER, Texts((Text(EN, "Boat tour"), Text(Language.IT, "Giro in barca"))), OfferKind.ONE_DAY, ROME, "EUR"
)
ADULT: Final = Price(PriceKey("adult"), Texts.of(EN, "Adult"), PRICE, people=1)
WINE: Final = Price(PriceKey("wine"), Texts.of(EN, "A bottle of wine"), Money(1_990, "EUR"))
MORNING: Final = Variant(VARIANT, OFFER, Texts.of(EN, "In the morning"), (ADULT,), (WINE,), timedelta(hours=3))
SLOT: Final = Slot(SlotId("t1"), VARIANT, TOUR, 8)


def a_listing(
    mode: Mode = Mode.CUSTOM_REQUEST,
    *,
    partner: Partner = GARDA,
    offer: Offer = BOAT,
    variant: Variant = MORNING,
    **switches: Any,
) -> Listing:
    switched = replace(offer.switches, mode=mode, **switches)
    return Listing(partner, replace(offer, switches=switched), variant, Rules(Mode.INSTANT))
