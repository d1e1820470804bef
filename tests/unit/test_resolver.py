"""Queries over real packets to a server on the loopback interface."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator

import dns.flags
import dns.message
import dns.nameserver
import dns.rrset
import pytest
from support.dns import Zone, serving
from support.patience import patience_s

from relay.lookup import Answer, Asking, Lookup, Outcome, Query, Type
from relay.resolver import Resolver, cached_max_s

TROUBLE = Answer(Outcome.TROUBLE)


@pytest.fixture
def zone() -> Iterator[Zone]:
    with serving(Zone()) as one:
        yield one


@pytest.fixture
def resolver(zone: Zone) -> Resolver:
    return Resolver([("127.0.0.1", zone.port)])


@pytest.mark.parametrize(
    ("type_", "records", "heard"),
    [
        (Type.A, ["192.0.2.1", "192.0.2.2"], ("192.0.2.1", "192.0.2.2")),
        (Type.AAAA, ["2001:db8::1"], ("2001:db8::1",)),
        (Type.MX, ["20 Second.example.", "10 first.example."], ("10 first.example", "20 second.example")),
        (Type.MX, ["0 ."], ("0 .",)),
        (Type.PTR, ["Host.example."], ("host.example",)),
        (Type.TXT, ["v=spf1 " + "x" * 300], ("v=spf1 " + "x" * 300,)),
        (Type.TXT, ["caf\xe9"], ("caf\xe9",)),
        (Type.TLSA, ["3 1 1 " + "0A" * 32], ("3 1 1 " + "0a" * 32,)),
    ],
)
async def test_records_are_heard_in_one_form(
    zone: Zone, resolver: Resolver, type_: Type, records: list[str], heard: tuple[str, ...]
) -> None:
    zone.put("name.example", type_.value, *records)
    answer = await resolver.ask(Query("name.example", type_))
    assert answer.outcome is Outcome.FOUND
    assert (sorted(answer.records) if type_ is Type.A else list(answer.records)) == list(heard)


async def test_an_alias_is_followed(zone: Zone, resolver: Resolver) -> None:
    zone.put("alias.example", "CNAME", "name.example.")
    zone.put("name.example", "A", "192.0.2.1")
    assert await resolver.ask(Query("alias.example", Type.A)) == Answer(Outcome.FOUND, ("192.0.2.1",))
    assert await resolver.ask(Query("alias.example", Type.CNAME)) == Answer(Outcome.FOUND, ("name.example",))


async def test_nothing_there_is_told_from_no_such_name_and_from_trouble(zone: Zone, resolver: Resolver) -> None:
    """GW-14, FAULT-77: only trouble is for later."""
    zone.put("here.example", "A", "192.0.2.1")
    zone.failing.add("broken.example")
    zone.silent.add("mute.example")
    assert await resolver.ask(Query("here.example", Type.TXT)) == Answer(Outcome.EMPTY)
    assert await resolver.ask(Query("gone.example", Type.TXT)) == Answer(Outcome.NO_NAME)
    assert await resolver.ask(Query("broken.example", Type.TXT)) == TROUBLE
    assert await resolver.ask(Query("mute.example", Type.TXT), within_s=0.2) == TROUBLE


@pytest.mark.parametrize("name", ["a..example", "x" * 64 + ".example", ".".join(["x" * 60] * 5)])
async def test_a_name_that_is_none_is_trouble(resolver: Resolver, name: str) -> None:
    assert await resolver.ask(Query(name, Type.A)) == TROUBLE


async def test_what_is_too_long_for_a_datagram_comes_by_tcp(zone: Zone, resolver: Resolver) -> None:
    zone.put("long.example", "TXT", "x" * 3_000)
    zone.cut.add("long.example")
    assert (await resolver.ask(Query("long.example", Type.TXT))).records == ("x" * 3_000,)


async def test_an_answer_beyond_all_bounds_is_trouble(zone: Zone, resolver: Resolver) -> None:
    """Invariant 12."""
    zone.put("many.example", "A", *(f"192.0.{one // 250}.{one % 250}" for one in range(300)))
    zone.cut.add("many.example")
    assert await resolver.ask(Query("many.example", Type.A)) == TROUBLE
    zone.put("wide.example", "TLSA", "3 0 0 " + "0a" * 30_000, "3 0 0 " + "0b" * 5_000)
    zone.cut.add("wide.example")
    assert await resolver.ask(Query("wide.example", Type.TLSA)) == TROUBLE


async def test_only_so_many_queries_are_under_way_at_once(zone: Zone, monkeypatch: pytest.MonkeyPatch) -> None:
    """Invariant 12. Who finds no turn within their time hears of trouble."""
    monkeypatch.setattr("relay.resolver.queries_at_once", 1)
    zone.put("name.example", "A", "192.0.2.1")
    zone.silent.add("mute.example")
    resolver = Resolver([("127.0.0.1", zone.port)])
    waiting = asyncio.create_task(resolver.ask(Query("mute.example", Type.A), within_s=patience_s))
    while not zone.asked:
        await asyncio.sleep(0.01)
    assert await resolver.ask(Query("name.example", Type.A), within_s=0.1) == TROUBLE
    waiting.cancel()
    assert (await resolver.ask(Query("name.example", Type.A))).outcome is Outcome.FOUND


async def test_only_so_many_answers_are_remembered(zone: Zone, monkeypatch: pytest.MonkeyPatch) -> None:
    """Invariant 12: the one that was not asked for the longest gives way."""
    monkeypatch.setattr("relay.resolver.cached_max", 2)
    resolver = Resolver([("127.0.0.1", zone.port)])
    for name in ("a", "b", "a", "c", "a", "b"):
        zone.put(f"{name}.example", "A", "192.0.2.1")
        await resolver.ask(Query(f"{name}.example", Type.A))
    assert zone.asked == [f"{name}.example A" for name in ("a", "b", "c", "b")]


async def test_an_answer_of_thousands_of_records_is_not_even_read(
    zone: Zone, resolver: Resolver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Invariant 12, FAULT-78: 4000 of them take a third of a second, and one policy has a hundred such answers asked for."""
    zone.put("many.example", "A", *(f"10.{one // 250}.{one % 250}.1" for one in range(3_900)))
    zone.cut.add("many.example")
    read = dns.message.from_wire
    sizes: list[int] = []
    monkeypatch.setattr(
        dns.message, "from_wire", lambda wire, *args, **kwargs: (sizes.append(len(wire)), read(wire, *args, **kwargs))[1]
    )
    assert await resolver.ask(Query("many.example", Type.A)) == TROUBLE
    assert max(sizes) < 1_000


