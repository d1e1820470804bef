"""One message in all its forms: as each side saw it, as it came, what was changed, how it went (AR-2, the tabs of a message).

Support reads what was delivered, masked. What was received is for SENIOR, who says why first; each look is in the trace. Nothing
of an infected message is shown or handed out.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import Annotated, Any, Final
from urllib.parse import quote, urlencode
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from fastapi.responses import RedirectResponse
from starlette.exceptions import HTTPException

from relay.correspondence.languages import marked as _
from relay.errors import Unreadable
from relay.message.concealed import concealed
from relay.message.parse import parse
from relay.transit.casework import Looked, reason_characters_max
from relay.transit.crossing import Fate
from relay.values import Role
from relay.web.site.forms import entered
from relay.web.site.layout import Way
from relay.web.site.mail_frame import files_of, frame, mail_shown, plain_name, words_shown
from relay.web.site.route import PageRoute
from relay.web.site.support import words
from relay.web.site.support.changes import rows
from relay.web.site.support.context import READERS, DisputeGround
from relay.web.site.support.dispute_ports import MessageSeen, SentSeen, ShareSeen
from relay.web.site.viewer import Office, Viewer
from relay.web.site.words import site_words

source_characters_max: Final = 100_000
"""Of the source that a page shows; all of it can be had as a file."""
reason_characters_min: Final = 5

TABS: Final = {
    "customer": _("As the customer saw it"),
    "provider": _("As the provider saw it"),
    "original": _("Original"),
    "changes": _("Changes"),
    "headers": _("Headers"),
    "source": _("Source"),
    "delivery": _("Delivery"),
    "checks": _("Checks"),
}
_SIDES: Final = {"customer": Role.CUSTOMER, "provider": Role.PARTNER}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What of a message is asked for: whose share, in which form, and by what right."""

    share: int
    form: str
    """delivered, original, or notice-N."""
    key: str
    pictures: bool


MessageNamed = Annotated[str, Path(max_length=40, pattern="^[0-9a-z]+$")]


def router(ground: DisputeGround) -> APIRouter:
    """`/support/messages/{id}`."""
    routes = APIRouter(include_in_schema=False, route_class=PageRoute)
    reads, senior = Depends(ground.site.needs(*READERS)), Depends(ground.site.needs(Office.SENIOR))

    def wanted(
        share: Annotated[int, Query(ge=0, le=10_000)] = 0,
        form: Annotated[str, Query(max_length=20)] = "delivered",
        key: Annotated[str, Query(max_length=80)] = "",
        pictures: bool = False,
    ) -> Wanted:
        return Wanted(share, form, key, pictures)

    asks = Depends(wanted)

    @routes.get("/support/messages/{message}")
    async def page(
        request: Request,
        message: MessageNamed,
        tab: Annotated[str, Query(max_length=20)] = "",
        asked: Wanted = asks,
        viewer: Viewer = reads,
    ) -> Response:
        found = await ground.disputes.message(message)
        await ground.note(viewer, Looked.VIEW, f"message {message}")
        return await _page(ground, request, viewer, found, tab, asked)

    @routes.post("/support/messages/{message}/original")
    async def original(request: Request, message: MessageNamed, viewer: Viewer = senior) -> Response:
        """Whoever says why may read it for a while."""
        form = await entered(request)
        reason, tab = form.line("reason"), form.line("tab")
        found = await ground.disputes.message(message)
        if found.is_infected:
            raise HTTPException(HTTPStatus.NOT_FOUND)
        share = form.line("share")
        if not reason_characters_min <= len(reason) <= reason_characters_max:
            wrong = _("Say why: it is kept with your name.")
            asked = Wanted(int(share) if _is_number(share) else 0, "delivered", "", pictures=False)
            return await _page(ground, request, viewer, found, tab or "original", asked, wrong=wrong, reason=reason)
        await ground.note(viewer, Looked.REVEAL, f"message {message}", reason)
        query = urlencode({"tab": tab or "original", "share": share or "0", "key": ground.key(viewer, message)})
        return RedirectResponse(f"/support/messages/{message}?{query}", HTTPStatus.SEE_OTHER)

    @routes.get("/support/messages/{message}/frame")
    async def html(message: MessageNamed, asked: Wanted = asks, viewer: Viewer = reads) -> Response:
        content = _octets(ground, viewer, await ground.disputes.message(message), asked)
        say = site_words(viewer.language).gettext
        mask = None if asked.form == "original" else ground.mask
        return await frame(content, say, viewer.language.value, with_pictures=asked.pictures, mask=mask)

    @routes.get("/support/messages/{message}/files/{number}")
    async def file(
        message: MessageNamed,
        number: Annotated[int, Path(ge=1, le=1_000)],
        asked: Wanted = asks,
        viewer: Viewer = reads,
    ) -> Response:
        content = _octets(ground, viewer, await ground.disputes.message(message), asked)
        await ground.note(viewer, Looked.DOWNLOAD, f"message {message} file {number} {asked.form}")
        name, octets = await asyncio.to_thread(_file, content, number)
        return _download(octets, name, "application/octet-stream")

    @routes.get("/support/messages/{message}/source.eml")
    async def source(message: MessageNamed, asked: Wanted = asks, viewer: Viewer = reads) -> Response:
        """Whole, with every address in its header: for who gave a reason, in either form."""
        if not ground.opens(viewer, message, asked.key):
            raise HTTPException(HTTPStatus.NOT_FOUND)
        content = _octets(ground, viewer, await ground.disputes.message(message), asked)
        await ground.note(viewer, Looked.DOWNLOAD, f"message {message} source {asked.form}")
        return _download(content, f"{message}-{asked.form}.eml", "message/rfc822")

    return routes


