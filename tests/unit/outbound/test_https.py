"""Which of a host's addresses are asked; tests/integration has the real servers."""

from __future__ import annotations

import asyncio
import ssl

import pytest
from support.names import Table, found

from relay.outbound import https
from relay.outbound.https import Fetched, Fetcher, NotFetched, addresses_max

HOST = "mta-sts.customer.example"
TEXT = Fetched("text/plain", b"version: STSv1\n")


@pytest.fixture
def tried(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The addresses that were asked. 192.0.9.7 alone answers, 192.0.9.1 hangs, the others refuse."""
    asked: list[str] = []

    async def got(_: Fetcher, __: str, address: str, ___: str) -> Fetched:
        asked.append(address)
        if address == "192.0.9.1":
            await asyncio.Event().wait()
        if address != "192.0.9.7":
            raise ConnectionRefusedError
        return TEXT

    monkeypatch.setattr(https.Fetcher, "_got", got)
    return asked


def fetcher(*addresses: str) -> Fetcher:
    return Fetcher(Table({f"{HOST} A": found(*addresses)}), lambda: ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT))


async def test_an_address_that_hangs_leaves_time_for_the_next(tried: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(https, "fetch_s", 1.5)
    assert await fetcher("192.0.9.1", "192.0.9.7")(HOST, "/policy") == TEXT
    assert tried == ["192.0.9.1", "192.0.9.7"]


async def test_only_so_many_addresses_of_a_host_are_tried(tried: list[str]) -> None:
    """Invariant 12: whoever owns a domain chooses how many there are."""
    many = [f"192.0.9.{n}" for n in range(100, 200)]
    assert await fetcher(*many)(HOST, "/policy") is NotFetched.OTHER
    assert tried == many[:addresses_max]
