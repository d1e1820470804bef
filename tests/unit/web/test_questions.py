"""The page on which a party says whether a message was theirs (GW-6, GW-12)."""

from __future__ import annotations

from dataclasses import replace

import httpx
import pytest
from selectolax.lexbor import LexborHTMLParser
from support.web import FakeQuestions, Web
from support.world import NOW, a_conversation, a_party

from relay.transit.question import Doubt, Response
from relay.values import Language, MessageId, RealAddress, Role
from relay.web.ports import OpenQuestion, QuestionIs

SECRET = "s3cret_-" * 5
PATH = f"/questions/{SECRET}"
PARTY = a_party(Role.PARTNER, language=Language.DE)
QUESTION = OpenQuestion(
    is_=QuestionIs.OPEN,
    conversation=a_conversation(partner=PARTY),
    party=PARTY,
    address=RealAddress("x@second.example"),
    doubt=Doubt.UNKNOWN,
    message=MessageId("m1"),
    subject="<script>alert(1)</script> & more",
    received_at=NOW,
)


def asking(questions: FakeQuestions) -> httpx.AsyncClient:
    return Web(questions=questions).client(token=None)


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
async def test_looking_changes_nothing(method: str) -> None:
    """Link scanners look: whatever is no POST must not act, with whatever in the query."""
    questions = FakeQuestions(**{SECRET: QUESTION})
    async with asking(questions) as client:
        for query in ("", "?answer=yes", "?answer=no&stop_asking=yes"):
            await client.request(method, PATH + query)
    assert (questions.answers, questions.kept[SECRET].is_) == ([], QuestionIs.OPEN)


async def test_the_page_shows_who_wrote_what_in_the_partys_language_and_escapes_it() -> None:
    async with asking(FakeQuestions(**{SECRET: QUESTION})) as client:
        answer = await client.get(PATH)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")
    page = LexborHTMLParser(answer.text)
    assert page.html is not None
    assert 'lang="de"' in page.html
    text = page.body.text()  # type: ignore[union-attr]  # a page has one
    for word in ("x@second.example", QUESTION.conversation.reference, QUESTION.subject, "Ich bin es", "12:00 UTC", "m1"):
        assert word in text
    assert page.css("script, img, iframe, object") == []


async def test_the_page_loads_nothing_from_elsewhere_and_sends_its_form_home_only() -> None:
    async with asking(FakeQuestions(**{SECRET: QUESTION})) as client:
        answer = await client.get(PATH)
        style = await client.get("/style.css")
    wanted = "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    assert answer.headers["content-security-policy"] == wanted
    assert (answer.headers["cache-control"], answer.headers["referrer-policy"]) == ("no-store", "no-referrer")
    assert answer.headers["x-robots-tag"] == "noindex"
    assert "set-cookie" not in answer.headers
    page = LexborHTMLParser(answer.text)
    assert [node.attributes["href"] for node in page.css("link")] == ["/style.css"]
    assert style.headers["content-type"].startswith("text/css")
    assert all("action" not in form.attributes for form in page.css("form"))
    assert SECRET not in answer.text


@pytest.mark.parametrize(
    ("body", "taken", "is_"),
    [
        ("answer=yes", (Response.YES, False), QuestionIs.CONFIRMED),
        ("answer=no", (Response.NO, False), QuestionIs.DENIED),
        ("answer=no&stop_asking=yes", (Response.NO, True), QuestionIs.DENIED),
        ("", None, QuestionIs.OPEN),
        ("answer=maybe", None, QuestionIs.OPEN),
        ("answer=yes&answer=no", None, QuestionIs.OPEN),
        ("x=" + "a" * 5_000 + "&answer=yes", None, QuestionIs.OPEN),
    ],
)
async def test_a_post_answers_once_and_leads_back_to_the_page(
    body: str, taken: tuple[Response, bool] | None, is_: QuestionIs
) -> None:
    """Reloading is looking; a second click changes nothing."""
    questions = FakeQuestions(**{SECRET: QUESTION})
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    async with asking(questions) as client:
        for _ in range(2):
            answer = await client.post(PATH, content=body, headers=form)
            assert (answer.status_code, answer.headers["location"]) == (303, SECRET)
    assert questions.answers == ([(SECRET, *taken)] if taken is not None else [])
    assert questions.kept[SECRET].is_ is is_


@pytest.mark.parametrize(
    ("is_", "status", "said"),
    [
        (QuestionIs.CONFIRMED, 200, "Sie waren es"),
        (QuestionIs.DENIED, 200, "Sie waren es nicht"),
        (QuestionIs.OVER, 410, "nicht mehr offen"),
    ],
)
async def test_a_question_that_is_not_open_says_so_and_offers_no_answer(is_: QuestionIs, status: int, said: str) -> None:
    async with asking(FakeQuestions(**{SECRET: replace(QUESTION, is_=is_)})) as client:
        answer = await client.get(PATH)
    assert answer.status_code == status
    assert said in answer.text
    assert "<form" not in answer.text


@pytest.mark.parametrize(
    ("languages", "said"),
    [("fr-CH, fr;q=0.9, en;q=0.8", "existe pas"), ("pt, pl", "Nie ma"), ("", "There is no such"), ("xx" * 500, "There is no")],
)
@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_a_link_that_leads_nowhere_says_so_in_the_language_of_the_browser(method: str, languages: str, said: str) -> None:
    async with asking(FakeQuestions()) as client:
        answer = await client.request(method, PATH, content=b"answer=yes", headers={"Accept-Language": languages})
    assert (answer.status_code, said in answer.text) == (404, True)


async def test_an_answer_that_cannot_be_taken_says_so() -> None:
    questions = FakeQuestions(**{SECRET: QUESTION})
    questions.refuses = True
    async with asking(questions) as client:
        answer = await client.post(PATH, content=b"answer=yes")
    assert (answer.status_code, "nicht übernommen" in answer.text) == (409, True)


async def test_a_secret_that_is_too_long_is_looked_up_nowhere() -> None:
    async with asking(FakeQuestions()) as client:
        assert (await client.get("/questions/" + "a" * 101)).status_code == 422