def _octets(ground: DisputeGround, viewer: Viewer, found: MessageSeen, asked: Wanted) -> bytes:
    """Those that `viewer` may have, in the form that they ask for. Raises HTTPException 404 otherwise, and for all that is
    infected."""
    content: bytes | None = None
    if not found.is_infected:
        if asked.form == "original" and ground.opens(viewer, found.id, asked.key):
            content = found.original
        elif asked.form == "delivered":
            content = _share(found, asked.share).delivered
        elif asked.form.startswith("notice-") and asked.form[7:].isdigit() and len(asked.form) < 12:
            notices = found.notices
            number = int(asked.form[7:])
            content = notices[number].content if number < len(notices) else None
    if content is None:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    return content


def _share(found: MessageSeen, ordinal: int) -> ShareSeen:
    one = next((one for one in found.shares if one.ordinal == ordinal), None)
    if one is None:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    return one


async def _page(
    ground: DisputeGround,
    request: Request,
    viewer: Viewer,
    found: MessageSeen,
    tab: str,
    asked: Wanted,
    *,
    wrong: str = "",
    reason: str = "",
) -> Response:
    share = _share(found, asked.share)
    tab = tab if tab in TABS else ("provider" if share.writer is Role.CUSTOMER else "customer")
    reveal = ground.opens(viewer, found.id, asked.key) and not found.is_infected
    here = f"/support/messages/{found.id}"
    query = {"share": str(share.ordinal), **({"key": asked.key} if reveal else {})}
    zone = await ground.zone(share.reference)
    form = "original" if reveal and tab not in _SIDES else "delivered"
    content = found.original if form == "original" else share.delivered
    side = _SIDES.get(tab)
    is_writer = side is share.writer
    shown = None
    if not found.is_infected and not is_writer and (tab in _SIDES or tab == "original") and content is not None:
        shown = await asyncio.to_thread(mail_shown, content)
        if form == "delivered":
            shown = replace(shown, subject=ground.mask(shown.subject), text=ground.mask(shown.text))
    values: dict[str, Any] = {"changes": None, "headers": None, "source": None, "source_is_cut": False}
    if not found.is_infected and content is not None:
        if tab == "changes":
            values["changes"] = await asyncio.to_thread(_changes, found, share, reveal)
        elif tab == "headers":
            headers = (await asyncio.to_thread(mail_shown, content)).headers
            values["headers"] = headers if reveal else [(name, ground.mask(value)) for name, value in headers]
        elif tab == "source":
            source = plain_name(content[:source_characters_max].decode("utf-8", "replace"))
            values["source"] = source if reveal else ground.mask(source)
            values["source_is_cut"] = len(content) > source_characters_max
    say = site_words(viewer.language).gettext
    return ground.page(
        request,
        "support/message.html",
        viewer,
        status=HTTPStatus.UNPROCESSABLE_ENTITY if wrong else HTTPStatus.OK,
        here="search",
        message=found,
        share=share,
        tab=tab,
        tabs=[Way(f"{here}?{urlencode({'tab': one, **query})}", say(label), is_here=one == tab) for one, label in TABS.items()],
        address=here,
        booking=f"/support/bookings/{quote(share.reference, safe='')}",
        zone=zone,
        utc=ZoneInfo("UTC"),
        side=side,
        is_writer=is_writer,
        is_senior=viewer.holds(Office.SENIOR),
        reveal=reveal,
        form=form,
        shown=shown,
        frame_href=f"{here}/frame?{urlencode({'form': form, **query, **({'pictures': 'yes'} if asked.pictures else {})})}",
        pictures_href=f"{here}?{urlencode({'tab': tab, 'pictures': 'yes', **query})}",
        with_pictures=asked.pictures,
        file_query=urlencode({"form": form, **query}),
        source_href=f"{here}/source.eml?{urlencode({'form': form, **query})}",
        notices=[_notice(number, one.sent, one.content) for number, one in enumerate(found.notices)],
        words=words,
        wrong=wrong,
        reason=reason,
        reason_characters_max=reason_characters_max,
        Fate=Fate,
        Role=Role,
        **values,
    )


@dataclass(frozen=True, slots=True)
class Notice:
    """A mail of ours to the writer, with what it says."""

    number: int
    sent: SentSeen
    subject: str
    text: str


def _notice(number: int, sent: SentSeen, content: bytes | None) -> Notice:
    shown = mail_shown(content) if content is not None else None
    return Notice(number, sent, shown.subject if shown is not None else "", concealed(shown.text) if shown is not None else "")


def _changes(found: MessageSeen, share: ShareSeen, reveal: bool) -> Sequence[object]:
    """What was written beside what was delivered. Who may not read the original sees black where something was taken out."""
    original = words_shown(found.original) if reveal and found.original is not None else found.words
    delivered = words_shown(share.delivered) if share.delivered is not None else ""
    return rows(original, delivered, reveal=reveal)


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 6


def _file(content: bytes, number: int) -> tuple[str, bytes]:
    try:
        files = files_of(parse(content))
    except Unreadable:
        files = ()
    if number > len(files):
        raise HTTPException(HTTPStatus.NOT_FOUND)
    one = files[number - 1]
    return plain_name(one.filename or "") or f"file-{number}", bytes(one.payload)


def _download(octets: bytes, name: str, media_type: str) -> Response:
    kept = "".join(sign for sign in name if sign.isprintable())[:150]
    plain = "".join(sign if sign.isascii() and (sign.isalnum() or sign in "._- ") else "_" for sign in kept) or "file"
    disposition = f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(kept, safe='')}"
    return Response(octets, media_type=media_type, headers={"Content-Disposition": disposition})
