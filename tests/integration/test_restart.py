"""Workers are relieved one by one on SIGHUP, and nobody who connects meanwhile notices."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final

import pytest
from support.gateway import Gateway, free_port
from support.mails import a_mail
from support.sink import Sink
from support.smtp import SmtpClient
from support.world import PARTNER_ADDRESS

pytestmark = pytest.mark.slow

restarts: Final = int(os.environ.get("RELAY_TEST_RESTARTS", "3"))
"""How often all workers are relieved."""


@pytest.fixture
async def gateway(tmp_path: Path, sink: Sink) -> AsyncIterator[Gateway]:
    one = Gateway(tmp_path, sink.port, workers=2)
    await one.off_loop("start")
    await logged(one, "ready", 2)
    yield one
    one.close()


def hang_up(gateway: Gateway) -> None:
    assert gateway.process is not None
    gateway.process.send_signal(signal.SIGHUP)


async def logged(gateway: Gateway, event: str, count: int = 1) -> None:
    """Wait until the log has that many lines with `event`."""
    async with asyncio.timeout(120):
        while gateway.log.read_text(errors="replace").count(event) < count:
            await asyncio.sleep(0.05)


class Caller(threading.Thread):
    """Connects all the time and reads the greeting. `came` counts what it came to."""

    def __init__(self, port: int) -> None:
        super().__init__()
        self.port = port
        self.came: Counter[str] = Counter()
        self.done = threading.Event()

    def run(self) -> None:
        while not self.done.is_set():
            self.came[self.once()] += 1

    def once(self) -> str:
        try:
            with socket.create_connection(("127.0.0.1", self.port), 20) as one:
                greeting = one.recv(500)
                one.sendall(b"QUIT\r\n")
        except ConnectionRefusedError:
            return "refused"
        except OSError as error:
            return type(error).__name__
        return greeting[:3].decode() or "closed"


async def test_no_connection_is_refused_or_lost_while_workers_are_relieved_and_mail_goes_on(gateway: Gateway, sink: Sink) -> None:
    alias = (await gateway.opened())["customer_alias"]
    callers = [Caller(gateway.smtp_port) for _ in range(3)]
    for one in callers:
        one.start()
    for number in range(1, restarts + 1):
        hang_up(gateway)
        await logged(gateway, "reloaded", number)
        mail = a_mail(to=alias, message_id=f"{number}@alpine-tours.example")
        assert (await gateway.sent(mail, alias)).code == 250
    for one in callers:
        one.done.set()
        one.join()
    came = sum((one.came for one in callers), Counter())
    assert set(came) == {"220"}
    await sink.until(restarts)
    assert gateway.log.read_text().count("ready") == 2 + 2 * restarts
    await gateway.off_loop("command", "audit")
    assert await gateway.off_loop("stop") == 0


async def test_a_message_under_way_in_the_worker_that_is_relieved_is_finished_there(gateway: Gateway, sink: Sink) -> None:
    alias = (await gateway.opened())["customer_alias"]
    async with SmtpClient(gateway.smtp_port) as slow:
        await slow.hello()
        await slow.command(f"MAIL FROM:<{PARTNER_ADDRESS}>")
        await slow.command(f"RCPT TO:<{alias}>")
        await slow.command("DATA")
        mail = a_mail(to=alias)
        await slow.send(mail[:100])
        hang_up(gateway)
        await logged(gateway, "draining")
        await slow.send(mail[100:] + b".\r\n")
        assert (await slow.answer()).code == 250
    await sink.until(1)
    await logged(gateway, "reloaded")
    assert await gateway.off_loop("stop") == 0
    assert len(sink.received) == 1


async def test_a_wrong_configuration_is_told_and_changes_nothing(gateway: Gateway) -> None:
    good = gateway.config.read_text()
    gateway.config.write_text(good.replace("[policy]\n", "[policy]\nnames = 'nick'\n"))
    hang_up(gateway)
    await logged(gateway, "reload.refused")
    assert "policy.names" in gateway.log.read_text()
    assert gateway.log.read_text().count("ready") == 2
    gateway.config.write_text(good.replace("relay.db", "other.db"))
    hang_up(gateway)
    await logged(gateway, "it takes a restart to change this")
    gateway.config.write_text(good)
    assert await gateway.off_loop("stop") == 0


async def test_another_port_and_another_policy_are_taken_up(gateway: Gateway) -> None:
    further = free_port()
    gateway.changed = {
        "smtp": {"listen": [f"127.0.0.1:{gateway.smtp_port}", f"127.0.0.1:{further}"], "hostname": "new.example.com"}
    }
    gateway.write_config()
    hang_up(gateway)
    await logged(gateway, "reloaded")
    async with SmtpClient(further) as client:
        assert client.greeting is not None
        assert "new.example.com" in client.greeting.text
    gateway.changed = {"smtp": {"listen": [f"127.0.0.1:{further}"], "hostname": "new.example.com"}}
    gateway.write_config()
    hang_up(gateway)
    await logged(gateway, "reloaded", 2)
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", gateway.smtp_port), 1)
    assert await gateway.off_loop("stop") == 0


HANGS: Final = """
import os, sys, time
from relay.app import workers
from relay.app.overseer import ServiceManager

workers.silent_s_max, workers.worker_pause_s = 1.0, 0.1

class Hanging:
    def work(self, number, shift, overseer):
        os.write(1, b"started\\n")
        overseer.ready()
        time.sleep(60)
    def stopping(self):
        pass

workers.run_workers(1, Hanging(), ServiceManager(None))
"""


def test_a_worker_that_hangs_is_killed_and_replaced() -> None:
    with subprocess.Popen([sys.executable, "-c", HANGS], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as parent:
        assert parent.stdout is not None
        said = [parent.stdout.readline() for _ in range(4)]
        parent.terminate()
        assert parent.wait(20) == 0
    assert [said[0], said[3]] == [b"started\n"] * 2
    assert b"worker.silent" in said[1]
    assert b"worker.died" in said[2]
