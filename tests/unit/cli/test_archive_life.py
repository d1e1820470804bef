"""`relay archive hold` and `release`: what they say, and what is refused (AR-1)."""

from __future__ import annotations

from support.archive import World
from support.cli import House
from support.world import CUSTOMER_ADDRESS

REFERENCE = "GYG4K7Q2X9ABC"
HOLD = ("archive", "hold", "--reason", "claim of 2 May", "--owner", "eva", "--review", "2036-09-01T00:00", "--by", "eva")


def test_a_hold_is_placed_listed_and_released_by_two(house: House, world: World) -> None:
    world.opened()
    placed = house.relay(*HOLD, "--reference", REFERENCE, "--json").json
    assert (placed["number"], placed["kind"], placed["in_force"]) == (1, "booking", True)
    assert [one["number"] for one in house.relay("archive", "holds", "--reference", REFERENCE, "--json").json] == [1]
    assert "claim of 2 May" in house.relay("archive", "holds").out
    assert "second person" in house.relay("archive", "release", "1", "--by", "eva").out
    again = house.relay("archive", "release", "1", "--by", "eva")
    assert (again.code, "second person has to agree" in again.err) == (1, True)
    assert house.relay("archive", "release", "1", "--by", "jan", "--json").json["in_force"] is False
    assert house.relay("archive", "holds", "--json").json == []
    assert house.relay("archive", "holds", "--all", "--json").json[0]["released_by"] == "jan"


def test_a_hold_on_a_party_tells_nobody_their_address(house: House, world: World) -> None:
    """LEAK-86"""
    world.opened()
    said = house.relay(*HOLD, "--address", CUSTOMER_ADDRESS).out + house.relay("archive", "holds", "--json").out
    assert "kowalska" not in said
    assert "poczta" not in said


def test_a_hold_lies_on_one_thing_and_a_wrong_one_is_refused(house: House, world: World) -> None:
    world.opened()
    for wrong in (
        (),
        ("--reference", REFERENCE, "--address", CUSTOMER_ADDRESS),
        ("--address", "nobody"),
        ("--reference", "GYG-X"),
    ):
        assert house.relay(*HOLD, *wrong).code == 1
    assert house.relay("archive", "release", "7").code == 1
