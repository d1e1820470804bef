from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.outbound.schedule import LIFETIME, GiveUp, Retry, next_step

accepted = datetime(2026, 5, 1, 8, 0, tzinfo=UTC)


def the_whole_life(jitter: float) -> tuple[list[timedelta], list[timedelta], timedelta]:
    """Ages of the retries, ages at which the delay is told, and the age at which it is given up."""
    now, attempts, told, retries, delays = accepted, 1, False, [], []
    while isinstance(step := next_step(accepted, attempts, told, now, jitter), Retry):
        if step.tell_delay:
            told = True
            delays.append(now - accepted)
        now, attempts = step.at, attempts + 1
        retries.append(now - accepted)
    return retries, delays, now - accepted


def test_retries_come_after_1_5_15_30_minutes_1_2_4_hours_then_every_4_hours() -> None:
    """GW-50."""
    retries, _, _ = the_whole_life(jitter=0.0)
    minutes = [int(age.total_seconds()) // 60 for age in retries]
    assert minutes == [1, 5, 15, 30, 60, 120, 240, *range(480, 2881, 240)]


@pytest.mark.parametrize("jitter", [0.0, 0.5, 0.999])
def test_the_delay_is_told_once_after_4_hours_and_it_ends_after_48(jitter: float) -> None:
    """GW-50, FAULT-102: a single failure, at the end of the lifetime."""
    _, delays, end = the_whole_life(jitter)
    assert len(delays) == 1
    assert timedelta(hours=4) <= delays[0] < timedelta(hours=5)
    assert end == LIFETIME


@pytest.mark.parametrize(
    ("age", "expected"),
    [
        (LIFETIME - timedelta(microseconds=1), Retry(accepted + LIFETIME, tell_delay=False)),
        (LIFETIME, GiveUp()),
        (LIFETIME + timedelta(days=3), GiveUp()),  # we were switched off for three days, and it failed once more
    ],
)
def test_the_lifetime_is_half_open(age: timedelta, expected: Retry | GiveUp) -> None:
    assert next_step(accepted, 9, delay_told=True, now=accepted + age, jitter=0.5) == expected


def test_deliveries_that_failed_together_are_spread() -> None:
    """FAULT-103."""
    at = {next_step(accepted, 7, delay_told=False, now=accepted, jitter=jitter / 100) for jitter in range(100)}
    assert len(at) == 100


@given(
    age=st.timedeltas(min_value=timedelta(days=-2), max_value=LIFETIME - timedelta(minutes=1)),
    attempts=st.integers(0, 40),
    jitter=st.floats(0, 1, exclude_max=True),
)
def test_no_clock_makes_retries_pile_up_or_stall(age: timedelta, attempts: int, jitter: float) -> None:
    """FAULT-99: also when the clock stands before the acceptance, the next attempt is a minute to hours away."""
    now = accepted + age
    step = next_step(accepted, attempts, delay_told=False, now=now, jitter=jitter)
    assert isinstance(step, Retry)
    assert timedelta(minutes=1) <= step.at - now <= timedelta(hours=4, minutes=24)
