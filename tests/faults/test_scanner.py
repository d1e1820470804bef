"""The scanner is gone, hangs, dies, lies: nothing passes unscanned, and all passes when it is back (FAULT-66, invariant 7)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from support.accounts import a_conversation, books, copies, counts, findings, holds, settled
from support.clamd import Script, answering, deaf, dying, eicar, fake_clamd, full, hanging, hasty, running_clamd
from support.mails import a_mail, with_files
from support.nursery import Fault, Nursery, Nursling
from support.sink import Sink
from support.smtp import SmtpClient
from support.world import CUSTOMER_ADDRESS, PARTNER_ADDRESS

from relay.store.tally import End

pytestmark = pytest.mark.slow

IMPATIENT = (
    Fault(
        "relay.inbound.antivirus:Clamd.__init__.__kwdefaults__",
        '= {"connect_s": 1, "total_s": 1.5, "scans_max": 8, "small_octets": 262144, "remembered_max": 4096}',
    ),
    Fault("relay.inbound.antivirus:pause_s", "= 0.1"),
)
LARGE = "At ten, at the fountain.\n" * 60_000


@pytest.fixture
async def scanned(tmp_path: Path, sink: Sink, nursery: Nursery) -> AsyncIterator[Nursling]:
    """A gateway that waits for a clamd in a directory of its own, not for long."""
    (tmp_path / "clamd").mkdir()
    place = f"unix:{tmp_path}/clamd/clamd.sock"
    one = Nursling(tmp_path / "relay", sink.port, changed={"antivirus": {"mode": "required", "clamd": place}}, nursery=nursery)
    one.faults = IMPATIENT
    await one.off_loop("start")
    yield one
    assert await one.off_loop("stop") == 0
    one.close()


async def errors_behind_pong(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answers PING and VERSION as if all were well, and every scan with an error."""
    await answering(b"stream: Can't allocate memory ERROR\0")(reader, writer)


@pytest.mark.parametrize("script", [hanging, deaf, dying, full, hasty, errors_behind_pong, answering(b""), answering(b"PONG\0")])
async def test_a_scanner_in_trouble_means_later(scanned: Nursling, sink: Sink, tmp_path: Path, script: Script) -> None:
    """FAULT-66: within the time for a scan, whatever clamd does; nothing is stored, and nothing is scanned away for good."""
    with books(scanned.directory) as engine:
        alias = str(a_conversation(engine).customer.alias)
        mail = a_mail(to=alias, text=LARGE, message_id="1@alpine-tours.example")
        assert (await scanned.sent(mail, alias)).codes == "451 4.3.0"  # nobody listens
        async with fake_clamd(script, tmp_path / "clamd") as (fake, _):
            for _ in range(4):  # the breaker opens, and closes again
                assert (await scanned.sent(mail, alias)).codes == "451 4.3.0"
            assert counts(engine) == {}
            fake.script = answering(b"stream: OK\0")
            await asyncio.sleep(0.15)
            assert (await scanned.sent(mail, alias)).code == 250
        assert await settled(engine) == {End.DELIVERED: 1}
        assert findings(engine) == ()


async def test_a_client_that_does_not_wait_for_the_scan_has_its_message_delivered_once(
    scanned: Nursling, sink: Sink, tmp_path: Path
) -> None:
    """FAULT-51, FAULT-52: it hangs up after the dot, and sends the same octets again while the first are still being scanned."""
    gate = asyncio.Event()

    async def slow(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await gate.wait()
        await answering(b"stream: OK\0")(reader, writer)

    with books(scanned.directory) as engine:
        alias = str(a_conversation(engine).customer.alias)
        mail = a_mail(to=alias, message_id="1@alpine-tours.example")
        async with fake_clamd(slow, tmp_path / "clamd") as (fake, _):
            for attempt in range(2):
                async with SmtpClient(scanned.smtp_port) as client:
                    await client.hello()
                    await client.begin(alias, sender=f"<{PARTNER_ADDRESS}>")
                    await client.command("DATA")
                    await client.send(mail + b".\r\n")
                    await holds(lambda so_far=attempt + 1: fake.scans >= so_far)
                    await client.abort()
            gate.set()
            await holds(lambda: sum(counts(engine).values()) == 2)
            assert await settled(engine) == {End.DELIVERED: 1, End.DUPLICATE: 1}
        assert list(copies(sink, CUSTOMER_ADDRESS).values()) == [1]
        assert findings(engine) == ()


async def test_what_is_infected_is_told_and_never_passes_also_while_the_scanner_reloads(
    scanned: Nursling, sink: Sink, tmp_path: Path
) -> None:
    """FAULT-65, FAULT-66: a real clamd that reads its signatures anew, is killed, and comes back."""
    with books(scanned.directory) as engine:
        alias = str(a_conversation(engine).customer.alias)
        codes: list[str] = []

        async def send(number: int) -> None:
            plain = a_mail(to=alias, message_id=f"{number}@alpine-tours.example")
            inner = with_files(plain, ("invoice.txt", eicar()))
            mail = with_files(plain, ("forwarded.eml", inner)) if number % 2 else plain
            codes.append((await scanned.sent(mail, alias)).codes)

        for round_ in range(2):
            with running_clamd(tmp_path / "clamd") as place:
                reader, writer = await asyncio.open_unix_connection(place.removeprefix("unix:"))
                writer.write(b"zRELOAD\0")
                await asyncio.gather(*(send(10 * round_ + number) for number in range(6)))
                await reader.read(100)
                writer.close()
                await writer.wait_closed()
            await send(10 * round_ + 8)
            assert codes.pop() == "451 4.3.0"
            for leftover in ("signatures/relay.ndb", "clamd.sock"):
                (tmp_path / "clamd" / leftover).unlink(missing_ok=True)
            (tmp_path / "clamd" / "signatures").rmdir()
        assert set(codes) <= {"250 2.6.0", "451 4.3.0"}
        assert "250 2.6.0" in codes
        await settled(engine)
        assert all(eicar() not in one.content for one in sink.received)
        passed = [one for one in sink.received if one.recipients == (CUSTOMER_ADDRESS,)]
        assert all(b"forwarded.eml" not in one.content for one in passed)
        assert findings(engine) == ()
