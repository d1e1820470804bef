"""The page by which an answer by mail is taken back: only its form does it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import httpx
from fastapi import FastAPI
from selectolax.lexbor import LexborHTMLParser
from support.bookings import NOW

from relay.booking.link import form_token
from relay.booking.situation import Act
from relay.correspondence.house import House
from relay.errors import NotFound
from relay.values import Language
from relay.web import mail_answers
from relay.web.answer_ports import OpenAnswer
from relay.web.bounds import BoundedBody, SecurityHeaders

SECRET = "s3cret_-" * 5
PATH = f"/answers/{SECRET}"
FORM = {"token": form_token(SECRET, 1), "version": "1", "does": "undo"}


@dataclass
class Kept:
    """relay.web.answer_ports.BookingAnswers: one answer."""

    answer: OpenAnswer = field(default_factory=lambda: OpenAnswer(Language.DE, Act.ACCEPT, NOW, is_open=True, is_undone=False))
    undone: int = 0

    async def look(self, secret: str) -> OpenAnswer:
        if secret != SECRET:
            raise NotFound("no such answer")
        return self.answer

    async def undo(self, secret: str) -> OpenAnswer:
        await self.look(secret)
        self.undone += 1
        self.answer = replace(self.answer, is_open=False, is_undone=True)
        return self.answer


def asking(kept: Kept) -> httpx.AsyncClient:
    app = FastAPI()
    app.include_router(mail_answers.router(kept, House("Example Travel", "reply.example.com", "https://example.com/support")))
    app.add_middleware(BoundedBody)
    app.add_middleware(SecurityHeaders)
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://relay.test")


async def test_looking_takes_nothing_back_and_neither_does_a_form_that_nobody_looked_at() -> None:
    kept = Kept()
    async with asking(kept) as client:
        for method in ("GET", "HEAD", "OPTIONS"):
            await client.request(method, f"{PATH}?does=undo")
        for form in ({}, {"does": "undo"}, {**FORM, "token": "0" * 32}, {**FORM, "version": "x"}):
            await client.post(PATH, data=form)
        await client.post(PATH, content=b"\xff" * 10_000)
    assert kept.undone == 0


async def test_the_form_takes_it_back_and_the_page_says_so_afterwards() -> None:
    kept = Kept()
    async with asking(kept) as client:
        page = LexborHTMLParser((await client.get(PATH)).text)
        fields = {str(one.attributes["name"]): str(one.attributes["value"]) for one in page.css("form input")}
        answer = await client.post(PATH, data=fields)
        after = await client.get(PATH)
    assert (answer.status_code, answer.headers["location"], kept.undone) == (303, SECRET, 1)
    assert 'lang="de"' in after.text
    assert LexborHTMLParser(after.text).css("form") == []


async def test_whoever_does_not_know_the_secret_is_told_nothing() -> None:
    kept = Kept()
    async with asking(kept) as client:
        for method in ("GET", "POST"):
            answer = await client.request(method, "/answers/another", data=FORM)
            assert answer.status_code == 404
    assert kept.undone == 0
