from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from relay.booking.money import Money
from relay.booking.terms import Discount, Line, Occasion, Terms, lines_max

ROME = ZoneInfo("Europe/Rome")
STARTS = datetime(2026, 6, 10, 9, 0, tzinfo=ROME)
MORNING = Occasion(STARTS, STARTS + timedelta(hours=3), ROME)


def eur(minor: int) -> Money:
    return Money(minor, "EUR")


TOUR = Line("Boat tour", 2, eur(4500))
WINE = Line("A bottle of wine", 1, eur(1990), is_extra=True)


def test_extras_and_discounts_are_in_the_total() -> None:
    """SL-6, SL-7: a percentage is one of all lines, whatever else is taken off."""
    terms = Terms(1, "EUR", (TOUR, WINE), (Discount("Early bird", basis_points=1000), Discount("Voucher", fixed=eur(500))))
    assert (terms.subtotal, terms.taken_off, terms.total) == (eur(10990), eur(1599), eur(9391))


def test_a_total_is_never_below_zero() -> None:
    """SL-7"""
    free = Terms(1, "EUR", (WINE,), (Discount("Gift", fixed=eur(1990)),))
    assert free.total == eur(0)
    with pytest.raises(ValueError, match="takes off more than all lines come to"):
        Terms(1, "EUR", (WINE,), (Discount("Gift", fixed=eur(1991)),))


@pytest.mark.parametrize(
    ("made", "wrong"),
    [
        (lambda: Line("", 1, eur(1)), "line: 1 to"),
        (lambda: Line("a\r\nBcc: x", 1, eur(1)), "printable"),
        (lambda: Line("Boat", 0, eur(1)), "quantity"),
        (lambda: Line("Boat", 1, eur(-1)), "is a discount"),
        (lambda: Discount("Both", eur(1), 100), "either"),
        (lambda: Discount("Neither"), "either"),
        (lambda: Discount("None", eur(0)), "above zero"),
        (lambda: Discount("More than all", basis_points=10_001), "at most 100"),
        (lambda: Occasion(STARTS, STARTS, ROME), "end after it starts"),
        (lambda: Occasion(STARTS.replace(tzinfo=None), STARTS, ROME), "time zone"),
        (lambda: Terms(0, "EUR"), "count from 1"),
        (lambda: Terms(1, "EUR", participants=0), "participants"),
        (lambda: Terms(1, "EUR", lines=(TOUR,) * (lines_max + 1)), "at most"),
        (lambda: Terms(1, "EUR", options=("",)), "option"),
        (lambda: Terms(1, "EUR", place="x" * 501), "place"),
        (lambda: Terms(1, "EUR", note="x" * 5001), "note"),
        (lambda: Terms(1, "JPY", lines=(TOUR,)), "do not go together"),
    ],
)
def test_terms_that_nobody_could_keep_are_refused_and_say_why(made: object, wrong: str) -> None:
    with pytest.raises(ValueError, match=wrong):
        made()  # type: ignore[operator]  # a table of makers


@pytest.mark.parametrize(
    ("now", "valid"),
    [
        (STARTS - timedelta(days=3), True),
        (STARTS - timedelta(days=2), False),  # its last instant is over
        (STARTS, False),
    ],
)
def test_terms_are_valid_until_their_date_and_never_past_the_start(now: datetime, valid: bool) -> None:
    """SL-5, OR-34"""
    assert Terms(2, "EUR", occasion=MORNING, valid_until=STARTS - timedelta(days=2)).is_valid(now) is valid


def test_goods_without_a_date_are_valid_for_ever() -> None:
    """SL-8"""
    assert Terms(1, "EUR", (WINE,)).is_valid(datetime(2999, 1, 1, tzinfo=UTC))


def test_times_are_kept_in_utc_and_touching_occasions_do_not_overlap() -> None:
    afternoon = Occasion(MORNING.ends_at, MORNING.ends_at + timedelta(hours=1), ROME)
    assert MORNING.starts_at == datetime(2026, 6, 10, 7, 0, tzinfo=UTC)
    assert MORNING.starts_at.tzinfo is UTC
    assert not MORNING.overlaps(afternoon)
    assert MORNING.overlaps(Occasion(STARTS - timedelta(hours=1), STARTS + timedelta(seconds=1), ROME))
