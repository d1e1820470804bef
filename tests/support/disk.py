"""A disk that fails on demand, under a process of the product that knows nothing of it: libfiu between it and the C library."""

from __future__ import annotations

import errno
import os
import shutil
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from support.gateway import Gateway

_LIBRARIES = ("fiu_run_preload.so", "fiu_posix_preload.so")
_PLACES = (Path("/usr/lib/fiu"), Path("/usr/local/lib/fiu"))


@dataclass
class Disk:
    """What stands between `gateway` and its disk."""

    gateway: Gateway
    pipes: str

    @contextmanager
    def failing(self, *calls: str, error: str = "EIO") -> Iterator[None]:
        """While the block lasts, these calls fail with `error`; "pwrite/reduce" writes a part of what it was given, and says so.

        Names as of libfiu below posix/io: "sync/fdatasync", "rw/pwrite".
        """
        for call in calls:
            self._tell(f"enable name=posix/io/{call},failinfo={getattr(errno, error)}")
        try:
            yield
        finally:
            for call in calls:
                self._tell(f"disable name=posix/io/{call}")

    def _tell(self, command: str) -> None:
        assert self.gateway.process is not None
        subprocess.run(["fiu-ctrl", "-f", self.pipes, "-c", command, str(self.gateway.process.pid)], check=True, timeout=10)
        # The pipe is read by a thread of the process, which does not say when it has done so.
        time.sleep(0.05)


def environment(directory: Path) -> tuple[Mapping[str, str], str]:
    """What makes a process obey a `Disk`, and where its pipes are. Skips the test where there is no libfiu."""
    place = next((one for one in _PLACES if (one / _LIBRARIES[0]).exists()), None)
    if place is None or shutil.which("fiu-ctrl") is None:
        pytest.skip("libfiu is not installed")
    pipes = str(directory / "disk")
    preloaded = [str(place / one) for one in _LIBRARIES]
    before = os.environ.get("LD_PRELOAD")
    return {"LD_PRELOAD": ":".join([*preloaded, *filter(None, [before])]), "FIU_CTRL_FIFO": pipes}, pipes
