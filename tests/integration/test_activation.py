"""Sockets that somebody else bound, as systemd does: used from the first connection on, and kept over a restart."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
from support.gateway import RELAY, Gateway
from support.mails import a_mail
from support.sink import Sink
from support.smtp import SmtpClient

pytestmark = pytest.mark.slow

ACTIVATOR: Final = """
import fcntl, os, sys
descriptors = [int(word) for word in sys.argv[1].split(",")]
copies = [fcntl.fcntl(one, fcntl.F_DUPFD, 100) for one in descriptors]
for place, one in enumerate(copies):
    os.dup2(one, 3 + place)
os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS=str(len(copies)), LISTEN_FDNAMES=sys.argv[2])
os.execv(sys.argv[3], sys.argv[3:])
"""
"""What systemd does between fork and exec."""


@pytest.fixture
def bound() -> Iterator[list[socket.socket]]:
    sockets = [socket.create_server(("127.0.0.1", 0)), socket.create_server(("::1", 0), family=socket.AF_INET6)]
    web = socket.create_server(("127.0.0.1", 0))
    yield [*sockets, web]
    for one in (*sockets, web):
        one.close()


def started(gateway: Gateway, bound: list[socket.socket], *more: str, notify: Path | None = None) -> subprocess.Popen[bytes]:
    gateway.write_config()
    descriptors = ",".join(str(one.fileno()) for one in bound)
    command = [
        sys.executable,
        "-c",
        ACTIVATOR,
        descriptors,
        "smtp:smtp:web",
        RELAY,
        "serve",
        "--config",
        str(gateway.config),
        *more,
    ]
    environment = {**os.environ, **({"NOTIFY_SOCKET": str(notify)} if notify else {})}
    with gateway.log.open("ab") as log:
        fds = [one.fileno() for one in bound]
        return subprocess.Popen(command, stdout=log, stderr=log, cwd=gateway.directory, pass_fds=fds, env=environment)


@pytest.mark.parametrize("workers", [1, 2])
async def test_connections_wait_for_a_gateway_that_is_restarted_and_none_is_refused(
    tmp_path: Path, sink: Sink, bound: list[socket.socket], workers: int
) -> None:
    gateway = Gateway(tmp_path, sink.port)
    gateway.write_config()
    alias = (await gateway.opened())["customer_alias"]
    told = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    told.bind(str(tmp_path / "notify"))
    told.settimeout(60)
    port = bound[0].getsockname()[1]
    with told:
        for restart in range(2):
            # It connects before anybody is there.
            waiting = asyncio.create_task(greeted(port))
            process = started(gateway, bound, "--workers", str(workers), notify=tmp_path / "notify")
            try:
                while (said := await asyncio.to_thread(told.recv, 1000)) != b"READY=1":
                    assert said == b"WATCHDOG=1"
                assert await waiting
                gateway.smtp_port = port
                mail = a_mail(to=alias, message_id=f"{restart}@alpine-tours.example")
                assert (await gateway.sent(mail, alias)).code == 250
                async with SmtpClient(bound[1].getsockname()[1], "::1") as client:
                    assert client.greeting is not None
                    assert client.greeting.code == 220
                assert (await asyncio.to_thread(health, bound[2].getsockname()[1])).startswith(b"HTTP/1.1 200 ")
            finally:
                process.send_signal(signal.SIGTERM)
                assert await asyncio.to_thread(process.wait, 60) == 0
            while (said := await asyncio.to_thread(told.recv, 1000)) != b"STOPPING=1":
                assert said == b"WATCHDOG=1"
    await sink.until(2)


async def greeted(port: int) -> bool:
    """Whether the greeting comes, however long it takes."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    line = await asyncio.wait_for(reader.readline(), 60)
    writer.close()
    return line.startswith(b"220 ")


def health(port: int) -> bytes:
    with socket.create_connection(("127.0.0.1", port), 20) as one:
        one.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        return one.recv(1000)


@pytest.mark.skipif(shutil.which("systemd-socket-activate") is None, reason="systemd-socket-activate is not installed")
async def test_systemd_itself_hands_them_over(tmp_path: Path, sink: Sink) -> None:
    gateway = Gateway(tmp_path, sink.port)
    gateway.write_config()
    alias = (await gateway.opened())["customer_alias"]
    command = ["systemd-socket-activate", "-l", f"127.0.0.1:{gateway.smtp_port}", "--fdname=smtp", RELAY, "serve"]
    with gateway.log.open("ab") as log:
        gateway.process = subprocess.Popen([*command, "--config", str(gateway.config)], stdout=log, stderr=log, cwd=tmp_path)
    try:
        async with asyncio.timeout(60):
            while "Listening on" not in gateway.log.read_text():
                await asyncio.sleep(0.05)
        assert await greeted(gateway.smtp_port)
        assert (await gateway.sent(a_mail(to=alias), alias)).code == 250
        assert await gateway.off_loop("stop") == 0
    finally:
        gateway.close()
