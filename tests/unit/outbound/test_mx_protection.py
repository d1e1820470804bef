"""What a session with each host of a domain needs: by TLSA records, by the domain's policy, by the configuration."""

from __future__ import annotations

from datetime import timedelta

import pytest
from support.deliveries import START
from support.names import EMPTY, NO_NAME, TROUBLE, Table, found

from relay.errors import Unavailable
from relay.lookup import Answer
from relay.outbound.mta_sts import Mode, Policy
from relay.outbound.mx import UNFIT, UNREMEMBERED, UNVOUCHED, MailExchangers, Terrain
from relay.outbound.routes import DestinationKey, Host, Tls
from relay.outbound.tls_report import Finding, Followed, Tallies
from relay.transit.delivery import Deferred, Failed

DOMAIN = "customer.example"
ANYWHERE = Terrain(frozenset(), lambda: 0.0, frozenset[str]().__contains__)
PIN = "3 1 1 " + "ab" * 32
USELESS = "0 0 1 " + "ab" * 32


def zone(*, secure: bool = True, **tlsa: Answer) -> dict[str, Answer]:
    """Two hosts, a before b, with what stands at their TLSA names."""
    return {
        f"{DOMAIN} MX": found("10 a.customer.example", "20 b.customer.example", secure=secure),
        "a.customer.example A": found("192.0.9.1", secure=secure),
        "b.customer.example A": found("192.0.9.2", secure=secure),
        **{f"_25._tcp.{host}.customer.example TLSA": answer for host, answer in tlsa.items()},
    }


class Demanded:
    """A domain's policy, as it was found."""

    def __init__(self, policy: Policy | None = None, trouble: Finding | None = None) -> None:
        self.policy_found, self.trouble, self.asked = policy, trouble, 0

    async def policy(self, domain: str) -> tuple[Policy | None, Finding | None]:
        self.asked += 1
        return self.policy_found, self.trouble


def a_policy(mode: Mode, *patterns: str) -> Demanded:
    return Demanded(Policy(mode, patterns or ("a.customer.example", "b.customer.example"), timedelta(days=1)))


async def protected(
    answers: dict[str, Answer], demanded: Demanded | None = None, tls: Tls = Tls.OPPORTUNISTIC, dane: bool = True
) -> tuple[list[tuple[str, Tls, Followed]] | Deferred | Failed, dict[Finding, int]]:
    tallies = Tallies(lambda: START)
    route = MailExchangers(Table(answers), ANYWHERE, demanded or Demanded(), tallies, 25, tls, dane)
    hosts = await route.hosts(DestinationKey(DOMAIN))
    told = {one.finding: count for one, count in tallies.taken().items()}
    if not isinstance(hosts, tuple):
        return hosts, told
    return [(one.name[0], one.tls, one.followed) for one in hosts], told


async def test_a_domain_that_says_nothing_gets_what_the_configuration_says() -> None:
    for tls in (Tls.OPPORTUNISTIC, Tls.REQUIRED, Tls.OFF):
        hosts, told = await protected(zone(), tls=tls)
        assert hosts == [("a", tls, Followed.NONE), ("b", tls, Followed.NONE)]
        assert told == {}


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        (zone(a=found(PIN, secure=True)), [("a", Tls.DANE, Followed.TLSA), ("b", Tls.OPPORTUNISTIC, Followed.NONE)]),
        # A record that says nothing to us says at least that there is TLS (RFC 7672 §2.2).
        (zone(a=found(USELESS, secure=True)), [("a", Tls.REQUIRED, Followed.TLSA), ("b", Tls.OPPORTUNISTIC, Followed.NONE)]),
        (zone(a=found(USELESS, PIN, secure=True)), [("a", Tls.DANE, Followed.TLSA), ("b", Tls.OPPORTUNISTIC, Followed.NONE)]),
        # What nobody validated says nothing.
        (zone(a=found(PIN)), [("a", Tls.OPPORTUNISTIC, Followed.NONE), ("b", Tls.OPPORTUNISTIC, Followed.NONE)]),
        (
            zone(a=found(PIN, secure=True), secure=False),
            [("a", Tls.OPPORTUNISTIC, Followed.NONE), ("b", Tls.OPPORTUNISTIC, Followed.NONE)],
        ),
        (zone(a=EMPTY, b=NO_NAME), [("a", Tls.OPPORTUNISTIC, Followed.NONE), ("b", Tls.OPPORTUNISTIC, Followed.NONE)]),
        # Whoever hides the answer is not to get around it: the host counts as not there.
        (zone(a=TROUBLE), [("b", Tls.OPPORTUNISTIC, Followed.NONE)]),
        (zone(a=TROUBLE, b=found(PIN, secure=True)), [("b", Tls.DANE, Followed.TLSA)]),
        (zone(a=TROUBLE, b=TROUBLE), UNVOUCHED),
    ],
)
async def test_a_host_whose_zone_vouches_for_it_is_held_to_that(
    answers: dict[str, Answer], expected: list[tuple[str, Tls, Followed]] | Deferred
) -> None:
    """RFC 7672 §2.1, §2.2"""
    assert (await protected(answers))[0] == expected


