"""What domains demand of the hosts that take their mail (RFC 8461)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest
from support.deliveries import FakeTime
from support.names import EMPTY, NO_NAME, TROUBLE, Table, found

from relay.errors import Unavailable
from relay.lookup import Answer
from relay.outbound.https import Fetched, NotFetched
from relay.outbound.mta_sts import Mode, Policies, Policy, age_max, announced, fresh, parsed, patterns_max, pause, pauses_max
from relay.outbound.tls_report import Finding

DOMAIN = "customer.example"
TEXT = "version: STSv1\nmode: enforce\nmx: mx.customer.example\nmx: *.mail.example\nmax_age: 604800\n"
POLICY = Policy(Mode.ENFORCE, ("mx.customer.example", "*.mail.example"), timedelta(days=7))
ID = found("v=STSv1; id=20260501;")


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (ID, "20260501"),
        (found("v=STSv1;id=1"), "1"),
        (found("v=STSv1; more=x; id=a1B2 ;"), "a1B2"),
        (found("v=spf1 -all", "v=STSv1; id=1;"), "1"),
        (found("v=STSv1; id=1;", "v=STSv1; id=2;"), None),
        (found("v=STSv1;"), None),
        (found("v=STSv1; id=" + "1" * 33), None),
        (found("v=STSv1; id=a-b;"), None),
        (found("v=STSv2; id=1;"), None),
        (found("id=1; v=STSv1"), None),
        (EMPTY, None),
        (NO_NAME, None),
        (TROUBLE, None),
    ],
)
def test_a_policy_is_announced_by_one_record_with_an_id(answer: Answer, expected: str | None) -> None:
    """RFC 8461 §3.1"""
    assert announced(answer) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (TEXT, POLICY),
        (TEXT.replace("\n", "\r\n"), POLICY),
        (TEXT.replace(": ", ":").upper().replace("VERSION:STSV1", "version:STSv1").replace("MODE:ENFORCE", "mode:enforce")
         .replace("MX:", "mx:").replace("MAX_AGE", "max_age"), POLICY),
        (TEXT + "later: unknown\n\n", POLICY),
        (TEXT + "mode: none\nmax_age: 1\n", POLICY),
        ("version: STSv1\nmode: none\nmax_age: 60\n", Policy(Mode.NONE, (), timedelta(seconds=60))),
        ("version: STSv1\nmode: testing\nmx: a.example\nmax_age: 99999999\n", Policy(Mode.TESTING, ("a.example",), age_max)),
        (TEXT.replace("STSv1", "STSv2"), None),
        (TEXT.replace("enforce", "force"), None),
        (TEXT.replace("604800", "-1"), None),
        (TEXT.replace("604800", "soon"), None),
        (TEXT.replace("604800", "9" * 11), None),
        (TEXT.replace("*.mail", "mail.*"), None),
        (TEXT.replace("*.mail.example", "*"), None),
        (TEXT.replace("mx: ", "no: "), None),
        ("version: STSv1\nmode: enforce\nmax_age: 60\n" + "mx: a.example\n" * (patterns_max + 1), None),
        ("<html>not found</html>", None),
        ("", None),
        ("\0" * 100, None),
    ],
)  # fmt: skip
def test_a_policy_is_read_and_nothing_else_is(text: str, expected: Policy | None) -> None:
    """RFC 8461 §3.2"""
    assert parsed(text) == expected


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("mx.customer.example", True),
        ("a.mail.example", True),
        ("a.b.mail.example", False),
        ("mail.example", False),
        ("customer.example", False),
        ("xmx.customer.example", False),
    ],
)
def test_a_host_is_allowed_by_its_name_or_by_all_but_its_first_label(host: str, expected: bool) -> None:
    """RFC 8461 §4.1"""
    assert POLICY.allows(host) is expected


@dataclass(frozen=True)
class Kept:
    id: str
    content: str
    fetched_at: datetime


@dataclass
class World:
    """A domain that publishes `text`, and a cache in memory."""

    time: FakeTime = field(default_factory=FakeTime)
    table: dict[str, Answer] = field(default_factory=lambda: {f"_mta-sts.{DOMAIN} TXT": ID})
    text: str | NotFetched = TEXT
    media_type: str = "text/plain"
    fetched: list[str] = field(default_factory=list)
    kept: dict[str, Kept] = field(default_factory=dict)
    full: bool = False

    def __post_init__(self) -> None:
        self.policies = self.restarted()

    def restarted(self) -> Policies:
        return Policies(Table(self.table), self.fetch, self, self.time.now)

    async def fetch(self, host: str, path: str) -> Fetched | NotFetched:
        self.fetched.append(f"https://{host}{path}")
        return self.text if isinstance(self.text, NotFetched) else Fetched(self.media_type, self.text.encode())

    async def policy_of(self, domain: str) -> Kept | None:
        return self.kept.get(domain)

    async def keep_policy(self, domain: str, announced: str, content: str, now: datetime) -> None:
        if self.full:
            raise Unavailable("database: no answer in time")
        self.kept[domain] = Kept(announced, content, now)

    def announce(self, answer: Answer) -> None:
        self.table[f"_mta-sts.{DOMAIN} TXT"] = answer

    async def policy(self) -> tuple[Policy | None, Finding | None]:
        return await self.policies.policy(DOMAIN)


async def test_a_policy_is_fetched_once_and_remembered_also_by_those_who_come_after() -> None:
    """RFC 8461 §3.3, §5.1"""
    world = World()
    assert await world.policy() == (POLICY, None)
    world.policies = world.restarted()
    assert await world.policy() == (POLICY, None)
    assert world.fetched == ["https://mta-sts.customer.example/.well-known/mta-sts.txt"]


async def test_a_domain_that_announces_nothing_is_asked_for_nothing() -> None:
    world = World()
    for answer in (NO_NAME, EMPTY, TROUBLE):
        world.announce(answer)
        assert await world.policy() == (None, None)
    assert world.fetched == []


async def test_another_id_means_another_policy() -> None:
    world = World()
    await world.policy()
    world.announce(found("v=STSv1; id=2;"))
    world.text = TEXT.replace("enforce", "none")
    assert await world.policy() == (Policy(Mode.NONE, POLICY.patterns, POLICY.max_age), None)
    assert len(world.fetched) == 2


@pytest.mark.parametrize("answer", [NO_NAME, TROUBLE, found("v=STSv1; id=2;")], ids=["withdrawn", "trouble", "changed"])
@pytest.mark.parametrize("text", [NotFetched.OTHER, NotFetched.CERTIFICATE, "<html>"])
async def test_a_remembered_policy_holds_until_it_runs_out_whatever_is_hidden_meanwhile(
    answer: Answer, text: str | NotFetched
) -> None:
    """RFC 8461 §3.3, §10.2: whoever can block look-ups is not to get rid of it."""
    world = World()
    await world.policy()
    world.announce(answer)
    world.text = text
    world.time.advance(days=6, hours=23)
    assert (await world.policy())[0] == POLICY
    world.time.advance(hours=1)
    assert (await world.policy())[0] is None


async def test_a_policy_is_fetched_anew_each_day_so_that_it_does_not_run_out() -> None:
    """RFC 8461 §10.2"""
    world = World()
    await world.policy()
    world.time.advance(seconds=fresh.total_seconds() - 1)
    await world.policy()
    assert len(world.fetched) == 1
    world.time.advance(seconds=1)
    await world.policy()
    assert len(world.fetched) == 2
    assert world.kept[DOMAIN].fetched_at == world.time.wall


@pytest.mark.parametrize(
    ("text", "media_type", "finding"),
    [
        (NotFetched.OTHER, "text/plain", Finding.STS_POLICY_FETCH_ERROR),
        (NotFetched.CERTIFICATE, "text/plain", Finding.STS_WEBPKI_INVALID),
        ("<html>", "text/plain", Finding.STS_POLICY_INVALID),
        (TEXT, "text/html", Finding.STS_POLICY_INVALID),
    ],
)
async def test_a_policy_that_cannot_be_had_is_none_and_told_once_until_it_is_tried_again(
    text: str | NotFetched, media_type: str, finding: Finding
) -> None:
    """RFC 8461 §2, §3.3; RFC 8460 §4.3"""
    world = World(text=text, media_type=media_type)
    assert await world.policy() == (None, finding)
    assert await world.policy() == (None, None)
    assert len(world.fetched) == 1
    world.time.advance(seconds=pause.total_seconds())
    world.text, world.media_type = TEXT, "text/plain"
    assert await world.policy() == (POLICY, None)


async def test_a_policy_that_cannot_be_written_down_holds_for_this_attempt() -> None:
    world = World(full=True)
    assert await world.policy() == (POLICY, None)
    assert world.kept == {}


async def test_only_so_many_failures_are_remembered() -> None:
    world = World(text=NotFetched.OTHER)
    for n in range(pauses_max + 1):
        world.table[f"_mta-sts.d{n}.example TXT"] = ID
        await world.policies.policy(f"d{n}.example")
    await world.policies.policy(f"d{pauses_max}.example")
    assert len(world.fetched) == pauses_max + 1
    await world.policies.policy("d0.example")
    assert len(world.fetched) == pauses_max + 2
