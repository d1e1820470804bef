"""Return paths: only what we minted, for seven days (GW-42, CASE-24, FAULT-73)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.world import DOMAIN, NOW

from relay.transit.return_path import Distrust, ReturnPaths
from relay.values import DeliveryId

PATHS = ReturnPaths(b"secret" * 6, DOMAIN)
LOCAL = PATHS.mint(DeliveryId("01abc"), NOW).partition("@")[0]


@pytest.mark.parametrize(
    ("local", "days", "read"),
    [
        (LOCAL, 0, DeliveryId("01abc")),
        (LOCAL.upper(), 0, DeliveryId("01abc")),
        (LOCAL, 7, DeliveryId("01abc")),
        (LOCAL, 8, Distrust.EXPIRED),
        (LOCAL, -1, Distrust.EXPIRED),
        (LOCAL.replace("01abc", "01abd"), 0, Distrust.FORGED),
        (LOCAL + "0", 0, Distrust.FORGED),
        ("bounce-x", 0, Distrust.FORGED),
        ("customer-12ab3456cd78", 0, None),
    ],
)
def test_a_return_path_is_read_as_minted_and_for_its_time(local: str, days: int, read: DeliveryId | Distrust | None) -> None:
    assert PATHS.read(local, NOW + timedelta(days=days)) == read


def test_another_installation_does_not_believe_it() -> None:
    assert ReturnPaths(b"other" * 7, DOMAIN).read(LOCAL, NOW) is Distrust.FORGED


@given(st.integers(0, len(LOCAL) - 1), st.characters(codec="ascii"))
def test_no_character_can_be_changed(at: int, character: str) -> None:
    changed = LOCAL[:at] + character + LOCAL[at + 1 :]
    if changed.casefold() != LOCAL.casefold():
        assert PATHS.read(changed, NOW) in {Distrust.FORGED, None}
