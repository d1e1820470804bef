"""Bookings over HTTP: begin, look, list, count, export. None is ever deleted (SV-B3).

What can be done with one is in `booking_acts`, what is known of it in `booking_facts`.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from http import HTTPStatus
from typing import Annotated, Any, Final, Self

from fastapi import APIRouter, Depends, Path, Query, Response
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, Field, model_validator

from relay.booking.booking import Actor
from relay.booking.offer import Audience, Channel, Reach
from relay.booking.selection import Order
from relay.booking.terms import Choice, lines_max, participants_max, quantity_max
from relay.conversation import name_characters_max, reference_characters_max
from relay.values import Clock, Language, RealAddress, address_octets_max
from relay.web import export
from relay.web.booking_filter import Listing, Narrowing
from relay.web.booking_ports import Asked, Bookings, Contact, Shown
from relay.web.booking_problems import Refused
from relay.web.booking_shown import Bookings as Page
from relay.web.booking_shown import ShownBooking
from relay.web.guard import Guard, by, insist
from relay.web.once import Repeats
from relay.web.problems import described
from relay.web.repeating import Repeatable, repeatable
from relay.web.scopes import Scope
from relay.web.terms import Given, GivenLine, GivenOccasion, Id, LongText, ShortText, zone_characters_max, zone_named
from relay.web.words import AudienceWord, ChannelWord, HoldWord, PersonWord, WayWord, spelled

HOUSE: Final = frozenset({Actor.SUPPORT, Actor.OPERATOR})
"""Who overrules; it takes a scope of its own to act in their name."""

Reference = Annotated[str, Path(description="The booking's reference.", min_length=1, max_length=reference_characters_max)]
NO_SUCH: Final = described(HTTPStatus.NOT_FOUND)
REFUSED: Final[dict[int | str, dict[str, Any]]] = {  # FastAPI's type
    **NO_SUCH,
    HTTPStatus.CONFLICT.value: {"model": Refused, "description": "It is not possible, or not any more."},
}


class GivenContact(Given):
    """Somebody's name and mail address. The other side never sees the address, and of the name as much as the house shows."""

    name: str = Field(min_length=1, max_length=name_characters_max)
    address: str = Field(max_length=address_octets_max)
    language: Language = Field(default=Language.EN, description="In which we write to them.")
    time_zone: str | None = Field(default=None, max_length=zone_characters_max, description="Where they live.")

    @model_validator(mode="after")
    def _can_be(self) -> Self:
        self.contact()
        return self

    def contact(self) -> Contact:
        """Raises ValueError with a sentence that repeats nothing of it."""
        if not self.name.strip() or not self.name.isprintable():
            raise ValueError("name: printable characters are needed")
        zone = zone_named(self.time_zone) if self.time_zone is not None else None
        return Contact(self.name.strip(), RealAddress(self.address.strip()), self.language, zone)


class Chosen(Given):
    """So many of a line of the price list, or of an option."""

    price: Id = Field(description="Its key.")
    quantity: int = Field(default=1, ge=1, le=quantity_max)


class ToBook(Given):
    """A booking that is to begin."""

    offer: Id
    variant: Id
    customer: GivenContact
    way: WayWord | None = Field(
        default=None, description="How you expect it to begin; where its variant is booked otherwise, that is a 409 (OR-2)."
    )
    actor: PersonWord = Field(default=Actor.CUSTOMER, description="Who does it: the customer, or somebody for them (ST-16).")
    audience: AudienceWord = Audience.PUBLIC
    channel: ChannelWord = Channel.API
    slot: Id | None = None
    occasion: GivenOccasion | None = Field(default=None, description="A time outside the published slots (SL-3).")
    participants: int = Field(default=1, ge=1, le=participants_max)
    choices: list[Chosen] = Field(default=[], max_length=lines_max, description="Of the price list and the options (OR-17).")
    extras: list[GivenLine] = Field(default=[], max_length=lines_max, description="What is of neither (SL-4).")
    place: ShortText = ""
    note: LongText = Field(default="", description="The customer's wishes.")
    staff: Id | None = Field(default=None, description="Who of the partner's staff it is to be (OR-26).")
    hold: HoldWord | None = Field(default=None, description="option: an option instead of a reservation (ST-20).")
    composite: str = Field(
        default="",
        max_length=100,
        pattern="^([A-Za-z0-9][A-Za-z0-9._~-]*)?$",
        description="Names those that are held and released together.",
    )

    @model_validator(mode="after")
    def _one_time(self) -> Self:
        if self.occasion is not None and self.slot is not None:
            raise ValueError("either an occasion or a slot, not both")
        return self

    def asked(self, by: str) -> Asked:
        return Asked(
            offer=self.offer,
            variant=self.variant,
            customer=self.customer.contact(),
            actor=self.actor,
            by=by,
            expects=self.way,
            reach=Reach(self.audience, self.channel),
            slot=self.slot,
            at=self.occasion.occasion() if self.occasion is not None else None,
            participants=self.participants,
            choices=tuple(Choice(one.price, one.quantity) for one in self.choices),
            extras=tuple(one.line() for one in self.extras),
            place=self.place,
            note=self.note,
            staff=self.staff,
            hold=self.hold,
            composite=self.composite,
        )


