"""What the public pages say by mode: the sign, what is read before anything else, the button and what it means (OR-12, ST-9)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from relay.booking.beginning import WAYS
from relay.booking.catalogue import Listing, OfferKind
from relay.booking.offer import Mode, Pay, Reach
from relay.booking.profile import Profile, may_be_reserved
from relay.booking.situation import Act
from relay.correspondence.languages import marked as _

ONLINE: Final = Reach()
"""Anybody, on the pages."""


@dataclass(frozen=True, slots=True)
class ModeSays:
    """The words of one mode. `before` stands above everything that can be entered (OR-11)."""

    sign: str
    icon: str
    before: tuple[str, ...]
    button: str
    means: tuple[str, ...]
    kind: str = ""


_ON_REQUEST: Final = (
    _("This cannot be booked immediately."),
    _("The provider gets your request, and says whether they can take you."),
)
SAYS: Final = {
    Mode.ON_REQUEST: ModeSays(
        _("On request"),
        "hand",
        _ON_REQUEST,
        _("Request now"),
        (_("With your request you book nothing yet, and owe nothing. Nothing is booked before the provider has accepted."),),
        "new",
    ),
    Mode.CUSTOM_REQUEST: ModeSays(
        _("Made to your wishes"),
        "hand",
        (*_ON_REQUEST, _("Say what you wish. The provider may offer you other terms, which you accept or refuse.")),
        _("Request now"),
        (_("With your request you book nothing yet, and owe nothing. Nothing is booked before both sides have agreed."),),
        "new",
    ),
    Mode.RESERVE: ModeSays(
        _("Reserve, pay later"),
        "clock",
        (_("You reserve now, and pay or cancel by the deadline that stands beside each time."),),
        _("Reserve, pay later"),
        (_("With your reservation a place is kept for you. It is no purchase before you have paid."),),
        "warn",
    ),
    Mode.INSTANT: ModeSays(
        _("Book at once"),
        "✓",
        (_("You book and pay at once."),),
        _("Buy now"),
        (_("With this button you place an order that you have to pay."),),
        "good",
    ),
    Mode.VOUCHER: ModeSays(
        _("Voucher"),
        "✓",
        (_("You buy a voucher at once, and show it when you go."),),
        _("Buy now"),
        (_("With this button you place an order that you have to pay."),),
        "good",
    ),
}
_PAID_LATER: Final = {
    Pay.AFTER_CONFIRMATION: _("You pay after it is confirmed."),
    Pay.ON_SITE: _("You pay on site."),
}
BOOK: Final = _("Book now")
"""Where nothing is paid with it."""

AWAY: Final = _("The provider takes no bookings at present.")
GOLD: Final = _("The provider cannot take such requests at present: the Gold profile is missing.")
ACCOUNT: Final = _("The provider cannot take such requests at present: an active payment account is missing.")
BOTH: Final = _("The provider cannot take such requests at present: the Gold profile and an active payment account are missing.")
SOLD_OUT: Final = _("Sold out.")
OVER: Final = _("It is not offered any more.")
NOT_HERE: Final = _("This can be reserved at the box office or by telephone alone.")
NOT_NOW: Final = _("It cannot be reserved today.")
_LACKS: Final = {"the Gold profile": GOLD, "an active payment account": ACCOUNT}


def says(listing: Listing) -> ModeSays:
    """What holds for a variant, by its mode and by when it is paid."""
    plain, rules = SAYS[listing.rules.mode], listing.rules
    later = _PAID_LATER.get(rules.pay)
    if later is None or WAYS[rules.mode] is not Act.CHECK_OUT:
        return plain
    return ModeSays(plain.sign, plain.icon, (later,), BOOK, (_("With this button you book bindingly."), later), plain.kind)


def why_not(listing: Listing, now: datetime, profiles: Iterable[Profile] = ()) -> str:
    """Why a variant cannot be had here now, as a sentence; empty where it can (SL-2, SL-B6, ST-5, ST-6).

    The same reasons as those of relay.booking.beginning, which has the last word: here they are for everybody to read.
    """
    offer, rules = listing.offer, listing.rules
    if not listing.partner.is_active:
        return AWAY
    if listing.missing is not None:
        return _LACKS.get(listing.missing, BOTH)
    if listing.is_closed:
        return SOLD_OUT
    if offer.valid_until is not None and now >= offer.valid_until:
        return OVER
    if rules.mode is not Mode.RESERVE:
        return ""
    if ONLINE not in rules.reservable:
        return NOT_HERE
    today = now.astimezone(offer.zone).date()
    return "" if may_be_reserved(profiles, listing.variant.id, ONLINE, today) else NOT_NOW


def has_date(listing: Listing) -> bool:
    """Goods have none (SL-8)."""
    return listing.offer.kind is not OfferKind.GOODS
