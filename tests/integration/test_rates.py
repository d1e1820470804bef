"""More mail than people write, as its bearers see it: later, for that writer or that conversation; nothing is lost (GW-27)."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.gateway import Gateway
from support.mails import a_mail
from support.sink import Sink
from support.world import CUSTOMER_ADDRESS, PARTNER_ADDRESS

pytestmark = pytest.mark.slow


async def test_a_writer_beyond_the_rate_is_put_off_by_every_worker_and_others_are_not(tmp_path: Path, sink: Sink) -> None:
    """The database counts: neither another worker nor a new start forgets."""
    gateway = Gateway(tmp_path, sink.port, {"policy": {"writer_rate": "4/h"}}, workers=2)
    await gateway.off_loop("start")
    try:
        first, second = await gateway.opened("FIRST"), await gateway.opened("SECOND")

        async def wrote(number: int, alias: str, sender: str = PARTNER_ADDRESS) -> str:
            mail = a_mail(sender=sender, to=alias, message_id=f"n{number}@x.example")
            return str((await gateway.sent(mail, alias, sender=sender)).codes)

        aliases = [first["customer_alias"], second["customer_alias"]]
        assert [await wrote(number, aliases[number % 2]) for number in range(4)] == ["250 2.6.0"] * 4
        assert [await wrote(number, aliases[number % 2]) for number in range(4, 8)] == ["450 4.7.1"] * 4
        assert await wrote(8, first["partner_alias"], CUSTOMER_ADDRESS) == "250 2.6.0"
        assert await gateway.off_loop("stop") == 0
        await gateway.off_loop("start")
        assert await wrote(4, aliases[0]) == "450 4.7.1"
        await sink.until(5)
        assert (await gateway.off_loop("command", "audit")).returncode == 0
    finally:
        if gateway.process is not None:
            assert await gateway.off_loop("stop") == 0
        gateway.close()


async def test_a_conversation_beyond_the_rate_is_put_off_for_both_its_parties(tmp_path: Path, sink: Sink) -> None:
    gateway = Gateway(tmp_path, sink.port, {"policy": {"conversation_rate": "3/h"}})
    await gateway.off_loop("start")
    try:
        people = ("customer_alias", PARTNER_ADDRESS), ("partner_alias", CUSTOMER_ADDRESS)
        busy, quiet = await gateway.opened("BUSY"), await gateway.opened("QUIET")
        codes = []
        for number in range(5):
            alias, sender = busy[people[number % 2][0]], people[number % 2][1]
            mail = a_mail(sender=sender, to=alias, message_id=f"n{number}@x.example")
            codes.append((await gateway.sent(mail, alias, sender=sender)).codes)
        assert codes == ["250 2.6.0"] * 3 + ["450 4.7.1"] * 2
        alias = quiet["customer_alias"]
        assert (await gateway.sent(a_mail(to=alias, message_id="q@x.example"), alias)).code == 250
        await sink.until(4)
    finally:
        if gateway.process is not None:
            assert await gateway.off_loop("stop") == 0
        gateway.close()
