"""Errors of the API as problem+json (RFC 9457): what is wrong, in words for the caller, and nothing of what we know besides."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final

import structlog
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from relay.errors import Conflict, Forged, NotDone, NotFound, Unavailable
from relay.web.site.wrong import wrong_page

log = structlog.get_logger("relay.web")

media_type: Final = "application/problem+json"
retry_after_s: Final = 5
"""When to try again after "later": as long as anything waits for the database."""

_STATUSES: Final[Mapping[type[NotDone], HTTPStatus]] = {
    NotFound: HTTPStatus.NOT_FOUND,
    Conflict: HTTPStatus.CONFLICT,
    NotDone: HTTPStatus.UNPROCESSABLE_ENTITY,
}


class WrongField(BaseModel):
    """One field of the request that cannot be used."""

    field: str = Field(description="Where it is: `body.activity_end`, `query.limit`.")
    detail: str = Field(description="What is wrong with it.")


class Problem(BaseModel):
    """What went wrong (RFC 9457)."""

    type: str = Field(default="about:blank", description="`about:blank`: the status says it all.")
    title: str = Field(description="The status in words.")
    status: int = Field(description="The HTTP status.")
    detail: str = Field(description="What is wrong this time, for a person.")
    errors: list[WrongField] = Field(default=[], description="With status 422: each field that cannot be used.")


def problem(
    status: HTTPStatus, detail: str, *, errors: tuple[WrongField, ...] = (), headers: Mapping[str, str] | None = None
) -> JSONResponse:
    """The answer that says so."""
    return answered(Problem(title=status.phrase, status=status.value, detail=detail, errors=list(errors)), headers)


def answered(told: Problem, headers: Mapping[str, str] | None = None) -> JSONResponse:
    """The answer that holds `told`, without what it leaves at its default."""
    body = {"type": told.type, **told.model_dump(mode="json", exclude_defaults=True)}
    return JSONResponse(body, status_code=told.status, media_type=media_type, headers=headers)


def described(*statuses: HTTPStatus) -> dict[int | str, dict[str, Any]]:  # FastAPI's type
    """These problems, as the description of an operation names them."""
    return {status.value: {"model": Problem, "description": status.phrase} for status in statuses}


def install(app: FastAPI) -> None:
    """Let everything that is raised while a request is answered become a problem."""
    app.add_exception_handler(NotDone, _not_done)
    app.add_exception_handler(Forged, _forged)
    app.add_exception_handler(Unavailable, _later)
    app.add_exception_handler(RequestValidationError, _unprocessable)
    app.add_exception_handler(HTTPException, _of_http)
    app.add_exception_handler(Exception, _unexpected)


def _not_done(_: Request, raised: Exception) -> Response:
    kind = next(kind for kind in type(raised).__mro__ if kind in _STATUSES)
    return problem(_STATUSES[kind], str(raised))


def _forged(_: Request, raised: Exception) -> Response:
    """Whoever sent it is told nothing of what gave it away."""
    log.warning("web.forged", reason=str(raised))
    return problem(HTTPStatus.BAD_REQUEST, "This message is not believed.")


def _later(_: Request, raised: Exception) -> Response:
    log.warning("web.later", reason=str(raised))
    return problem(HTTPStatus.SERVICE_UNAVAILABLE, "Try again later.", headers={"Retry-After": str(retry_after_s)})


def _unprocessable(_: Request, raised: Exception) -> Response:
    """What was sent is not repeated: it may hold an address, and answers end up in logs."""
    assert isinstance(raised, RequestValidationError)
    errors = tuple(
        WrongField(field=".".join(str(step) for step in error["loc"]), detail=error["msg"].removeprefix("Value error, "))
        for error in raised.errors()
    )
    return problem(HTTPStatus.UNPROCESSABLE_ENTITY, "The request has fields that cannot be used.", errors=errors)


_UNREADABLE: Final = "There was an error parsing the body"
"""FastAPI's 400 for a body whose octets are no text; one that is text and no JSON is a 422 to it already."""


def _of_http(request: Request, raised: Exception) -> Response:
    assert isinstance(raised, HTTPException)
    if raised.status_code == HTTPStatus.NOT_FOUND and _is_browser(request):
        return wrong_page(request, HTTPStatus.NOT_FOUND)
    if raised.detail == _UNREADABLE:
        wrong = WrongField(field="body", detail="The body is no JSON text in UTF-8.")
        return problem(HTTPStatus.UNPROCESSABLE_ENTITY, "The request has fields that cannot be used.", errors=(wrong,))
    return problem(HTTPStatus(raised.status_code), raised.detail, headers=raised.headers)


def _is_browser(request: Request) -> bool:
    """Whether a person looks: what is not there is told to them on a page, beside the API's own addresses."""
    return "text/html" in request.headers.get("accept", "") and not request.url.path.startswith("/api/")


def _unexpected(request: Request, raised: Exception) -> Response:
    log.error("web.failed", kind=type(raised).__name__)
    if _is_browser(request):
        return wrong_page(request, HTTPStatus.INTERNAL_SERVER_ERROR)
    return problem(HTTPStatus.INTERNAL_SERVER_ERROR, "Something went wrong here. Nothing is known to be done.")
