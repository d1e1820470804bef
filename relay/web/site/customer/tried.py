"""What came of a form: it is done, or a sentence says why not."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

from fastapi import Response
from fastapi.responses import RedirectResponse

from relay.correspondence.languages import marked as _
from relay.correspondence.link_page import LOOK_AGAIN
from relay.correspondence.link_wording import PLEASE_CHECK, TELLS_YOU, WRITTEN_OFTEN
from relay.correspondence.passed_on import CannotCross
from relay.errors import Conflict, NotDone, NotFound
from relay.web.booking_ports import Stale
from relay.web.link_ports import TooMany
from relay.web.site.forms import Entered

NOT_NOW: Final = _("This is not possible any more. Please look at how it stands now.")
TOO_LONG: Final = _("That is too long.")


@dataclass(frozen=True, slots=True)
class Wrong:
    """Why a form was not carried out: the sentence, in English, and the status."""

    sentence: str
    status: HTTPStatus


_SAYS: Final[tuple[tuple[type[NotDone], Wrong], ...]] = (
    (Stale, Wrong(LOOK_AGAIN, HTTPStatus.CONFLICT)),
    (CannotCross, Wrong(TELLS_YOU, HTTPStatus.UNPROCESSABLE_ENTITY)),
    (TooMany, Wrong(WRITTEN_OFTEN, HTTPStatus.TOO_MANY_REQUESTS)),
    (Conflict, Wrong(NOT_NOW, HTTPStatus.CONFLICT)),
    (NotDone, Wrong(PLEASE_CHECK, HTTPStatus.UNPROCESSABLE_ENTITY)),
)
"""The first that fits."""


async def tried(act: Callable[[], Awaitable[None]]) -> Wrong | None:
    """What went wrong with `act`; None where it is done. Raises NotFound, and Unavailable."""
    try:
        await act()
    except NotFound:
        raise
    except NotDone as why:
        return next(wrong for kind, wrong in _SAYS if isinstance(why, kind))
    return None


def back(reference: str, told: str) -> Response:
    """To the booking's page, which says what was done."""
    return RedirectResponse(f"/my/bookings/{reference}?told={told}", HTTPStatus.SEE_OTHER)


def number_in(sent: Entered, name: str) -> int:
    """A number that the form itself carries. Raises NotDone for what is none: nobody has entered it."""
    try:
        number = sent.whole(name)
    except ValueError:
        number = None
    if number is None:
        raise NotDone(f"{name}: it is missing")
    return number
