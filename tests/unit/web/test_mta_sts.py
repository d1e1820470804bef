"""Senders look for the MTA-STS policy at one place (RFC 8461 §3.3)."""

from __future__ import annotations

from support.web import Web

TEXT = "version: STSv1\r\nmode: enforce\r\nmx: mx.example.com\r\nmax_age: 604800\r\n"


async def test_the_policy_is_served_as_plain_text_to_everybody() -> None:
    async with Web(mta_sts=TEXT).client(token=None) as client:
        answer = await client.get("/.well-known/mta-sts.txt")
    assert (answer.status_code, answer.text) == (200, TEXT)
    assert answer.headers["content-type"].startswith("text/plain")


async def test_without_a_policy_there_is_nothing_at_its_place() -> None:
    async with Web().client(token=None) as client:
        assert (await client.get("/.well-known/mta-sts.txt")).status_code == 404
