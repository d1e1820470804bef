"""An address is one word of the index that nobody can type: found as a whole, by who may see it, and never guessed (AR-1)."""

from __future__ import annotations

from contextlib import suppress

import pytest
from support.archive import World
from support.world import NOW

from relay.errors import NotDone
from relay.store import indexing, search
from relay.store.operators import OPERATORS
from relay.store.query import parsed
from relay.store.terms import Asking
from relay.store.wording import ADDRESS, worded

BODY = (
    "Write to Oskar.Nowak@listy.example, or zuzanna (at) pisze (dot) example, or wit AT mailbox DOT example.\n\n"
    "On 3 May 2026 Ewa <ewa.lis@cytat.example> wrote:\n> Ask jan@cytowany.example about the umbrella"
)
ADDRESSES = (
    "oskar.nowak@listy.example",
    "zuzanna@pisze.example",
    "wit@mailbox.example",
    "jan@cytowany.example",
    "ola@temat.example",
    "plik@zalacznik.example",
)
SUPPORT, SENIOR = Asking(now=NOW, reveals=False), Asking(now=NOW, reveals=True)
PLACES = ("", "subject:", "new:", "body:", "quoted:", "filename:", "from:", "to:")


@pytest.fixture
def told(world: World) -> World:
    tour = world.opened("GYG1")
    crossing = world.crossing(tour, subject="Harbour, ola@temat.example", body=BODY, files="plik@zalacznik.example\nplan.pdf")
    world.accepted(crossing, now=NOW)
    world.write(indexing.index_some)
    return world


def found(world: World, query: str, asking: Asking = SUPPORT) -> int:
    """How many are found, by the list and by the count."""
    hits = len(world.read(lambda c: search.search(c, query, asking=asking)))
    assert world.read(lambda c: search.total(c, parsed(query, asking), 100)).count == hits
    return hits


def test_who_may_not_see_addresses_guesses_none_by_its_words(told: World) -> None:
    """Letter by letter, in every place: what is found says nothing."""
    assert found(told, "harbour write kowalska") == found(told, "filename:plan") == found(told, "quoted:umbrella") == 1
    labels = {label for address in ADDRESSES for label in address.replace("@", ".").split(".")}
    for part in sorted({label[:length] for label in labels for length in (2, 3, 5, 100)}):
        for place in PLACES:
            assert found(told, f"{place}{part}") == 0, (place, part)


def test_the_beginning_of_an_address_finds_nothing(told: World) -> None:
    for begun in ("nowak*", "listy*", "osk*", "zuz*", "pisz*", "mailb*", "cytow*", "temat*", "zalacz*", "poczt*"):
        for place in PLACES:
            assert found(told, f"{place}{begun}") == 0, (place, begun)
        assert found(told, f"harbour -{begun}") == 1
    with pytest.raises(NotDone, match="nothing to look for"):
        found(told, f"{ADDRESS}*")


@pytest.mark.parametrize("typed", ['"oskar nowak"', '"nowak listy"', '"listy example"', '"poczta example"', '"zuzanna at pisze"'])
def test_words_in_a_row_find_none(told: World, typed: str) -> None:
    assert found(told, typed) == found(told, f"body:{typed}") == found(told, f"from:{typed}") == 0


@pytest.mark.parametrize(
    "typed",
    [
        "oskar.nowak@listy.example",
        '"zuzanna (at) pisze (dot) example"',
        '"wit AT mailbox DOT example"',
        "real:a@b.example",
    ],
)
def test_asking_for_one_is_refused(told: World, typed: str) -> None:
    with pytest.raises(NotDone):
        found(told, typed)
    if ":" not in typed:
        with pytest.raises(NotDone):
            found(told, f"subject:{typed}")


def test_a_domain_is_refused_or_only_words(told: World) -> None:
    assert found(told, "@listy.example") == found(told, "@poczta.example") == 0


def test_a_senior_finds_each_as_a_whole_wherever_it_stands(told: World) -> None:
    for address in ADDRESSES:
        place = "quoted:" if "cyt" in address else ""
        assert found(told, f"{place}{address}", SENIOR) == found(told, f"{place}{address.upper()}", SENIOR) == 1
        domain = address.rpartition("@")[2]
        assert found(told, f"@{domain}", SENIOR) == 1
        assert found(told, f"{place}x{address}", SENIOR) == 0
    assert found(told, "subject:ola@temat.example", SENIOR) == 1
    assert found(told, "subject:oskar.nowak@listy.example", SENIOR) == 0
    assert found(told, '"write to oskar.nowak@listy.example or"', SENIOR) == 1
    assert found(told, '"zuzanna (at) pisze (dot) example"', SENIOR) == 1
    with pytest.raises(NotDone, match="as a whole"):
        found(told, "oskar.nowak@listy.exam*", SENIOR)


def test_what_a_senior_asked_for_is_marked_where_it_stands(told: World) -> None:
    (hit,) = told.read(lambda c: search.search(c, "oskar.nowak@listy.example", asking=SENIOR))
    assert [span.text for span in hit.snippet if span.hit] == ["Oskar.Nowak@listy.example"]


@pytest.mark.parametrize("operator", OPERATORS)
@pytest.mark.parametrize("value", ["listy", "listy.example", "domainlisty", "nowak*"])
def test_no_operator_tells_of_an_address(told: World, operator: str, value: str) -> None:
    with suppress(NotDone):
        assert found(told, f"{operator}:{value} harbour") == 0


def test_the_same_mailbox_is_the_same_word() -> None:
    """GW-5"""
    spelled = {worded(one).words for one in ("Anna.Lis+tag@mail.example", "anna.lis@MAIL.example", "anna.lis (at) mail.example")}
    assert len(spelled) == 1
    assert worded("anna@mail.example").domains == {"mail.example"}
    assert worded("no address, 10:30 @ the harbour").words == ("no", "address", "10", "30", "the", "harbour")
