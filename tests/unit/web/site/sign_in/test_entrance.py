"""The way in: everybody by a link to their known address; nobody learns whom we know; a look at a link signs nobody in."""

from __future__ import annotations

from http import HTTPStatus
from http.cookies import SimpleCookie

import httpx
import pytest
from fastapi import FastAPI
from selectolax.lexbor import LexborHTMLParser
from support.signing_in import FakeSignIn
from support.site import COOKIE, Browser, FakeVisitors, a_customer
from support.world import NOW

from relay.correspondence.house import House
from relay.values import Language, RealAddress
from relay.web.site.layout import SECURE_COOKIE, Site, cookie_of
from relay.web.site.sign_in import entrance, places
from relay.web.site.sign_in.ports import Wish
from relay.web.site.viewer import form_token_of

ZOFIA = RealAddress("zofia@poczta.example")
HOUSE = House("Example Travel", "reply.example.com", "https://example.com/support")
BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"


@pytest.fixture
def visitors() -> FakeVisitors:
    return FakeVisitors()


@pytest.fixture
def sign_in(visitors: FakeVisitors) -> FakeSignIn:
    return FakeSignIn(visitors)


@pytest.fixture
def app(visitors: FakeVisitors, sign_in: FakeSignIn) -> FastAPI:
    site = Site(HOUSE, visitors, lambda: NOW)
    app = FastAPI()
    app.include_router(entrance.router(site, sign_in))
    app.include_router(places.router(site, sign_in))
    return app


def invited(sign_in: FakeSignIn, next_: str = "") -> str:
    sign_in.links["k"] = Wish(ZOFIA, next_, "local", Language.EN)
    return "/sign-in/k"


def cookie(answer: httpx.Response) -> SimpleCookie:
    return SimpleCookie(answer.headers["set-cookie"])


async def test_the_page_asks_for_an_address_and_keeps_where_somebody_wanted_to_go(app: FastAPI) -> None:
    page = LexborHTMLParser((await Browser(app).get("/sign-in?next=%2Fmy%3Ftab%3Dall")).text)
    kept = page.css_first('input[name="next"]')
    assert kept is not None
    assert kept.attributes["value"] == "/my?tab=all"
    elsewhere = LexborHTMLParser((await Browser(app).get("/sign-in?next=//evil.example")).text).css_first('input[name="next"]')
    assert elsewhere is not None
    assert not elsewhere.attributes["value"]


async def test_whoever_asks_is_told_the_same_whatever_the_address(app: FastAPI, sign_in: FakeSignIn) -> None:
    for address in ("zofia@poczta.example", "nobody@elsewhere.example"):
        answer = await Browser(app).send("/sign-in", {"address": address, "next": "/my"})
        assert (answer.status_code, answer.headers["location"]) == (HTTPStatus.SEE_OTHER, "/sign-in/sent")
        assert "set-cookie" not in answer.headers
    assert [(one.address.reveal(), one.next) for one in sign_in.asked] == [
        ("zofia@poczta.example", "/my"),
        ("nobody@elsewhere.example", "/my"),
    ]
    assert "If we know this address" in (await Browser(app).get("/sign-in/sent")).text


async def test_what_is_no_address_is_asked_for_again(app: FastAPI, sign_in: FakeSignIn) -> None:
    answer = await Browser(app).send("/sign-in", {"address": "zofia at poczta", "next": "/my"})
    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    field = LexborHTMLParser(answer.text).css_first('input[name="address"]')
    assert field is not None
    assert (field.attributes["value"], field.attributes["aria-invalid"]) == ("zofia at poczta", "true")
    assert not sign_in.asked


async def test_where_too_many_are_asked_for_that_is_said(app: FastAPI, sign_in: FakeSignIn) -> None:
    sign_in.takes = False
    answer = await Browser(app).send("/sign-in", {"address": "zofia@poczta.example"})
    assert answer.status_code == HTTPStatus.TOO_MANY_REQUESTS
    assert 'role="alert"' in answer.text


async def test_looking_at_a_link_signs_nobody_in(app: FastAPI, sign_in: FakeSignIn) -> None:
    """Programs that look at the links of a mail before its reader does."""
    link = invited(sign_in)
    for _ in range(3):
        answer = await Browser(app).get(link)
        assert answer.status_code == HTTPStatus.OK
        assert "set-cookie" not in answer.headers
        assert "z…@poczta.example" in answer.text
        assert ZOFIA.reveal() not in answer.text
    assert "k" in sign_in.links


@pytest.mark.parametrize(
    ("wanted", "led"), [("", "/my"), ("/my/bookings/B1?tab=terms", "/my/bookings/B1?tab=terms"), ("//evil.example", "/my")]
)
async def test_its_button_signs_in_once_and_leads_to_where_somebody_wanted_to_go(
    app: FastAPI, sign_in: FakeSignIn, visitors: FakeVisitors, wanted: str, led: str
) -> None:
    link = invited(sign_in, wanted)
    async with Browser(app)._client() as client:
        answer = await client.post(link, headers={"Sec-Fetch-Site": "same-origin", "User-Agent": BROWSER})
    assert (answer.status_code, answer.headers["location"]) == (HTTPStatus.SEE_OTHER, led)
    given = cookie(answer)[COOKIE]
    assert visitors.known[given.value].address == ZOFIA
    assert (given["httponly"], given["samesite"].lower(), given["path"], given["secure"]) == (True, "lax", "/", "")
    assert sign_in.agents == ["Firefox on Linux"]
    again = await Browser(app).send(link)
    assert again.status_code == (await Browser(app).get(link)).status_code == HTTPStatus.GONE
    assert "set-cookie" not in again.headers


