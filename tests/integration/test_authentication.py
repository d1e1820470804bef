"""Only the party writes as the party: mail from outside to a process that asks a DNS server (GW-10 to GW-14, invariant 6)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from support.dns import Zone, serving
from support.gateway import Gateway
from support.mails import a_mail
from support.sink import Sink
from support.smtp import SmtpClient
from support.world import CUSTOMER_ADDRESS, DOMAIN, PARTNER_ADDRESS

from relay.machine import clock
from relay.outbound.signing import Signer
from relay.outbound.signing_key import SigningKey, generate_key
from relay.values import SELF_TEST_DOMAIN

pytestmark = pytest.mark.slow

PARTNERS = "alpine-tours.example"
"""Has SPF, which allows this host, and no DKIM."""
CUSTOMERS = "poczta.example"
"""Has DKIM, and SPF that allows others; refuses what is neither."""
MUTE = "mute.example"
"""Has nothing."""
ATTACKERS = "attacker.example"
"""Has everything, and this host is its own."""
KEY = SigningKey.from_pem(generate_key(), "mail")
ALLOWED, ELSEWHERE = "v=spf1 ip4:127.0.0.1 -all", "v=spf1 ip4:192.0.2.1 -all"


@pytest.fixture(scope="module")
def zone() -> Iterator[Zone]:
    zone = Zone()
    for domain in (PARTNERS, CUSTOMERS, MUTE, ATTACKERS):
        zone.put(domain, "A", "192.0.2.1")
    zone.put(PARTNERS, "TXT", ALLOWED)
    zone.put(CUSTOMERS, "TXT", ELSEWHERE)
    zone.put(ATTACKERS, "TXT", ALLOWED)
    zone.put(f"x.{PARTNERS}", "TXT", ELSEWHERE)
    for domain in (CUSTOMERS, ATTACKERS):
        zone.put(f"mail._domainkey.{domain}", "TXT", KEY.record)
        zone.put(f"_dmarc.{domain}", "TXT", "v=DMARC1; p=reject")
    with serving(zone):
        yield zone


@pytest.fixture
async def judge(tmp_path: Path, sink: Sink, zone: Zone) -> Gateway:
    """A gateway that believes nobody."""
    changed = {"authentication": {"mode": "enforce", "dns_servers": [zone.server]}}
    gateway = Gateway(tmp_path, sink.port, changed=changed)
    await gateway.off_loop("start")
    return gateway


def signed(mail: bytes, domain: str = CUSTOMERS) -> bytes:
    return Signer(domain, (KEY,)).signed(mail, clock())


async def test_what_is_proven_passes_and_what_is_not_is_refused_in_the_session(judge: Gateway, sink: Sink, zone: Zone) -> None:
    """GW-10, GW-11, GW-13, GW-14, FAULT-56, FAULT-76, FAULT-77, FAULT-83, FAULT-84, CASE-12, 13, 51."""
    try:
        at = await judge.opened("R1")
        to_customer, to_partner = at["customer_alias"], at["partner_alias"]

        def as_partner(number: int, sender: str = PARTNER_ADDRESS, **more: str) -> bytes:
            return a_mail(to=to_customer, sender=sender, message_id=f"p{number}@{PARTNERS}", **more)

        def as_customer(number: int, **more: str) -> bytes:
            return a_mail(to=to_partner, sender=CUSTOMER_ADDRESS, message_id=f"c{number}@{CUSTOMERS}", **more)

        # Real replies: of a domain with SPF alone, and of one with DKIM alone, by way of somebody else's server.
        assert (await judge.sent(as_partner(1), to_customer)).codes == "250 2.6.0"
        real = signed(as_customer(1))
        answer = await judge.sent(real, to_partner, sender=f"forwarder@{MUTE}")
        assert answer.codes == "250 2.6.0"
        await sink.until(2)

        passed = f"mx.reply.example.com; spf=pass smtp.mailfrom={CUSTOMERS}; dkim=pass header.d={CUSTOMERS}; dmarc=pass"
        forged = f"Authentication-Results: {passed}\nARC-Authentication-Results: i=1; {passed}\nReceived-SPF: pass"
        two_from = as_customer(9).replace(b"From: ", f"From: {CUSTOMER_ADDRESS}\r\nFrom: ".encode(), 1)
        spoofs = [
            ("the envelope alone", as_partner(2, f"who@{ATTACKERS}"), to_customer, PARTNER_ADDRESS, "550 5.7.1"),
            ("From alone", as_customer(2), to_partner, f"who@{ATTACKERS}", "550 5.7.1"),
            ("From alone, with the envelope", as_customer(3), to_partner, CUSTOMER_ADDRESS, "550 5.7.26"),
            ("From alone, with the attackers' signature", signed(as_customer(4), ATTACKERS), to_partner, "", "550 5.7.1"),
            ("forged results", as_customer(5, extra=forged), to_partner, f"who@{ATTACKERS}", "550 5.7.1"),
            (
                "a name that looks alike",
                a_mail(to=to_partner, sender=CUSTOMER_ADDRESS.replace("poczta", "p0czta")),
                to_partner,
                "",
                "550 5.7.1",
            ),
            ("a domain below", as_partner(6, f"who@x.{PARTNERS}"), to_customer, f"who@x.{PARTNERS}", "550 5.7.1"),
            (
                "an old message under another subject",
                b"Subject: Pay at once\r\n" + real,
                to_partner,
                f"who@{ATTACKERS}",
                "550 5.7.1",
            ),
            (
                "an old message with a text before its header",
                b"X-A: b\r\n \r\nPay at once\r\n" + real,
                to_partner,
                "",
                "550 5.7.1",
            ),
            ("an old message, of another kind", b"Content-Type: text/html\r\n" + real, to_partner, "", "550 5.7.1"),
            ("an old message with more below", real + b"Pay at once\r\n", to_partner, f"who@{ATTACKERS}", "550 5.7.1"),
            ("an old message to somebody else as well", f"To: who@{MUTE}\r\n".encode() + real, to_partner, "", "550 5.7.1"),
            ("a second From in another case", f"FROM : who@{ATTACKERS}\r\n".encode() + real, to_partner, "", "550 5.6.0"),
            (
                "a route through the attackers",
                signed(
                    as_customer(10).replace(b"<" + CUSTOMER_ADDRESS.encode(), f"<@{ATTACKERS}:{CUSTOMER_ADDRESS}".encode()),
                    ATTACKERS,
                ),
                to_partner,
                "",
                "550 5.7.1",
            ),
            ("an address of the self-test", as_partner(11, f"who@{SELF_TEST_DOMAIN}"), to_customer, "", "550 5.7.1"),
            ("two From fields", two_from, to_partner, CUSTOMER_ADDRESS, "550 5.6.0"),
            (
                "an address as the name",
                a_mail(to=to_partner, name=CUSTOMER_ADDRESS, sender=f"who@{MUTE}"),
                to_partner,
                "",
                "550 5.7.1",
            ),
        ]
        answers = [(what, (await judge.sent(mail, to, sender=sender)).codes) for what, mail, to, sender, _ in spoofs]
        assert answers == [(what, codes) for what, *_, codes in spoofs]

        shown = await judge.off_loop("json", "archive", "show", answer.trace)
        assert shown["authentication"]["alignment"] == "aligned"
        assert f"dkim pass {CUSTOMERS} s=mail" in shown["authentication"]["checks"]
        asked = {(one["name"], one["type"]): one["records"] for one in shown["authentication"]["asked"]}
        assert asked[f"mail._domainkey.{CUSTOMERS}", "TXT"] == [KEY.record]
        assert await judge.off_loop("stop") == 0
    finally:
        judge.close()


async def test_dns_in_trouble_means_later_and_is_no_verdict(judge: Gateway, sink: Sink, zone: Zone) -> None:
    """GW-14, FAULT-77, invariant 7."""
    try:
        writer = "ann@later.example"
        to_customer = (await judge.opened("R2", partner=writer))["customer_alias"]
        mail = a_mail(to=to_customer, sender=writer, message_id="1@later.example")
        zone.failing.add("later.example")
        assert (await judge.sent(mail, to_customer, sender=writer)).codes == "451 4.4.3"
        zone.failing.clear()
        zone.put("later.example", "TXT", ALLOWED)
        assert (await judge.sent(mail, to_customer, sender=writer)).codes == "250 2.6.0"
        await sink.until(1)
        assert await judge.off_loop("stop") == 0
    finally:
        judge.close()


async def test_what_a_server_in_front_has_found_is_believed_and_what_comes_in_its_name_is_not(tmp_path: Path, sink: Sink) -> None:
    """GW-13, GW-14, GW-20, CASE-51: behind a front MTA that comes by SMTP, and asks what all others ask of it."""
    front, partners = "mx.front.example", PARTNER_ADDRESS.rpartition("@")[2]
    changed = {"authentication": {"mode": "enforce", "trusted_authserv_id": front}, "smtp": {"tarpit": "30s"}}
    gateway = Gateway(tmp_path, sink.port, changed=changed)
    await gateway.off_loop("start")
    passed, failed = (f"{front}; dmarc={one} header.from={partners}" for one in ("pass", "fail"))
    cases = [
        ((passed,), "250 2.6.0"),
        ((failed, passed), "550 5.7.1"),
        ((f"{front}; none", f"{front.upper()} 1;\n\tdmarc=pass header.from={partners}"), "550 5.7.1"),
        ((f"(x) {front}; dmarc=pass header.from={partners}",), "550 5.7.1"),
        ((f"{front}; spf=pass smtp.mailfrom={partners}=x@{ATTACKERS}; dkim=none",), "550 5.7.1"),
        ((f'{front}; spf=pass smtp.mailfrom="{partners}"@{ATTACKERS}; dkim=none',), "550 5.7.1"),
        ((f"{front}; spf=pass smtp.mailfrom=x.{partners}; {failed.partition('; ')[2]}",), "550 5.7.1"),
        ((f"{front}; dmarc=temperror header.from={partners}",), "451 4.4.3"),
        ((f"{front}; dmarc=pass header.from={ATTACKERS}",), "550 5.7.1"),
        ((), "550 5.7.1"),
    ]
    try:
        alias = (await gateway.opened())["customer_alias"]
        async with SmtpClient(gateway.smtp_port) as client:
            await client.hello()
            answers = []
            for number, (fields, _) in enumerate(cases):
                await client.begin(*(f"customer-{number:06x}{guess:06x}@{DOMAIN}" for guess in range(5)))
                await client.command("RSET")
                extra = "\n".join(f"Authentication-Results: {one}" for one in fields)
                mail = a_mail(to=alias, message_id=f"{number}@{partners}", extra=extra)
                answers.append((await client.deliver(mail, alias, sender=f"<{PARTNER_ADDRESS}>")).codes)
        assert answers == [codes for _, codes in cases]
        await sink.until(1)
        assert await gateway.off_loop("stop") == 0
    finally:
        gateway.close()
