"""An unknown writer, from the SMTP session to the other party's mailbox: held, asked about by mail, claimed on a page.

Over sockets, with a process that asks a DNS server (GW-5, GW-6, GW-12, GW-21).
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from support.dns import Zone, serving
from support.gateway import Gateway
from support.mails import a_mail
from support.patience import patience_s
from support.sink import Received, Sink
from support.world import CUSTOMER_ADDRESS, PARTNER_ADDRESS

from relay.message.parse import parse

pytestmark = pytest.mark.slow

SECOND = "marco@second-mailbox.example"
"""The partner's other mailbox, which nobody knows; its domain stands for it."""
COLLEAGUE = "office@alpenhof.example"
MUTE = "ann@mute.example"
"""Known, at a domain that has neither SPF nor DKIM."""
ALLOWED = "v=spf1 ip4:127.0.0.1 -all"


@pytest.fixture(scope="module")
def zone() -> Iterator[Zone]:
    zone = Zone()
    for address in (SECOND, COLLEAGUE, MUTE, PARTNER_ADDRESS, CUSTOMER_ADDRESS):
        domain = address.partition("@")[2]
        zone.put(domain, "A", "192.0.2.1")
        if address != MUTE:
            zone.put(domain, "TXT", ALLOWED)
    with serving(zone):
        yield zone


@pytest.fixture
async def judge(tmp_path: Path, sink: Sink, zone: Zone) -> AsyncIterator[Gateway]:
    changed = {
        "smtp": {"lmtp_listen": [f"unix:{tmp_path}/lmtp.sock"]},
        "authentication": {"mode": "enforce", "dns_servers": [zone.server]},
    }
    gateway = Gateway(tmp_path, sink.port, changed=changed)
    await gateway.off_loop("start")
    yield gateway
    if gateway.process is not None:
        assert await gateway.off_loop("stop") == 0
    gateway.close()


@pytest.fixture
async def browser(judge: Gateway) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{judge.web_port}", timeout=60) as client:
        yield client


def path_in(question: Received) -> str:
    """Where the link in a question leads to."""
    [text] = [one.text for one in parse(question.content).root.walk() if one.media_type == "text/plain"]
    found = re.search(r"^http://127\.0\.0\.1:\d+(/questions/[\w-]{43})$", text, re.MULTILINE)
    assert found is not None, text
    return found[1]


async def wrote(judge: Gateway, sender: str, to: str, number: int) -> str:
    """The id under which a mail from `sender` was taken."""
    mail = a_mail(to=to, sender=sender, message_id=f"{number}@x.example", text=f"Mail number {number}, from {sender}.\n")
    answer = await judge.sent(mail, to, sender=sender)
    assert answer.codes == "250 2.6.0"
    return answer.trace


async def became(judge: Gateway, message: str, fate: str) -> Any:
    """The only share of `message`, once it has that fate."""
    until = time.monotonic() + patience_s
    while True:
        [share] = (await judge.off_loop("json", "archive", "show", message))["recipients"]
        if share["fate"] == fate or time.monotonic() > until:
            assert share["fate"] == fate
            return share
        await asyncio.sleep(0.2)


async def test_a_writer_nobody_knows_is_asked_about_and_known_after_one_click(
    judge: Gateway, sink: Sink, browser: httpx.AsyncClient
) -> None:
    """GW-6, invariants 1 and 4."""
    to = (await judge.opened("R1", "--partner-language", "it"))["customer_alias"]
    message = await wrote(judge, SECOND, to, 1)
    await sink.until(1)
    [question] = sink.received
    assert (question.recipients, question.return_path) == ((PARTNER_ADDRESS,), "")
    assert (await became(judge, message, "held"))["reason"] == "unknown_writer"
    path = path_in(question)
    for _ in range(2):
        page = await browser.get(path)
        assert (page.status_code, SECOND in page.text, "Sono io" in page.text) == (200, True, True)
    await browser.head(path)
    await became(judge, message, "held")
    assert len(sink.received) == 1
    for _ in range(2):
        answered = await browser.post(path, data={"answer": "yes"}, follow_redirects=True)
        assert (answered.status_code, "<form" in answered.text) == (200, False)
    await became(judge, message, "passed")
    await sink.until(2)
    assert sink.received[1].recipients == (CUSTOMER_ADDRESS,)
    assert b"Mail number 1" in sink.received[1].content
    assert b"second-mailbox" not in sink.received[1].content
    # From now on it is known.
    assert (await judge.off_loop("json", "conversation", "show", "R1"))["partner"]["known_addresses"] == 2
    await became(judge, await wrote(judge, SECOND, to, 2), "passed")
    await sink.until(3)
    assert {one.recipients for one in sink.received[1:]} == {(CUSTOMER_ADDRESS,)}
    await judge.off_loop("command", "audit")
    assert SECOND not in judge.log.read_text()