async def test_behind_a_proxy_that_speaks_https_the_cookie_is_for_that_alone(app: FastAPI, sign_in: FakeSignIn) -> None:
    """It is web.base_url that says so: the proxy speaks HTTP to us."""
    app.state.session_cookie = cookie_of("https://relay.example.com")
    answer = await Browser(app).send(invited(sign_in))
    given = cookie(answer)[SECURE_COOKIE]
    assert (given["secure"], given["path"], given["domain"], given["httponly"]) == (True, "/", "", True)
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://relay.test", cookies={SECURE_COOKIE: given.value}
    ) as client:
        assert (await client.get("/sessions")).status_code == HTTPStatus.OK
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://relay.test", cookies={COOKIE: given.value}
    ) as client:
        assert (await client.get("/sessions")).status_code == HTTPStatus.SEE_OTHER


async def test_a_session_that_somebody_else_put_into_the_browser_is_not_taken_over(
    app: FastAPI, sign_in: FakeSignIn, visitors: FakeVisitors
) -> None:
    before = visitors.signed_in(a_customer("eve@evil.example"))
    answer = await Browser(app, before).send(invited(sign_in))
    assert cookie(answer)[COOKIE].value != before
    assert before not in visitors.known


async def test_a_cookie_of_a_session_that_is_over_does_not_keep_anybody_out(app: FastAPI, sign_in: FakeSignIn) -> None:
    browser = Browser(app, "over")
    shown = LexborHTMLParser((await browser.get("/sign-in")).text).css_first('input[name="form_token"]')
    assert shown is not None
    assert shown.attributes["value"] == form_token_of("over")
    assert (await browser.send("/sign-in", {"address": "zofia@poczta.example"})).status_code == HTTPStatus.SEE_OTHER
    assert (await browser.send(invited(sign_in))).status_code == HTTPStatus.SEE_OTHER


async def test_whoever_is_signed_in_is_led_on(app: FastAPI, visitors: FakeVisitors) -> None:
    browser = Browser(app, visitors.signed_in(a_customer("zofia@poczta.example")))
    assert (await browser.get("/sign-in")).headers["location"] == "/my"
    assert (await browser.get("/sign-in?next=/my/bookings/B1")).headers["location"] == "/my/bookings/B1"


async def test_signing_out_ends_the_session_and_takes_the_cookie_away(app: FastAPI, visitors: FakeVisitors) -> None:
    secret = visitors.signed_in(a_customer("zofia@poczta.example"))
    answer = await Browser(app, secret).send("/sign-out")
    assert (answer.status_code, answer.headers["location"]) == (HTTPStatus.SEE_OTHER, "/sign-in?told=out")
    assert (cookie(answer)[COOKIE].value, cookie(answer)[COOKIE]["max-age"]) == ("", "0")
    assert secret not in visitors.known
    assert "You are signed out." in (await Browser(app).get("/sign-in?told=out")).text


async def test_another_site_signs_nobody_out_and_nobody_in(app: FastAPI, sign_in: FakeSignIn, visitors: FakeVisitors) -> None:
    secret, link = visitors.signed_in(a_customer("zofia@poczta.example")), invited(sign_in)
    async with Browser(app, secret)._client() as client:
        for path in ("/sign-out", link):
            crossed = await client.post(
                path, data={"form_token": form_token_of(secret)}, headers={"Sec-Fetch-Site": "cross-site"}
            )
            assert crossed.status_code == HTTPStatus.FORBIDDEN
    assert secret in visitors.known
    assert "k" in sign_in.links


async def test_what_is_longer_than_any_secret_of_ours_is_not_looked_up(app: FastAPI) -> None:
    assert (await Browser(app).get("/sign-in/" + "k" * 101)).status_code == HTTPStatus.NOT_FOUND


async def test_somebody_sees_where_they_are_signed_in_and_ends_what_they_like(app: FastAPI, visitors: FakeVisitors) -> None:
    zofia = a_customer("zofia@poczta.example")
    here, there, third = (visitors.signed_in(zofia) for _ in range(3))
    eve = visitors.signed_in(a_customer("eve@evil.example"))
    browser, session = Browser(app, here), {secret: one.session for secret, one in visitors.known.items()}
    page = LexborHTMLParser((await browser.get("/sessions")).text)
    assert len(page.css("tbody tr")) == 3
    assert page.css_first("tbody").text().count("here") == 1  # type: ignore[union-attr]  there is a table
    assert (await browser.send(f"/sessions/{session[eve]}/end")).status_code == HTTPStatus.NOT_FOUND
    assert (await browser.send(f"/sessions/{session[there]}/end")).headers["location"] == "/sessions?told=ended"
    assert (await browser.send("/sessions/end-others")).headers["location"] == "/sessions?told=others"
    assert set(visitors.known) == {here, eve}
    assert third not in visitors.known


async def test_somebody_chooses_the_language_of_their_pages(app: FastAPI, visitors: FakeVisitors) -> None:
    secret = visitors.signed_in(a_customer("zofia@poczta.example"))
    browser = Browser(app, secret)
    assert (await browser.send("/sessions/language", {"language": "pl"})).status_code == HTTPStatus.SEE_OTHER
    assert visitors.known[secret].language is Language.PL
    assert 'lang="pl"' in (await browser.get("/sessions")).text
    assert (await browser.send("/sessions/language", {"language": "xx"})).status_code == HTTPStatus.UNPROCESSABLE_ENTITY


async def test_nobody_sees_any_of_it_unsigned(app: FastAPI) -> None:
    assert (await Browser(app).get("/sessions")).headers["location"] == "/sign-in?next=%2Fsessions"
    for path in ("/sessions/end-others", "/sessions/s1/end", "/sessions/language"):
        assert (await Browser(app).send(path)).headers["location"] == "/sign-in"
