"""Fetching a policy over real TLS, from servers that misbehave."""

from __future__ import annotations

import asyncio
import ssl
from dataclasses import replace
from pathlib import Path

import pytest
from support.certificate import Issued, an_authority
from support.gateway import free_port
from support.https import page, serving
from support.names import Table, found

from relay.lookup import Answer, Query
from relay.outbound import https
from relay.outbound.https import Fetched, Fetcher, NotFetched, octets_max
from relay.outbound.tls import checking

pytestmark = pytest.mark.slow

HOST = "mta-sts.customer.example"
NAMES = Table({f"{HOST} A": found("127.0.0.2", "127.0.0.1")})
GOOD = page("version: STSv1\n")


def fetcher(authority: Issued, directory: Path, port: int) -> Fetcher:
    trusted = authority.written(directory / "authorities.pem")
    return Fetcher(NAMES, lambda: checking(trusted), port, private=True)


CHUNKED = b"HTTP/1.1 200 OK\r\nContent-Type: Text/Plain; charset=utf-8\r\nTransfer-Encoding: chunked\r\n\r\n"


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (GOOD, Fetched("text/plain", b"version: STSv1\n")),
        (page("x", media_type="text/html"), Fetched("text/html", b"x")),
        (CHUNKED + b"3\r\nabc\r\n2;x=y\r\nde\r\n0\r\n\r\n", Fetched("text/plain", b"abcde")),
        (b"HTTP/1.0 200\r\nContent-Type: text/plain\r\n\r\nuntil the end", Fetched("text/plain", b"until the end")),
        (page("x" * octets_max), Fetched("text/plain", b"x" * octets_max)),
        (page("x" * (octets_max + 1)), NotFetched.OTHER),
        (b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * (octets_max + 1), NotFetched.OTHER),
        (CHUNKED + b"fffff\r\n", NotFetched.OTHER),
        (CHUNKED + b"nothing\r\n", NotFetched.OTHER),
        (CHUNKED + b"3\r\nab", NotFetched.OTHER),
        (page("x", status="301 Moved", more="Location: https://other.example/\r\n"), NotFetched.OTHER),
        (page("x", status="404 Not Found"), NotFetched.OTHER),
        (page("x", status="500 Oops"), NotFetched.OTHER),
        (b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", NotFetched.OTHER),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nshort", NotFetched.OTHER),
        (b"HTTP/1.1 200 OK\r\nX: " + b"x" * 100_000, NotFetched.OTHER),
        (b"220 mail.example ESMTP\r\n\r\n", NotFetched.OTHER),
        (b"", NotFetched.OTHER),
    ],
    ids=range(18),
)
async def test_a_text_comes_as_it_is_or_not_at_all(answer: bytes, expected: Fetched | NotFetched, tmp_path: Path) -> None:
    """RFC 8461 §3.3: no redirect is followed, no more is taken than may be. The first address refuses, the next is tried."""
    authority = an_authority()
    async with serving(authority.issue(HOST).server_context(tmp_path), {HOST: answer}) as site:
        assert await fetcher(authority, tmp_path, site.port)(HOST, "/policy") == expected
        assert site.asked == [f"GET /policy HTTP/1.1 {HOST}"]


@pytest.mark.parametrize("bad", ["name", "authority", "time"])
async def test_a_certificate_that_is_not_good_is_told_apart(bad: str, tmp_path: Path) -> None:
    """RFC 8461 §3.3; and nothing was asked for."""
    authority = an_authority()
    issued = {
        "name": authority.issue("other.example"),
        "authority": an_authority().issue(HOST),
        "time": authority.issue(HOST, days=(-20, -10)),
    }[bad]
    async with serving(issued.server_context(tmp_path), {HOST: GOOD}) as site:
        assert await fetcher(authority, tmp_path, site.port)(HOST, "/policy") is NotFetched.CERTIFICATE
        assert site.asked == []


async def test_nothing_is_fetched_from_addresses_that_are_nobody_s(tmp_path: Path) -> None:
    """Whoever owns a domain chooses its addresses."""
    authority = an_authority()
    async with serving(authority.issue(HOST).server_context(tmp_path), {HOST: GOOD}) as site:
        outside = replace(fetcher(authority, tmp_path, site.port), private=False)
        assert await outside(HOST, "/policy") is NotFetched.OTHER
        assert site.asked == []


async def test_a_host_that_is_not_there_or_hangs_has_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    assert await Fetcher(NAMES, lambda: context, free_port(), private=True)(HOST, "/") is NotFetched.OTHER
    assert await Fetcher(Table({}), lambda: context)(HOST, "/") is NotFetched.OTHER
    monkeypatch.setattr(https, "fetch_s", 0.05)
    assert await Fetcher(Hanging({}), lambda: context)(HOST, "/") is NotFetched.OTHER


class Hanging(Table):
    """DNS that never answers."""

    async def ask(self, query: Query, within_s: float = 0) -> Answer:
        await asyncio.Event().wait()
        raise AssertionError
