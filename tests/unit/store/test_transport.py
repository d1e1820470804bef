"""What is remembered of domains' policies, and counted of sessions."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import Engine
from support.archive import World
from support.world import NOW

from relay.store import transport
from relay.store.transport import KeptPolicy, TlsResult

TODAY = NOW.date()


def test_a_policy_is_remembered_until_another_takes_its_place(world: World) -> None:
    """RFC 8461 §5.1"""
    world.write(lambda connection: transport.keep_policy(connection, "a.example", "1", "version: STSv1", NOW))
    world.write(lambda connection: transport.keep_policy(connection, "b.example", "9", "other", NOW))
    assert world.read(lambda connection: transport.policy_of(connection, "a.example")) == KeptPolicy("1", "version: STSv1", NOW)
    later = NOW + timedelta(days=1)
    world.write(lambda connection: transport.keep_policy(connection, "a.example", "2", "new", later))
    assert world.read(lambda connection: transport.policy_of(connection, "a.example")) == KeptPolicy("2", "new", later)
    assert world.read(lambda connection: transport.policy_of(connection, "c.example")) is None


def test_a_policy_that_cannot_hold_any_more_is_forgotten_in_the_end(world: World) -> None:
    world.write(lambda connection: transport.keep_policy(connection, "a.example", "1", "old", NOW))
    later = NOW + transport.policies_kept + timedelta(seconds=1)
    world.write(lambda connection: transport.keep_policy(connection, "b.example", "1", "new", later))
    assert world.read(lambda connection: transport.policy_of(connection, "a.example")) is None


def test_sessions_are_counted_by_day_domain_policy_and_what_they_came_to(world: World) -> None:
    """RFC 8460 §4: several workers count the same."""
    good = TlsResult(TODAY, "a.example", "sts", "success", 3)
    bad = TlsResult(TODAY, "a.example", "sts", "certificate-expired", 1)
    other = TlsResult(TODAY - timedelta(days=1), "b.example", "no-policy-found", "success", 7)
    world.write(lambda connection: transport.count_tls(connection, [good, other], NOW))
    world.write(lambda connection: transport.count_tls(connection, [good, bad], NOW))
    counted = world.read(lambda connection: transport.tls_counted(connection, TODAY - timedelta(days=1)))
    assert counted == (bad, TlsResult(TODAY, "a.example", "sts", "success", 6), other)
    assert world.read(lambda connection: transport.tls_counted(connection, TODAY)) == counted[:2]


def test_what_was_counted_long_ago_is_forgotten(world: World) -> None:
    world.write(lambda connection: transport.count_tls(connection, [TlsResult(TODAY, "a.example", "sts", "success", 3)], NOW))
    later = NOW + transport.results_kept + timedelta(days=1)
    world.write(lambda connection: transport.count_tls(connection, [], later))
    assert world.read(lambda connection: transport.tls_counted(connection, TODAY)) == ()


@pytest.mark.sqlite_only
def test_however_many_results_are_written_by_one_statement(engine: Engine) -> None:
    """performance.md section 6: mail that is being accepted waits for the same writer."""
    results = [TlsResult(TODAY, f"d{number}.example", "sts", "success", 1) for number in range(500)]
    seen: list[str] = []
    with engine.connect() as connection:
        driver = connection.connection.driver_connection
        assert driver is not None
        driver.set_trace_callback(seen.append)
        transport.count_tls(connection, results, NOW)
        driver.set_trace_callback(None)
        assert transport.tls_counted(connection, TODAY) == tuple(sorted(results, key=lambda one: one.domain))
    assert len([one for one in seen if one.startswith("INSERT")]) == 1
