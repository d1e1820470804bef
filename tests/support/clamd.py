"""A private clamd for tests: its own directory, socket and signatures; gone when the test is over."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

start_seconds_max = 30.0
signature = "Relay.Test.Eicar"
"""The name under which clamd reports `eicar()`, but for the suffix .UNOFFICIAL that clamd puts to foreign signatures."""


def eicar() -> bytes:
    """The test file that every scanner knows. Put together here, since a file that holds it is taken away by some scanners."""
    return b"X5O!P%@AP[4\\PZX54(P^)7CC)7}" + b"$EICAR-STANDARD-" + b"ANTIVIRUS-TEST-FILE!" + b"$H+H*"


@contextmanager
def running_clamd(directory: Path, *, stream_max: str = "30M") -> Iterator[str]:
    """A clamd that knows `eicar()` alone, as the configuration names it: "unix:/path". Skips the test where there is no clamd."""
    program = shutil.which("clamd", path="/usr/sbin:/usr/local/sbin:/usr/bin:/usr/local/bin")
    if program is None:
        pytest.skip("clamd is not installed")
    database = directory / "signatures"
    database.mkdir()
    (database / "relay.ndb").write_text(f"{signature}:0:*:{eicar().hex()}\n")
    path = directory / "clamd.sock"
    (directory / "clamd.conf").write_text(
        f"Foreground yes\nLocalSocket {path}\nDatabaseDirectory {database}\nTemporaryDirectory {directory}\n"
        f"StreamMaxLength {stream_max}\nMaxScanSize 100M\nMaxFileSize 100M\nAlertExceedsMax yes\nMaxThreads 4\n"
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