async def test_who_is_not_the_party_is_archived_and_refused_from_then_on(
    judge: Gateway, sink: Sink, browser: httpx.AsyncClient
) -> None:
    to = (await judge.opened("R2"))["customer_alias"]
    message = await wrote(judge, SECOND, to, 1)
    await sink.until(1)
    path = path_in(sink.received[0])
    assert (await browser.post(path[:-1] + ("A" if path[-1] != "A" else "B"), data={"answer": "no"})).status_code == 404
    await browser.post(path, data={"answer": "no", "stop_asking": "yes"})
    await became(judge, message, "unclaimed")
    refused = await judge.sent(a_mail(to=to, sender=SECOND), to, sender=SECOND)
    assert refused.codes == "550 5.7.1"
    assert len(sink.received) == 1
    await judge.off_loop("command", "audit")


async def test_a_known_address_that_proves_nothing_is_asked_about_once(
    judge: Gateway, sink: Sink, browser: httpx.AsyncClient
) -> None:
    """GW-12"""
    to = (await judge.opened("R3", partner=MUTE))["customer_alias"]

    async def from_(client_ip: str, number: int) -> str:
        mail = a_mail(to=to, sender=MUTE, message_id=f"{number}@x.example", text=f"Mail number {number}.\n")
        [answer] = await judge.handed_on(mail, client_ip, to, sender=MUTE)
        assert answer.codes == "250 2.6.0"
        return answer.trace

    first = await from_("203.0.113.7", 1)
    await sink.until(1)
    assert sink.received[0].recipients == (MUTE,)
    await browser.post(path_in(sink.received[0]), data={"answer": "yes"})
    await became(judge, first, "passed")
    await became(judge, await from_("203.0.113.99", 2), "passed")
    await sink.until(3)
    # Where the front MTA does not say who its client was, each message is asked about, and sent after a yes.
    for number in (3, 4):
        message = await from_("", number)
        await sink.until(2 * number - 2)
        question = sink.received[-1]
        assert question.recipients == (MUTE,)
        await became(judge, message, "held")
        await browser.post(path_in(question), data={"answer": "yes"})
        await became(judge, message, "passed")
        await sink.until(2 * number - 1)
    await judge.off_loop("command", "audit")


async def test_a_whole_domain_is_made_known_by_command_and_by_api(judge: Gateway, sink: Sink, browser: httpx.AsyncClient) -> None:
    """GW-5: colleagues, by a command that works beside the running gateway."""
    to = (await judge.opened("R4"))["customer_alias"]
    await judge.off_loop("command", "conversation", "add-domain", "R4", "partner", "alpenhof.example")
    await became(judge, await wrote(judge, COLLEAGUE, to, 1), "passed")
    await sink.until(1)
    assert (sink.received[0].recipients, b"alpenhof" in sink.received[0].content) == ((CUSTOMER_ADDRESS,), False)
    token = (await judge.off_loop("json", "token", "create", "--name", "shop", "--scope", "conversations:write"))["token"]
    authorized = {"Authorization": f"Bearer {token}"}
    removed = {"party": "partner", "domain": "alpenhof.example"}
    answer = await browser.post("/api/v1/conversations/R4/domains/remove", json=removed, headers=authorized)
    assert (answer.status_code, answer.json()["partner"]["known_domains"]) == (200, 0)
    await became(judge, await wrote(judge, COLLEAGUE, to, 2), "held")
    # What was taken back still tells who they are.
    await judge.sent(a_mail(to=to, text="See www.alpenhof.example.\n", message_id="3@x.example"), to)
    await sink.until(3)
    [rendition] = [one for one in sink.received[1:] if one.recipients == (CUSTOMER_ADDRESS,)]
    assert b"alpenhof" not in rendition.content
