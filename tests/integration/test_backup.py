"""A backup made in the middle of the work, put on another machine: everything that it holds is accounted for, and goes on."""

from __future__ import annotations

import asyncio
from collections import Counter
from pathlib import Path

import pytest
from support.gateway import Gateway
from support.mails import a_mail
from support.sink import Sink, Step, reply
from support.world import PARTNER_ADDRESS

pytestmark = pytest.mark.slow


async def written(gateway: Gateway, alias: str, numbers: range) -> list[int]:
    """The codes for mails of these numbers, one after the other."""
    mails = (a_mail(to=alias, subject=f"Voucher {n}", message_id=f"{n}@alpine-tours.example") for n in numbers)
    return [(await gateway.sent(mail, alias)).code for mail in mails]


async def kept_writing(gateway: Gateway, alias: str, first: int, done: asyncio.Event) -> int:
    """How many mails were accepted before it was `done`."""
    count = 0
    while not done.is_set():
        assert await written(gateway, alias, range(first + count, first + count + 1)) == [250]
        count += 1
    return count


async def test_a_backup_under_load_is_whole_and_what_was_due_in_it_arrives_from_a_new_machine(
    gateway: Gateway, sink: Sink, tmp_path: Path
) -> None:
    alias = (await gateway.opened())["customer_alias"]
    assert await written(gateway, alias, range(20)) == [250] * 20
    sink.always(Step.RCPT, reply("450 4.2.1 not now"))
    assert await written(gateway, alias, range(20, 25)) == [250] * 5
    while [one["attempts"] for one in await gateway.off_loop("json", "queue", "list")] != [1] * 5:
        await asyncio.sleep(0.2)
    sink.as_usual()

    done = asyncio.Event()
    load = [asyncio.create_task(kept_writing(gateway, alias, 1000 * n, done)) for n in range(1, 4)]
    made = [await gateway.off_loop("json", "backup", str(tmp_path / f"{n}.tar")) for n in range(3)]
    done.set()
    assert min(await asyncio.gather(*load)) > 0
    assert all(one["verified"] and one["findings"] == [] for one in made)
    last = made[-1]
    assert last["due"] >= 5
    assert made[0]["counts"]["messages"] < last["counts"]["messages"]
    # The machine is gone, and with it all that it did since.
    await gateway.off_loop("kill")
    arrived_before = len(sink.received)

    other = Gateway(tmp_path / "other", sink.port)
    other.write_config()
    restored = await other.off_loop("json", "restore", last["file"])
    assert restored["findings"] == []
    assert restored["sent_again"] == last["due"]
    try:
        await other.off_loop("start")
        refused = await other.off_loop("command", "restore", last["file"], "--force", expect=1)
        assert "a gateway is at work" in refused.stderr
        await sink.until(arrived_before + restored["sent_again"])
        # The aliases of old, the archive and its search, the key.
        assert await written(other, alias, range(9000, 9001)) == [250]
        await sink.until(arrived_before + restored["sent_again"] + 1)
        found = await other.off_loop("json", "archive", "search", "Voucher")
        assert len(found["messages"] if isinstance(found, dict) else found) > 0
        await other.off_loop("command", "audit")
        keys = [gateway.directory / "var" / name for name in ("dkim.pem", "secret.key")]
        assert [key.read_bytes() for key in keys] == [(other.directory / "var" / key.name).read_bytes() for key in keys]
        twice = [ids for ids in Counter(message_ids(sink)).values() if ids > 1]
        assert len(twice) <= restored["sent_again"]
        assert await other.off_loop("stop") == 0
    finally:
        other.close()


def message_ids(sink: Sink) -> list[bytes]:
    """Of all that arrived: what was sent again has the same one, by which receivers tell."""
    lines = (line for one in sink.received for line in one.content.split(b"\r\n\r\n")[0].split(b"\r\n"))
    return [line for line in lines if line.lower().startswith(b"message-id:")]


async def test_a_gateway_that_stands_still_is_backed_up_and_its_writer_keeps_the_alias(gateway: Gateway, tmp_path: Path) -> None:
    alias = (await gateway.opened())["customer_alias"]
    assert (await gateway.sent(a_mail(to=alias), alias, sender=PARTNER_ADDRESS)).code == 250
    assert await gateway.off_loop("stop") == 0
    made = await gateway.off_loop("json", "backup", str(tmp_path))
    await gateway.off_loop("command", "restore", made["file"], "--force")
    await gateway.off_loop("start")
    assert (await gateway.sent(a_mail(to=alias, message_id="2@alpine-tours.example"), alias)).code == 250
