"""The disk is full, breaks, or writes half of what it was given (FAULT-97): later, and then as if nothing had been."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from support.accounts import a_conversation, books, copies, counts, findings, settled
from support.disk import Disk, environment
from support.gateway import Gateway
from support.mails import a_mail
from support.nursery import Fault, Nursling
from support.sink import Sink, Step, reply
from support.world import CUSTOMER_ADDRESS

from relay.store.tally import End

pytestmark = pytest.mark.slow

LARGE = "At ten, at the fountain.\n" * 12_000
"""More than is held in memory: it goes through the spool."""


@pytest.fixture
async def disk(tmp_path: Path, sink: Sink) -> AsyncIterator[Disk]:
    """Under a gateway that runs."""
    variables, pipes = environment(tmp_path)
    gateway = Gateway(tmp_path, sink.port, environment=variables)
    await gateway.off_loop("start")
    yield Disk(gateway, pipes)
    assert await gateway.off_loop("stop") == 0


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of one megabyte. Skips the test where none can be mounted."""
    directory = tmp_path / "small"
    directory.mkdir()
    mount = shutil.which("mount")
    if mount is None or subprocess.run([mount, "-t", "tmpfs", "-o", "size=1m", "tmpfs", directory], check=False).returncode:
        pytest.skip("no file system can be mounted here")
    yield directory
    subprocess.run(["umount", "-l", directory], check=True)


async def test_a_database_that_cannot_be_written_means_later_and_recovers_by_itself(disk: Disk, sink: Sink) -> None:
    """FAULT-97, invariant 3: each fault in turn, without a restart; the same octets are sent again and arrive once."""
    gateway = disk.gateway
    with books(gateway.directory) as engine:
        alias = str(a_conversation(engine).customer.alias)
        faults = (("EIO", "sync/fdatasync", "sync/fsync"), ("ENOSPC", "rw/pwrite"), ("EIO", "rw/pwrite"), ("EIO", "rw/pread"))
        for number, (error, *calls) in enumerate(faults, start=1):
            mail = a_mail(to=alias, message_id=f"{number}@alpine-tours.example")
            with disk.failing(*calls, error=error):
                answer = await gateway.sent(mail, alias)
                if calls != ["rw/pread"]:  # what is in the cache needs no reading
                    assert answer.codes in {"451 4.3.0", "452 4.3.1"}, (error, calls)
                    assert sum(counts(engine).values()) == number - 1, "a refused message leaves nothing"
            assert (await gateway.sent(mail, alias)).code == 250
            await sink.until(number)
            ends = await settled(engine)
            assert ends[End.DELIVERED] == number
            assert findings(engine) == ()
        assert set(copies(sink, CUSTOMER_ADDRESS).values()) == {1}


async def test_short_writes_are_written_on(disk: Disk, sink: Sink) -> None:
    """FAULT-97: a disk that takes a part of what it is given."""
    gateway = disk.gateway
    with books(gateway.directory) as engine:
        alias = str(a_conversation(engine).customer.alias)
        with disk.failing("rw/pwrite/reduce", "rw/pread/reduce"):
            assert (await gateway.sent(a_mail(to=alias, text=LARGE), alias)).code == 250
        assert await settled(engine) == {End.DELIVERED: 1}
        assert findings(engine) == ()


async def test_what_was_delivered_while_nothing_could_be_written_is_not_sent_again(disk: Disk, sink: Sink) -> None:
    """FAULT-97, invariant 8: the result is kept until it can be written down."""
    gateway = disk.gateway
    sink.always(Step.DOT, reply("250 2.0.0 taken", delay_s=1))
    with books(gateway.directory) as engine:
        alias = str(a_conversation(engine).customer.alias)
        assert (await gateway.sent(a_mail(to=alias), alias)).code == 250
        with disk.failing("sync/fdatasync", "sync/fsync"):
            await sink.until(1)
            await asyncio.sleep(1.5)
            assert counts(engine) == {End.DUE: 1}
        assert await settled(engine) == {End.DELIVERED: 1}
        assert list(copies(sink, CUSTOMER_ADDRESS).values()) == [1]
        assert findings(engine) == ()


async def test_a_full_spool_means_later_and_small_mail_still_passes(nursling: Nursling, sink: Sink, small_disk: Path) -> None:
    """FAULT-97: a real file system without room; what was spooled leaves nothing behind."""
    (nursling.directory / "var").mkdir(mode=0o700)
    (nursling.directory / "var" / "spool").symlink_to(small_disk)
    await nursling.off_loop("start")
    with books(nursling.directory) as engine:
        alias = str(a_conversation(engine).customer.alias)
        huge = a_mail(to=alias, text=LARGE * 5, message_id="huge@alpine-tours.example")
        assert (await nursling.sent(huge, alias)).codes == "452 4.3.1"
        assert (await nursling.sent(a_mail(to=alias, message_id="small@alpine-tours.example"), alias)).code == 250
        large = a_mail(to=alias, text=LARGE, message_id="large@alpine-tours.example")
        assert (await nursling.sent(large, alias)).code == 250
        assert await settled(engine) == {End.DELIVERED: 2}
        assert list(small_disk.iterdir()) == []
        assert findings(engine) == ()


@pytest.mark.parametrize(
    ("at", "codes"), [("relay.inbound.spool:Spool._append", "452 4.3.1"), ("relay.inbound.spool:_whole", "451 4.3.0")]
)
async def test_a_spool_that_breaks_means_later_and_recovers_by_itself(
    nursling: Nursling, sink: Sink, at: str, codes: str
) -> None:
    """FAULT-97: EIO while it is written, and while it is read again."""
    nursling.faults = (Fault(at, "EIO"),)
    await nursling.off_loop("start")
    with books(nursling.directory) as engine:
        alias = str(a_conversation(engine).customer.alias)
        mail = a_mail(to=alias, text=LARGE)
        nursling.arm()
        assert (await nursling.sent(mail, alias)).codes == codes
        assert counts(engine) == {}
        nursling.disarm()
        assert (await nursling.sent(mail, alias)).code == 250
        assert await settled(engine) == {End.DELIVERED: 1}
        assert findings(engine) == ()


async def test_a_database_that_was_moved_away_is_not_written_into(nursling: Nursling, sink: Sink) -> None:
    """FAULT-98, invariant 3: an open file takes writes after it was moved or deleted; nobody would ever find them."""
    await nursling.off_loop("start")
    var = nursling.directory / "var"
    with books(nursling.directory) as engine:
        alias = str(a_conversation(engine).customer.alias)
        assert (await nursling.sent(a_mail(to=alias, message_id="1@alpine-tours.example"), alias)).code == 250
        await settled(engine)
    away = nursling.directory / "away"
    away.mkdir()
    for one in var.glob("relay.db*"):
        one.rename(away / one.name)
    second = a_mail(to=alias, message_id="2@alpine-tours.example")
    assert (await nursling.sent(second, alias)).codes == "451 4.3.0"
    assert not (var / "relay.db").exists()
    for one in away.iterdir():
        one.rename(var / one.name)
    assert (await nursling.sent(second, alias)).code == 250
    with books(nursling.directory) as engine:
        assert await settled(engine) == {End.DELIVERED: 2}
        assert findings(engine) == ()
    assert list(copies(sink, CUSTOMER_ADDRESS).values()) == [1, 1]
