"""Clamds for tests: a real one with its own directory, socket and signatures, and one that misbehaves as it is told."""

from __future__ import annotations

import asyncio
import shutil
import socket
import subprocess
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import pytest

from relay.inbound.antivirus import Place

start_seconds_max = 30.0
_LIMITS = {"MaxScanSize": "100M", "MaxFileSize": "100M", "AlertExceedsMax": "yes", "MaxThreads": "4"}
signature = "Relay.Test.Eicar"
"""The name under which clamd reports `eicar()`, but for the suffix .UNOFFICIAL that clamd puts to foreign signatures."""


def eicar() -> bytes:
    """The test file that every scanner knows. Put together here, since a file that holds it is taken away by some scanners."""
    return b"X5O!P%@AP[4\\PZX54(P^)7CC)7}" + b"$EICAR-STANDARD-" + b"ANTIVIRUS-TEST-FILE!" + b"$H+H*"


@contextmanager
def running_clamd(directory: Path, *, stream_max: str = "30M", **limits: str) -> Iterator[str]:
    """A clamd that knows `eicar()` alone, as the configuration names it: "unix:/path". Skips the test where there is no clamd.

    `limits` are settings of its own, which win over those that suit most tests.
    """
    program = shutil.which("clamd", path="/usr/sbin:/usr/local/sbin:/usr/bin:/usr/local/bin")
    if program is None:
        pytest.skip("clamd is not installed")
    database = directory / "signatures"
    database.mkdir()
    (database / "relay.ndb").write_text(f"{signature}:0:*:{eicar().hex()}\n")
    path = directory / "clamd.sock"
    (directory / "clamd.conf").write_text(
        f"Foreground yes\nLocalSocket {path}\nDatabaseDirectory {database}\nTemporaryDirectory {directory}\n"
        + "".join(f"{key} {value}\n" for key, value in {**_LIMITS, "StreamMaxLength": stream_max, **limits}.items())
    )
    with (directory / "clamd.log").open("wb") as output:
        process = subprocess.Popen(
            [program, "--config-file", str(directory / "clamd.conf")], stdout=output, stderr=subprocess.STDOUT
        )
    try:
        _wait_for(path, process, directory / "clamd.log")
        yield f"unix:{path}"
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


Script = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
VERSION_ALONE = b"ClamAV 1.4.6\0"
VERSION_DATED = b"ClamAV 1.4.6/27500/Mon Jan  5 08:30:01 2026\0"


class FakeClamd:
    """Answers VERSION as told, and INSTREAM by a script."""

    def __init__(self, script: Script, version: bytes) -> None:
        self.script, self.version = script, version
        self.scans = 0
        self.at_once = self.at_once_max = 0

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            if await reader.readuntil(b"\0") == b"zVERSION\0":
                writer.write(self.version)
            else:
                self.scans += 1
                self.at_once += 1
                self.at_once_max = max(self.at_once, self.at_once_max)
                await self.script(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            self.at_once -= 1
            writer.close()


@asynccontextmanager
async def fake_clamd(script: Script, directory: Path, version: bytes = VERSION_ALONE) -> AsyncIterator[tuple[FakeClamd, Place]]:
    """One that listens in `directory`, and answers INSTREAM by `script`."""
    fake = FakeClamd(script, version)
    path = directory / "clamd.sock"
    server = await asyncio.start_unix_server(fake, path)
    async with server:
        yield fake, Place(path=str(path))


async def received(reader: asyncio.StreamReader) -> bytes:
    """All that comes after INSTREAM, to the piece of length zero."""
    whole = b""
    while length := int.from_bytes(await reader.readexactly(4), "big"):
        assert length <= 256 * 1024
        whole += await reader.readexactly(length)
    return whole


def answering(answer: bytes) -> Script:
    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await received(reader)
        writer.write(answer)

    return script


async def hanging(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read(-1)


async def deaf(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await asyncio.sleep(1)


async def dying(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readexactly(1000)
    writer.transport.abort()


async def full(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """StreamMaxLength: clamd answers in the middle and reads no more."""
    await reader.readexactly(1000)
    writer.write(b"INSTREAM size limit exceeded. ERROR\0")
    await writer.drain()
    await asyncio.sleep(0.05)


async def hasty(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Says OK before it has read."""
    writer.write(b"stream: OK\0")
    await writer.drain()
    await asyncio.sleep(0.05)


def _wait_for(path: Path, process: subprocess.Popen[bytes], output: Path) -> None:
    until = time.monotonic() + start_seconds_max
    while time.monotonic() < until and process.poll() is None:
        with socket.socket(socket.AF_UNIX) as probe:
            try:
                probe.connect(str(path))
            except OSError:
                time.sleep(0.05)
            else:
                return
    raise RuntimeError(f"clamd did not start: {output.read_text(errors='replace')[-2000:]}")
