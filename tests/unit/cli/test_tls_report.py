"""`relay tls-report` (RFC 8460)."""

from __future__ import annotations

from datetime import timedelta

from support.archive import World
from support.cli import House

from relay.machine import clock
from relay.store.transport import TlsResult, count_tls


def test_sessions_are_shown_by_day_domain_policy_and_result(house: House, world: World) -> None:
    today = clock().date()
    results = [
        TlsResult(today, "a.example", "sts", "success", 3),
        TlsResult(today - timedelta(days=8), "b.example", "tlsa", "validation-failure", 1),
    ]
    world.write(lambda connection: count_tls(connection, results, clock()))
    assert house.relay("tls-report", "--json").json == [
        {"day": today.isoformat(), "domain": "a.example", "policy": "sts", "result": "success", "sessions": 3}
    ]
    shown = house.relay("tls-report", "--days", "30").out.splitlines()
    assert [line.split() for line in shown[1:]] == [
        [today.isoformat(), "a.example", "sts", "success", "3"],
        [(today - timedelta(days=8)).isoformat(), "b.example", "tlsa", "validation-failure", "1"],
    ]


def test_where_nothing_was_counted_it_says_so(house: House) -> None:
    assert house.relay("tls-report").out == "no session was counted\n"
