"""Bodies are bounded, and every answer tells browsers to trust nothing (invariant 12)."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from support.web import Web

from relay.web.bounds import SECURITY_HEADERS, body_octets_max

CONVERSATIONS = "/api/v1/conversations"


async def pieces(octets: int) -> AsyncIterator[bytes]:
    """A body whose length is not told beforehand."""
    for _ in range(octets // 1024):
        yield b" " * 1024


async def test_a_body_that_says_it_is_too_large_is_refused_unread() -> None:
    async with Web().client() as client:
        answer = await client.post(CONVERSATIONS, content=b" " * (body_octets_max + 1))
    assert answer.status_code == 413
    assert answer.headers["content-type"] == "application/problem+json"
    assert str(body_octets_max) in answer.json()["detail"]


async def test_a_body_that_turns_out_too_large_is_refused_too() -> None:
    async with Web().client() as client:
        answer = await client.post(CONVERSATIONS, content=pieces(body_octets_max + 1024))
    assert answer.status_code == 413
    assert answer.headers["content-type"] == "application/problem+json"


async def test_the_largest_body_is_read() -> None:
    async with Web().client() as client:
        answer = await client.post(CONVERSATIONS, content=b" " * body_octets_max)
        assert answer.status_code == 422
        answer = await client.post(CONVERSATIONS, content=pieces(body_octets_max))
        assert answer.status_code == 422


@pytest.mark.parametrize("length", ["-1", "x", "1e9", "9" * 5000])
async def test_a_length_that_is_none_or_too_long_is_refused(length: str) -> None:
    async with Web().client() as client:
        answer = await client.post(CONVERSATIONS, headers={"Content-Length": length})
    assert answer.status_code == 413


@pytest.mark.parametrize(
    "path", ["/healthz", "/api/v1/openapi.json", CONVERSATIONS, "/nowhere", "/", "/style.css", "/favicon.ico"]
)
async def test_every_answer_has_the_security_headers(path: str) -> None:
    async with Web().client() as client:
        answer = await client.get(path)
    for name in SECURITY_HEADERS:
        assert name in answer.headers, name
    policy = answer.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none';")
    assert "script-src" not in policy
    assert "frame-ancestors 'none'" in policy


@pytest.mark.parametrize("path", ["/healthz", "/style.css", "/nowhere"])
async def test_head_is_answered_as_get_is_without_the_body(path: str) -> None:
    async with Web().client() as client:
        got, headed = await client.get(path), await client.head(path)
    assert (headed.status_code, headed.content) == (got.status_code, b"")
    assert headed.headers["content-length"] == got.headers["content-length"]


async def test_an_error_of_ours_is_told_without_its_text_and_has_the_headers() -> None:
    class Broken:
        async def page(self, limit: int, after: str | None) -> None:
            raise RuntimeError("marco.bellini@alpine-tours.example")

    async with Web(queue=Broken()).client() as client:  # type: ignore[arg-type]  # broken on purpose
        answer = await client.get("/api/v1/queue")
    assert answer.status_code == 500
    assert answer.headers["content-type"] == "application/problem+json"
    assert "alpine-tours" not in answer.text


async def test_trouble_below_is_told_as_later() -> None:
    """Invariant 7."""
    from relay.errors import Unavailable

    class Away:
        async def page(self, limit: int, after: str | None) -> None:
            raise Unavailable("database: disk I/O error")

    async with Web(queue=Away()).client() as client:  # type: ignore[arg-type]  # away on purpose
        answer = await client.get("/api/v1/queue")
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "5"
    assert "disk" not in answer.text


async def test_what_is_not_there_is_a_page_to_a_browser_and_a_problem_to_a_program() -> None:
    async with Web().client() as client:
        browser = await client.get("/nowhere", headers={"Accept": "text/html,application/xhtml+xml"})
        program = await client.get("/api/v1/nowhere", headers={"Accept": "text/html"})
    assert (browser.status_code, browser.headers["content-type"].split(";")[0]) == (404, "text/html")
    assert (program.status_code, program.headers["content-type"]) == (404, "application/problem+json")


async def test_an_error_of_ours_is_a_page_to_a_browser_without_its_text() -> None:
    class Broken:
        async def asked(self, secret: str) -> None:
            raise RuntimeError("marco.bellini@alpine-tours.example")

    async with Web(questions=Broken()).client() as client:  # type: ignore[arg-type]  # broken on purpose
        answer = await client.get("/questions/secret", headers={"Accept": "text/html"})
    assert (answer.status_code, answer.headers["content-type"].split(";")[0]) == (500, "text/html")
    assert "alpine-tours" not in answer.text
