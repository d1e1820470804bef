"""The gateway does its work under the restrictions of its unit (faults.md 4.1), tried where no systemd runs."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from support import confined
from support.gateway import Gateway
from support.sink import Sink

UNIT = Path(__file__).parents[2] / "systemd" / "relay.service"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(os.geteuid() != 0, reason="only root can shut a process in"),
    pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not installed"),
    pytest.mark.skipif(not Path("/lib/x86_64-linux-gnu/libseccomp.so.2").exists(), reason="libseccomp is not installed"),
]


def within(directory: Path) -> tuple[str, ...]:
    return (sys.executable, str(Path(confined.__file__)), str(UNIT), str(directory))


FORBIDDEN = {
    "memory that can be written and executed": "import mmap; mmap.mmap(-1, 4096, prot=mmap.PROT_WRITE | mmap.PROT_EXEC)",
    "a socket of another family": "import socket; socket.socket(socket.AF_NETLINK, socket.SOCK_RAW)",
    "a system call that is not for services": "import ctypes, os; c = ctypes.CDLL(None, use_errno=True); "
    "c.unshare(0x20000) and (_ for _ in ()).throw(OSError(ctypes.get_errno(), 'unshare'))",
    "a file of the system": "open('/etc/relay-was-here', 'w')",
    "another owner": "import os; os.chown('/tmp', 1, 1)",
}


@pytest.mark.parametrize("what", FORBIDDEN)
def test_it_is_really_shut_in(what: str, tmp_path: Path) -> None:
    """Or the test below would show nothing."""
    done = subprocess.run(
        [*within(tmp_path), sys.executable, "-c", FORBIDDEN[what]], capture_output=True, text=True, timeout=60, check=False
    )
    assert "Error" in done.stderr.splitlines()[-1], done


async def test_it_takes_every_kind_of_file_cleans_it_and_sends_it_on(tmp_path: Path, sink: Sink) -> None:
    """The self-test's files lead through libmagic, through pikepdf and each other library that has code of its own."""
    gateway = Gateway(tmp_path, sink.port, workers=2, within=within(tmp_path))
    await gateway.off_loop("start")
    try:
        tried = gateway.begun(["self-test", "--section", "5", "--config", str(gateway.config)])
        assert await asyncio.to_thread(tried.wait, 400) == 0, gateway.log.read_text(errors="replace")[-3000:]
        assert await gateway.off_loop("is_ready")
        assert await gateway.off_loop("stop") == 0
    finally:
        gateway.close()
    assert "PermissionError" not in gateway.log.read_text(errors="replace")
