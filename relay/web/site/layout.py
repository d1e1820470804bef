"""What every page has: who looks, the way about, the sentences of their language, and how money and times are written."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Final
from zoneinfo import ZoneInfo

from babel.dates import format_date
from fastapi import Request, Response
from starlette.exceptions import HTTPException

from relay.booking.money import Money
from relay.correspondence import languages
from relay.correspondence.house import House
from relay.values import Clock, Language
from relay.web.language import asked_language
from relay.web.pages import page
from relay.web.site.viewer import Membership, Office, Viewer, Visitors, form_token_of, session_characters_max
from relay.web.site.words import LANGUAGES, site_words

POLICY: Final = (
    "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self' data:; frame-src 'self';"
    " form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
"""Nothing from elsewhere, nothing inline."""

_small_octets: Final = 100_000
"""Below it a size in megabytes would say nothing."""


class SignInNeeded(Exception):
    """Nobody has signed in, or the session is over."""


@dataclass(frozen=True, slots=True)
class Way:
    """A link of the navigation. `count` is shown beside it unless it is None; `is_here`: it leads to the present page."""

    href: str
    label: str
    count: int | None = None
    is_here: bool = False


@dataclass(frozen=True, slots=True)
class Site:
    """What the pages of a house share. `help_url`: the guide for partners (SL-31); empty where there is none."""

    house: House
    visitors: Visitors
    clock: Clock
    help_url: str = ""
    is_demonstration: bool = False

    async def viewer(self, request: Request) -> Viewer:
        """Who sent `request`. Raises SignInNeeded."""
        found = await self.anybody(request)
        if found is None:
            raise SignInNeeded
        return found

    async def anybody(self, request: Request) -> Viewer | None:
        """Who sent `request`; None where nobody has signed in."""
        secret = request.cookies.get(cookie_name(request), "")
        return await self.visitors.viewer(secret) if 0 < len(secret) <= session_characters_max else None

    def needs(self, *offices: Office) -> Callable[[Request], Awaitable[Viewer]]:
        """A dependency: somebody of the house who holds one of `offices`. Others get 404, as if there were no such page."""

        async def holder(request: Request) -> Viewer:
            viewer = await self.viewer(request)
            if not any(viewer.holds(one) for one in offices):
                raise HTTPException(HTTPStatus.NOT_FOUND)
            return viewer

        return holder

    async def customer(self, request: Request) -> Viewer:
        """A dependency: somebody who has bookings, or may have."""
        return await self.viewer(request)

    async def at_partner(self, request: Request, partner: str) -> tuple[Viewer, Membership]:
        """Who looks, and as whom they act for `partner`. Raises SignInNeeded, and HTTPException 404 for others."""
        viewer = await self.viewer(request)
        membership = viewer.membership(partner)
        if membership is None:
            raise HTTPException(HTTPStatus.NOT_FOUND)
        return viewer, membership

    def page(
        self,
        request: Request,
        template: str,
        viewer: Viewer | None,
        *,
        status: HTTPStatus = HTTPStatus.OK,
        ways: Sequence[Way] = (),
        told: Mapping[str, str] | None = None,
        policy: str = POLICY,
        **values: object,
    ) -> Response:
        """`template` with `values`, in the language of `viewer`.

        `told`: what the page says at its top, in English, by the word `?told=` that the redirect after a form names.
        """
        language = viewer.language if viewer is not None else asked_language(request)
        translations = site_words(language)
        said = (told or {}).get(request.query_params.get("told", ""), "")
        return page(
            template,
            policy,
            status,
            site=self,
            house=self.house,
            viewer=viewer,
            ways=ways,
            told=translations.gettext(said) if said else "",
            form_token=_form_token(request),
            path=request.url.path,
            now=self.clock(),
            language=language.value,
            _=translations.gettext,
            ngettext=translations.ngettext,
            Office=Office,
            **written_in(language),
            **values,
        )


def _form_token(request: Request) -> str:
    """What the forms of a page carry: that of the session in the cookie, also where that is over, so that forms which need none
    work all the same. Empty where there is no cookie."""
    secret = request.cookies.get(cookie_name(request))
    return form_token_of(secret) if secret is not None else ""


def written_in(language: Language) -> dict[str, Callable[..., str]]:
    """How a language writes money, days and sizes, for templates."""

    def money(amount: Money) -> str:
        return languages.money(amount, language)

    def day(at: datetime, zone: ZoneInfo) -> str:
        return languages.named_day(at, zone, language)

    def clock_time(at: datetime, zone: ZoneInfo) -> str:
        return f"{at.astimezone(zone):%H:%M}"

    def moment(at: datetime, zone: ZoneInfo) -> str:
        """With the zone's name: nobody has to guess whose clock it is."""
        return f"{languages.named_day(at, zone, language)}, {at.astimezone(zone):%H:%M} ({zone.key})"

    def short_moment(at: datetime, zone: ZoneInfo) -> str:
        """For lists that say whose clock it is above them."""
        local = at.astimezone(zone)
        return f"{format_date(local, 'E d MMM y', locale=language.value)}, {local:%H:%M}"

    def begun(words: str) -> str:
        """At the beginning of a line. What follows the first letter stays: German writes nouns with a capital."""
        return words[:1].upper() + words[1:]

    def within(word: str) -> str:
        """A word in the middle of a sentence."""
        return word if language is Language.DE else word[:1].lower() + word[1:]

    def size(octets: int) -> str:
        if octets < _small_octets:
            return f"{max(1, round(octets / 1000))} {'ko' if language is Language.FR else 'kB'}"
        return languages.size(octets, language)

    return {
        "money": money,
        "day": day,
        "clock_time": clock_time,
        "moment": moment,
        "short_moment": short_moment,
        "named_language": lambda one: LANGUAGES[Language(one)],
        "size": size,
        "begun": begun,
        "within": within,
    }


SECURE_COOKIE: Final = "__Host-relay"
"""Browsers send it over HTTPS alone, and hold it to this very host (RFC 6265bis §4.1.3.2)."""
PLAIN_COOKIE: Final = "relay-session"


def cookie_of(base_url: str) -> str:
    """What the session's cookie is called where people reach the pages at `base_url`. A proxy in front may speak HTTP to us."""
    return SECURE_COOKIE if base_url.startswith("https:") else PLAIN_COOKIE


def cookie_name(request: Request) -> str:
    """The same, of the application that answers `request`."""
    return str(getattr(request.app.state, "session_cookie", PLAIN_COOKIE))
