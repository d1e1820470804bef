"""Content while it arrives."""

from __future__ import annotations

import asyncio
from io import BytesIO
from pathlib import Path
from threading import Event

import pytest

from relay.inbound.spool import Spool


@pytest.mark.parametrize("pieces", [[], [b"a"], [b"a" * 10, b"b"], [b"a" * 11, b"b" * 30, b"c"]])
async def test_what_was_written_is_read_wherever_it_lay(pieces: list[bytes], tmp_path: Path) -> None:
    spool = Spool(10, tmp_path)
    for piece in pieces:
        spool.write(piece)
        if spool.is_full:
            await spool.spill()
    assert spool.is_on_disk is (max(map(len, pieces), default=0) > 10 or sum(map(len, pieces)) > 10)
    assert await spool.read() == b"".join(pieces)
    assert list(tmp_path.iterdir()) == []


async def test_the_file_has_no_name_and_is_gone_when_the_spool_is_closed(tmp_path: Path) -> None:
    """FAULT-40. An open file that is dropped would be a ResourceWarning, and so an error here."""
    spool = Spool(10, tmp_path)
    spool.write(b"x" * 100)
    await spool.spill()
    assert list(tmp_path.iterdir()) == []
    spool.close()
    assert not spool.is_on_disk
    spool.close()


async def test_a_disk_that_takes_nothing_is_told(tmp_path: Path) -> None:
    """FAULT-97."""
    spool = Spool(10, tmp_path / "missing")
    spool.write(b"x" * 100)
    with pytest.raises(OSError, match="No such file"):
        await spool.spill()
    spool.close()


async def test_closing_waits_for_the_thread_that_writes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Else the thread would write into whatever file gets the number of the closed one."""
    spool, gate, append = Spool(10, tmp_path), Event(), Spool._append

    def slow(self: Spool, full: BytesIO) -> None:
        append(self, full)
        gate.wait(10)

    monkeypatch.setattr(Spool, "_append", slow)
    spool.write(b"x" * 100)
    writing = asyncio.create_task(spool.spill())
    await asyncio.sleep(0)
    writing.cancel()
    await asyncio.gather(writing, return_exceptions=True)
    while not spool.is_on_disk:
        await asyncio.sleep(0)
    spool.close()
    assert spool.is_on_disk
    gate.set()
    while spool.is_on_disk:
        await asyncio.sleep(0)
