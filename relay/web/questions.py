"""The page on which a party says whether a message was theirs (GW-6, GW-12).

Looking changes nothing: link scanners look. A POST acts, on what the secret in its address names and on nothing else; there are
no cookies, so no other page can make somebody act who does not know the secret. It works without JavaScript.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated, Final
from urllib.parse import parse_qs

from fastapi import APIRouter, Path, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from relay.correspondence.question import Matter, Sheet, Shown, no_such_question, question_page
from relay.errors import Conflict, NotFound
from relay.transit.question import Response as Said
from relay.web.language import asked_language
from relay.web.pages import page
from relay.web.ports import OpenQuestion, QuestionIs, Questions

secret_characters_max: Final = 100
answer_octets_max: Final = 200

_POLICY: Final = "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
_SHEETS: Final = {
    QuestionIs.OPEN: Sheet.OPEN,
    QuestionIs.CONFIRMED: Sheet.CONFIRMED,
    QuestionIs.DENIED: Sheet.DENIED,
    QuestionIs.OVER: Sheet.OVER,
}
_STATUSES: Final = {Sheet.OVER: HTTPStatus.GONE, Sheet.UNKNOWN: HTTPStatus.NOT_FOUND, Sheet.FAILED: HTTPStatus.CONFLICT}
"""Of the sheets that are not simply shown."""

Secret = Annotated[str, Path(max_length=secret_characters_max)]


def router(questions: Questions, brand: str, support_url: str) -> APIRouter:
    """`/questions/{secret}`."""
    routes = APIRouter(include_in_schema=False)

    def shown(sheet: Sheet, content: Shown) -> Response:
        return page(
            "question.html",
            _POLICY,
            _STATUSES.get(sheet, HTTPStatus.OK),
            page=content,
            brand=brand,
            support_url=support_url,
        )

    @routes.get("/questions/{secret}", response_class=HTMLResponse)
    async def look(secret: Secret, request: Request) -> Response:
        try:
            question = await questions.asked(secret)
        except NotFound:
            return shown(Sheet.UNKNOWN, no_such_question(asked_language(request)))
        sheet = _SHEETS[question.is_]
        return shown(sheet, _content(sheet, question))

    @routes.post("/questions/{secret}", response_class=HTMLResponse)
    async def answer(secret: Secret, request: Request) -> Response:
        """Whoever reloads the page afterwards looks, and does not answer again."""
        given = parse_qs((await request.body())[:answer_octets_max].decode("ascii", "replace"))
        # Relative, as the form is: a proxy may have put the pages below a path.
        here = RedirectResponse(secret, HTTPStatus.SEE_OTHER)
        said = next((one for one in Said if given.get("answer") == [one.value]), None)
        if said is None:
            return here
        try:
            await questions.answer(secret, said, stop_asking=given.get("stop_asking") == ["yes"])
        except NotFound:
            return shown(Sheet.UNKNOWN, no_such_question(asked_language(request)))
        except Conflict:
            return shown(Sheet.FAILED, _content(Sheet.FAILED, await questions.asked(secret)))
        return here

    return routes


def _content(sheet: Sheet, question: OpenQuestion) -> Shown:
    matter = Matter(
        party=question.party,
        conversation=question.conversation,
        address=question.address,
        doubt=question.doubt,
        message=question.message,
        at=question.received_at,
        link="",
    )
    return question_page(sheet, matter, question.subject)
