"""What holds for every page, whoever it is for."""

from __future__ import annotations

from http import HTTPStatus

import pytest
from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.responses import PlainTextResponse
from support.site import Browser, FakeVisitors, a_customer, of_the_house
from support.world import NOW

from relay.correspondence.house import House
from relay.errors import Conflict, NotDone, NotFound, Unavailable
from relay.web.site.forms import entered
from relay.web.site.layout import Site
from relay.web.site.route import PageRoute
from relay.web.site.viewer import Office, form_token_of

RAISED = {"gone": NotFound("x"), "taken": Conflict("x"), "wrong": NotDone("x"), "later": Unavailable("x")}


@pytest.fixture
def visitors() -> FakeVisitors:
    return FakeVisitors()


@pytest.fixture
def app(visitors: FakeVisitors) -> FastAPI:
    site = Site(House("Example Travel", "reply.example.com", "https://example.com/support"), visitors, lambda: NOW)
    routes = APIRouter(route_class=PageRoute)

    @routes.get("/raises/{what}")
    async def raises(what: str) -> Response:
        raise RAISED[what]

    @routes.get("/mine")
    async def mine(request: Request) -> Response:
        viewer = await site.viewer(request)
        return PlainTextResponse(viewer.language.value)

    @routes.get("/searched")
    async def searched(request: Request) -> Response:
        return PlainTextResponse((await site.needs(Office.SUPPORT)(request)).by)

    @routes.post("/form")
    async def form(request: Request) -> Response:
        return PlainTextResponse((await entered(request)).line("name"))

    app = FastAPI()
    app.include_router(routes)
    return app


@pytest.mark.parametrize(
    ("what", "status"),
    [
        ("gone", HTTPStatus.NOT_FOUND),
        ("taken", HTTPStatus.CONFLICT),
        ("wrong", HTTPStatus.UNPROCESSABLE_ENTITY),
        ("later", HTTPStatus.SERVICE_UNAVAILABLE),
    ],
)
async def test_what_goes_wrong_is_a_page_that_says_so(app: FastAPI, what: str, status: HTTPStatus) -> None:
    answer = await Browser(app).get(f"/raises/{what}")
    assert answer.status_code == status
    assert answer.headers["content-type"].startswith("text/html")
    assert 'role="alert"' in answer.text


async def test_whoever_has_not_signed_in_is_led_there_and_back(app: FastAPI) -> None:
    answer = await Browser(app).get("/mine?tab=all")
    assert (answer.status_code, answer.headers["location"]) == (HTTPStatus.SEE_OTHER, "/sign-in?next=%2Fmine%3Ftab%3Dall")


async def test_an_office_that_somebody_does_not_hold_looks_like_no_page(app: FastAPI, visitors: FakeVisitors) -> None:
    support, operator = visitors.signed_in(of_the_house(Office.SUPPORT)), visitors.signed_in(of_the_house(Office.OPERATOR))
    customer = visitors.signed_in(a_customer("zofia@poczta.example"))
    assert (await Browser(app, support).get("/searched")).text == "account eva"
    for other in (operator, customer):
        assert (await Browser(app, other).get("/searched")).status_code == HTTPStatus.NOT_FOUND


async def test_a_form_counts_from_our_own_pages_alone(app: FastAPI, visitors: FakeVisitors) -> None:
    browser = Browser(app, visitors.signed_in(a_customer("zofia@poczta.example")))
    assert (await browser.send("/form", {"name": " Zofia\x07 "})).text == "Zofia"
    async with browser._client() as client:
        token = {"form_token": "0" * 64, "name": "Eve"}
        forged = await client.post("/form", data=token, headers={"Sec-Fetch-Site": "same-origin"})
        without = await client.post("/form", data={"name": "Eve"})
        crossed = await client.post("/form", data={"name": "Eve"}, headers={"Sec-Fetch-Site": "cross-site"})
        older = await client.post("/form", data={"name": "Eve"}, headers={"Origin": "https://evil.example"})
    assert [one.status_code for one in (forged, without, crossed, older)] == [HTTPStatus.FORBIDDEN] * 4


async def test_an_older_browser_that_keeps_its_origin_to_itself_is_known_by_the_token(
    app: FastAPI, visitors: FakeVisitors
) -> None:
    """Without a referrer, browsers send "null" in its place; those before 2023 say nothing of the site either."""
    secret = visitors.signed_in(a_customer("zofia@poczta.example"))
    async with Browser(app, secret)._client() as client:
        kept = {"Origin": "null"}
        ours = await client.post("/form", data={"form_token": form_token_of(secret), "name": "Zofia"}, headers=kept)
        theirs = await client.post("/form", data={"name": "Eve"}, headers=kept)
    assert (ours.status_code, theirs.status_code) == (HTTPStatus.OK, HTTPStatus.FORBIDDEN)
