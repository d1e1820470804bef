"""The gateway and a real Exim, over TLS both ways."""

from __future__ import annotations

import asyncio
import re
import tempfile
from pathlib import Path

import pytest
from support.certificate import self_signed
from support.exim import Exim, needs_exim
from support.gateway import Gateway
from support.mails import a_mail
from support.patience import patience_s
from support.sink import Sink
from support.smtp import SmtpClient
from support.world import CUSTOMER_ADDRESS, PARTNER_ADDRESS

pytestmark = pytest.mark.slow


async def test_a_message_goes_from_exim_to_the_gateway_and_on_through_exim_over_tls(sink: Sink) -> None:
    needs_exim()
    with tempfile.TemporaryDirectory(prefix="relay-exim-") as name:
        place = Path(name)
        for one in (place, place / "ours", place / "theirs"):
            one.mkdir(exist_ok=True)
            one.chmod(0o755)  # Exim is another user
        chain, key = self_signed(place / "ours", "mx.reply.example.com")
        gateway = Gateway(place / "gateway", sink.port)
        exim = Exim(place / "exim", *self_signed(place / "theirs"), chain, gateway.smtp_port, sink.port)
        gateway.changed = {
            "smtp": {"tls_certificate": str(chain), "tls_key": str(key)},
            "outbound": {"route": f"smarthost:127.0.0.1:{exim.port}", "tls": "required"},
        }
        with exim.running():
            await gateway.off_loop("start")
            try:
                alias = (await gateway.opened())["customer_alias"]
                async with SmtpClient(exim.port) as client:
                    await client.hello()
                    assert (await client.deliver(a_mail(to=alias), alias, sender=f"<{PARTNER_ADDRESS}>")).code == 250
                await sink.until(1)
                assert sink.received[0].recipients == (CUSTOMER_ADDRESS,)
                assert PARTNER_ADDRESS.encode() not in sink.received[0].content
                # To us it checked the certificate; from us it came over TLS, as we require.
                for line in (rf"=> {re.escape(alias)} .*X=TLS1\.[23]:.*CV=yes", r"<= bounce-\S+ .*P=esmtps X=TLS1\.[23]:"):
                    async with asyncio.timeout(patience_s):
                        while re.search(line, exim.log) is None:
                            await asyncio.sleep(0.05)
                assert await gateway.off_loop("stop") == 0
            finally:
                gateway.close()
