"""Stepping in: each act has a page that says what it will do, and happens on what was looked at or not at all (SV-5, GY-26, T25).

What is possible says the booking's lifecycle, or the conversation's standing; nothing is decided here.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Annotated, Final, TypeVar
from urllib.parse import quote
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from fastapi.responses import RedirectResponse
from starlette.exceptions import HTTPException

from relay.booking.booking import Actor, Stage, reason_characters_max
from relay.booking.lifecycle import NotAllowed
from relay.booking.money import Money
from relay.booking.situation import Act
from relay.conversation import Standing
from relay.correspondence.languages import marked as _
from relay.errors import Conflict, NotFound
from relay.transit.crossing import Fate
from relay.values import Role
from relay.web.booking_ports import Doing, Shown, Stale
from relay.web.link_terms import amount_of
from relay.web.ports import Queue, Queued
from relay.web.site.forms import Entered, entered
from relay.web.site.route import PageRoute
from relay.web.site.support import words
from relay.web.site.support.context import DisputeGround
from relay.web.site.support.dispute_ports import Dispute
from relay.web.site.viewer import Office, Viewer

T = TypeVar("T")

extended_by: Final = timedelta(days=7)
"""What the form proposes."""
longest: Final = timedelta(days=366)
"""How far from now a window may end."""

_CANCELLABLE: Final = frozenset({Stage.AWAITING_PAYMENT, Stage.CONFIRMED})


@dataclass(frozen=True, slots=True)
class Deed:
    """`word` stands in addresses, `label` on buttons, `says` on its page: what it will do. `act` is the booking's, where it is
    one. `needs`: what its form asks for."""

    word: str
    label: str
    says: str
    told: str
    act: Act | None = None
    needs: tuple[str, ...] = ()
    is_grave: bool = False


ACTS: Final = (
    Deed(
        *("extend", _("Extend the window"), _("The two may write to each other until the time below. Nobody gets a mail.")),
        told=_("The window is extended."),
        needs=("until",),
    ),
    Deed(
        *("close", _("Close the conversation")),
        says=_("Nothing that they write passes any more. Both get a mail that says so where there is a booking."),
        told=_("The conversation is closed."),
        act=Act.CLOSE_CONVERSATION,
        needs=("reason",),
        is_grave=True,
    ),
    Deed(
        *("reopen", _("Open it again"), _("The two may write to each other again, until the time below. Nobody gets a mail.")),
        told=_("The conversation is open again."),
        act=Act.REOPEN_CONVERSATION,
        needs=("until",),
    ),
    Deed(
        *("resume-partner", _("Let mail to the provider pass again")),
        says=_("They reported mail as abuse, so none goes to them. After this it does again."),
        told=_("Mail goes to the provider again."),
    ),
    Deed(
        *("resume-customer", _("Let mail to the customer pass again")),
        says=_("They reported mail as abuse, so none goes to them. After this it does again."),
        told=_("Mail goes to the customer again."),
    ),
    Deed(
        *("cancel", _("Cancel the booking")),
        says=_("The booking ends, its place is free, and both get a mail. What goes back to the customer is as its terms say."),
        told=_("The booking is cancelled. Both get a mail."),
        act=Act.CANCEL,
        needs=("reason",),
        is_grave=True,
    ),
    Deed(
        *("refund", _("Refund"), _("The amount below goes back to where the payment came from, and nowhere else.")),
        told=_("The refund is under way."),
        act=Act.REFUND,
        needs=("amount", "reason"),
        is_grave=True,
    ),
    Deed(
        *("refer", _("Refer the customer to the provider")),
        says=_(
            "The customer gets a mail that says why support cannot cancel, with the address at which they reach the provider."
        ),
        told=_("The customer gets a mail with the provider's address here."),
        act=Act.REFER,
    ),
)
_BY_WORD: Final = {one.word: one for one in ACTS}


def possible(of: Dispute, booking: Shown | None) -> tuple[Deed, ...]:
    """What may be done now. Cancelling is offered whenever a booking is one that is cancelled: its page says why not (SV-5)."""
    return tuple(one for one in ACTS if _is_possible(one, of, booking))


def _is_possible(one: Deed, of: Dispute, booking: Shown | None) -> bool:
    may = booking.possible.get(Actor.SUPPORT, ()) if booking is not None else ()
    match one.word:
        case "extend":
            return of.standing in {Standing.OPEN, Standing.OVER}
        case "close":
            return of.standing in {Standing.OPEN, Standing.OVER, Standing.PENDING} if booking is None else one.act in may
        case "reopen":
            return of.standing in {Standing.CLOSED, Standing.OVER} if booking is None else one.act in may
        case "resume-partner" | "resume-customer":
            role = Role.PARTNER if one.word == "resume-partner" else Role.CUSTOMER
            return any(party.role is role and party.suspended_at is not None for party in of.parties)
        case "cancel":
            return booking is not None and booking.booking.stage in _CANCELLABLE
        case _:
            return one.act in may


@dataclass(frozen=True, slots=True)
class QueueDeed:
    """A step on something in the queue."""

    word: str
    label: str
    says: str
    told: str
    do: Callable[[Queue, str, str, str], Awaitable[None]] = field(repr=False)
    is_grave: bool = False
    is_of_message: bool = True


async def _release(queue: Queue, id_: str, by: str, because: str) -> None:  # noqa: ARG001  one shape for all
    await queue.release(id_, by)


async def _release_bare(queue: Queue, id_: str, by: str, because: str) -> None:  # noqa: ARG001
    await queue.release(id_, by, without_attachments=True)


async def _hold(queue: Queue, id_: str, by: str, because: str) -> None:  # noqa: ARG001
    await queue.hold(id_, by)


async def _retry(queue: Queue, id_: str, by: str, because: str) -> None:  # noqa: ARG001
    await queue.retry(id_, by)


QUEUE_ACTS: Final = (
    QueueDeed(
        *(
            "release",
            _("Let it out"),
            _("It goes to the other party as it stands now. Nothing more is taken out of it."),
        ),
        told="released",
        do=_release,
    ),
    QueueDeed(
        *("release-bare", _("Let it out without its attachments")),
        says=_("It is made anew without its files, read again, and goes out if nothing is found in it any more."),
        told="released",
        do=_release_bare,
    ),
    QueueDeed(
        *("return", _("Return it to its writer")),
        says=_("It does not pass. Its writer gets a notice that says why; an automatic mail is answered by nothing."),
        told="returned",
        do=lambda queue, id_, by, because: queue.return_(id_, by, because),
        is_grave=True,
    ),
    QueueDeed(
        *("hold", _("Stop it"), _("It is not sent until somebody lets it out. Nobody is told.")),
        told="stopped",
        do=_hold,
        is_of_message=False,
    ),
    QueueDeed(
        *("retry", _("Try it now"), _("It is tried at once, and not at its next turn.")),
        told="retried",
        do=_retry,
        is_of_message=False,
    ),
)
_QUEUE_BY_WORD: Final = {one.word: one for one in QUEUE_ACTS}
because_characters_max: Final = 500


def queue_acts(queued_is_share: bool, *, is_held: bool, can_be_released: bool) -> tuple[QueueDeed, ...]:
    """What may be done with a share of a message that is held, or with a delivery."""
    if queued_is_share:
        wanted = ("release", "release-bare", "return") if can_be_released else ("release-bare", "return")
        return tuple(_QUEUE_BY_WORD[word] for word in wanted)
    return (_QUEUE_BY_WORD["release"],) if is_held else (_QUEUE_BY_WORD["hold"], _QUEUE_BY_WORD["retry"])


Reference = Annotated[str, Path(max_length=100)]


def router(ground: DisputeGround) -> APIRouter:
    """`/support/bookings/{reference}/act/{word}` and `/support/queue/{id}/{word}`."""
    routes = APIRouter(include_in_schema=False, route_class=PageRoute)
    acts = Depends(ground.site.needs(Office.SUPPORT))

    @routes.get("/support/bookings/{reference}/act/{word}")
    async def look(request: Request, reference: Reference, word: str, viewer: Viewer = acts) -> Response:
        return await _Form(ground, request, viewer, reference, _found(_BY_WORD, word)).shown()

    @routes.post("/support/bookings/{reference}/act/{word}")
    async def act(request: Request, reference: Reference, word: str, viewer: Viewer = acts) -> Response:
        return await _Form(ground, request, viewer, reference, _found(_BY_WORD, word)).done(await entered(request))

    @routes.get("/support/queue/{id_}/{word}")
    async def look_at_queue(
        request: Request,
        id_: Annotated[str, Path(max_length=60)],
        word: str,
        booking: Annotated[str, Query(max_length=100)],
        viewer: Viewer = acts,
    ) -> Response:
        return _queue_page(ground, request, viewer, await ground.queue.one(id_), _found(_QUEUE_BY_WORD, word), booking)

    @routes.post("/support/queue/{id_}/{word}")
    async def act_on_queue(
        request: Request,
        id_: Annotated[str, Path(max_length=60)],
        word: str,
        booking: Annotated[str, Query(max_length=100)],
        viewer: Viewer = acts,
    ) -> Response:
        deed = _found(_QUEUE_BY_WORD, word)
        because = (await entered(request)).line("because")
        queued = await ground.queue.one(id_)
        if "@" in because or len(because) > because_characters_max:
            wrong = _("It stays for ever, so it cannot hold a mail address.")
            return _queue_page(ground, request, viewer, queued, deed, booking, wrong=wrong, because=because)
        try:
            await deed.do(ground.queue, id_, viewer.by, because)
        except NotFound:
            raise
        except Conflict as why:
            return _queue_page(ground, request, viewer, queued, deed, booking, refused=str(why), because=because)
        message = f"&message={quote(queued.message, safe='')}" if queued.message is not None else ""
        return RedirectResponse(f"{_here(booking)}?told={deed.told}{message}", HTTPStatus.SEE_OTHER)

    return routes


@dataclass(frozen=True, slots=True)
class _Form:
    """One act on one booking, its page and its doing."""

    ground: DisputeGround
    request: Request
    viewer: Viewer
    reference: str
    deed: Deed

    async def shown(
        self,
        status: HTTPStatus = HTTPStatus.OK,
        *,
        form: Entered | None = None,
        wrong: dict[str, str] | None = None,
        refused: str = "",
        is_stale: bool = False,
    ) -> Response:
        found, booking = await self._looked_at()
        now = self.ground.site.clock()
        zone = booking.booking.zone if booking is not None else ZoneInfo("UTC")
        until = max(now, found.closes_at) + extended_by
        refer = booking is not None and Act.REFER in booking.possible.get(Actor.SUPPORT, ())
        is_possible, was_tried = _is_possible(self.deed, found, booking), bool(refused)
        if self.deed.word == "cancel" and booking is not None and Act.CANCEL not in booking.possible.get(Actor.SUPPORT, ()):
            # SV-5: the page says why before anybody has filled anything in.
            refused = refused or _("The required action is done: what the customer signed binds them to the provider.")
            status = HTTPStatus.CONFLICT
        return self.ground.page(
            self.request,
            "support/act.html",
            self.viewer,
            status=status,
            here="search",
            deed=self.deed,
            dispute=found,
            shown=booking,
            zone=zone,
            utc=ZoneInfo("UTC"),
            address=_here(self.reference),
            until=form.line("until") if form is not None else f"{until.astimezone(zone):%Y-%m-%dT%H:%M}",
            reason=form.text("reason") if form is not None else "",
            amount=form.line("amount") if form is not None else _refundable(booking),
            reason_characters_max=reason_characters_max,
            wrong=wrong or {},
            refused=refused,
            was_tried=was_tried,
            refer=refer and (self.deed.word == "cancel"),
            is_possible=is_possible,
            is_stale=is_stale,
            words=words,
        )

    async def done(self, form: Entered) -> Response:
        found, booking = await self._looked_at()
        if form.line("version") != (str(booking.booking.version) if booking is not None else ""):
            return await self.shown(HTTPStatus.CONFLICT, form=form, is_stale=True)
        if self.deed.act is None and form.line("looked_at") != found.looked_at:
            return await self.shown(HTTPStatus.CONFLICT, form=form, is_stale=True)
        zone = booking.booking.zone if booking is not None else ZoneInfo("UTC")
        until = _instant(form.line("until"), zone) if "until" in self.deed.needs else None
        amount = _amount(form.line("amount"), booking) if "amount" in self.deed.needs else None
        wrong: dict[str, str] = {}
        now = self.ground.site.clock()
        if "until" in self.deed.needs and (until is None or not now < until <= now + longest):
            wrong["until"] = _("A date and a time that is to come is needed, at most a year away.")
        if "amount" in self.deed.needs and amount is None:
            wrong["amount"] = _("An amount is needed, such as 12.50.")
        if len(form.text("reason")) > reason_characters_max:
            wrong["reason"] = _("That is too long.")
        if wrong:
            return await self.shown(HTTPStatus.UNPROCESSABLE_ENTITY, form=form, wrong=wrong)
        try:
            await self._do(booking, form.text("reason"), until, amount)
        except Stale:
            return await self.shown(HTTPStatus.CONFLICT, form=form, is_stale=True)
        except NotAllowed as no:
            return await self.shown(HTTPStatus.CONFLICT, form=form, refused=no.why)
        except NotFound:
            raise
        except Conflict as no:
            return await self.shown(HTTPStatus.CONFLICT, form=form, refused=str(no))
        return RedirectResponse(f"{_here(self.reference)}?told={self.deed.word}", HTTPStatus.SEE_OTHER)

    async def _looked_at(self) -> tuple[Dispute, Shown | None]:
        return await self.ground.disputes.one(self.reference, before=0), await self.ground.booking(self.reference)

    async def _do(self, booking: Shown | None, reason: str, until: datetime | None, amount: Money | None) -> None:
        by, conversations = self.viewer.by, self.ground.conversations
        if self.deed.act is not None and booking is not None and self.ground.bookings is not None:
            doing = Doing(self.deed.act, Actor.SUPPORT, by, booking.booking.version, reason=reason, until=until, amount=amount)
            await self.ground.bookings.act(self.reference, doing, None)
            return
        match self.deed.word:
            case "extend" if until is not None:
                await conversations.extend(self.reference, until, by)
            case "reopen" if until is not None:
                await conversations.reopen(self.reference, until, by)
            case "close":
                await conversations.close(self.reference, by)
            case "resume-partner":
                await conversations.resume(self.reference, Role.PARTNER, by)
            case "resume-customer":
                await conversations.resume(self.reference, Role.CUSTOMER, by)
            case _:
                raise HTTPException(HTTPStatus.NOT_FOUND)


def _queue_page(
    ground: DisputeGround,
    request: Request,
    viewer: Viewer,
    queued: Queued,
    deed: QueueDeed,
    reference: str,
    *,
    wrong: str = "",
    refused: str = "",
    because: str = "",
) -> Response:
    status = HTTPStatus.UNPROCESSABLE_ENTITY if wrong else HTTPStatus.CONFLICT if refused else HTTPStatus.OK
    return ground.page(
        request,
        "support/queue_act.html",
        viewer,
        status=status,
        here="search",
        deed=deed,
        queued=queued,
        reference=reference,
        address=_here(reference),
        wrong=wrong,
        refused=refused,
        because=because,
        because_characters_max=because_characters_max,
        words=words,
        utc=ZoneInfo("UTC"),
        Fate=Fate,
    )


def _found(table: Mapping[str, T], word: str) -> T:
    found = table.get(word)
    if found is None:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    return found


def _here(reference: str) -> str:
    return f"/support/bookings/{quote(reference, safe='')}"


def _instant(written: str, zone: ZoneInfo) -> datetime | None:
    """As a form writes it, in the activity's zone; None for anything else."""
    try:
        at = datetime.fromisoformat(written)
    except ValueError:
        return None
    return at.replace(tzinfo=zone) if at.tzinfo is None else at


def _amount(written: str, booking: Shown | None) -> Money | None:
    if booking is None:
        return None
    try:
        found = amount_of(written, booking.booking.terms.currency)
    except ValueError:
        return None
    return found if found.minor > 0 else None


def _refundable(booking: Shown | None) -> str:
    if booking is None:
        return ""
    return str(booking.account.refundable).partition(" ")[0]
