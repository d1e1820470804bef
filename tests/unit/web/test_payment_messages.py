"""Where payment providers tell what happened."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache

import httpx
import pytest
from fastapi import FastAPI
from support.web import Switch, Web

from relay.errors import Forged, NotFound, Unavailable
from relay.web.application import web_app
from relay.web.bounds import body_octets_max


@dataclass
class Payments:
    """relay.web.ports.PaymentMessages, which keeps what came; `raises` instead, if there is something."""

    raises: Exception | None = None
    came: list[tuple[str, bytes, Mapping[str, str]]] = field(default_factory=list)

    async def take(self, provider: str, body: bytes, headers: Mapping[str, str]) -> None:
        if self.raises is not None:
            raise self.raises
        self.came.append((provider, body, headers))


@cache
def shared() -> tuple[FastAPI, Switch]:
    """One application for all tests: making it takes longer than asking it."""
    web, payments = Web(), Switch()
    return web_app(replace(web._ports(*web._fakes()), payments=payments)), payments  # type: ignore[arg-type]  # as they are


def client(payments: Payments) -> httpx.AsyncClient:
    app, switch = shared()
    switch.to = payments
    return reached(app)


def reached(app: FastAPI) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(app, raise_app_exceptions=False), base_url="http://relay.test")


async def test_what_is_stored_is_answered_with_200_and_was_handed_on_octet_by_octet() -> None:
    """T12: the signature is over the octets."""
    payments = Payments()
    async with client(payments) as web:
        answer = await web.post("/webhooks/stripe", content=b'{"a":  1}', headers={"Stripe-Signature": "t=1,v1=0"})
    assert answer.status_code == 200
    [(provider, body, headers)] = payments.came
    assert (provider, body, headers["stripe-signature"]) == ("stripe", b'{"a":  1}', "t=1,v1=0")


@pytest.mark.parametrize(
    ("raised", "status"),
    [
        (Forged("stripe: a signature that is wrong"), 400),
        (Unavailable("database: closing"), 503),
        (NotFound("no payment provider nobody"), 404),
        (KeyError("broken"), 500),
    ],
)
async def test_what_is_not_stored_is_never_answered_with_200(raised: Exception, status: int) -> None:
    """So the provider tells it again, but for what is not theirs."""
    async with client(Payments(raised)) as web:
        answer = await web.post("/webhooks/stripe", content=b"{}")
    assert answer.status_code == status
    assert "signature" not in answer.text


async def test_a_message_has_a_bound_and_only_a_post_is_one() -> None:
    payments = Payments()
    async with client(payments) as web:
        assert (await web.post("/webhooks/stripe", content=b" " * (body_octets_max + 1))).status_code == 413
        assert (await web.get("/webhooks/stripe")).status_code == 405
        assert (await web.post(f"/webhooks/{'s' * 41}", content=b"{}")).status_code == 422
    assert payments.came == []


@pytest.mark.parametrize(
    ("path", "language", "says"),
    [
        ("/payments/made", "pl-PL,pl;q=0.9", "Dziękujemy za płatność"),
        ("/payments/made", "", "Thank you for your payment"),
        ("/payments/left", "de", "Es wurde nichts bezahlt"),
    ],
)
async def test_whoever_comes_back_reads_in_their_language_what_comes_next(path: str, language: str, says: str) -> None:
    """SL-16"""
    async with client(Payments()) as web:
        answer = await web.get(path, headers={"Accept-Language": language})
    assert answer.status_code == 200
    assert says in answer.text
    assert "form-action 'none'" in answer.headers["Content-Security-Policy"]


async def test_where_nobody_takes_payments_nothing_is_taken() -> None:
    async with reached(Web().app()) as web:
        assert (await web.post("/webhooks/stripe", content=b"{}")).status_code == 404
