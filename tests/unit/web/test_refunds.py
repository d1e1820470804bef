"""Refunds that people make, over HTTP."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cache
from typing import cast

import httpx
import pytest
from fastapi import FastAPI
from support.web import ALL, FakeAccess, Switch, Web

from relay.errors import Conflict, NotFound
from relay.web.application import web_app
from relay.web.refunds import RefundsByHand
from relay.web.scopes import Scope

PATH = "/api/v1/bookings/BOAT-1/refunds/01J0000000000000000000R001/done"


@dataclass
class Refunds:
    """relay.web.refunds.RefundsByHand, which keeps who said what."""

    raises: Exception | None = None
    said: list[tuple[str, str, str]] = field(default_factory=list)

    async def done(self, reference: str, refund: str, by: str) -> None:
        if self.raises is not None:
            raise self.raises
        self.said.append((reference, refund, by))


@cache
def shared() -> tuple[FastAPI, Switch]:
    """One application for all tests: making it takes longer than asking it."""
    web, refunds = Web(access=FakeAccess({"all": ALL, "clerk": frozenset({Scope.BOOKINGS_WRITE})})), Switch()
    ports = web._ports(*web._fakes())
    assert ports.booking is not None
    booking = replace(ports.booking, refunds=cast("RefundsByHand", refunds))
    return web_app(replace(ports, booking=booking)), refunds


def client(refunds: Refunds, token: str = "all") -> httpx.AsyncClient:
    app, switch = shared()
    switch.to = refunds
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url="http://relay.test", headers={"Authorization": f"Bearer {token}"})


async def test_whoever_gave_cash_back_says_so() -> None:
    """OR-B2"""
    refunds = Refunds()
    async with client(refunds) as web:
        answer = await web.post(PATH)
    assert answer.status_code == 204
    assert refunds.said == [("BOAT-1", "01J0000000000000000000R001", "token id-all")]


@pytest.mark.parametrize(("raised", "status"), [(NotFound("none"), 404), (Conflict("the provider makes it"), 409)])
async def test_what_cannot_be_is_said(raised: Exception, status: int) -> None:
    async with client(Refunds(raised)) as web:
        assert (await web.post(PATH)).status_code == status


async def test_it_takes_an_operators_token() -> None:
    refunds = Refunds()
    async with client(refunds, "clerk") as web:
        assert (await web.post(PATH)).status_code == 403
    assert refunds.said == []
