"""docs/payments.md says what the code does."""

from __future__ import annotations

import re
from pathlib import Path

from relay.desk.bookkeeper import again_after, failures_max
from relay.payments.stripe_events import EVENTS

PAGE = (Path(__file__).resolve().parents[3] / "docs" / "payments.md").read_text(encoding="utf-8")


def test_the_endpoint_is_told_to_send_what_is_read_and_nothing_else() -> None:
    assert tuple(re.findall(r"^    ([a-z_]+\.[a-z_.]+)$", PAGE, re.MULTILINE)) == EVENTS


def test_the_waits_of_a_refund_are_those_of_the_code() -> None:
    """SL-B4"""
    assert [one.total_seconds() / 60 for one in again_after] == [1, 5, 30, 120, 360, 1_440]
    assert f"after 1, 5 and 30 minutes, 2 and 6 hours, then daily, {failures_max} times" in PAGE
