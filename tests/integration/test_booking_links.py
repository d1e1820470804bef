"""Links that decide and answers by mail, with a process: asked by HTTP, answered by SMTP, taken back and decided on pages."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from email.message import EmailMessage
from pathlib import Path
from typing import Any, Final

import httpx
import pytest
from support.dns import Zone, serving
from support.gateway import Gateway
from support.mails import a_mail
from support.patience import patience_s
from support.reading import body, read
from support.sink import Sink

from relay.machine import clock
from relay.outbound.signing import Signer
from relay.outbound.signing_key import SigningKey, generate_key

pytestmark = pytest.mark.slow

PARTNERS: Final = "garda-boats.example"
PARTNER: Final = f"team@{PARTNERS}"
ATTACKERS: Final = "attacker.example"
"""Has everything, and this host is its own."""
CUSTOMER: Final = "zofia@poczta.example"
LINK: Final = re.compile(r"http://127\.0\.0\.1:\d+(/(?:bookings|answers)/[\w-]{43})")


@pytest.fixture
async def gateway(tmp_path: Path, sink: Sink) -> AsyncIterator[Gateway]:
    gateway = Gateway(tmp_path, sink.port)
    await gateway.off_loop("start")
    yield gateway
    if gateway.process is not None:
        assert await gateway.off_loop("stop") == 0
    gateway.close()


@pytest.fixture
async def browser(gateway: Gateway) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{gateway.web_port}", timeout=patience_s) as client:
        yield client


@pytest.fixture
async def reference(gateway: Gateway, browser: httpx.AsyncClient) -> str:
    return await requested(gateway, browser)


async def requested(gateway: Gateway, browser: httpx.AsyncClient) -> str:
    """The reference of a request for the boat tour."""
    scopes = [
        word for one in ("bookings:write", "bookings:read", "catalogue:write", "catalogue:read") for word in ("--scope", one)
    ]
    token = (await gateway.off_loop("json", "token", "create", "--name", "house", *scopes))["token"]
    browser.headers["Authorization"] = f"Bearer {token}"
    adult = {"key": "adult", "title": {"en": "Adult"}, "unit": {"minor": 9_000, "currency": "EUR"}, "people": 1}
    await asked(
        browser,
        "partners",
        {
            "id": "garda",
            "name": "Garda Boats",
            "languages": ["en"],
            "time_zone": "Europe/Rome",
            "addresses": [PARTNER],
            "tier": "gold",
            "account": "active",
        },
    )
    await asked(
        browser,
        "offers",
        {
            "id": "boat",
            "partner": "garda",
            "title": {"en": "Boat tour"},
            "kind": "one_day",
            "time_zone": "Europe/Rome",
            "currency": "EUR",
            "place": "Malcesine",
            "switches": {"mode": "custom_request"},
            "variants": [{"id": "morning", "title": {"en": "In the morning"}, "prices": [adult], "duration": "PT3H"}],
        },
    )
    wish = {
        "offer": "boat",
        "variant": "morning",
        "customer": {"name": "Zofia Kowalska", "address": CUSTOMER, "language": "en"},
        "occasion": {
            "starts_at": "2099-06-10T08:00:00+00:00",
            "ends_at": "2099-06-10T11:00:00+00:00",
            "time_zone": "Europe/Rome",
        },
        "choices": [{"price": "adult", "quantity": 1}],
    }
    return str((await asked(browser, "bookings", wish))["reference"])


async def asked(browser: httpx.AsyncClient, path: str, what: object) -> Any:
    answer = await browser.post(f"/api/v1/{path}", json=what)
    assert answer.status_code < 400, answer.text
    return answer.json()


async def stage(browser: httpx.AsyncClient, reference: str) -> str:
    return str((await browser.get(f"/api/v1/bookings/{reference}")).json()["status"]["stage"])


class Mailbox:
    """What came for one recipient, each mail read once."""

    def __init__(self, sink: Sink, recipient: str) -> None:
        self._sink, self._recipient, self._read = sink, recipient, 0

    async def next(self, subject: str) -> EmailMessage:
        """The next mail whose Subject holds `subject`."""
        while True:
            count = len(self._sink.received)
            mine = [one for one in self._sink.received if self._recipient in one.recipients]
            for number, one in enumerate(mine[self._read :], start=self._read):
                mail = read(one.content)
                if subject in str(mail["Subject"]):
                    self._read = number + 1
                    return mail
            await self._sink.until(count + 1)


def answered_at(mail: EmailMessage) -> str:
    """Where a mail about a booking is answered."""
    found = re.search(r"booking-[0-9a-f]{12}@[\w.]+", str(mail["Reply-To"]))
    assert found is not None
    return found[0]


def links(mail: EmailMessage) -> dict[str, str]:
    """Where the buttons of a mail lead, by their label."""
    found = re.findall(r"^(.*)\n(http://127\.0\.0\.1:\d+/(?:bookings|answers)/[\w-]+)$", body(mail, "plain"), re.MULTILINE)
    return {label.strip(" :-"): LINK.fullmatch(url)[1] for label, url in found}  # type: ignore[index]  it is one


async def pressed(browser: httpx.AsyncClient, path: str, **fields: str) -> httpx.Response:
    """The button of a page, with what is hidden in its first form."""
    page = (await browser.get(path)).text.partition("</form>")[0]
    hidden = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page))
    return await browser.post(path, data={**hidden, **fields}, follow_redirects=True)


async def test_a_partner_answers_by_mail_takes_it_back_writes_and_accepts_by_a_link(
    gateway: Gateway, sink: Sink, browser: httpx.AsyncClient, reference: str
) -> None:
    """SL-14, SL-15, OR-4, OR-24, GY-6: looking changes nothing, what was answered by mail waits, the button acts once."""
    partner, customer = Mailbox(sink, PARTNER), Mailbox(sink, CUSTOMER)
    asks = await partner.next(reference)
    await customer.next(reference)
    address = answered_at(asks)
    offered = links(asks)
    assert len(offered) >= 4, body(asks, "plain")
    for path in offered.values():
        await browser.head(path)
        assert (await browser.get(path)).status_code == 200
    assert await stage(browser, reference) == "requested"

    declined = a_mail(sender=PARTNER, to=address, text="Decline: we are full\n", message_id="1@garda-boats.example")
    assert (await gateway.sent(declined, address, sender=PARTNER)).code == 250
    receipt = await partner.next("We have read: you decline")
    assert await stage(browser, reference) == "requested"
    [undo] = {found[1] for found in LINK.finditer(body(receipt, "plain"))}
    assert (await pressed(browser, undo)).status_code == 200
    assert "<form" not in (await browser.get(undo)).text

    written = a_mail(sender=PARTNER, to=address, text=f"Would Friday do? {PARTNER}\n", message_id="2@garda-boats.example")
    assert (await gateway.sent(written, address, sender=PARTNER)).code == 250
    passed = await customer.next("has written")
    assert "Would Friday do?" in body(passed, "plain")
    assert "garda-boats.example" not in passed.as_string()
    await partner.next("passed on")

    stranger = a_mail(sender="x@elsewhere.example", to=address, text="accept\n", message_id="3@elsewhere.example")
    assert (await gateway.sent(stranger, address, sender="x@elsewhere.example")).code == 550

    accept = next(path for label, path in offered.items() if label == "Accept the request")
    for _ in range(2):
        assert (await pressed(browser, accept)).status_code == 200
    assert await stage(browser, reference) == "awaiting_payment"
    pay = await customer.next("pay")
    assert "90.00" in body(pay, "plain")
    assert PARTNER not in gateway.log.read_text()


async def test_whoever_forges_an_answer_decides_nothing(tmp_path: Path, sink: Sink) -> None:
    """GW-10, GW-11, GW-13, SL-14, invariant 6: a word is carried out of whoever is proven, and of nobody else."""
    key, elsewhere, here = SigningKey.from_pem(generate_key(), "mail"), "v=spf1 ip4:192.0.2.1 -all", "v=spf1 ip4:127.0.0.1 -all"
    zone = Zone()
    for domain, allowed in ((PARTNERS, elsewhere), (ATTACKERS, here)):
        zone.put(domain, "A", "192.0.2.1")
        zone.put(domain, "TXT", allowed)
        zone.put(f"mail._domainkey.{domain}", "TXT", key.record)
        zone.put(f"_dmarc.{domain}", "TXT", "v=DMARC1; p=reject")
    with serving(zone):
        gateway = Gateway(tmp_path, sink.port, changed={"authentication": {"mode": "enforce", "dns_servers": [zone.server]}})
        await gateway.off_loop("start")
        try:
            base = f"http://127.0.0.1:{gateway.web_port}"
            async with httpx.AsyncClient(base_url=base, timeout=patience_s) as browser:
                await forged_and_real(gateway, sink, browser, key)
            assert await gateway.off_loop("stop") == 0
        finally:
            gateway.close()


async def forged_and_real(gateway: Gateway, sink: Sink, browser: httpx.AsyncClient, key: SigningKey) -> None:
    reference = await requested(gateway, browser)
    partner = Mailbox(sink, PARTNER)
    address = answered_at(await partner.next(reference))
    results = f"mx.reply.example.com; spf=pass smtp.mailfrom={PARTNERS}; dkim=pass header.d={PARTNERS}; dmarc=pass"

    def saying(number: int, **more: str) -> bytes:
        return a_mail(sender=PARTNER, to=address, text="Accept\n", message_id=f"{number}@{PARTNERS}", **more)

    for forged, sender in (
        (saying(1), PARTNER),
        (saying(2), f"who@{ATTACKERS}"),
        (saying(3, extra=f"Authentication-Results: {results}"), f"who@{ATTACKERS}"),
        (Signer(ATTACKERS, (key,)).signed(saying(4), clock()), f"who@{ATTACKERS}"),
        (a_mail(sender=f"{PARTNER} <who@{ATTACKERS}>", to=address, text="Accept\n"), f"who@{ATTACKERS}"),
    ):
        answer = await gateway.sent(forged, address, sender=sender)
        assert answer.code == 550, answer
    history = (await browser.get(f"/api/v1/bookings/{reference}/history")).json()["steps"]
    assert [one["act"] for one in history] == ["request"]

    real = Signer(PARTNERS, (key,)).signed(saying(5), clock())
    assert (await gateway.sent(real, address, sender=PARTNER)).code == 250
    await partner.next("We have read: you accept")
    told = [read(one.content)["Subject"] for one in sink.received if PARTNER in one.recipients]
    assert sum("We have read" in str(subject) for subject in told) == 1, "the forged ones were answered by nobody"
