"""account, session: those of the house who sign in, and where people are signed in."""

from __future__ import annotations

import pytest
from support.archive import World
from support.cli import House

from relay.desk.sessions import Doors
from relay.machine import NewIds, clock, secret
from relay.store import accounts, sessions
from relay.values import Language, RealAddress

EVA = ("eva", "--name", "Eva Lang", "--address", "eva@house.example", "--office", "support", "--office", "senior")


def signed_in(world: World, address: str) -> str:
    doors = Doors(NewIds(), secret)
    return world.write(lambda connection: doors.begin(connection, RealAddress(address), now=clock(), agent="Firefox on Linux"))


def is_signed_in(world: World, given: str) -> bool:
    return world.read(lambda connection: sessions.known(connection, given, clock())) is not None


def test_somebody_of_the_house_is_added_changed_and_listed(house: House, world: World) -> None:
    made = house.relay("account", "add", *EVA, "--json").json
    assert (made["id"], made["offices"], made["language"], made["disabled_at"]) == ("eva", ["senior", "support"], "en", None)
    assert house.relay("account", "change", "eva", "--office", "auditor", "--language", "de").out == "eva: Eva Lang, auditor\n"
    found = world.read(lambda connection: accounts.one(connection, "eva"))
    assert (found.offices, found.language, found.address) == ({"auditor"}, Language.DE, RealAddress("eva@house.example"))
    for words in (("list",), ("list", "--json")):
        out = house.relay("account", *words).out
        assert "Eva Lang" in out
        assert "@house.example" not in out


def test_who_is_disabled_is_signed_out_and_can_be_let_in_again(house: House, world: World) -> None:
    house.relay("account", "add", *EVA)
    given = signed_in(world, "eva@house.example")
    assert house.relay("account", "disable", "eva").code == 0
    assert not is_signed_in(world, given)
    assert house.relay("account", "list", "--json").json[0]["disabled_at"] is not None
    assert house.relay("account", "enable", "eva").code == 0
    assert world.read(lambda connection: accounts.of_mailbox(connection, "eva@house.example")) is not None


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("add", "eva"), 2),
        (("add", *EVA[:-4]), 2),
        (("add", *EVA, "--office", "everything"), 2),
        (("add", "Eva Lang", *EVA[1:]), 1),
        (("add", "eva", "--name", "Eva", "--address", "eva at house", "--office", "support"), 1),
        (("change", "nobody", "--name", "N"), 1),
        (("change", "nobody"), 2),
        (("disable", "nobody"), 1),
        (("enable", "nobody"), 1),
    ],
)
def test_what_cannot_be_is_not_done(house: House, words: tuple[str, ...], code: int) -> None:
    done = house.relay("account", *words)
    assert (done.code, done.out) == (code, "")


def test_where_people_are_signed_in_is_listed_and_ended(house: House, world: World) -> None:
    house.relay("account", "add", *EVA)
    eva, first, second = (signed_in(world, one) for one in ("eva@house.example", "z@poczta.example", "Z+a@poczta.example"))
    (of_house,) = house.relay("session", "list", "--json").json
    assert (of_house["account"], of_house["agent"]) == ("eva", "Firefox on Linux")
    assert house.relay("session", "list", "--account", "eva", "--json").json[0]["id"] == of_house["id"]
    out = house.relay("session", "list", "--address", "z@poczta.example").out
    assert out.count("Firefox on Linux") == 2
    assert "poczta" not in out
    assert house.relay("session", "end", of_house["id"]).out == "1 ended\n"
    assert house.relay("session", "end", "--address", "z@poczta.example", "--json").json == {"ended": 2}
    assert not any(is_signed_in(world, one) for one in (eva, first, second))
    assert house.relay("session", "list").out == "nobody is signed in\n"


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("end",), 2),
        (("end", "x", "--account", "eva"), 2),
        (("end", "x"), 1),
        (("end", "--account", "nobody"), 1),
        (("end", "--address", "nobody"), 1),
        (("list", "--account", "nobody"), 1),
        (("list", "--account", "a", "--address", "a@b.example"), 2),
    ],
)
def test_what_is_not_there_is_not_ended(house: House, words: tuple[str, ...], code: int) -> None:
    assert house.relay("session", *words).code == code
