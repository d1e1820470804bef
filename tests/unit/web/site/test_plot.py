"""Plots: as high as their values, within their frame, and never without their words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.web.site.plot import HEIGHT, WIDTH, bars, rounded


@pytest.mark.parametrize(("highest", "top"), [(0, 1), (1, 1), (2, 2), (3, 5), (6, 10), (11, 20), (21, 50), (99_999, 100_000)])
def test_an_axis_ends_at_a_round_number(highest: int, top: int) -> None:
    assert rounded(highest) == top


def test_bars_are_as_high_as_their_values_and_say_them() -> None:
    plot = bars("Accepted", [("09:00", 0), ("10:00", 5), ("11:00", 10)])
    assert [one.label for one in plot.bars] == ["09:00: 0", "10:00: 5", "11:00: 10"]
    assert plot.bars[0].height == 0
    assert plot.bars[2].height == pytest.approx(2 * plot.bars[1].height, abs=0.2)
    assert (plot.top, plot.total, plot.first, plot.last) == (10, 15, "09:00", "11:00")


def test_a_plot_of_nothing_is_empty() -> None:
    assert bars("Accepted", []).bars == ()


@given(st.lists(st.integers(0, 10**9), max_size=60))
def test_no_bar_leaves_the_frame(values: list[int]) -> None:
    for one in bars("x", [(str(number), value) for number, value in enumerate(values)]).bars:
        assert 0 <= one.x <= one.x + one.width <= WIDTH + 1
        assert 0 <= one.y <= one.y + one.height <= HEIGHT
