"""People of the house come in by what its provider says of them: with an account, a verified address, and to the same browser."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from fastapi import FastAPI
from structlog.testing import capture_logs
from support.oidc import CLIENT, SECRET, Provider, a_provider
from support.site import COOKIE

from relay.app.gateway import Gateway, built
from relay.app.web import web_server
from relay.machine import clock
from relay.settings import Settings
from relay.store import accounts
from relay.store.accounts import Account
from relay.values import Language, RealAddress

pytestmark = pytest.mark.slow


@pytest.fixture
def provider() -> Iterator[Provider]:
    with a_provider() as provider:
        yield provider


@dataclass
class Scene:
    """A gateway whose house has a provider, and the browser of somebody of the house."""

    gateway: Gateway
    provider: Provider
    browser: httpx.AsyncClient

    async def led_away(self, wanted: str = "") -> str:
        """Where the provider leads back to, from the page for signing in."""
        away = await self.browser.get("/sign-in/house", params={"next": wanted} if wanted else {})
        assert away.status_code == HTTPStatus.SEE_OTHER
        async with httpx.AsyncClient(trust_env=False) as elsewhere:
            back = await elsewhere.get(away.headers["location"])
        assert back.status_code == HTTPStatus.SEE_OTHER
        return str(back.headers["location"])

    async def came_back(self, wanted: str = "") -> httpx.Response:
        return await self.browser.get(await self.led_away(wanted))

    @property
    def is_in(self) -> bool:
        return COOKIE in self.browser.cookies


@pytest.fixture
async def scene(
    migrated: Path, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, provider: Provider
) -> AsyncIterator[Scene]:
    shutil.copy(migrated, tmp_path / "relay.db")
    (tmp_path / "oidc.secret").write_text(f"{SECRET}\n")
    settings = Settings.model_validate(
        {
            "relay": {"state_dir": tmp_path, "domain": "reply.example.com", "support_url": "https://help.example.net/"},
            # One for all: its making takes longest.
            "dkim": {"key_file": tmp_path_factory.getbasetemp() / "house-door" / "dkim.pem"},
            "database": {"url": f"sqlite:///{tmp_path}/relay.db"},
            "authentication": {"mode": "off"},
            "antivirus": {"mode": "off"},
            "outbound": {"route": "smarthost:127.0.0.1:9"},
            "web": {"base_url": "http://relay.test"},
            "sign_in": {
                "oidc_issuer": provider.issuer,
                "oidc_client_id": CLIENT,
                "oidc_client_secret_file": tmp_path / "oidc.secret",
            },
        }
    )
    gateway = built(settings, "test")
    app = web_server(gateway).config.app
    assert isinstance(app, FastAPI)
    eva = Account("eva", "Eva", RealAddress("eva@house.example"), frozenset({"support"}), Language.EN, clock())
    await gateway.store.write(lambda connection: accounts.add(connection, eva))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://relay.test") as browser:
        yield Scene(gateway, provider, browser)
    await gateway.core.providers.close()
    await gateway.store.close()


async def test_whoever_has_an_account_is_in_as_the_provider_says(scene: Scene) -> None:
    page = await scene.browser.get("/sign-in?next=/support/cases")
    assert 'href="/sign-in/house?next=%2Fsupport%2Fcases"' in page.text
    answer = await scene.came_back("/support/cases")
    assert (answer.status_code, answer.headers["location"]) == (HTTPStatus.SEE_OTHER, "/support/cases")
    assert scene.is_in
    assert "relay-away" not in scene.browser.cookies
    assert "as somebody of the house" in (await scene.browser.get("/sessions")).text


async def test_what_is_asked_of_the_provider_tells_it_nothing_that_it_could_use(scene: Scene) -> None:
    away = urlsplit((await scene.browser.get("/sign-in/house")).headers["location"])
    asked = {name: values[0] for name, values in parse_qs(away.query).items()}
    secret = scene.browser.cookies["relay-away"].partition(".")[0]
    assert secret not in away.query
    assert len({asked["state"], asked["nonce"], asked["code_challenge"], secret}) == 4
    assert asked["redirect_uri"] == "http://relay.test/sign-in/house/back"


@pytest.mark.parametrize(
    "person",
    [
        {"email": "eve@house.example", "email_verified": True},
        {"email": "eva+x@house.example", "email_verified": True},
        {"email": "eva@house.example", "email_verified": False},
        {"email": "eva@house.example", "email_verified": "true"},
        {"email": "eva@house.example"},
        {"email": "no address", "email_verified": True},
        {},
    ],
)
async def test_nobody_else_is(scene: Scene, person: dict[str, Any]) -> None:
    scene.provider.person = person
    with capture_logs() as logs:
        answer = await scene.came_back()
    assert answer.status_code == HTTPStatus.FORBIDDEN
    assert not scene.is_in
    (told,) = [one for one in logs if one["event"] == "sign_in.refused"]
    assert "@" not in told["why"]


async def test_nor_is_somebody_whose_account_is_disabled(scene: Scene) -> None:
    await scene.gateway.store.write(lambda connection: accounts.disable(connection, "eva", clock()))
    assert (await scene.came_back()).status_code == HTTPStatus.FORBIDDEN


@pytest.mark.parametrize(
    "lies",
    [
        {"claims": {"nonce": "another"}},
        {"claims": {"nonce": None}},
        {"claims": {"aud": "another"}},
        {"claims": {"iss": "http://127.0.0.1:1"}},
        {"claims": {"exp": 1_700_000_000}},
        {"claims": {"exp": None}},
        {"claims": {"azp": "another"}},
        {"signs_with": "another"},
        {"unsigned": True},
    ],
)
async def test_what_the_provider_did_not_say_to_us_now_does_not_count(scene: Scene, lies: dict[str, Any]) -> None:
    """OpenID Connect Core §3.1.3.7"""
    for name, value in lies.items():
        setattr(scene.provider, name, value)
    assert (await scene.came_back()).status_code == HTTPStatus.FORBIDDEN
    assert not scene.is_in


async def test_what_comes_back_counts_once_and_for_the_browser_that_was_led_away(scene: Scene) -> None:
    back = await scene.led_away()
    kept = scene.browser.cookies["relay-away"]
    scene.browser.cookies.clear()
    assert (await scene.browser.get(back)).status_code == HTTPStatus.FORBIDDEN
    await scene.browser.get("/sign-in/house")
    assert (await scene.browser.get(back)).status_code == HTTPStatus.FORBIDDEN
    scene.browser.cookies.clear()
    scene.browser.cookies.set("relay-away", kept)
    assert (await scene.browser.get(back)).status_code == HTTPStatus.SEE_OTHER
    scene.browser.cookies.clear()
    scene.browser.cookies.set("relay-away", kept)
    assert (await scene.browser.get(back)).status_code == HTTPStatus.FORBIDDEN


async def test_where_the_provider_is_another_one_or_silent_nobody_is_led_away(scene: Scene) -> None:
    scene.provider.describes = {"issuer": "https://another.example"}
    assert (await scene.browser.get("/sign-in/house")).status_code == HTTPStatus.SERVICE_UNAVAILABLE


async def test_a_provider_that_takes_the_secret_in_the_form_gets_it_there(scene: Scene) -> None:
    scene.provider.describes = {"token_endpoint_auth_methods_supported": ["client_secret_post"]}
    assert (await scene.came_back()).status_code == HTTPStatus.SEE_OTHER
