"""Bookings as commands print them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from relay.cli.printing import all_as_json, as_json, facts, minute, say, table

if TYPE_CHECKING:
    from relay.web.booking_shown import ShownBooking


def tell(booking: ShownBooking, *, json: bool) -> None:
    """One of them, and what each may do with it now."""
    if json:
        as_json(booking.model_dump(mode="json"))
        return
    status, terms, money = booking.status, booking.terms, booking.amounts
    occasion = terms.occasion
    when = f"{minute(occasion.starts_at)} to {minute(occasion.ends_at)}, {occasion.time_zone}" if occasion is not None else "-"
    rows = [
        ("booking", f"{booking.reference}, version {booking.version}"),
        ("stage", status.stage.value),
        ("payment", f"{status.payment.value}: {money.paid.text} of {money.total.text}"),
        ("offer", f"{booking.offer_id}  {booking.offer}"),
        ("variant", f"{booking.variant_id}  {booking.variant}"),
        ("when", when),
        ("people", str(terms.participants)),
        *(("line", f"{one.quantity} × {one.text}  {one.amount.text}") for one in terms.lines),
        *(("less", f"{one.text}  {one.amount.text}") for one in terms.discounts),
        ("customer", f"{booking.customer.alias or '-'}  {booking.customer.name}"),
        ("partner", f"{booking.partner.alias or '-'}  {booking.partner.name}"),
        ("staff", booking.staff or "the team"),
        ("deadline", f"{minute(booking.deadline)}{', overdue' if status.overdue else ''}"),
        ("required action", status.action.value),
        ("conversation", f"{status.relay.value} until {minute(booking.writes_until)}"),
    ]
    rows += [("reason", booking.reason)] if booking.reason else []
    rows += [("not reached", ", ".join(one.value for one in booking.unreached))] if booking.unreached else []
    rows += [(f"{who} may", ", ".join(one.name.lower() for one in acts) or "-") for who, acts in booking.possible.items()]
    facts(rows)


def tell_all(bookings: Sequence[ShownBooking], following: str | None, *, json: bool) -> None:
    """A page of them; `following` is where the next one begins."""
    if json:
        all_as_json([one.model_dump(mode="json") for one in bookings])
        return
    table(
        ("reference", "stage", "payment", "starts", "offer", "customer", "deadline"),
        [
            (
                one.reference,
                one.status.stage.value,
                one.status.payment.value,
                minute(one.terms.occasion.starts_at if one.terms.occasion is not None else None),
                one.offer,
                one.customer.name,
                minute(one.deadline),
            )
            for one in bookings
        ],
        none="no bookings",
    )
    if following is not None:
        say(f"more: --after {following}")
