"""Messages: where somebody waits for an answer, and the conversation of one booking as the partner has it.

What the customer wrote is shown as it crossed to the partner, and their alias with it: the same in every mail, here and in the
API (GY-17, GY-18). The customer's own address is nowhere (invariant 1). What changes the booking goes through our support
(GY-26).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import quote, urlencode

from fastapi import APIRouter, Request, Response

from relay.booking.booking import Actor
from relay.booking.selection import Filter, Order
from relay.booking.situation import Act
from relay.conversation import Standing
from relay.correspondence.languages import marked as _
from relay.errors import NotFound
from relay.policy.reasons import Reason
from relay.transit.crossing import Fate
from relay.values import Clock, Role
from relay.web.booking_ports import Bookings, Past, Shown
from relay.web.party_ports import Parties
from relay.web.ports import Conversations
from relay.web.site.layout import Site
from relay.web.site.mail_frame import frame
from relay.web.site.partner.access import is_theirs
from relay.web.site.partner.ways import ways
from relay.web.site.route import PageRoute
from relay.web.site.thread_ports import DownloadedFile, Reached, Thread, ThreadEntry, Threads
from relay.web.site.viewer import Membership
from relay.web.site.words import site_words

rows_max: Final = 50
entries_max: Final = 20
number_max: Final = 1_000
FILE_POLICY: Final = "sandbox; default-src 'none'"

REASONS: Final = {
    Reason.NOT_YET_OPEN: _("The booking was not confirmed yet; until then no mail passes."),
    Reason.CLOSED: _("The conversation was closed already."),
    Reason.SEVERAL_CUSTOMERS: _("Several customers stood in To or Cc. Write to each on their own, or put them into Bcc."),
    Reason.THIRD_PARTY: _("Somebody else stood in To or Cc."),
    Reason.ATTACHMENTS_TOO_LARGE: _("The attachments were too large."),
    Reason.ATTACHMENT_TYPE: _("An attachment was of a kind that does not pass."),
    Reason.VIRUS: _("An attachment was blocked by the virus scan."),
    Reason.RATE: _("Too many messages came in a short time."),
    Reason.LOOP: _("It went round in a circle between two mail programs."),
    Reason.UNREADABLE: _("It was damaged, so that it could not be read safely."),
    Reason.ENCRYPTED: _("It was encrypted, so that nobody could check it."),
    Reason.UNREACHABLE: _("Nobody is reached at the other side's address at present."),
    Reason.SUSPENDED: _("Our support looks at this conversation first."),
    Reason.UNKNOWN_WRITER: _(
        "It came from an address that we do not know as yours. Look for our mail that asks whether you wrote it."
    ),
    Reason.OWN_ALIAS: _("It was written to your own address here."),
    Reason.NOT_ONE_AUTHOR: _("It did not name exactly one sender."),
    Reason.UNPROVEN: _("Your mail server did not prove that it came from you."),
    Reason.DISOWNED: _("Your mail server did not prove that it came from you."),
    Reason.ANSWER: _("It counted as an answer about the booking."),
}
HELD: Final = _("Somebody at our house looks at it first. You need not do anything.")
REFUSED: Final = _("It could not be passed on. You got a mail that says why.")

FATES: Final = {
    Fate.REFUSED: (_("Not passed on"), "bad"),
    Fate.HELD: (_("Held"), "warn"),
    Fate.TAKEN: (_("Taken as an answer"), "good"),
}
REACHED: Final = {
    Reached.UNDER_WAY: (_("On its way"), ""),
    Reached.DELIVERED: (_("Delivered"), "good"),
    Reached.FAILED: (_("Could not be delivered"), "bad"),
    Reached.STOPPED: (_("Not passed on"), "bad"),
}
STANDINGS: Final = {
    Standing.PENDING: (_("Not open yet"), "warn"),
    Standing.OPEN: (_("Window open"), "good"),
    Standing.OVER: (_("Over"), ""),
    Standing.CLOSED: (_("Closed"), "bad"),
}
_SAID: Final = {Act.CONTACT.value: Role.PARTNER, Act.WRITE_BACK.value: Role.CUSTOMER}
_SOON: Final = timedelta(minutes=10)
"""Within which a mail that answers about a booking is in its history."""


@dataclass(frozen=True, slots=True)
class Said:
    """One entry of the page: a mail, or what was written on a page of ours before mail passed (SL-24, OR-24)."""

    at: datetime
    is_mine: bool
    mail: ThreadEntry | None = None
    text: str = field(default="", repr=False)
    reason: str = ""
    """Why it did not pass, as a sentence."""


def router(
    site: Site, clock: Clock, bookings: Bookings, parties: Parties, threads: Threads, conversations: Conversations
) -> APIRouter:
    """`/partner/{partner}/messages` and `/partner/{partner}/bookings/{reference}/messages`."""
    routes = APIRouter(prefix="/partner/{partner}", include_in_schema=False, route_class=PageRoute)

    async def booking_of(membership: Membership, reference: str) -> Shown:
        shown = await parties.one(reference, Role.PARTNER)
        if not is_theirs(shown.booking, membership):
            raise NotFound(f"no booking {reference} of theirs")
        return shown

    @routes.get("/messages")
    async def messages(request: Request, partner: str) -> Response:
        viewer, membership = await site.at_partner(request, partner)
        waits = request.query_params.get("show") == "waiting"
        sees_all = membership.member is None or membership.sees_team
        after = request.query_params.get("after") or None
        assignee = None if sees_all else membership.member
        found = await threads.latest(partner, assignee, waits=waits, limit=rows_max, after=after)
        references = tuple(one.reference for one in found.items)
        wanted = Filter(references=references, partner=partner)
        known = (await bookings.page(wanted, Order.NEWEST, rows_max, None)).items if references else ()
        by_reference = {one.booking.reference: one for one in known if is_theirs(one.booking, membership)}
        return site.page(
            request,
            "partner/messages.html",
            viewer,
            ways=ways(viewer, membership, "messages"),
            partner=membership,
            waits=waits,
            rows=[(one, by_reference[one.reference]) for one in found.items if one.reference in by_reference],
            next_href=f"?{urlencode({**({'show': 'waiting'} if waits else {}), 'after': found.next})}" if found.next else "",
            is_first=after is None,
        )

    @routes.get("/bookings/{reference}/messages")
    async def conversation(request: Request, partner: str, reference: str) -> Response:
        viewer, membership = await site.at_partner(request, partner)
        shown = await booking_of(membership, reference)
        open_ = await conversations.one(reference)
        before = request.query_params.get("before") or None
        thread = await threads.thread(reference, Role.PARTNER, entries_max, before)
        past = await parties.history(reference, Role.PARTNER)
        said = said_in(thread, past, request.query_params.get("at", ""), Role.PARTNER)
        older = {"before": thread.next, "at": thread.entries[-1].at.isoformat()} if thread.next is not None else {}
        standing = open_.standing(clock())
        possible = shown.possible.get(Actor.PARTNER, ())
        return site.page(
            request,
            "partner/conversation.html",
            viewer,
            ways=ways(viewer, membership, "messages"),
            partner=membership,
            one=shown,
            said=said,
            standing=standing,
            standings=STANDINGS,
            fates=FATES,
            reached=REACHED,
            closes_at=open_.window.closes_at,
            closed_at=open_.closed_at,
            Standing=Standing,
            Fate=Fate,
            older=f"?{urlencode(older)}" if older else "",
            is_first=before is None,
            can_contact=Act.CONTACT in possible,
        )

    @routes.get("/bookings/{reference}/messages/{message}/html")
    async def html(request: Request, partner: str, reference: str, message: str) -> Response:
        viewer, membership = await site.at_partner(request, partner)
        await booking_of(membership, reference)
        content = await threads.page(reference, Role.PARTNER, message)
        return await frame(content, site_words(viewer.language).gettext, viewer.language.value)

    @routes.get("/bookings/{reference}/messages/{message}/files/{number}")
    async def file(request: Request, partner: str, reference: str, message: str, number: int) -> Response:
        _viewer, membership = await site.at_partner(request, partner)
        await booking_of(membership, reference)
        if not 0 <= number <= number_max:
            raise NotFound("no such file")
        return download(await threads.file(reference, Role.PARTNER, message, number))

    return routes


def download(file: DownloadedFile) -> Response:
    """A file of a mail, to be kept and not to be shown: whatever it is, it is never a page of ours."""
    headers = {
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(file.name, safe='')}",
        "Content-Security-Policy": FILE_POLICY,
        "X-Content-Type-Options": "nosniff",
        "X-Robots-Tag": "noindex",
        "Cache-Control": "private, no-store",
    }
    return Response(file.content, media_type="application/octet-stream", headers=headers)


def why(entry: ThreadEntry) -> str:
    """Why a message of theirs did not pass, as a sentence in English; empty where it did."""
    if entry.fate not in {Fate.REFUSED, Fate.HELD} or not entry.is_mine:
        return ""
    known = next((said for reason, said in REASONS.items() if reason.value == entry.reason), "")
    return known or (HELD if entry.fate is Fate.HELD else REFUSED)


def said_in(thread: Thread, past: Sequence[Past], at: str, reader: Role) -> list[Said]:
    """Mail and what was written on our pages, together, the newest first: of the span that this page of the conversation has.

    `at` is when the page before ended, as its link says.
    """
    entries, before = thread.entries, _instant(at)
    taken = [one.at for one in entries if one.fate is Fate.TAKEN]
    since = None if thread.next is None or not entries else entries[-1].at
    written = [
        Said(one.at, is_mine=_SAID[one.act] is reader, text=one.reason)
        for one in past
        if one.act in _SAID and one.reason and (before is None or one.at < before) and (since is None or one.at >= since)
    ]
    mails = [Said(one.at, one.is_mine, one, reason=why(one)) for one in entries]
    # What somebody answered by mail stands in the history too.
    once = [one for one in written if not (one.is_mine and any(at <= one.at <= at + _SOON for at in taken))]
    return sorted((*mails, *once), key=lambda one: one.at, reverse=True)


def _instant(written: str) -> datetime | None:
    try:
        at = datetime.fromisoformat(written)
    except ValueError:
        return None
    return at if at.tzinfo is not None else None
