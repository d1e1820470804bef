"""How a booking begins: what somebody orders becomes a draft, and that a request, a reservation or a checkout (T1 to T3, T18).

Prices are the catalogue's, never those of whoever orders. What cannot be meant is a ValueError that names the field; what is
meant and not possible is NotAllowed, by the table of the lifecycle.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from relay.booking.booking import CLOSED, Actor, Booking, BookingId, HoldKind, RequiredAction, Stage
from relay.booking.catalogue import Listing, OfferKind, Slot, one_day
from relay.booking.ledger import account
from relay.booking.lifecycle import stepped
from relay.booking.offer import Channel, Mode, Reach
from relay.booking.partner import StaffId
from relay.booking.profile import Profile, may_be_reserved
from relay.booking.situation import Act, Situation, Wish
from relay.booking.terms import Choice, Line, Occasion, Terms
from relay.booking.transition import Step
from relay.errors import Conflict
from relay.values import Language

WAYS: Final[dict[Mode, Act]] = {
    Mode.INSTANT: Act.CHECK_OUT,
    Mode.VOUCHER: Act.CHECK_OUT,
    Mode.ON_REQUEST: Act.REQUEST,
    Mode.CUSTOM_REQUEST: Act.REQUEST,
    Mode.RESERVE: Act.RESERVE,
}
"""How each mode begins: buttons and legal texts follow (OR-12, ST-9)."""
_BY_STAFF: Final = frozenset({Channel.BOX_OFFICE, Channel.PHONE})
"""Where lead time and horizon do not count: somebody of the house looks at it."""


@dataclass(frozen=True, slots=True)
class Order:
    """What somebody wants of a listing: for whom, when, how much of what.

    `slot` is a published one, `occasion` a date of the customer's own (SL-3); both None for goods, and where it is left open.
    `extras` are not of the price list (SL-4): a customer gives no price, staff may. `language` is the customer's.
    """

    act: Act
    actor: Actor
    by: str
    language: Language
    reach: Reach = field(default_factory=Reach)
    slot: Slot | None = None
    occasion: Occasion | None = None
    participants: int = 1
    choices: tuple[Choice, ...] = ()
    extras: tuple[Line, ...] = ()
    place: str = ""
    note: str = ""
    assignee: StaffId | None = None
    """None: anybody of the staff, where the offer allows that (OR-26, OR-27)."""
    hold: HoldKind | None = None
    parent: BookingId | None = None
    """That of which it is asked again (T18)."""
    composite: str = ""


def begun(
    listing: Listing,
    order: Order,
    id_: BookingId,
    reference: str,
    *,
    now: datetime,
    room: bool,
    profiles: Iterable[Profile] = (),
) -> Step:
    """The first step of a booking, its version 1. `room`: whether there is capacity for the order.

    Raises ValueError for what cannot be meant, NotAllowed for what is not possible, with what is instead (OR-2).
    """
    booking = draft(listing, order, id_, reference, now)
    nothing = account((), booking.terms.currency)
    of = Situation(booking, listing.rules, nothing, now, room, unsold(listing, order, now, profiles))
    return stepped(of, Wish(order.act, order.actor, order.by, hold=order.hold))


def draft(listing: Listing, order: Order, id_: BookingId, reference: str, now: datetime) -> Booking:
    """The order as a booking of which nobody knows yet, priced by the catalogue. Raises ValueError that names what is wrong."""
    _check_date(listing, order)
    _check_people(listing, order)
    if order.hold is HoldKind.CHECKOUT:
        raise ValueError("hold: an option or a reservation is meant, a checkout is no hold to be chosen")
    requirement = listing.requirement
    return Booking(
        *(id_, reference, listing.partner.id, listing.offer.id, listing.variant.id, Stage.DRAFT),
        terms=_terms(listing, order),
        created_at=now,
        since=now,
        zone=listing.offer.zone,
        version=0,
        reach=order.reach,
        assignee=order.assignee,
        action=RequiredAction.NONE if requirement is None else RequiredAction.OPEN,
        requirement=requirement,
        valid_until=listing.offer.valid_until,
        parent=order.parent,
        composite=order.composite,
    )


def again(
    old: Booking,
    listing: Listing,
    actor: Actor,
    by: str,
    language: Language,
    *,
    slot: Slot | None = None,
    occasion: Occasion | None = None,
) -> Order:
    """The order by which what is closed is asked for again, at another date; the old booking stays as it is (T18, OR-35).

    What was not of the price list is asked for without its price: the partner says it anew. Raises Conflict while `old` is not
    closed.
    """
    if old.stage not in CLOSED:
        raise Conflict(f"ask again: it is {old.stage.value}, and can be changed or cancelled")
    act = WAYS[listing.rules.mode]
    extras = (Line(one.text, one.quantity, one.unit * 0, is_extra=True) for one in old.terms.lines if one.is_extra)
    return Order(
        *(act, actor, by, language, old.reach, slot, occasion, old.terms.participants, old.terms.choices),
        extras=tuple(extras) if act is Act.REQUEST else (),
        place=old.terms.place,
        note=old.terms.note,
        assignee=old.assignee if listing.partner.member(old.assignee) is not None else None,
        parent=old.id,
    )


def _check_date(listing: Listing, order: Order) -> None:
    occasion = order.slot.occasion if order.slot is not None else order.occasion
    if order.slot is not None and order.occasion is not None:
        raise ValueError("date: either a slot or a date of one's own")
    if order.slot is not None and order.slot.variant != listing.variant.id:
        raise ValueError("slot: it is another variant's")
    if listing.offer.kind is OfferKind.GOODS and occasion is not None:
        raise ValueError("date: goods have none")
    if listing.offer.kind is OfferKind.ONE_DAY and occasion is not None and occasion.ends_at - occasion.starts_at > one_day:
        raise ValueError("date: it is of one day")
    if _is_asked_for(listing) or listing.offer.kind is OfferKind.GOODS:
        return
    if order.occasion is not None or (order.slot is None and listing.rules.mode is not Mode.VOUCHER):
        raise ValueError("slot: one of those that are published is needed")


def _check_people(listing: Listing, order: Order) -> None:
    if order.participants > listing.variant.participants_max:
        raise ValueError(f"participants: at most {listing.variant.participants_max}")
    people = sum(listing.price(one.key).people * one.quantity for one in order.choices)
    if people and people != order.participants:
        raise ValueError(f"participants: the prices that were chosen are for {people}")
    if order.assignee is None and not listing.offer.any_staff:
        raise ValueError("assignee: somebody of the staff has to be chosen")
    if order.assignee is not None and listing.partner.member(order.assignee) is None:
        raise ValueError("assignee: nobody of the staff is that")


def _terms(listing: Listing, order: Order) -> Terms:
    """The first version: what was chosen at the prices of the list, and the extras."""
    if len({one.key for one in order.choices}) < len(order.choices):
        raise ValueError("price: one is chosen twice")
    if order.extras and not _is_asked_for(listing):
        raise ValueError("extras: what is not of the price list can only be asked for")
    if order.actor is Actor.CUSTOMER and any(one.unit for one in order.extras):
        raise ValueError("extras: their price is the partner's to say")
    lines, options = [], []
    for choice in order.choices:
        price = listing.price(choice.key)
        title = price.title.read_in(order.language)
        if price in listing.variant.options:
            options.append(title if choice.quantity == 1 else f"{choice.quantity} × {title}")
        if price in listing.variant.prices or price.unit:
            lines.append(Line(title, choice.quantity, price.unit))
    if not lines and listing.variant.prices and not _is_asked_for(listing):
        raise ValueError("price: something of the price list has to be chosen")
    extras = (Line(one.text, one.quantity, one.unit, is_extra=True) for one in order.extras)
    return Terms(
        1,
        listing.offer.currency,
        (*lines, *extras),
        occasion=order.slot.occasion if order.slot is not None else order.occasion,
        participants=order.participants,
        options=tuple(options),
        choices=order.choices,
        slot=order.slot.id if order.slot is not None else None,
        place=order.place or listing.offer.place,
        note=order.note,
    )


def _is_asked_for(listing: Listing) -> bool:
    return WAYS[listing.rules.mode] is Act.REQUEST


# Whether it is sold at all


@dataclass(frozen=True, slots=True)
class _Sale:
    listing: Listing
    order: Order
    now: datetime
    profiles: tuple[Profile, ...]


def unsold(listing: Listing, order: Order, now: datetime, profiles: Iterable[Profile] = ()) -> str:
    """Why the catalogue does not let `order` begin at `now`, as a sentence; empty where it does."""
    sale = _Sale(listing, order, now, tuple(profiles))
    return next((why for reason in _REASONS if (why := reason(sale)) is not None), "")


def _partner_is_away(sale: _Sale) -> str | None:
    return None if sale.listing.partner.is_active else "the partner takes no bookings at present"


def _partner_lacks(sale: _Sale) -> str | None:
    """SL-2: no new one comes in, and those there are go on."""
    return f"the partner lacks {sale.listing.missing}" if sale.listing.missing is not None else None


def _is_closed(sale: _Sale) -> str | None:
    """SL-B6, GY-B4"""
    slot = sale.order.slot
    return "it is sold out" if sale.listing.is_closed or (slot is not None and slot.is_closed) else None


def _is_not_valid(sale: _Sale) -> str | None:
    until = sale.listing.offer.valid_until
    return "it is not sold any more" if until is not None and sale.now >= until else None


def _is_too_late_or_too_early(sale: _Sale) -> str | None:
    """SV-B5: for those who book by themselves."""
    slot, rules = sale.order.slot, sale.listing.rules
    occasion = slot.occasion if slot is not None else sale.order.occasion
    if occasion is None or sale.order.reach.channel in _BY_STAFF:
        return None
    ahead = occasion.starts_at - sale.now
    if ahead < rules.lead_time:
        return f"it has to be booked at least {_span(rules.lead_time.total_seconds())} before it starts"
    if rules.horizon is not None and ahead > rules.horizon:
        return f"it can be booked {_span(rules.horizon.total_seconds())} before it starts, and no earlier"
    return None


def _span(seconds: float) -> str:
    hours = seconds / 3600
    return f"{hours / 24:g} days" if hours >= 48 else f"{hours:g} hours"


def _is_not_reserved_here(sale: _Sale) -> str | None:
    """ST-1, ST-5, ST-17"""
    reach = sale.order.reach
    if sale.order.act is not Act.RESERVE or reach in sale.listing.rules.reservable:
        return None
    return f"it is not reserved {reach.channel.value} by {reach.audience.value}; it can be bought"


def _is_not_reserved_now(sale: _Sale) -> str | None:
    """ST-6"""
    day = sale.now.astimezone(sale.listing.offer.zone).date()
    if sale.order.act is not Act.RESERVE or may_be_reserved(sale.profiles, sale.listing.variant.id, sale.order.reach, day):
        return None
    return "no profile lets it be reserved today"


_REASONS: Final[tuple[Callable[[_Sale], str | None], ...]] = (
    _partner_is_away,
    _partner_lacks,
    _is_closed,
    _is_not_valid,
    _is_too_late_or_too_early,
    _is_not_reserved_here,
    _is_not_reserved_now,
)
