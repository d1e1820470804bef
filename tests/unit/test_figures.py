"""What is counted, by one process and by several together (faults.md 4.5)."""

from __future__ import annotations

import pytest

from relay import figures
from relay.app import mirroring
from relay.figures import FAMILIES, OTHER, Count, Level, Timing


@pytest.fixture(autouse=True)
def _nothing_named_yet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(figures, "_memory", figures._Memory())
    monkeypatch.setattr(figures, "FAMILIES", [])


def test_it_adds_up_by_its_labels_and_what_is_not_in_the_set_is_the_last_there() -> None:
    count = Count("c_total", "told", verb=("MAIL", "RCPT", OTHER), code=("250", OTHER))
    count.add("MAIL", "250")
    count.add("MAIL", "250", by=2)
    count.add("MAIL", "299")
    count.add("X" * 500, "250")
    assert dict(count.totals()) == {("MAIL", "250"): 3, ("MAIL", OTHER): 1, (OTHER, "250"): 1}
    with pytest.raises(TypeError):
        count.add("MAIL")


def test_a_time_counts_for_each_bound_that_it_keeps() -> None:
    timing = Timing("t", "told", (0.1, 1.0))
    for seconds in (0.1, 0.2, 5.0):
        timing.add(seconds)
    counts, total = timing.totals()
    assert (counts, round(total, 3)) == ([1, 2, 3], 5.3)


def test_processes_count_together_and_one_that_died_leaves_what_it_counted() -> None:
    count, level = Count("c_total", "told"), Level("l", "told")
    figures.share(3)
    for row in (0, 1, 1):  # the second one in row 1 took the place of the first
        figures.take(row)
        count.add(by=10)
        level.set(5)
    figures.take(2)
    assert (list(count.totals()), list(level.totals())) == ([((), 30.0)], [((), 10.0)])
    assert count.mine() == 0
    with pytest.raises(RuntimeError):
        Count("late_total", "told")


def test_without_others_there_is_nothing_to_take() -> None:
    count = Count("c_total", "told")
    figures.take(7)
    count.add()
    assert list(count.totals()) == [((), 1.0)]


def test_every_figure_has_a_name_of_its_own_in_the_form_that_prometheus_wants() -> None:
    assert mirroring.every_s
    names = [one.name for one in FAMILIES]
    assert len(set(names)) == len(names)
    for one in FAMILIES:
        assert one.name.startswith("relay_")
        assert one.name.endswith("_total") is isinstance(one, Count)
        assert one.told
