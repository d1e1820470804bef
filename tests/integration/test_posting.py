"""Mail about bookings through running gateways: sent once whoever posts and whatever is killed, and known when it comes back.

(Invariants 4, 8 and 9; GW-42, GW-53, GW-54.)
"""

from __future__ import annotations

import asyncio
import json
import random
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes
from pathlib import Path
from typing import Final

import pytest
from support.archive import World
from support.bookkeeping import ZOFIA
from support.catalogue import GARDA
from support.front_desk import FrontDesk, front_desk_of_today
from support.gateway import Gateway
from support.patience import patience_s
from support.postgresql import Server
from support.sink import Received, Sink
from support.smtp import Answer, SmtpClient

from relay.store.engine import open_engine, reading
from relay.store.tally import End, tally_of_mail

pytestmark = pytest.mark.slow

BOOKINGS: Final = 12
"""Of each, the partner hears of the request and the customer that it was received."""


@contextmanager
def front_desk(url: str) -> Iterator[FrontDesk]:
    """Whoever takes the steps: a process that sends nothing itself."""
    engine = open_engine(url)
    try:
        yield front_desk_of_today(World(engine))
    finally:
        engine.dispose()


def message_id(one: Received) -> str:
    return str(message_from_bytes(one.content)["Message-ID"])


async def all_posted(url: str, mails: int, sink: Sink) -> Counter[str]:
    """Once each of so many mails is written down as delivered; how often each came."""
    engine = open_engine(url)
    try:
        async with asyncio.timeout(patience_s * 4):
            while True:
                with reading(engine) as connection:
                    if tally_of_mail(connection) == {End.DELIVERED: mails}:
                        return Counter(message_id(one) for one in sink.received)
                await asyncio.sleep(0.1)
    finally:
        engine.dispose()


async def test_a_step_in_another_process_is_told_by_mail_and_what_comes_back_is_known(gateway: Gateway, sink: Sink) -> None:
    """GW-42, GW-53, GW-54: the house hears of it, nobody is answered; an automatic answer is absorbed"""
    url = f"sqlite:///{gateway.directory}/var/relay.db"
    with front_desk(url) as desk:
        booking = desk.begin()
        conversation = desk.conversation(booking)
    await sink.until(2)
    [partner] = [one for one in sink.received if one.recipients == (GARDA.addresses[0].reveal(),)]
    [customer] = [one for one in sink.received if ZOFIA.address and one.recipients == (ZOFIA.address.reveal(),)]
    assert customer.return_path != partner.return_path
    assert b"DKIM-Signature:" in partner.content
    dsn = (
        b"From: MAILER-DAEMON@mx.example\r\nSubject: Undelivered\r\nMIME-Version: 1.0\r\n"
        b'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n'
        b"--b\r\nContent-Type: text/plain\r\n\r\nNo such user\r\n"
        b"--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example\r\n\r\n"
        b"Final-Recipient: rfc822; somebody@mx.example\r\nAction: failed\r\nStatus: 5.1.1\r\n\r\n--b--\r\n"
    )
    away = b"From: zofia@poczta.example\r\nSubject: Away\r\nAuto-Submitted: auto-replied\r\n\r\nI am away.\r\n"
    assert (await to(gateway, dsn, partner.return_path)).codes == "250 2.6.0"
    assert (await to(gateway, away, customer.return_path)).codes == "250 2.6.0"
    by_hand = await to(gateway, b"Subject: Yes\r\n\r\nWe come.\r\n", customer.return_path, "zofia@poczta.example")
    assert by_hand.codes == "550 5.7.1"
    alerts = json.loads((await gateway.off_loop("command", "alerts", "--json")).stdout)
    assert [(one["alarm"], one["reference"], one["party"], one["detail"]) for one in alerts] == [
        ("notification_failed", booking.reference, "partner", "N1: address_wrong")
    ]
    told = (await gateway.off_loop("command", "trace", message_id(partner))).stdout
    assert all(word in told for word in ("caused", "notification", "delivered", "bounced", "says=N1"))
    assert "@" not in told.replace(str(conversation.partner.alias.domain), "")
    failed = ("queue", "list", "--state", "failed", "--booking", booking.reference, "--json")
    listed = (await gateway.off_loop("command", *failed)).stdout
    assert [one["carries"] for one in json.loads(listed)] == ["notification"]
    await gateway.off_loop("command", "audit")
    assert len(sink.received) == 2, "nobody is written to about it"


async def to(gateway: Gateway, content: bytes, recipient: str, sender: str = "") -> Answer:
    async with SmtpClient(gateway.smtp_port) as client:
        await client.hello()
        begun = await client.begin(recipient, sender=f"<{sender}>")
        if begun[-1].code != 250:
            return begun[-1]
        await client.command("DATA")
        await client.send(content + b".\r\n")
        return await client.answer()


async def test_two_nodes_post_each_mail_once(tmp_path: Path, sink: Sink, postgresql: Server) -> None:
    """Invariant 9: both see all that waits"""
    url = postgresql.emptied()
    nodes = [Gateway(tmp_path / name, sink.port, changed={"database": {"url": url}}) for name in ("one", "other")]
    nodes[0].write_config()
    (tmp_path / "one" / "var").mkdir()
    try:
        await asyncio.gather(*(node.off_loop("start") for node in nodes))
        with front_desk(url) as desk:
            for _ in range(BOOKINGS):
                desk.begin()
        came = await all_posted(url, 2 * BOOKINGS, sink)
        assert set(came.values()) == {1}
        await nodes[0].off_loop("command", "audit")
    finally:
        for node in nodes:
            node.close()


async def test_no_mail_is_lost_and_none_is_another_one_when_the_gateway_is_killed_again_and_again(
    gateway: Gateway, sink: Sink
) -> None:
    """Invariants 8 and 9: killed while it posts and while it sends; what comes twice is the same mail, octet by octet"""
    url = f"sqlite:///{gateway.directory}/var/relay.db"
    chance = random.Random(6)
    kills = 4
    with front_desk(url) as desk:
        for _ in range(kills):
            for _ in range(BOOKINGS // kills):
                desk.begin()
            await asyncio.sleep(chance.uniform(0.0, 2.5))
            gateway.kill()
            await gateway.off_loop("start")
    mails = 2 * BOOKINGS
    came = await all_posted(url, mails, sink)
    assert len(came) == mails
    contents = {(message_id(one), one.content.partition(b"\r\nDKIM-Signature")[2]) for one in sink.received}
    assert len(contents) == mails, "the same octets each time"
    await gateway.off_loop("command", "audit")
