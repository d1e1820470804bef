"""A booking as its customer looks at it: how it stands, what they can do now, what it costs, and what happened (OR-18, ST-11)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Annotated, Final

from fastapi import APIRouter, Path, Request, Response

from relay.booking.booking import CLOSED, PAYABLE, Actor, RequiredAction, Stage
from relay.booking.situation import Act
from relay.conversation import reference_characters_max
from relay.correspondence.languages import marked as _
from relay.correspondence.link_wording import ACCEPT_CHANGE, EXPLAINED
from relay.correspondence.notifications.cancelling import terms_of_cancellation
from relay.correspondence.notifications.comparison import Change, comparison
from relay.correspondence.notifications.conditions import is_paid_first
from relay.correspondence.notifications.details import Row, details
from relay.correspondence.notifications.known import known
from relay.correspondence.notifications.prices import Price, prices
from relay.correspondence.notifications.voice import Voice
from relay.web.site.customer.checkout import TO_CHECKOUT
from relay.web.site.customer.ports import OwnBooking, OwnBookings
from relay.web.site.customer.standing import Standing, standing
from relay.web.site.customer.story import MONEY, WRITTEN, Told, ending, story
from relay.web.site.customer.ways import ways
from relay.web.site.layout import Site
from relay.web.site.route import PageRoute
from relay.web.site.status import ACTIONS, STAGES
from relay.web.site.viewer import Viewer

Reference = Annotated[str, Path(min_length=1, max_length=reference_characters_max)]

TOLD: Final = {
    "accepted": _("You have accepted."),
    "refused": _("You have refused."),
    "offered": _("The provider gets your terms, and answers them."),
    "cancelled": _("It is cancelled. You get a mail about it."),
    "withdrawn": _("The request is withdrawn."),
    "sent": _("Your message is on its way."),
    "again": _("Your new request is sent. The provider will look at it and get in touch with you. Please be patient."),
}
"""What the page says at its top, by the word with which a form led there."""


@dataclass(frozen=True, slots=True)
class Shape:
    """A booking as the page lays it out, in the reader's language."""

    own: OwnBooking
    standing: Standing
    status: tuple[str, ...]
    """The words by which everybody else has it, the partner and support too (SV-20)."""
    details: tuple[Row, ...] = field(repr=False)
    prices: tuple[Price, ...] = field(repr=False)
    changes: tuple[Change, ...] = field(repr=False)
    accepting: tuple[str, ...]
    cancellation: tuple[str, ...]
    story: tuple[Told, ...] = field(repr=False)
    why_closed: Told | None = field(repr=False)
    """Why somebody else ended it, where they said."""
    possible: frozenset[str]
    """What the customer may do, by the values of the acts."""
    can_ask_again: bool
    is_asked: bool
    """Whether there is something to accept or refuse."""
    to_pay: bool
    has_voucher: bool
    action: str
    """"open", "done", or empty."""
    instruction: str = field(repr=False)


def shape(own: OwnBooking, site: Site) -> Shape:
    """`own` in the language of its matter."""
    matter, shown = own.matter, own.shown
    booking, now = shown.booking, site.clock()
    voice = Voice(matter, known(matter, site.house, now))
    possible = shown.possible[Actor.CUSTOMER]
    is_change = booking.proposal is not None
    first, at_once = ACCEPT_CHANGE[1:] * 2 if is_change else EXPLAINED[Act.ACCEPT, Actor.CUSTOMER]
    required = (
        booking.stage in {Stage.AWAITING_PAYMENT, Stage.CONFIRMED, Stage.COMPLETED} and booking.action is not RequiredAction.NONE
    )
    return Shape(
        own=own,
        standing=standing(booking, shown.account.payment(booking.terms.total), now),
        status=(STAGES[booking.stage], *((ACTIONS[booking.action],) if required else ())),
        details=details(matter, voice),
        prices=prices(matter, voice),
        changes=comparison(matter, voice),
        accepting=voice.holding((first if is_paid_first(matter) else at_once,)),
        cancellation=terms_of_cancellation(matter),
        story=story(own.steps),
        why_closed=ending(own.steps) if booking.stage in CLOSED else None,
        possible=frozenset(one.value for one in possible),
        can_ask_again=booking.stage in CLOSED,
        is_asked=Act.ACCEPT in possible,
        to_pay=booking.stage in PAYABLE and (booking.terms.total - booking.paid_in(shown.account)).minor > 0,
        has_voucher=booking.stage in {Stage.CONFIRMED, Stage.COMPLETED},
        action=booking.action.value if required else "",
        instruction=matter.instruction,
    )


def booking_page(
    site: Site,
    request: Request,
    viewer: Viewer,
    own: OwnBooking,
    *,
    status: HTTPStatus = HTTPStatus.OK,
    alert: str = "",
    entered: Mapping[str, str] | None = None,
) -> Response:
    """The page; `alert` is a sentence in English that says what went wrong, `entered` what was sent and is kept."""
    return site.page(
        request,
        "customer/booking.html",
        viewer,
        status=status,
        ways=ways(viewer, "bookings"),
        told=TOLD,
        policy=TO_CHECKOUT,
        page=shape(own, site),
        alert=alert,
        entered=entered or {},
        written=WRITTEN,
        money_says=MONEY,
    )


def router(site: Site, own: OwnBookings) -> APIRouter:
    """`/my/bookings/{reference}`."""
    routes = APIRouter(include_in_schema=False, route_class=PageRoute)

    @routes.get("/my/bookings/{reference}")
    async def look(reference: Reference, request: Request) -> Response:
        viewer = await site.customer(request)
        return booking_page(site, request, viewer, await own.one(viewer.address, viewer.language, reference))

    return routes
