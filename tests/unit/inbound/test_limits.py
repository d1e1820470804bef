"""The bounds of the inbound side."""

from __future__ import annotations

import pytest

from relay.inbound.limits import Limits


def test_the_defaults_are_bounds() -> None:
    """Invariant 12; the figures that requirements name."""
    limits = Limits()
    assert (limits.recipients_max, limits.errors_max, limits.command_octets_max) == (100, 20, 2048)
    assert (limits.command_s, limits.data_chunk_s, limits.look_up_s) == (300, 180, 5)


@pytest.mark.parametrize(("guesses", "seconds"), [(1, 1), (2, 2), (5, 5), (6, 5), (1000, 5)])
def test_the_tarpit_holds_from_one_to_five_seconds(guesses: int, seconds: float) -> None:
    """FAULT-29."""
    assert Limits().tarpit_s(guesses) == seconds
    assert Limits(tarpit_s_min=0, tarpit_s_max=0).tarpit_s(guesses) == 0


@pytest.mark.parametrize("name", ["message_octets_max", "recipients_max", "command_s", "in_flight_octets_max"])
@pytest.mark.parametrize("value", [0, -1])
def test_a_bound_of_nothing_is_refused(name: str, value: int) -> None:
    with pytest.raises(ValueError, match=name):
        Limits(**{name: value})
