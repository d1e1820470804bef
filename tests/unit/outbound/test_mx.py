"""Where the mail of a domain goes, by a table of DNS answers."""

from __future__ import annotations

from itertools import cycle
from typing import TypeVar

import pytest
from support.deliveries import START
from support.names import NO_NAME, TROUBLE, Table, found

from relay.lookup import Answer, Asking, Lookup
from relay.outbound.mx import (
    LOOP,
    NOWHERE,
    TAKES_NO_MAIL,
    UNANSWERED,
    UNKNOWN_DOMAIN,
    MailExchangers,
    Terrain,
    addresses_max,
    addresses_per_host_max,
    asking_s,
    hosts_max,
    undemanding,
)
from relay.outbound.routes import DestinationKey
from relay.outbound.tls_report import Tallies
from relay.transit.delivery import Deferred, Failed
from relay.values import RealAddress

T = TypeVar("T")

OWN = "relay.example.com"
OWN_ADDRESS = "192.0.9.99"
OWN_ADDRESSES = {OWN_ADDRESS, "2001:4860::99"}
ANYWHERE = Terrain(frozenset(), lambda: 0.0, frozenset[str]().__contains__)


def route(answers: dict[str, Answer], *, private: bool = False, draws: tuple[float, ...] = (0.0,)) -> MailExchangers:
    drawn = cycle(draws)
    return MailExchangers(
        Table(answers),
        Terrain(frozenset({OWN}), lambda: next(drawn), OWN_ADDRESSES.__contains__, private),
        undemanding,
        Tallies(lambda: START),
    )


async def way(answers: dict[str, Answer], domain: str = "customer.example", **how: bool) -> list[str] | Deferred | Failed:
    """Names and addresses in their order, or why there are none."""
    hosts = await route(answers, **how).hosts(DestinationKey(domain))
    return [f"{one.name} {one.address}" for one in hosts] if isinstance(hosts, tuple) else hosts