class OfCustomer(Given):
    """Whose bookings are wanted: the address stands in no URL, for those end up in logs."""

    address: str = Field(max_length=address_octets_max)
    filters: Listing = Field(default_factory=Listing)

    @model_validator(mode="after")
    def _can_be(self) -> Self:
        self.customer()
        return self

    def customer(self) -> RealAddress:
        return RealAddress(self.address.strip())


class Overview(BaseModel):
    """How many bookings there are of each kind (SV-21, SL-19, ST-18, ST-24)."""

    tabs: dict[str, int]
    stages: dict[str, int]
    actions: dict[str, int] = Field(description="By how the required action stands.")
    waits_for: dict[str, int] = Field(description="By whose move it is.")
    unseen: int = Field(description="Requests that nobody of the partner's side has looked at (OR-20).")
    not_contacted: int = Field(description="Requests whose customer nobody has spoken with (OR-21).")
    overdue: int


def router(bookings: Bookings, repeats: Repeats, guard: Guard, clock: Clock) -> APIRouter:
    """`/bookings` and `/bookings.csv`."""
    routes = APIRouter(tags=["bookings"])
    reads = Depends(guard.needs(Scope.BOOKINGS_READ))
    writes = Depends(repeatable(guard, Scope.BOOKINGS_WRITE, repeats))

    def shown(one: Shown) -> ShownBooking:
        return ShownBooking.of(one, clock())

    async def listed(wanted: Listing, customer: RealAddress | None = None) -> Page:
        page = await bookings.page(wanted.filter(customer), wanted.order, wanted.limit, wanted.after)
        return Page(items=[shown(one) for one in page.items], next=page.next)

    @routes.post(
        "/bookings",
        status_code=HTTPStatus.CREATED.value,
        response_model=ShownBooking,
        summary="Begin a booking",
        responses=REFUSED,
    )
    async def begin(to_book: ToBook, request: Repeatable = writes) -> Response:
        """A request, a reservation or a checkout, as the mode of its variant says."""
        if to_book.actor in HOUSE:
            insist(request.bearer, Scope.BOOKINGS_OPERATE)
        asked = to_book.asked(by(request.bearer))
        return await request.answered(
            lambda once: bookings.begin(asked, once), lambda one: shown(one).model_dump_json(), HTTPStatus.CREATED
        )

    @routes.get("/bookings", summary="List bookings", dependencies=[reads])
    async def page(wanted: Annotated[Listing, Query()]) -> Page:
        """Expired ones are left out unless they are asked for."""
        return await listed(wanted)

    @routes.post("/bookings/of-customer", summary="List the bookings of one customer", dependencies=[reads])
    async def of_customer(whose: OfCustomer) -> Page:
        """Those that they made and those that were made for them (ST-11, ST-16)."""
        return await listed(whose.filters, whose.customer())

    @routes.get("/bookings/counts", summary="Count bookings by where they stand", dependencies=[reads])
    async def counts(wanted: Annotated[Narrowing, Query()]) -> Overview:
        found = await bookings.counts(wanted.filter())
        return Overview(
            tabs=dict(zip(spelled(found.tabs), found.tabs.values(), strict=True)),
            stages=dict(zip(spelled(found.stages), found.stages.values(), strict=True)),
            actions=dict(zip(spelled(found.actions), found.actions.values(), strict=True)),
            waits_for=dict(zip(spelled(found.waits_for), found.waits_for.values(), strict=True)),
            unseen=found.unseen,
            not_contacted=found.not_contacted,
            overdue=found.overdue,
        )

    @routes.get(
        "/bookings.csv",
        summary="Export bookings",
        dependencies=[reads],
        response_class=Response,
        responses={HTTPStatus.OK.value: {"content": {export.media_type: {}}, "description": "RFC 4180, a line for each."}},
    )
    async def exported(
        wanted: Annotated[Narrowing, Query()],
    ) -> StreamingResponse:
        """The same filters as the list's. UTF-8 with a mark at its beginning, without which Excel takes it for something else."""
        rows = export.lines(_each(bookings, wanted, shown))
        # Asked for before the answer begins: what is wrong until then still has a status.
        first = await anext(rows)
        headers = {"Content-Disposition": 'attachment; filename="bookings.csv"'}
        return StreamingResponse(_from(first, rows), media_type=export.media_type, headers=headers)

    @routes.get("/bookings/{reference}", summary="Look at a booking", dependencies=[reads], responses=NO_SUCH)
    async def one(reference: Reference) -> ShownBooking:
        return shown(await bookings.one(reference))

    return routes


async def _each(bookings: Bookings, wanted: Narrowing, shown: Callable[[Shown], ShownBooking]) -> AsyncIterator[ShownBooking]:
    async for one in bookings.all(wanted.filter(), Order.NEWEST):
        yield shown(one)


async def _from(first: bytes, rest: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    yield first
    async for octets in rest:
        yield octets
