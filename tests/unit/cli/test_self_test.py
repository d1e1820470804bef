"""`relay self-test` as it is asked: which traps, and what it says of a house with decisions of its own."""

from __future__ import annotations

import pytest
from support.cli import House

from relay.cli.self_test import _chosen, _decided_otherwise
from relay.selftest.report import SECTIONS, number
from relay.selftest.traps import TRAPS
from relay.settings import Settings


@pytest.mark.parametrize(
    "words", [("--row", "LEAK-999"), ("--row", "x"), ("--section", "7"), ("--row", "LEAK-1", "--section", "2")]
)
def test_a_row_or_section_that_does_not_exist_is_wrong_usage(house: House, words: tuple[str, ...]) -> None:
    assert house.relay("self-test", *words).code == 2


def test_rows_and_sections_choose_among_the_traps() -> None:
    assert _chosen([], None) == TRAPS
    assert {one.row for one in _chosen(["LEAK-1", "leak-20"], None)} == {"LEAK-1", "LEAK-20"}
    assert {number(one.row) for one in _chosen([], 1)} <= set(SECTIONS[1][1])
    assert _chosen(["LEAK-1"], 1) == tuple(one for one in TRAPS if one.row == "LEAK-1")


def test_decisions_by_which_traps_end_otherwise_are_named() -> None:
    own = Settings(policy={"links": "mask", "names": "full", "refusals": "reject"})  # type: ignore[arg-type]  # what pydantic checks
    assert _decided_otherwise(own) == ["policy.links"]
    assert _decided_otherwise(Settings()) == []
