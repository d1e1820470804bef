"""What passes between the two where no alias carries it: every text in one's own words (GY-6, SL-5 to SL-7, invariant 1)."""

from __future__ import annotations

from dataclasses import dataclass, field

from relay.booking.money import Money
from relay.booking.notification import To
from relay.booking.terms import Discount, Line
from relay.desk.go_between import terms_passed_on
from relay.web.booking_ports import NewTerms


@dataclass(slots=True)
class Told:
    """A GoBetween that notes what it is told, and takes it to be the same afterwards."""

    texts: list[str] = field(default_factory=list)

    async def passed_on(self, reference: str, writer: To, text: str) -> str:
        assert (reference, writer) == ("BOAT1", To.PARTNER)
        self.texts.append(text)
        return f"[{text}]"


async def test_all_that_somebody_says_about_terms_in_their_own_words_goes_through_the_go_between() -> None:
    euro = Money(100, "EUR")
    said = NewTerms(
        lines=(Line("of the price list", 1, euro), Line("an extra", 1, euro, is_extra=True)),
        discounts=(Discount("a discount", fixed=euro),),
        options=("the first option", "the second"),
        place="a place",
        note="a note",
    )
    told = Told()
    passed = await terms_passed_on(told, "BOAT1", To.PARTNER, said)
    assert sorted(told.texts) == ["a discount", "a note", "a place", "an extra", "the first option", "the second"]
    assert passed.options == ("[the first option]", "[the second]")


async def test_options_that_stay_as_they_were_are_left_alone() -> None:
    told = Told()
    assert (await terms_passed_on(told, "BOAT1", To.PARTNER, NewTerms())).options is None
    assert told.texts == []
