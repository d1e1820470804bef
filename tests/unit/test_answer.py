"""When an answer by mail is carried out."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from support.world import NOW

from relay.booking.situation import Act
from relay.transit.answer import WRITES, due, undone_within


@pytest.mark.parametrize(
    ("act", "begins_at", "expected"),
    [
        (Act.ACCEPT, None, NOW + undone_within),
        (Act.DECLINE, NOW + timedelta(days=1), NOW + undone_within),
        (Act.ACCEPT, NOW + undone_within + timedelta(seconds=1), NOW + undone_within),
        (Act.ACCEPT, NOW + undone_within, NOW),
        (Act.ACCEPT, NOW - timedelta(hours=1), NOW),
        *((act, None, NOW) for act in WRITES.values()),
    ],
)
def test_what_acts_waits_a_quarter_of_an_hour_unless_it_begins_before(
    act: Act, begins_at: datetime | None, expected: datetime
) -> None:
    """OR-34"""
    assert due(act, NOW, begins_at) == expected
