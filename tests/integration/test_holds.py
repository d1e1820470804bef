"""What the gateway does not let pass by itself stands in front of a person, who decides (GW-55, GW-30; invariants 2 and 4)."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import httpx
import pytest
from support.archive import World
from support.gateway import Gateway
from support.mails import PARTNER_TELLS, a_mail, read, shows, text_of, with_files
from support.sink import Sink
from support.world import CUSTOMER_ADDRESS, PARTNER_ADDRESS

from relay.machine import NewIds
from relay.policy.reasons import Reason
from relay.store.conversations import by_reference
from relay.store.engine import open_engine
from relay.transit.crossing import Fate
from relay.values import MessageId, Role

pytestmark = pytest.mark.slow

TELLING_FILE = ("measurements.bin", b"\x00\x01\x02" + PARTNER_ADDRESS.encode() + b"\x00\xff")


async def held(gateway: Gateway, alias: str, number: int, extra: str = "") -> str:
    """A message is held for what is in its file; what names it."""
    mail = a_mail(to=alias, message_id=f"{number}@alpine-tours.example", text=f"At {number} o'clock.\n", extra=extra)
    answer = await gateway.sent(with_files(mail, TELLING_FILE), alias)
    assert answer.codes == "250 2.6.0"
    return f"{answer.trace}-0"


async def command(gateway: Gateway, *words: str, expect: int = 0) -> Any:
    return await gateway.off_loop("command", *words, expect=expect)


async def shown(gateway: Gateway, id_: str) -> Any:
    return await gateway.off_loop("json", "queue", "show", id_)


async def is_accounted_for(gateway: Gateway) -> None:
    await command(gateway, "audit")


async def test_findings_are_listed_by_command_and_over_http_and_never_the_thing_itself(gateway: Gateway) -> None:
    """GW-55, LEAK-86."""
    alias = (await gateway.opened())["customer_alias"]
    id_ = await held(gateway, alias, 9)
    message = id_.partition("-")[0]
    entry = await shown(gateway, id_)
    assert (entry["state"], entry["reason"], entry["can_be_released"]) == ("held", "leak", True)
    assert {"kind", "place", "layer"} == set(entry["findings"][0])
    assert "address" in {one["kind"] for one in entry["findings"]}
    told = [
        (await command(gateway, *words)).stdout
        for words in (("queue", "list"), ("queue", "show", id_), ("archive", "show", message), ("trace", message))
    ]
    assert all("address" in one for one in told)
    secret = await gateway.off_loop(
        "json", "token", "create", "--name", "desk", "--scope", "queue:read", "--scope", "archive:read"
    )
    async with httpx.AsyncClient(
        base_url=f"http://127.0.0.1:{gateway.web_port}/api/v1", headers={"Authorization": f"Bearer {secret['token']}"}
    ) as client:
        [listed] = (await client.get("/queue")).json()["items"]
        one = (await client.get(f"/queue/{id_}")).json()
        archived = (await client.get(f"/archive/messages/{message}")).json()
        assert (await client.post(f"/queue/{id_}/release")).status_code == 403
    assert listed["findings"] == one["findings"] == archived["recipients"][0]["findings"] == entry["findings"]
    assert shows("".join([*told, str(one), str(archived)]).encode(), *PARTNER_TELLS) == []
    await is_accounted_for(gateway)


async def test_what_is_held_is_released_released_without_attachments_or_returned(gateway: Gateway, sink: Sink) -> None:
    """GW-55, by command."""
    conversation = await gateway.opened("GYG4K7Q2X9ABC", "--partner-language", "de")
    alias = conversation["customer_alias"]
    whole, bare, back, gone, robot = [
        await held(gateway, alias, number, "Auto-Submitted: auto-replied" if number == 5 else "") for number in range(1, 6)
    ]
    assert sink.received == []
    await command(gateway, "queue", "release", whole, "--by", "anna")
    await sink.until(1)
    assert TELLING_FILE[0] in str(read(sink.received[0].content).get_payload()[1]["Content-Disposition"])
    await command(gateway, "queue", "release", bare, "--without-attachments", "--by", "anna")
    await sink.until(2)
    got = sink.received[1]
    assert got.recipients == (CUSTOMER_ADDRESS,)
    assert shows(got.content, *PARTNER_TELLS) == []
    assert "At 2 o'clock." in text_of(got.content)
    assert b"[attachment removed]" in got.content
    await command(gateway, "queue", "return", back, "--because", "a card in the file", "--by", "anna")
    await sink.until(3)
    notice = sink.received[2]
    assert notice.recipients == (PARTNER_ADDRESS,)
    assert notice.return_path == ""
    assert "Kontaktdaten" in text_of(notice.content)
    assert "measurements" not in text_of(notice.content)
    await command(gateway, "queue", "drop", gone, "--because", "spam")
    await command(gateway, "queue", "return", robot)
    for id_, step in (
        (whole, ("release",)),
        (bare, ("return",)),
        (back, ("release", "--without-attachments")),
        (gone, ("retry",)),
    ):
        again = await command(gateway, "queue", step[0], id_, *step[1:], expect=1)
        assert "not held" in again.stderr
    fates = [
        (await gateway.off_loop("json", "archive", "show", id_.partition("-")[0]))["recipients"][0]["fate"]
        for id_ in (whole, bare, back, gone, robot)
    ]
    assert fates == ["passed", "passed", "refused", "held", "absorbed"]
    story = (await command(gateway, "trace", back.partition("-")[0])).stdout
    assert re.search(r"returned +.*because=a card in the file by=anna", story)
    assert len(sink.received) == 3
    await is_accounted_for(gateway)


async def test_the_same_over_http_with_a_scope(gateway: Gateway, sink: Sink) -> None:
    alias = (await gateway.opened())["customer_alias"]
    bare, back = await held(gateway, alias, 1), await held(gateway, alias, 2)
    secret = await gateway.off_loop("json", "token", "create", "--name", "desk", "--scope", "queue:write")
    async with httpx.AsyncClient(
        base_url=f"http://127.0.0.1:{gateway.web_port}/api/v1", headers={"Authorization": f"Bearer {secret['token']}"}
    ) as client:
        done = await client.post(f"/queue/{bare}/release", json={"without_attachments": True})
        assert done.json() == {"id": bare, "done": "release"}
        assert (await client.post(f"/queue/{back}/return", json={"because": "a card"})).status_code == 200
        assert (await client.post(f"/queue/{back}/return")).status_code == 409
    await sink.until(2)
    assert {one.recipients for one in sink.received} == {(CUSTOMER_ADDRESS,), (PARTNER_ADDRESS,)}
    await is_accounted_for(gateway)


async def test_what_was_parked_passes_when_a_later_version_can_read_it(gateway: Gateway, sink: Sink) -> None:
    """Invariant 4. What broke over it is gone by now: the share stands in the database as a fault left it."""
    alias = (await gateway.opened())["customer_alias"]
    engine = open_engine(f"sqlite:///{gateway.directory}/var/relay.db")
    world = World(engine)
    conversation = world.read(lambda connection: by_reference(connection, "GYG4K7Q2X9ABC"))
    at = conversation.window.opens_at
    assert at is not None
    mail = a_mail(to=alias, text="At ten.\n")
    crossing = world.crossing(conversation, writer=Role.PARTNER, fate=Fate.HELD, at=at, content=mail)
    message = MessageId(NewIds()())
    parked = replace(
        crossing.passages[0], reason=Reason.FAULT.value, detail="KeyError at body.py:77", findings=(), rendition=None
    )
    envelope = replace(crossing.envelope, id=message, return_path=PARTNER_ADDRESS)
    world.accepted(replace(crossing, envelope=envelope, passages=(parked,)))
    engine.dispose()
    entry = await shown(gateway, f"{message}-0")
    assert (entry["reason"], entry["detail"], entry["can_be_released"]) == ("fault", "KeyError at body.py:77", False)
    assert "nothing to let out" in (await command(gateway, "queue", "release", f"{message}-0", expect=1)).stderr
    await command(gateway, "queue", "retry", f"{message}-0")
    await sink.until(1)
    assert sink.received[0].recipients == (CUSTOMER_ADDRESS,)
    assert "At ten." in text_of(sink.received[0].content)
    await is_accounted_for(gateway)


async def test_a_known_writer_is_told_once_about_a_message_that_cannot_be_read(gateway: Gateway, sink: Sink) -> None:
    """GW-30, GW-31, GW-52: also when the sender's server lost our answer."""
    alias = (await gateway.opened())["customer_alias"]
    head = a_mail(to=alias, subject="Two sandwiches", message_id="deep@alpine-tours.example").partition(b"Content-Type")[0]
    levels = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n) for n in range(1_500))
    answers = [await gateway.sent(head + levels, alias) for _ in range(2)]
    assert [answer.codes for answer in answers] == ["250 2.6.0", "250 2.6.0"]
    await sink.until(1)
    assert sink.received[0].recipients == (PARTNER_ADDRESS,)
    assert "Two sandwiches" in text_of(sink.received[0].content)
    fates = [(await gateway.off_loop("json", "archive", "show", answer.trace))["recipients"][0]["fate"] for answer in answers]
    assert fates == ["refused", "duplicate"]
    assert len(sink.received) == 1
    await is_accounted_for(gateway)
