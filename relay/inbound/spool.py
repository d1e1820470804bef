"""The content of one message while it arrives: in memory at first, in a file without a name once it is large (PERF-6)."""

from __future__ import annotations

import asyncio
import tempfile
from io import BytesIO, FileIO
from pathlib import Path


class Spool:
    """What was written, in order. The file never has a name, so nothing is left behind whatever happens (FAULT-40).

    It is written and read in threads: a disk that is slow delays its own message alone. `directory` is the system's directory for
    temporary files when None.
    """

    __slots__ = ("_directory", "_file", "_memory", "_memory_octets_max", "_writing")

    def __init__(self, memory_octets_max: int, directory: Path | None = None) -> None:
        self._memory_octets_max = memory_octets_max
        self._directory = directory
        self._memory = BytesIO()
        self._file: FileIO | None = None
        self._writing: asyncio.Future[None] | None = None

    @property
    def is_full(self) -> bool:
        """Whether more is in memory than should be: time to spill."""
        return self._memory.tell() > self._memory_octets_max

    @property
    def is_on_disk(self) -> bool:
        return self._file is not None

    def write(self, octets: bytes | memoryview) -> None:
        self._memory.write(octets)

    async def spill(self) -> None:
        """Move what is in memory to the file. Raises OSError when the disk does not take it."""
        full, self._memory = self._memory, BytesIO()
        loop = asyncio.get_running_loop()
        self._writing = loop.run_in_executor(None, self._append, full)
        # A thread cannot be cancelled: who waits may be, and then `close` waits for the thread.
        await asyncio.shield(self._writing)

    async def read(self) -> bytes:
        """All that was written. Call once; nothing is kept. Raises OSError when the disk does not give it back."""
        if self._file is None:
            # BytesIO hands out its own buffer: the content is there once, not twice.
            whole = self._memory.getvalue()
        else:
            await self.spill()
            whole = await asyncio.to_thread(_whole, self._file)
        self.close()
        return whole

    def close(self) -> None:
        """Let go of everything."""
        self._memory = BytesIO()
        if self._writing is not None and not self._writing.done():
            self._writing.add_done_callback(lambda _: self._close_file())
        else:
            self._close_file()

    def _append(self, full: BytesIO) -> None:
        if self._file is None:
            self._file = tempfile.TemporaryFile(buffering=0, dir=self._directory)  # noqa: SIM115  see close
        rest = full.getbuffer()
        while rest:
            rest = rest[self._file.write(rest) :]

    def _close_file(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None


def _whole(file: FileIO) -> bytes:
    file.seek(0)
    return file.readall()