async def test_tlsa_records_are_not_asked_for_where_nothing_could_come_of_them() -> None:
    for how in ({"tls": Tls.OFF}, {"dane": False}):
        table = Table(zone(a=TROUBLE))
        await MailExchangers(
            table,
            ANYWHERE,
            Demanded(),
            Tallies(lambda: START),
            **how,  # type: ignore[arg-type]
        ).hosts(DestinationKey(DOMAIN))
        assert f"{DOMAIN} MX" in table.asked
        assert not any("TLSA" in one for one in table.asked)


async def test_a_domain_without_an_mx_is_held_to_its_own_tlsa_records() -> None:
    """RFC 7672 §2.2.2"""
    answers = {f"{DOMAIN} A": found("192.0.9.1", secure=True), f"_25._tcp.{DOMAIN} TLSA": found(PIN, secure=True)}
    assert (await protected(answers))[0] == [("c", Tls.DANE, Followed.TLSA)]


BOTH = [("a", Tls.VERIFIED, Followed.STS), ("b", Tls.VERIFIED, Followed.STS)]


@pytest.mark.parametrize(
    ("demanded", "expected", "finding"),
    [
        (a_policy(Mode.ENFORCE), BOTH, {}),
        (a_policy(Mode.ENFORCE, "*.customer.example"), BOTH, {}),
        (a_policy(Mode.ENFORCE, "b.customer.example"), BOTH[1:], {Finding.VALIDATION_FAILURE: 1}),
        (a_policy(Mode.ENFORCE, "other.example"), UNFIT, {Finding.VALIDATION_FAILURE: 1}),
        (a_policy(Mode.TESTING), [("a", Tls.TESTED, Followed.STS), ("b", Tls.TESTED, Followed.STS)], {}),
        (
            a_policy(Mode.TESTING, "b.customer.example"),
            [("a", Tls.OPPORTUNISTIC, Followed.NONE), ("b", Tls.TESTED, Followed.STS)],
            {Finding.VALIDATION_FAILURE: 1},
        ),
        (a_policy(Mode.NONE), [("a", Tls.OPPORTUNISTIC, Followed.NONE), ("b", Tls.OPPORTUNISTIC, Followed.NONE)], {}),
        (
            Demanded(None, Finding.STS_POLICY_FETCH_ERROR),
            [("a", Tls.OPPORTUNISTIC, Followed.NONE), ("b", Tls.OPPORTUNISTIC, Followed.NONE)],
            {Finding.STS_POLICY_FETCH_ERROR: 1},
        ),
    ],
)
async def test_the_hosts_of_a_domain_are_held_to_its_policy(
    demanded: Demanded, expected: list[tuple[str, Tls, Followed]] | Deferred, finding: dict[Finding, int]
) -> None:
    """RFC 8461 §5: a host that does not fit is none where the policy is enforced, and counted where it is being tried out."""
    assert await protected(zone(), demanded) == (expected, finding)


async def test_what_the_zone_vouches_for_comes_before_the_policy() -> None:
    """RFC 8461 §2: a host with TLSA records is held to those, whatever the policy says of it; the others to the policy."""
    pinned = found(PIN, secure=True)
    hosts, _ = await protected(zone(a=pinned), a_policy(Mode.ENFORCE, "b.customer.example"))
    assert hosts == [("a", Tls.DANE, Followed.TLSA), ("b", Tls.VERIFIED, Followed.STS)]
    demanded = a_policy(Mode.ENFORCE, "other.example")
    hosts, _ = await protected(zone(a=pinned, b=pinned), demanded)
    assert hosts == [("a", Tls.DANE, Followed.TLSA), ("b", Tls.DANE, Followed.TLSA)]
    assert demanded.asked == 0


async def test_a_house_that_requires_tls_gets_no_less_from_a_policy_that_is_being_tried_out() -> None:
    hosts, _ = await protected(zone(), a_policy(Mode.TESTING), tls=Tls.REQUIRED)
    assert hosts == [("a", Tls.REQUIRED, Followed.STS), ("b", Tls.REQUIRED, Followed.STS)]


async def test_a_policy_that_may_be_remembered_is_not_passed_over_while_the_database_is_away() -> None:
    class Away:
        async def policy(self, domain: str) -> tuple[Policy | None, Finding | None]:
            raise Unavailable("database: no answer in time")

    route = MailExchangers(Table(zone()), ANYWHERE, Away(), Tallies(lambda: START))
    assert await route.hosts(DestinationKey(DOMAIN)) == UNREMEMBERED


async def test_a_host_is_told_with_all_that_a_session_needs() -> None:
    route = MailExchangers(
        Table({f"{DOMAIN} A": found("192.0.9.1")}),
        ANYWHERE,
        Demanded(),
        Tallies(lambda: START),
        2525,
    )
    assert await route.hosts(DestinationKey(DOMAIN)) == (Host(DOMAIN, 2525, Tls.OPPORTUNISTIC, "192.0.9.1", DOMAIN),)
