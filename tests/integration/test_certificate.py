"""The certificate of a running gateway is renewed without a restart, and a broken one changes nothing."""

from __future__ import annotations

import asyncio
import signal
import ssl
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from support.certificate import self_signed
from support.gateway import Gateway
from support.sink import Sink
from support.smtp import SmtpClient

pytestmark = pytest.mark.slow


@pytest.fixture(params=[1, 2], ids=["alone", "with workers"])
async def gateway(tmp_path: Path, sink: Sink, request: pytest.FixtureRequest) -> AsyncIterator[Gateway]:
    chain, key = self_signed(tmp_path)
    changed = {"smtp": {"tls_certificate": str(chain), "tls_key": str(key)}}
    one = Gateway(tmp_path, sink.port, changed=changed, workers=request.param)
    await one.off_loop("start")
    await logged(one, "ready", request.param)
    yield one
    assert await one.off_loop("stop") == 0
    one.close()


async def logged(gateway: Gateway, event: str, count: int) -> None:
    """Wait until the log has that many lines with `event`."""
    async with asyncio.timeout(120):
        while gateway.log.read_text(errors="replace").count(event) < count:
            await asyncio.sleep(0.05)


async def hang_up(gateway: Gateway, event: str, count: int) -> None:
    assert gateway.process is not None
    gateway.process.send_signal(signal.SIGHUP)
    await logged(gateway, event, count)


async def accepted(gateway: Gateway, trusted: Path) -> bool:
    """Whether a client that trusts one certificate alone gets through STARTTLS."""
    async with SmtpClient(gateway.smtp_port) as client:
        await client.hello()
        await client.command("STARTTLS")
        try:
            await client.start_tls(ssl.create_default_context(cafile=str(trusted)))
        except ssl.SSLCertVerificationError:
            return False
        return (await client.hello()).code == 250


async def test_sighup_takes_up_a_new_certificate_and_refuses_one_that_cannot_be_used(gateway: Gateway, tmp_path: Path) -> None:
    chain, key = tmp_path / "certificate.pem", tmp_path / "key.pem"
    old, new = tmp_path / "old.pem", tmp_path / "new.pem"
    old.write_bytes(chain.read_bytes())
    key_of_old = key.read_bytes()
    self_signed(tmp_path)
    new.write_bytes(chain.read_bytes())
    key_of_new = key.read_bytes()

    key.write_bytes(key_of_old)  # it does not belong to the certificate
    await hang_up(gateway, "reload.refused", 1)
    assert await accepted(gateway, old)
    assert await gateway.off_loop("is_ready"), "mail is taken as before"
    doctor = await gateway.off_loop("command", "doctor", expect=None)
    assert "smtp.tls_certificate, smtp.tls_key: " in doctor.stdout

    key.write_bytes(key_of_new)
    await hang_up(gateway, "reloaded ", 1)
    assert await accepted(gateway, new)
    assert not await accepted(gateway, old)
