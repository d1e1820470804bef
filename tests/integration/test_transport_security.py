"""docs/transport-security.md says what is sent, and how: each cell of its table is tried with real DNS, HTTPS and SMTP."""

from __future__ import annotations

import hashlib
import random
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Final

import pytest
from support.certificate import Issued, an_authority
from support.deliveries import FakeTime, MemoryNotices, MemoryOutbox, a_delivery
from support.dns import Zone
from support.dns import serving as answering
from support.https import page, serving
from support.sink import EXTENSIONS, Sink, Step, reply

from relay.machine import clock, is_here
from relay.outbound.connecting import Connector
from relay.outbound.connection import Timeouts
from relay.outbound.courier import Courier
from relay.outbound.https import Fetcher
from relay.outbound.lanes import Lane
from relay.outbound.mta_sts import Policies
from relay.outbound.mx import MailExchangers, Terrain
from relay.outbound.routes import DestinationKey, Tls
from relay.outbound.tls import checking
from relay.outbound.tls_report import Finding, Tallies
from relay.resolver import Resolver
from relay.transit.delivery import Deferred, Delivered, Failed

pytestmark = pytest.mark.slow

PAGE: Final = Path(__file__).parents[2] / "docs" / "transport-security.md"
ROWS: Final = [
    [cell.strip() for cell in line.strip("| ").split("|")] for line in PAGE.read_text().splitlines() if line.startswith("| ")
]
CELLS: Final = [
    pytest.param(row[0], demanded, expected, id=f"{row[0]}, {demanded}")
    for row in ROWS[1:]
    for demanded, expected in zip(ROWS[0][1:], row[1:], strict=True)
]
DOMAIN: Final = "customer.example"
HOST: Final = f"mx.{DOMAIN}"
QUICK: Final = Timeouts(connect_s=5, greeting_s=5, command_s=5, data_s=5, block_s=5, dot_s=5, quit_s=0.2)

OURS: Final = an_authority()
"""The one that everybody trusts."""
THEIRS: Final = an_authority()
CERTIFICATES: Final = {
    "certificate of nobody we know": THEIRS.issue(HOST),
    "certificate has expired": OURS.issue(HOST, days=(-20, -10)),
    "certificate of another name": OURS.issue("mx.other.example"),
    "certificate is good": OURS.issue(HOST),
}


@dataclass
class Cache:
    """Policies in memory."""

    kept: dict[str, Kept] = field(default_factory=dict)

    async def policy_of(self, domain: str) -> Kept | None:
        return self.kept.get(domain)

    async def keep_policy(self, domain: str, announced: str, content: str, now: datetime) -> None:
        self.kept[domain] = Kept(announced, content, now)


@dataclass(frozen=True)
class Kept:
    id: str
    content: str
    fetched_at: datetime


@dataclass
class Scene:
    """A domain with one host, which shows `shown`."""

    zone: Zone
    sink: Sink
    shown: Issued
    pages: dict[str, bytes]
    tls: Tls = Tls.OPPORTUNISTIC

    def vouch(self, record: str) -> None:
        """A TLSA record of the host, in a zone that is validated."""
        self.zone.secure.add(DOMAIN)
        self.zone.put(f"_{self.sink.port}._tcp.{HOST}", "TLSA", record)

    def publish(self, mode: str, host: str = HOST) -> None:
        """A policy of the domain."""
        self.zone.put(f"_mta-sts.{DOMAIN}", "TXT", "v=STSv1; id=1;")
        self.pages[f"mta-sts.{DOMAIN}"] = page(f"version: STSv1\nmode: {mode}\nmx: {host}\nmax_age: 86400\n")


def key_of(issued: Issued, usage: int = 3) -> str:
    return f"{usage} 1 1 {hashlib.sha256(issued.public_key).hexdigest()}"


def _required(scene: Scene) -> None:
    scene.tls = Tls.REQUIRED


def _without_a_page(scene: Scene) -> None:
    scene.publish("enforce")
    scene.pages.clear()


def _not_validated(scene: Scene) -> None:
    scene.vouch(key_of(an_authority()))
    scene.zone.secure.clear()


def _look_up_fails(scene: Scene) -> None:
    scene.vouch(key_of(scene.shown))
    scene.zone.failing.add(f"_{scene.sink.port}._tcp.{HOST}")


