"""A page that says what went wrong."""

from __future__ import annotations

from http import HTTPStatus
from typing import Final

from fastapi import Request, Response

from relay.correspondence.languages import marked
from relay.web.language import asked_language
from relay.web.pages import page
from relay.web.site.layout import POLICY
from relay.web.site.words import site_words

_TOLD: Final = {
    HTTPStatus.NOT_FOUND: marked("This page is not there, or it is not for you."),
    HTTPStatus.FORBIDDEN: marked(
        "This form did not come from one of our pages, or you signed in anew since. Load the page again."
    ),
    HTTPStatus.CONFLICT: marked("It is not possible any more: somebody else was faster. Go back and look at the page again."),
    HTTPStatus.UNPROCESSABLE_ENTITY: marked("What was entered cannot be meant. Go back and check it."),
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: marked("That is too large."),
    HTTPStatus.SERVICE_UNAVAILABLE: marked("Not now. Nothing is lost; try again in a minute."),
    HTTPStatus.INTERNAL_SERVER_ERROR: marked("Something broke on our side. Nothing was changed; try again, or tell our support."),
}


def wrong_page(request: Request, status: HTTPStatus, sentence: str = "") -> Response:
    """A page that says what went wrong, in the browser's language."""
    language = asked_language(request)
    told = sentence or _TOLD.get(status, _TOLD[HTTPStatus.UNPROCESSABLE_ENTITY])
    translations = site_words(language)
    return page(
        "site/wrong.html",
        POLICY,
        status,
        _=translations.gettext,
        language=language.value,
        told=told,
        code=status.value,
        brand=str(getattr(request.app.state, "brand", "")),
    )
