"""LMTP on a socket in the file system, as a front MTA on the same machine uses it: over a reload, and after a crash."""

from __future__ import annotations

import asyncio
import re
import signal
import socket
import stat
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from support.gateway import Gateway
from support.mails import a_mail
from support.sink import Sink
from support.smtp import Answer, SmtpClient
from support.world import PARTNER_ADDRESS

pytestmark = pytest.mark.slow


@pytest.fixture(params=[1, 2], ids=["alone", "with workers"])
async def gateway(tmp_path: Path, sink: Sink, request: pytest.FixtureRequest) -> AsyncIterator[Gateway]:
    changed = {"smtp": {"lmtp_listen": [f"unix:{tmp_path}/lmtp.sock"]}}
    one = Gateway(tmp_path, sink.port, changed=changed, workers=request.param)
    await one.off_loop("start")
    yield one
    one.close()


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(120):
        while not holds():
            await asyncio.sleep(0.05)


def listens(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as one:
        return one.connect_ex(str(path)) == 0


async def sent(gateway: Gateway, alias: str, number: int) -> Answer:
    """What it says by LMTP to a mail of the partner's."""
    async with SmtpClient(0, path=gateway.directory / "lmtp.sock") as client:
        await client.command("LHLO front.example")
        mail = a_mail(to=alias, message_id=f"{number}@alpine-tours.example")
        return await client.deliver(re.sub(rb"(?m)^\.", b"..", mail), alias, sender=f"<{PARTNER_ADDRESS}>")


async def test_every_worker_takes_mail_there_also_after_a_reload_and_after_a_crash(gateway: Gateway, sink: Sink) -> None:
    assert stat.S_IMODE((gateway.directory / "lmtp.sock").stat().st_mode) == 0o660
    alias = (await gateway.opened())["customer_alias"]
    answers = await asyncio.gather(*(sent(gateway, alias, number) for number in range(4)))
    assert {answer.codes for answer in answers} == {"250 2.6.0"}
    await sink.until(4)

    assert gateway.process is not None
    gateway.process.send_signal(signal.SIGHUP)
    await until(lambda: "reloaded " in gateway.log.read_text(errors="replace"))
    assert (await sent(gateway, alias, 4)).codes == "250 2.6.0"

    await gateway.off_loop("kill")
    await until(lambda: not listens(gateway.directory / "lmtp.sock"))
    assert (gateway.directory / "lmtp.sock").is_socket(), "it is left behind"
    await gateway.off_loop("start")
    await until(lambda: listens(gateway.directory / "lmtp.sock"))
    assert (await sent(gateway, alias, 5)).codes == "250 2.6.0"
    await sink.until(6)
    assert await gateway.off_loop("stop") == 0
