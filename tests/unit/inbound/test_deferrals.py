"""Which messages were put off, and since when (GW-27)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from support.world import NOW

import relay.inbound.deferrals
from relay.inbound.deferrals import Deferrals


def test_the_first_time_counts() -> None:
    deferrals = Deferrals()
    assert deferrals.since(b"a") is None
    deferrals.note(b"a", NOW)
    deferrals.note(b"a", NOW + timedelta(minutes=30))
    assert deferrals.since(b"a") == NOW


def test_so_many_are_remembered_and_the_one_that_was_not_tried_again_for_longest_is_forgotten(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Invariant 12."""
    monkeypatch.setattr(relay.inbound.deferrals, "deferrals_max", 2)
    deferrals = Deferrals()
    for one in (b"a", b"b", b"a", b"c"):
        deferrals.note(one, NOW)
    assert [deferrals.since(one) is not None for one in (b"a", b"b", b"c")] == [True, False, True]
