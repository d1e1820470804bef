"""The bounds of a running gateway, from outside: floods, large messages, a full disk, a slow scanner (invariant 12)."""

from __future__ import annotations

import asyncio
import os
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import pytest
from support.gateway import Gateway
from support.mails import a_mail, with_files
from support.patience import patience_s
from support.sink import Sink
from support.smtp import SmtpClient
from support.world import PARTNER_ADDRESS

pytestmark = pytest.mark.slow

MIB = 1024 * 1024
uploads = 50
growth_mib_max = 200


class Watched:
    """The proportional set size of a process, looked at all the time: what it takes of the machine's memory, files included."""

    def __init__(self, pid: int) -> None:
        self._rollup = Path(f"/proc/{pid}/smaps_rollup")
        self.first_mib = self.most_mib = self.now_mib()

    def now_mib(self) -> float:
        line = next(line for line in self._rollup.read_text().splitlines() if line.startswith("Pss:"))
        return int(line.split()[1]) / 1024

    async def look(self) -> None:
        while True:
            self.most_mib = max(self.most_mib, self.now_mib())
            await asyncio.sleep(0.05)


@asynccontextmanager
async def in_background(work: asyncio.Task[None]) -> AsyncIterator[None]:
    try:
        yield
    finally:
        work.cancel()
        await asyncio.gather(work, return_exceptions=True)


async def upload(port: int, recipient: str, content: bytes) -> int:
    """The code that a client gets who has all the time in the world."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        await reader.readline()
        for line in ("HELO client.example", f"MAIL FROM:<{PARTNER_ADDRESS}>", f"RCPT TO:<{recipient}>", "DATA"):
            writer.write(f"{line}\r\n".encode())
            await reader.readline()
        writer.write(content + b".\r\n")
        await writer.drain()
        return int((await reader.readline())[:3])
    finally:
        writer.close()


async def test_fifty_uploads_of_ten_megabytes_leave_memory_flat(gateway: Gateway, sink: Sink) -> None:
    """faults.md 5.4: all of them at once, and each arrives."""
    alias = (await gateway.opened())["customer_alias"]
    await gateway.sent(a_mail(to=alias), alias)
    await sink.until(1)
    assert gateway.process is not None
    watched = Watched(gateway.process.pid)
    content = with_files(a_mail(to=alias, message_id="large@alpine-tours.example"), ("photos.bin", os.urandom(7_300_000)))
    assert len(content) > 9_800_000
    async with in_background(asyncio.create_task(watched.look())):
        # Each with an id of its own, or the gateway would see copies of one message (GW-31).
        mails = (content.replace(b"large@", b"large%d@" % number) for number in range(uploads))
        codes = await asyncio.gather(*(upload(gateway.smtp_port, alias, mail) for mail in mails))
        assert codes == [250] * uploads
        await sink.until(1 + uploads, timeout_s=120)
    assert watched.most_mib - watched.first_mib < growth_mib_max


class SlowClamd:
    """Speaks clamd's protocol over TCP. Large content is answered when `go_on` is set, small at once."""

    small_octets = 100_000

    def __init__(self) -> None:
        self.go_on = asyncio.Event()
        self.large_begun = 0

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[str]:
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0, limit=4 * MIB)
        async with server:
            yield f"tcp:127.0.0.1:{server.sockets[0].getsockname()[1]}"
            self.go_on.set()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            writer.write(await self._answer(reader))
            await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass  # the gateway asks no more
        finally:
            writer.close()

    async def _answer(self, reader: asyncio.StreamReader) -> bytes:
        command = await reader.readuntil(b"\0")
        if command != b"zINSTREAM\0":
            return {b"zPING\0": b"PONG\0"}.get(command, b"ClamAV 1.4.6\0")
        octets = 0
        while length := int.from_bytes(await reader.readexactly(4), "big"):
            octets += len(await reader.readexactly(length))
        if octets > self.small_octets:
            self.large_begun += 1
            await self.go_on.wait()
        return b"stream: OK\0"


async def test_small_mail_passes_while_eight_large_ones_are_scanned(tmp_path: Path, sink: Sink) -> None:
    """PERF-9: none of the large ones is through when all of the small ones are."""
    clamd = SlowClamd()
    async with clamd.listening() as place:
        gateway = Gateway(tmp_path / "relay", sink.port, changed={"antivirus": {"mode": "required", "clamd": place}})
        try:
            await gateway.off_loop("start")
            alias = (await gateway.opened())["customer_alias"]
            mail = with_files(a_mail(to=alias, message_id="large@alpine-tours.example"), ("photos.bin", os.urandom(1_000_000)))
            mails = [mail.replace(b"large@", b"large%d@" % number) for number in range(8)]
            large = [asyncio.create_task(upload(gateway.smtp_port, alias, one)) for one in mails]
            async with asyncio.timeout(patience_s):
                while not clamd.large_begun:
                    await asyncio.sleep(0.01)
            for number in range(20):
                small = a_mail(to=alias, message_id=f"small{number}@alpine-tours.example")
                assert (await gateway.sent(small, alias)).code == 250
            await sink.until(20)
            assert not any(one.done() for one in large)
            assert all(len(one.content) < clamd.small_octets for one in sink.received)
            clamd.go_on.set()
            assert await asyncio.gather(*large) == [250] * 8
            await sink.until(28)
        finally:
            await gateway.off_loop("close")


@contextmanager
def small_disk(at: Path, octets: int) -> Iterator[Path]:
    """A file system of so many octets. Skips the test where none may be mounted."""
    at.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={octets}", "none", at], capture_output=True, check=False)
    if mounted.returncode:
        pytest.skip("a file system can be mounted by root alone")
    try:
        yield at
    finally:
        subprocess.run(["umount", "--lazy", at], check=True)


async def test_a_nearly_full_disk_takes_no_more_mail_and_what_was_taken_is_delivered(tmp_path: Path, sink: Sink) -> None:
    """FAULT-97: 452 4.3.1 at MAIL; deliveries go on; with room again everything does, without a restart."""
    with small_disk(tmp_path / "disk", 96 * MIB) as disk:
        gateway = Gateway(disk / "relay", sink.port, changed={"smtp": {"disk_free_min": "32 MiB"}})
        try:
            await gateway.off_loop("start")
            alias = (await gateway.opened())["customer_alias"]
            await sink.down()
            for number in range(2):
                mail = a_mail(to=alias, message_id=f"{number}@alpine-tours.example")
                assert (await gateway.sent(mail, alias)).code == 250
            free = os.statvfs(disk)
            (disk / "filler").write_bytes(bytes(free.f_bavail * free.f_frsize - 24 * MIB))
            async with SmtpClient(gateway.smtp_port) as client:
                await client.hello()
                assert (await client.command(f"MAIL FROM:<{PARTNER_ADDRESS}>")).codes == "452 4.3.1"
                await sink.up()
                for one in await gateway.off_loop("json", "queue", "list"):
                    await gateway.off_loop("command", "queue", "retry", one["id"])
                await sink.until(2, timeout_s=30)
                (disk / "filler").unlink()
                assert (await client.deliver(a_mail(to=alias, message_id="6@alpine-tours.example"), alias)).code == 250
            await sink.until(3)
            assert (await gateway.off_loop("stop")) == 0
        finally:
            await gateway.off_loop("close")
