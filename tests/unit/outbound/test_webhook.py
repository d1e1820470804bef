"""Telling other systems: to whom we connect, how it is signed, and what we make of the answer."""

from __future__ import annotations

import asyncio
import ssl
from base64 import b64encode
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

import pytest
from standardwebhooks.webhooks import Webhook, WebhookVerificationError
from support.names import Table, found

from relay.outbound import webhook
from relay.outbound.webhook import PREFIX, Answer, Poster, Receiver, head_octets_max, receiver, signatures

HOST = "shop.example"
BODY = b'{"type":"booking.accept"}'


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://shop.example/hook?a=b", Receiver(True, "shop.example", 443, "/hook?a=b")),  # noqa: FBT003
        ("https://Shop.Example:8443", Receiver(True, "shop.example", 8443, "/")),  # noqa: FBT003
        ("https://[2606:4700::1111]/x", Receiver(True, "2606:4700::1111", 443, "/x")),  # noqa: FBT003
    ],
)
def test_a_receiver_is_named_by_its_url(url: str, expected: Receiver) -> None:
    assert receiver(url, anywhere=False) == expected


@pytest.mark.parametrize(
    "url",
    [
        "http://shop.example/hook",
        "ftp://shop.example/",
        "https://",
        "https://user:secret@shop.example/",
        "https://shop.example/#part",
        "https://shop.example:99999/",
        "https://shop example/",
        "https://shop.example/a\r\nHost: other",
        "https://shöp.example/",
        "https://[::1/",
        "https://127.0.0.1/",
        "https://[::1]/",
        "https://10.0.0.8/",
        "https://169.254.169.254/latest/meta-data",
        "https://[::ffff:192.168.0.1]/",
        "https://0x7f.1_.example!/",
    ],
)
def test_what_is_no_receiver_or_not_to_be_told_is_refused(url: str) -> None:
    """FAULT-86"""
    with pytest.raises(ValueError, match="url"):
        receiver(url, anywhere=False)


def test_the_receivers_library_knows_the_signature_by_each_of_two_secrets() -> None:
    old, new = (PREFIX + b64encode(bytes([n]) * 24).decode() for n in (1, 2))
    now = datetime.now(UTC).replace(microsecond=0)  # noqa: TID251 (the library compares with the machine's clock)
    fields = {
        "webhook-id": "v1",
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": signatures((new, old), "v1", now, BODY),
    }
    for secret in (old, new):
        assert Webhook(secret).verify(BODY, fields) == {"type": "booking.accept"}
    with pytest.raises(WebhookVerificationError):
        Webhook(PREFIX + b64encode(b"3" * 24).decode()).verify(BODY, fields)
    with pytest.raises(WebhookVerificationError):
        Webhook(new).verify(BODY + b" ", fields)


Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


async def posted(serve: Serve, *, host: str = HOST, anywhere: bool = True) -> Answer:
    """What a POST to a server of that kind on the loopback interface comes to."""
    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        poster = Poster(Table({f"{HOST} A": found("127.0.0.1")}), lambda: ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT), anywhere)
        return await poster(Receiver(is_secure=False, host=host, port=port, target="/hook"), BODY, [("webhook-id", "v1")])


def answering(octets: bytes, heard: list[bytes] | None = None) -> Serve:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        body = await reader.readexactly(len(BODY))
        if heard is not None:
            heard.append(head + body)
        writer.write(octets)
        await writer.drain()
        writer.close()

    return serve


async def test_a_post_arrives_as_it_was_meant() -> None:
    heard: list[bytes] = []
    assert await posted(answering(b"HTTP/1.1 204 No Content\r\n\r\n", heard)) == Answer(204)
    [request] = heard
    assert request.startswith(b"POST /hook HTTP/1.1\r\nHost: shop.example:")
    assert b"\r\nwebhook-id: v1\r\n" in request
    assert request.endswith(b"\r\n\r\n" + BODY)


@pytest.mark.parametrize(
    ("octets", "answer"),
    [
        (b"HTTP/1.1 302 Found\r\nLocation: http://169.254.169.254/\r\n\r\n", Answer(302)),
        (b"HTTP/1.0 500\r\n", Answer(500)),
        (b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 100_000, Answer(200)),
        (b"SSH-2.0-OpenSSH\r\n", Answer(None, "no answer of HTTP")),
        (b"x" * (4 * head_octets_max), Answer(None, "no answer of HTTP")),
        (b"", Answer(None, "no connection")),
    ],
)
async def test_of_an_answer_the_status_alone_is_read(octets: bytes, answer: Answer) -> None:
    assert await posted(answering(octets)) == answer


async def test_a_name_that_leads_into_a_private_network_is_not_followed() -> None:
    """FAULT-86: whoever owns a name chooses where it leads, at each look-up."""

    async def never(_: asyncio.StreamReader, __: asyncio.StreamWriter) -> None:
        raise AssertionError("connected")

    assert await posted(never, anywhere=False) == Answer(None, "its name leads nowhere on the internet")
    assert await posted(never, host="127.0.0.1", anywhere=False) == Answer(None, "its name leads nowhere on the internet")
    assert await posted(never, host="none.example") == Answer(None, "its name is not to be found")


async def test_a_receiver_that_hangs_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webhook, "post_s", 0.2)
    ended = asyncio.Event()

    async def hanging(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await ended.wait()
        writer.close()

    waiting = asyncio.create_task(posted(hanging))
    await asyncio.sleep(0)
    done, _ = await asyncio.wait({waiting}, timeout=0.6)
    ended.set()
    assert await waiting == Answer(None, "no answer in time")
    assert done or waiting.done()
