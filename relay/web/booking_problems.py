"""What a booking cannot do, as a problem that a program can act on: why, what is possible instead, and what to send."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Final

from fastapi import FastAPI, Request, Response
from pydantic import Field

from relay.booking.booking import CLOSED, Stage
from relay.booking.lifecycle import NotAllowed
from relay.masking import masked
from relay.web.booking_ports import Stale, WrongWay
from relay.web.problems import Problem, answered
from relay.web.words import ActWord, WayWord, word

CODES: Final[Mapping[str, str]] = {
    "support_may_cancel": "action_done",
    "has_not_begun": "has_begun",
    "there_is_room": "no_room",
    "there_is_room_if_it_holds": "no_room",
    "there_is_room_anew": "no_room",
    "version_is_that_read": "terms_changed",
}
"""By the guard that objects; what is not here is not_allowed."""

_ASK_AGAIN: Final = "It is over: POST …/ask-again makes a new request with its data."


class Refused(Problem):
    """A step that is not possible, or not any more (RFC 9457)."""

    code: str = Field(
        default="",
        description="not_allowed, action_done (SV-5), has_begun (OR-34), no_room, terms_changed, stale, or wrong_way.",
    )
    possible: list[ActWord] = Field(default=[], description="What may be done instead, by whoever was to act.")
    hint: str = Field(default="", description="What to send instead, for a person.")
    version: int | None = Field(default=None, description="With stale: which version the booking is now.")
    way: WayWord | None = Field(default=None, description="With wrong_way: how it begins.")


def install(app: FastAPI) -> None:
    """Let what the booking core raises become such a problem."""
    app.add_exception_handler(NotAllowed, _not_allowed)
    app.add_exception_handler(Stale, _stale)
    app.add_exception_handler(WrongWay, _wrong_way)


def _not_allowed(_: Request, raised: Exception) -> Response:
    assert isinstance(raised, NotAllowed)
    hint = _ASK_AGAIN if raised.stage in CLOSED - {Stage.COMPLETED} else ""
    return _refused(raised, CODES.get(raised.objects, "not_allowed"), possible=list(raised.possible), hint=hint)


def _stale(_: Request, raised: Exception) -> Response:
    assert isinstance(raised, Stale)
    return _refused(raised, "stale", hint="Look at it again before you act.", version=raised.version)


def _wrong_way(_: Request, raised: Exception) -> Response:
    assert isinstance(raised, WrongWay)
    return _refused(raised, "wrong_way", hint=f'Send it with "way": "{word(raised.act)}".', way=raised.act)


def _refused(raised: Exception, code: str, **more: object) -> Response:
    status = HTTPStatus.CONFLICT
    told = {"title": status.phrase, "status": status.value, "detail": masked(str(raised)), "code": code, **more}
    return answered(Refused.model_validate(told))
