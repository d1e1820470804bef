from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from relay.booking.cancellation import Policy, Tier
from relay.booking.money import Money

TOKYO = ZoneInfo("Asia/Tokyo")
STARTS = datetime(2026, 6, 15, 9, 0, tzinfo=TOKYO)
TEN_AND_FIVE = Policy((Tier(10, 10_000), Tier(5, 5_000)))


@pytest.mark.parametrize(
    ("now", "percent"),
    [
        ("2026-05-01T12:00:00+09:00", 100),
        ("2026-06-05T23:59:59+09:00", 100),  # the last second of the tenth day before
        ("2026-06-05T15:00:00+00:00", 50),  # the same day in London is the next in Tokyo, where it takes place
        ("2026-06-10T23:59:59+09:00", 50),
        ("2026-06-11T00:00:00+09:00", 0),
        ("2026-06-15T08:59:59+09:00", 0),
    ],
)
def test_what_goes_back_depends_on_the_days_left_where_it_takes_place(now: str, percent: int) -> None:
    """SL-B2, OR-B1"""
    refund = TEN_AND_FIVE.refund(Money(20_000, "EUR"), datetime.fromisoformat(now), STARTS, TOKYO)
    assert refund == Money(percent * 200, "EUR")


def test_once_it_has_begun_nothing_goes_back() -> None:
    always = Policy((Tier(0, 10_000),))
    assert always.refund(Money(100, "EUR"), STARTS, STARTS, TOKYO) == Money(0, "EUR")
    assert Policy().tier(datetime(2026, 1, 1, tzinfo=TOKYO), STARTS, TOKYO) is None


@pytest.mark.parametrize(
    "tiers",
    [
        (Tier(5, 5_000), Tier(10, 10_000)),
        (Tier(5, 5_000), Tier(5, 4_000)),
        (Tier(10, 5_000), Tier(5, 10_000)),
        (Tier(-1, 5_000),),
        (Tier(1, 10_001),),
        tuple(Tier(20 - n, 5_000) for n in range(11)),
    ],
)
def test_tiers_that_contradict_themselves_are_refused(tiers: tuple[Tier, ...]) -> None:
    with pytest.raises(ValueError, match="cancellation"):
        Policy(tiers)
