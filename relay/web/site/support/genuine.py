"""Is this genuine? A mail, a text or a hash that somebody shows us, beside what we have (AR-2 box)."""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import Final
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Request, Response

from relay.correspondence.languages import marked as _
from relay.errors import NotFound
from relay.transit.casework import Looked
from relay.web.site.forms import entered
from relay.web.site.route import PageRoute
from relay.web.site.support.context import READERS, DisputeGround
from relay.web.site.support.dispute_ports import Compared, Sameness, Which
from relay.web.site.viewer import Viewer

PATH: Final = "/support/genuine"
_UTC: Final = ZoneInfo("UTC")
_HASH: Final = re.compile(r"[0-9a-fA-F]{64}")

VERDICTS: Final = {
    Sameness.IDENTICAL: (_("Identical: octet for octet what we have."), "good"),
    Sameness.AS_SIGNED: (_("Genuine: all that we signed is as we sent it. Servers on the way added lines of theirs."), "good"),
    Sameness.BODY_EQUAL: (_("The words and the files are the same. What is around them is not."), "good"),
    Sameness.DIFFERS: (_("It differs from what we have, here:"), "bad"),
    Sameness.NOT_OURS: (_("Not ours: we have nothing like it."), "bad"),
}


def router(ground: DisputeGround) -> APIRouter:
    """`/support/genuine`."""
    routes = APIRouter(include_in_schema=False, route_class=PageRoute)
    reads = Depends(ground.site.needs(*READERS))

    @routes.get(PATH)
    async def ask(request: Request, booking: str = "", viewer: Viewer = reads) -> Response:
        return _page(ground, request, viewer, reference=booking[:100])

    @routes.post(PATH)
    async def answer(request: Request, viewer: Viewer = reads) -> Response:
        form = await entered(request)
        reference, text = form.line("booking"), form.text("text")
        given = form.files.get("mail")
        content = await given.read(ground.message_octets_max + 1) if given is not None else b""
        if len(content) > ground.message_octets_max:
            return _page(
                ground, request, viewer, reference=reference, text=text, wrong_mail=_("That is larger than any message here.")
            )
        if not content and not text:
            return _page(ground, request, viewer, reference=reference, wrong_mail=_("Choose a mail, or paste a text or a hash."))
        if not content and not reference:
            wrong = _("For a text or a hash, the booking has to be named.")
            return _page(ground, request, viewer, text=text, wrong_reference=wrong)
        try:
            found = await _compared(ground, content, reference, text)
        except NotFound:
            wrong = _("There is no booking with this reference.")
            return _page(ground, request, viewer, reference=reference, text=text, wrong_reference=wrong)
        if found.message:
            await ground.note(viewer, Looked.VIEW, f"message {found.message}")
        zone = await ground.zone(found.reference) if found.reference else _UTC
        return _page(ground, request, viewer, reference=reference, text=text, found=found, zone=zone)

    return routes


async def _compared(ground: DisputeGround, content: bytes, reference: str, text: str) -> Compared:
    if content:
        return await ground.disputes.compare(content, reference)
    if _HASH.fullmatch(text):
        return await ground.disputes.with_hash(text, reference)
    return await ground.disputes.compare_text(text, reference)


def _page(
    ground: DisputeGround,
    request: Request,
    viewer: Viewer,
    *,
    reference: str = "",
    text: str = "",
    found: Compared | None = None,
    zone: ZoneInfo = _UTC,
    wrong_mail: str = "",
    wrong_reference: str = "",
) -> Response:
    message = f"/support/messages/{found.message}?{urlencode({'tab': 'source'})}" if found is not None and found.message else ""
    return ground.page(
        request,
        "support/genuine.html",
        viewer,
        status=HTTPStatus.UNPROCESSABLE_ENTITY if wrong_mail or wrong_reference else HTTPStatus.OK,
        here="genuine",
        reference=reference,
        text=text,
        found=found,
        verdict=VERDICTS[found.sameness] if found is not None else None,
        message_href=message,
        zone=zone,
        utc=_UTC,
        wrong_mail=wrong_mail,
        wrong_reference=wrong_reference,
        message_octets_max=ground.message_octets_max,
        Which=Which,
        Sameness=Sameness,
    )