A1, A2, A3 = found("192.0.9.1"), found("192.0.9.2"), found("192.0.9.3")
MX = "customer.example MX"


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        # By preference, whatever the order in the answer; IPv4 before IPv6.
        (
            {
                MX: found("20 b.example", "10 a.example"),
                "a.example A": A1,
                "a.example AAAA": found("2001:4860::1"),
                "b.example A": A2,
            },
            ["a.example 192.0.9.1", "a.example 2001:4860::1", "b.example 192.0.9.2"],
        ),
        # Several addresses of one host, all of which are tried.
        (
            {MX: found("10 a.example"), "a.example A": found("192.0.9.1", "192.0.9.2")},
            ["a.example 192.0.9.1", "a.example 192.0.9.2"],
        ),
        ({MX: found("10 a.example"), "a.example AAAA": found("2001:4860::1")}, ["a.example 2001:4860::1"]),
        # Without an MX the domain is the host.
        ({"customer.example A": A1}, ["customer.example 192.0.9.1"]),
        ({"customer.example TXT": found("x")}, NOWHERE),
        ({}, UNKNOWN_DOMAIN),
        ({MX: NO_NAME}, UNKNOWN_DOMAIN),
        ({MX: TROUBLE}, UNANSWERED),
        # Null MX; beside others it means nothing (RFC 7505 §3).
        ({MX: found("0 .")}, TAKES_NO_MAIL),
        ({MX: found("0 .", "10 a.example"), "a.example A": A1}, ["a.example 192.0.9.1"]),
        # A host that cannot be found matters only where no other is left.
        ({MX: found("10 a.example", "20 b.example"), "a.example A": TROUBLE, "b.example A": A2}, ["b.example 192.0.9.2"]),
        ({MX: found("10 a.example", "20 b.example"), "b.example A": A2}, ["b.example 192.0.9.2"]),
        ({MX: found("10 a.example", "20 b.example"), "a.example AAAA": TROUBLE}, UNANSWERED),
        ({MX: found("10 a.example")}, NOWHERE),
        # Nobody's addresses, however they are wrapped.
        ({MX: found("10 a.example"), "a.example A": found("127.0.0.1")}, LOOP),
        (
            {
                MX: found("10 a.example"),
                "a.example A": found("10.0.0.7", "192.168.1.1", "169.254.169.254", "0.0.0.0", "100.64.0.1"),
            },
            LOOP,
        ),
        (
            {MX: found("10 a.example"), "a.example AAAA": found("::1", "fe80::1", "fc00::1", "::ffff:10.0.0.7", "2002:7f00:1::")},
            LOOP,
        ),
        ({MX: found("10 a.example"), "a.example A": found("224.0.0.1", "255.255.255.255")}, LOOP),
        ({MX: found("10 a.example"), "a.example A": found("127.0.0.1", "192.0.9.1")}, ["a.example 192.0.9.1"]),
        ({MX: found("10 127.0.0.1")}, NOWHERE),
        # We are among the hosts: only those before us.
        (
            {MX: found("10 a.example", f"20 {OWN}", "20 b.example", "30 c.example"), "a.example A": A1, "b.example A": A2},
            ["a.example 192.0.9.1"],
        ),
        ({MX: found(f"10 {OWN}", "20 b.example"), "b.example A": A2}, LOOP),
        ({MX: found("10 a.example"), "a.example A": found(OWN_ADDRESS)}, LOOP),
        ({MX: found("10 a.example"), "a.example AAAA": found("2001:4860::99")}, LOOP),
        # Under another name as well; where one of a host's addresses is ours, the host is.
        ({MX: found("10 a.example"), "a.example A": found(OWN_ADDRESS, "192.0.9.1")}, LOOP),
        (
            {
                MX: found("10 a.example", "20 us.example", "20 b.example", "30 c.example"),
                "a.example A": A1,
                "us.example A": found(OWN_ADDRESS),
                "b.example A": A2,
                "c.example A": A3,
            },
            ["a.example 192.0.9.1"],
        ),
        ({MX: found("10 us.example", "20 b.example"), "us.example A": found(OWN_ADDRESS), "b.example A": A2}, LOOP),
        ({"customer.example A": found(OWN_ADDRESS)}, LOOP),
        # The same host twice is one host.
        ({MX: found("10 a.example", "20 a.example"), "a.example A": A1}, ["a.example 192.0.9.1"]),
    ],
)
async def test_where_the_mail_of_a_domain_goes(answers: dict[str, Answer], expected: list[str] | Deferred | Failed) -> None:
    """FAULT-85, FAULT-86."""
    assert await way(answers) == expected


async def test_in_a_closed_network_private_addresses_are_as_good_as_others() -> None:
    """FAULT-86."""
    answers = {MX: found("10 a.example"), "a.example A": found("127.0.0.1")}
    assert await way(answers, private=True) == ["a.example 127.0.0.1"]


async def test_our_own_domain_without_an_mx_leads_back_to_us() -> None:
    """FAULT-86."""
    assert await way({f"{OWN} A": A1}, OWN) == LOOP


@pytest.mark.parametrize("domain", ["[192.0.2.1]", "a..example", "-a.example", f"{'a' * 64}.example", "a_b!.example"])
async def test_what_is_no_domain_is_not_asked_for(domain: str) -> None:
    assert await way({}, domain) == UNKNOWN_DOMAIN


async def test_hosts_of_one_preference_take_turns_by_chance() -> None:
    """RFC 5321 §5.1"""
    answers = {MX: found("10 a.example", "10 b.example"), "a.example A": A1, "b.example A": A2}
    orders = []
    for draws in ((0.1, 0.2), (0.2, 0.1)):
        hosts = await route(answers, draws=draws).hosts(DestinationKey("customer.example"))
        assert isinstance(hosts, tuple)
        orders.append([one.name for one in hosts])
    assert orders == [["a.example", "b.example"], ["b.example", "a.example"]]