async def test_only_short_answers_are_remembered(zone: Zone, resolver: Resolver) -> None:
    """Invariant 12: whoever sends chooses what is asked, and could fill the memory."""
    zone.put("long.example", "TXT", "x" * 3_000)
    zone.cut.add("long.example")
    for _ in range(2):
        assert (await resolver.ask(Query("long.example", Type.TXT))).outcome is Outcome.FOUND
    assert zone.asked == ["long.example TXT"] * 4  # by UDP, where it is cut, and by TCP, each time


async def test_what_the_server_has_validated_is_secure(zone: Zone, resolver: Resolver) -> None:
    zone.put("signed.example", "A", "192.0.2.1")
    zone.put("plain.example", "A", "192.0.2.1")
    zone.secure.add("signed.example")
    assert (await resolver.ask(Query("signed.example", Type.A))).secure is True
    assert (await resolver.ask(Query("plain.example", Type.A))).secure is False


@pytest.mark.parametrize(
    ("servers", "believed"),
    [
        (("127.0.0.1",), True),
        (("::1",), True),
        (("10.0.0.53", "192.168.1.1"), True),
        (("fd00::53",), True),
        (("fe80::53%eth0",), True),
        (("8.8.8.8",), False),
        (("2001:4860:4860::8888",), False),
        (("127.0.0.1", "8.8.8.8"), False),  # whichever of them answers
    ],
)
async def test_a_server_s_word_for_what_it_has_validated_counts_from_nearby_alone(
    monkeypatch: pytest.MonkeyPatch, servers: tuple[str, ...], believed: bool
) -> None:
    """RFC 4035 §4.9.3, RFC 8461 §2: on the way over the internet anybody can say so."""

    async def answered(self: object, request: dns.message.QueryMessage, *_: object, **__: object) -> dns.message.Message:
        response = dns.message.make_response(request, recursion_available=True)
        response.answer.append(dns.rrset.from_text("signed.example.", 300, "IN", "A", "192.0.2.1"))
        response.flags |= dns.flags.AD
        return dns.message.from_wire(response.to_wire())

    monkeypatch.setattr(dns.nameserver.Do53Nameserver, "async_query", answered)
    resolver = Resolver([(server, 53) for server in servers])
    assert await resolver.ask(Query("signed.example", Type.A)) == Answer(Outcome.FOUND, ("192.0.2.1",), believed)


async def test_an_answer_is_remembered_for_an_hour_at_most_whatever_it_says(
    zone: Zone, resolver: Resolver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Invariant 12: its owner says 68 years, and moves on the next day."""
    zone.put("name.example", "A", "192.0.2.1")
    zone.ttl_s = 2**31 - 1
    began, asked = time.time(), []
    for later_s in (0, cached_max_s - 1, cached_max_s + 1):
        monkeypatch.setattr(time, "time", lambda: began + later_s)  # noqa: B023 - it is asked before the next turn
        await resolver.ask(Query("name.example", Type.A))
        asked.append(len(zone.asked))
    assert asked == [1, 1, 2]


async def test_an_answer_is_remembered_for_its_time(zone: Zone, resolver: Resolver) -> None:
    zone.put("name.example", "A", "192.0.2.1")
    for _ in range(3):
        await resolver.ask(Query("name.example", Type.A))
    assert zone.asked == ["name.example A"]


def _both() -> Asking[str]:
    first = yield Query("one.example", Type.A)
    again = yield Query("one.example", Type.A)
    other = yield Query("two.example", Type.A)
    assert first is again
    return f"{first.outcome.name} {other.outcome.name}"


async def test_a_check_is_driven_and_what_it_was_told_is_kept(zone: Zone, resolver: Resolver) -> None:
    """AR-1: the answers on which a verdict rests."""
    zone.put("one.example", "A", "192.0.2.1")
    assert await resolver.answered(_both()) == (
        "FOUND NO_NAME",
        (
            Lookup(Query("one.example", Type.A), Answer(Outcome.FOUND, ("192.0.2.1",))),
            Lookup(Query("two.example", Type.A), Answer(Outcome.NO_NAME)),
        ),
    )


async def test_a_check_whose_time_is_over_hears_of_trouble_alone(zone: Zone) -> None:
    """RFC 7208 §4.6.4: the time of all queries together is bounded."""
    zone.put("one.example", "A", "192.0.2.1")
    seconds = iter([0.0, 1.0, 1.0, 1.1, 20.1])
    late = Resolver([("127.0.0.1", zone.port)], lambda: next(seconds))
    assert (await late.answered(_both()))[0] == "FOUND TROUBLE"