DEMANDED: Final[dict[str, Callable[[Scene], None]]] = {
    "nothing demanded": lambda scene: None,
    "TLS required by us": _required,
    "MTA-STS testing": lambda scene: scene.publish("testing"),
    "MTA-STS enforce": lambda scene: scene.publish("enforce"),
    "policy names another host": lambda scene: scene.publish("enforce", f"other.{DOMAIN}"),
    "policy not to be had": _without_a_page,
    "TLSA of its key": lambda scene: scene.vouch(key_of(scene.shown)),
    "TLSA of another key": lambda scene: scene.vouch(key_of(an_authority())),
    "TLSA of its authority": lambda scene: scene.vouch(
        key_of(OURS if scene.shown.above[0] == OURS.certificate else THEIRS, usage=2)
    ),
    "TLSA unusable": lambda scene: scene.vouch("0 0 1 " + "ab" * 32),
    "TLSA not validated": _not_validated,
    "TLSA look-up fails": _look_up_fails,
}


@asynccontextmanager
async def a_scene(receiver: str, directory: Path) -> AsyncIterator[Scene]:
    issued = CERTIFICATES.get(receiver)
    offers = (*EXTENSIONS, "STARTTLS") if receiver in {"refuses STARTTLS", "breaks the handshake"} else EXTENSIONS
    tls = issued.server_context(directory) if issued is not None else None
    async with Sink(extensions=offers, tls=tls) as sink:
        if receiver == "refuses STARTTLS":
            sink.always(Step.STARTTLS, reply("454 4.7.0 not now"))
        if receiver == "breaks the handshake":
            sink.always(Step.STARTTLS, reply("220 2.0.0 go\n220 no, rather not"))
        with answering(Zone()) as zone:
            zone.put(DOMAIN, "MX", f"10 {HOST}")
            zone.put(HOST, "A", "127.0.0.1")
            zone.put(f"mta-sts.{DOMAIN}", "A", "127.0.0.1")
            yield Scene(zone, sink, issued or CERTIFICATES["certificate is good"], {})


@dataclass
class Sender:
    """What sends, as the product puts it together, with policies in memory."""

    courier: Courier
    tallies: Tallies

    async def came_to(self, sink: Sink) -> str:
        """What a message comes to, in the words of the page."""
        session = await self.courier.session(Lane(DestinationKey(DOMAIN)))
        if isinstance(session, Deferred):
            assert sink.received == []
            return "later" if session.text.startswith("4.7.5") else session.text
        assert not isinstance(session, Failed)
        outcome = await session.send(a_delivery(recipient=f"ana@{DOMAIN}"), lambda: True)
        assert isinstance(outcome, Delivered)
        await session.close()
        [taken] = sink.received
        return "TLS" if taken.tls else "open"


@asynccontextmanager
async def a_sender(scene: Scene, directory: Path) -> AsyncIterator[Sender]:
    authorities = OURS.written(directory / "authorities.pem")
    async with AsyncExitStack() as stack:
        context = OURS.issue(f"mta-sts.{DOMAIN}").server_context(directory)
        site = await stack.enter_async_context(serving(context, scene.pages))
        names = Resolver([("127.0.0.1", scene.zone.port)])
        tallies = Tallies(clock)
        fetcher = Fetcher(names, lambda: checking(authorities), site.port, private=True)
        route = MailExchangers(
            names=names,
            terrain=Terrain(frozenset({"relay.example.com"}), random.random, is_here, private=True),
            demands=Policies(names, fetcher, Cache(), clock),
            tallies=tallies,
            port=scene.sink.port,
            tls=scene.tls,
        )
        now = FakeTime()
        courier = Courier(
            outbox=MemoryOutbox(now.now),
            notices=MemoryNotices(),
            route=route,
            opener=Connector("relay.example.com", QUICK, authorities, tallies, clock),
            clock=now.now,
            monotonic=time.monotonic,
            jitter=lambda: 0.0,
        )
        yield Sender(courier, tallies)


def test_the_page_tells_of_every_receiver_and_of_everything_that_is_demanded() -> None:
    assert ROWS[0][1:] == list(DEMANDED)
    assert set(CERTIFICATES) < {row[0] for row in ROWS[1:]}


@pytest.mark.parametrize(("receiver", "demanded", "expected"), CELLS)
async def test_what_is_sent_and_how_is_what_the_page_says(receiver: str, demanded: str, expected: str, tmp_path: Path) -> None:
    """FAULT-89; RFC 7672, RFC 8461."""
    async with a_scene(receiver, tmp_path) as scene:
        DEMANDED[demanded](scene)
        async with a_sender(scene, tmp_path) as sender:
            assert await sender.came_to(scene.sink) == expected