async def test_a_domain_with_many_hosts_costs_no_more_than_a_few() -> None:
    """FAULT-86: whoever owns a domain chooses how many there are."""
    many = [f"{10 + n} h{n}.example" for n in range(100)]
    addresses = {f"h{n}.example A": found(*(f"192.0.{n}.{last}" for last in range(1, 100))) for n in range(100)}
    table = Table({MX: found(*many), **addresses})
    hosts = await MailExchangers(table, ANYWHERE, undemanding, Tallies(lambda: START)).hosts(DestinationKey("customer.example"))
    assert isinstance(hosts, tuple)
    assert len(hosts) == addresses_max
    assert len({one.name for one in hosts}) > 1
    assert len(table.asked) <= 1 + 2 * hosts_max


async def test_that_no_host_has_an_address_is_certain_when_all_were_asked_for() -> None:
    """FAULT-85: a failure is for good."""
    hosts = [f"{10 + n} h{n}.example" for n in range(hosts_max)]
    assert await way({MX: found(*hosts)}) == NOWHERE
    assert await way({MX: found(*hosts, "90 beyond.example"), "beyond.example A": A1}) == UNANSWERED


@pytest.mark.parametrize(
    ("v4", "v6", "expected"),
    [(9, 0, "4444"), (0, 9, "6666"), (9, 9, "4466"), (9, 1, "4446"), (1, 9, "4666"), (2, 1, "446"), (3, 3, "4466")],
)
async def test_a_machine_with_one_kind_of_address_alone_finds_some_of_its_kind(v4: int, v6: int, expected: str) -> None:
    """One host with very many IPv4 addresses is all that some large receivers name."""
    answers = {
        MX: found("10 a.example"),
        "a.example A": found(*(f"192.0.9.{n}" for n in range(1, v4 + 1))),
        "a.example AAAA": found(*(f"2001:4860::{n}" for n in range(1, v6 + 1))),
    }
    hosts = await way(answers)
    assert isinstance(hosts, list)
    assert "".join("6" if ":" in one else "4" for one in hosts) == expected


async def test_what_is_asked_about_one_domain_has_an_end() -> None:
    """Invariant 12: its servers may be as slow as they like."""
    spans: list[float] = []

    class Slow(Table):
        async def answered(self, check: Asking[T], within_s: float = 0) -> tuple[T, tuple[Lookup, ...]]:
            spans.append(within_s)
            return await super().answered(check, within_s)

    table = Slow({MX: found("10 a.example", secure=True), "a.example A": found("192.0.9.1", secure=True)})
    await MailExchangers(table, ANYWHERE, undemanding, Tallies(lambda: START)).hosts(DestinationKey("customer.example"))
    assert spans == [asking_s, asking_s]  # for the hosts, and for what their zones vouch for


async def test_whether_a_host_is_this_machine_is_asked_of_the_addresses_that_would_be_tried_alone() -> None:
    """Invariant 12: the kernel is asked, and whoever owns a domain chooses how many addresses there are."""
    asked: list[str] = []

    def is_here(address: str) -> bool:
        asked.append(address)
        return False

    many = {f"h{n}.example A": found(*(f"192.0.{10 + n}.{last}" for last in range(1, 200))) for n in range(hosts_max)}
    table = Table({MX: found(*(f"10 h{n}.example" for n in range(hosts_max))), **many})
    terrain = Terrain(frozenset(), lambda: 0.0, is_here)
    await MailExchangers(table, terrain, undemanding, Tallies(lambda: START)).hosts(DestinationKey("customer.example"))
    assert len(asked) == hosts_max * addresses_per_host_max


@pytest.mark.parametrize(
    ("address", "key"),
    [
        ("ana@customer.example", "customer.example"),
        ("Ana@Customer.EXAMPLE.", "customer.example"),
        ("ana@büro.example", "xn--bro-hoa.example"),
    ],
)
def test_a_destination_is_the_recipients_domain(address: str, key: str) -> None:
    assert route({}).destination(RealAddress(address)) == key
