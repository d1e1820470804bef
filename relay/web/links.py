"""The pages behind the links in mails about a booking: looking shows what would be done, a form does it.

Programs that follow links look, so looking changes nothing. A POST acts on what the secret in its address names, and only with
what the page that was looked at gave along; there are no cookies, so no other page can make somebody act who does not know the
secret. It works without JavaScript, at 360 pixels and by keyboard (OR-14).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated, Final
from urllib.parse import parse_qsl

from fastapi import APIRouter, Path, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from relay.booking.booking import Cause, reason_characters_max
from relay.booking.link import Allows, form_token, version_of
from relay.booking.notification import To
from relay.booking.situation import Act
from relay.correspondence.house import House
from relay.correspondence.link_form import Writer
from relay.correspondence.link_page import (
    LOOK_AGAIN,
    SENT,
    LinkPage,
    changed_page,
    closed_page,
    done_page,
    no_such_link,
    open_page,
    over_page,
)
from relay.correspondence.link_wording import PLEASE_CHECK, SAY_WHY, TELLS_YOU, WRITE_SOMETHING, WRITTEN_OFTEN
from relay.correspondence.notifications.times import instant
from relay.correspondence.passed_on import CannotCross
from relay.errors import NotDone, NotFound
from relay.values import Clock
from relay.web.booking_ports import Stale
from relay.web.language import asked_language
from relay.web.link_ports import BookingLinks, Opened, Said, Stands, TooMany
from relay.web.link_terms import offered_terms, offered_times, said_in_lines, written
from relay.web.pages import page

secret_characters_max: Final = 100
fields_max: Final = 150
field_characters_max: Final = 6_000

_POLICY: Final = "default-src 'none'; style-src 'self'; base-uri 'none'; form-action {}; frame-ancestors 'none'"
_HOME: Final = _POLICY.format("'self'")
_TO_CHECKOUT: Final = _POLICY.format("'self' https: http://127.0.0.1:*")
"""Browsers ask it of where a form's answer leads, too: the checkout is the payment provider's."""
_sent: Final = "sent"

Secret = Annotated[str, Path(max_length=secret_characters_max)]


@dataclass(frozen=True, slots=True)
class _Pages:
    """What all pages of a house have."""

    links: BookingLinks
    house: House
    clock: Clock

    def answered(self, content: LinkPage, status: HTTPStatus = HTTPStatus.OK, policy: str = _HOME) -> Response:
        return page("link.html", policy, status, page=content, brand=self.house.brand, support_url=self.house.support_url)

    def opened(
        self,
        secret: str,
        of: Opened,
        status: HTTPStatus = HTTPStatus.OK,
        alert: str = "",
        entered: Mapping[str, str] | None = None,
    ) -> Response:
        """The page of that link as it stands."""
        now, matter = self.clock(), of.matter
        match of.stands:
            case Stands.USED:
                return self.answered(done_page(of.link, matter, self.house, now=now), status)
            case Stands.CHANGED:
                return self.answered(changed_page(matter, self.house, now=now), HTTPStatus.CONFLICT)
            case Stands.CLOSED:
                return self.answered(closed_page(matter, self.house, now=now), HTTPStatus.CONFLICT)
            case Stands.OVER:
                return self.answered(over_page(matter, self.house, now=now), HTTPStatus.GONE)
            case Stands.OPEN:
                letter = of.letter
                content = open_page(
                    of.link,
                    of.act,
                    matter,
                    self.house,
                    now=now,
                    token=form_token(secret, matter.booking.version),
                    writer=Writer(letter.to, letter.subject, letter.text) if letter is not None else None,
                    alert=alert,
                    entered=entered,
                )
                return self.answered(content, status, _TO_CHECKOUT if of.link.allows is Allows.PAY else _HOME)

    def unknown(self, request: Request) -> Response:
        return self.answered(no_such_link(asked_language(request)), HTTPStatus.NOT_FOUND)


def router(links: BookingLinks, house: House, clock: Clock) -> APIRouter:
    """`/bookings/{secret}`."""
    routes = APIRouter(include_in_schema=False)
    pages = _Pages(links, house, clock)

    @routes.get("/bookings/{secret}", response_class=HTMLResponse)
    async def look(secret: Secret, request: Request) -> Response:
        try:
            opened = await links.look(secret)
        except NotFound:
            return pages.unknown(request)
        return pages.opened(secret, opened, alert=SENT if request.url.query == _sent else "")

    @routes.post("/bookings/{secret}", response_class=HTMLResponse)
    async def follow(secret: Secret, request: Request) -> Response:
        """Whoever reloads the page afterwards looks, and does not act again."""
        entered = _entered(await request.body())
        try:
            opened = await links.look(secret)
        except NotFound:
            return pages.unknown(request)
        # Relative, as the form is: a proxy may have put the pages below a path.
        here = RedirectResponse(secret, HTTPStatus.SEE_OTHER)
        version = version_of(secret, entered.get("token", ""), entered.get("version", ""))
        if version is None or opened.stands is not Stands.OPEN:
            return here
        if version != opened.matter.booking.version:
            return pages.opened(secret, opened, HTTPStatus.CONFLICT, LOOK_AGAIN, entered)
        try:
            return await _followed(pages, secret, opened, entered, here)
        except Stale:
            return pages.opened(secret, await links.look(secret), HTTPStatus.CONFLICT, LOOK_AGAIN, entered)
        except TooMany:
            return pages.opened(secret, opened, HTTPStatus.TOO_MANY_REQUESTS, WRITTEN_OFTEN, entered)
        except CannotCross:
            return pages.opened(secret, opened, HTTPStatus.UNPROCESSABLE_ENTITY, TELLS_YOU, entered)
        except NotDone:
            again = await links.look(secret)
            if again.stands is not Stands.OPEN:
                return pages.opened(secret, again, HTTPStatus.CONFLICT)
            return pages.opened(secret, again, HTTPStatus.CONFLICT, PLEASE_CHECK, entered)

    return routes


async def _followed(pages: _Pages, secret: str, opened: Opened, entered: Mapping[str, str], here: RedirectResponse) -> Response:
    version, allows = opened.matter.booking.version, opened.link.allows
    match entered.get("does"):
        case "write" if allows in {Allows.CONTACT, Allows.ANSWER, Allows.DECLINE}:
            text = written(entered)
            if not text:
                return pages.opened(secret, opened, HTTPStatus.UNPROCESSABLE_ENTITY, WRITE_SOMETHING, entered)
            await pages.links.write(secret, text)
            return RedirectResponse(f"{secret}?{_sent}", HTTPStatus.SEE_OTHER)
        case "pay" if allows is Allows.PAY:
            return RedirectResponse(await pages.links.pay(secret, version), HTTPStatus.SEE_OTHER)
        case "act" if opened.act is not None or allows is Allows.ASK_AGAIN:
            try:
                said = _said(opened, entered)
            except ValueError:
                return pages.opened(secret, opened, HTTPStatus.UNPROCESSABLE_ENTITY, PLEASE_CHECK, entered)
            if not said.text and _needs_reason(opened, entered):
                return pages.opened(secret, opened, HTTPStatus.UNPROCESSABLE_ENTITY, SAY_WHY, entered)
            await pages.links.act(secret, said)
    return here


def _said(opened: Opened, entered: Mapping[str, str]) -> Said:
    """What was entered. Raises ValueError for what cannot be meant."""
    matter = opened.matter
    zone = matter.product.zone
    terms = offered_terms(entered, matter.booking.terms, zone) if opened.act in {Act.COUNTER, Act.PROPOSE} else None
    text = said_in_lines(entered.get("reason", ""))
    if opened.act is Act.DECLINE:
        others = [instant(at, zone, opened.reader) for at in offered_times(entered, zone)]
        text = "\n".join((*((text,) if text else ()), *(f"– {one}" for one in others)))
    if len(text) > reason_characters_max:
        raise ValueError("reason: too long")
    cause = Cause(entered.get("cause", "")) if _names_a_cause(opened) else None
    return Said(matter.booking.version, text, terms, cause)


def _needs_reason(opened: Opened, entered: Mapping[str, str]) -> bool:
    """The desk would refuse it; the page says so in the reader's language."""
    if opened.act is Act.DECLINE:
        return opened.matter.rules.decline_needs_reason
    return _names_a_cause(opened) and entered.get("cause") == Cause.ISOLATED.value


def _names_a_cause(opened: Opened) -> bool:
    """GY-B2"""
    return opened.act is Act.CANCEL and opened.link.to is To.PARTNER


def _entered(body: bytes) -> dict[str, str]:
    """The fields of a form, the first of each name; of one with too many, none."""
    try:
        pairs = parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=fields_max)
    except ValueError:
        return {}
    entered: dict[str, str] = {}
    for name, value in pairs:
        entered.setdefault(name, value[:field_characters_max])
    return entered
