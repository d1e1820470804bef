"""By LMTP writers are proven as by SMTP, by the client whom the front MTA names (XFORWARD), recipient by recipient."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.dns import Zone, serving
from support.gateway import Gateway
from support.mails import a_mail
from support.sink import Sink

pytestmark = pytest.mark.slow

ALLOWED, ELSEWHERE = "203.0.113.9", "203.0.113.10"


async def sent(gateway: Gateway, client_ip: str, *recipients: str, number: int) -> list[str]:
    """What it says, for each recipient, to a mail of the partner's that came from there to the front MTA."""
    mail = a_mail(to=recipients[0], message_id=f"{number}@alpine-tours.example")
    return [answer.codes for answer in await gateway.handed_on(mail, client_ip, *recipients)]


async def test_the_client_of_the_front_mta_is_the_one_that_spf_allows_or_not(tmp_path: Path, sink: Sink) -> None:
    """GW-11."""
    zone = Zone()
    zone.put("alpine-tours.example", "A", "192.0.2.1")
    zone.put("alpine-tours.example", "TXT", f"v=spf1 ip4:{ALLOWED} -all")
    with serving(zone):
        changed = {
            "smtp": {"lmtp_listen": [f"unix:{tmp_path}/lmtp.sock"]},
            "authentication": {"mode": "enforce", "dns_servers": [zone.server]},
        }
        gateway = Gateway(tmp_path, sink.port, changed=changed)
        await gateway.off_loop("start")
        try:
            alias = (await gateway.opened())["customer_alias"]
            other = (await gateway.opened("OTHER", partner="somebody@other-tours.example"))["customer_alias"]
            assert await sent(gateway, ALLOWED, alias, number=1) == ["250 2.6.0"]
            await sink.until(1)
            [refused] = await sent(gateway, ELSEWHERE, alias, number=2)
            assert refused.startswith("550 5.7.")
            [unknown] = await sent(gateway, "", alias, number=3)
            assert unknown.startswith("550 5.7.")
            # Nobody knows her in the other conversation, but she is who she says: held there, and its party is asked (GW-6).
            assert await sent(gateway, ALLOWED, alias, other, number=4) == ["250 2.6.0", "250 2.6.0"]
            [held] = await gateway.off_loop("json", "queue", "list", "--state", "held")
            assert (held["reason"], held["id"][-2:]) == ("unknown_writer", "-1")
            assert await gateway.off_loop("stop") == 0
        finally:
            gateway.close()