@pytest.mark.parametrize(
    ("receiver", "demanded", "expected"),
    [
        ("certificate is good", "nothing demanded", {"no-policy-found success"}),
        ("offers no STARTTLS", "nothing demanded", {"no-policy-found starttls-not-supported"}),
        ("certificate is good", "MTA-STS enforce", {"sts success"}),
        ("certificate has expired", "MTA-STS enforce", {"sts certificate-expired"}),
        ("certificate of another name", "MTA-STS enforce", {"sts certificate-host-mismatch"}),
        ("certificate of nobody we know", "MTA-STS testing", {"sts certificate-not-trusted"}),
        ("offers no STARTTLS", "MTA-STS testing", {"sts starttls-not-supported"}),
        ("certificate is good", "policy names another host", {"sts validation-failure"}),
        ("certificate is good", "policy not to be had", {"sts sts-policy-fetch-error", "no-policy-found success"}),
        ("certificate is good", "TLSA of its key", {"tlsa success"}),
        ("certificate is good", "TLSA of another key", {"tlsa validation-failure"}),
        ("certificate is good", "TLSA look-up fails", {"tlsa dnssec-invalid"}),
    ],
)
async def test_how_it_went_is_counted_once_in_the_words_of_reports(
    receiver: str, demanded: str, expected: set[str], tmp_path: Path
) -> None:
    """RFC 8460 §4.3"""
    async with a_scene(receiver, tmp_path) as scene:
        DEMANDED[demanded](scene)
        async with a_sender(scene, tmp_path) as sender:
            await sender.came_to(scene.sink)
            taken = sender.tallies.taken()
    assert {f"{one.followed.value} {one.finding.value}" for one in taken} == expected
    assert set(taken.values()) == {1}
    assert {one.domain for one in taken} == {DOMAIN}


async def test_a_good_host_is_used_where_the_preferred_one_does_not_meet_the_policy(tmp_path: Path) -> None:
    """FAULT-88, FAULT-89: in the same attempt."""
    bad = CERTIFICATES["certificate of another name"].server_context(tmp_path)
    async with a_scene("certificate is good", tmp_path) as scene, Sink(host="127.0.0.2", port=scene.sink.port, tls=bad) as first:
        scene.zone.put(DOMAIN, "MX", f"5 first.{DOMAIN}", f"10 {HOST}")
        scene.zone.put(f"first.{DOMAIN}", "A", "127.0.0.2")
        scene.publish("enforce", f"*.{DOMAIN}")
        async with a_sender(scene, tmp_path) as sender:
            assert await sender.came_to(scene.sink) == "TLS"
        assert (first.connections, first.received) == (1, [])
        assert {one.finding for one in sender.tallies.taken()} == {Finding.CERTIFICATE_HOST_MISMATCH, Finding.SUCCESS}


def _without_a_name(zone: Zone) -> None:
    zone.records.pop(DOMAIN)
    zone.records.pop(HOST)
    zone.records.pop(f"mta-sts.{DOMAIN}")


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda zone: zone.failing.add(DOMAIN), "4.4.3"),
        (lambda zone: zone.failing.add(HOST), "4.4.3"),
        (lambda zone: zone.put(DOMAIN, "MX", "0 ."), "5.1.10"),
        (lambda zone: zone.put(DOMAIN, "MX", "10 relay.example.com", f"20 {HOST}"), "5.4.6"),
        (lambda zone: zone.put(DOMAIN, "MX", f"10 nowhere.{DOMAIN}"), "5.4.4"),
        (_without_a_name, "5.1.2"),
    ],
    ids=["MX fails", "address fails", "null MX", "we are preferred", "host without a name", "no such domain"],
)
async def test_a_domain_without_a_way_is_told_apart_from_one_that_nobody_knows_now(
    change: Callable[[Zone], None], expected: str, tmp_path: Path
) -> None:
    """FAULT-85, FAULT-86: by real packets."""
    async with a_scene("certificate is good", tmp_path) as scene:
        change(scene.zone)
        async with a_sender(scene, tmp_path) as sender:
            way = await sender.courier.session(Lane(DestinationKey(DOMAIN)))
    assert isinstance(way, Deferred if expected.startswith("4") else Failed)
    assert way.text.startswith(f"{expected} ")
    assert scene.sink.connections == 0
