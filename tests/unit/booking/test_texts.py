from __future__ import annotations

import pytest

from relay.booking.texts import Text, Texts, checked_title, text_characters_max
from relay.values import Language

BOAT = Texts((Text(Language.IT, "Giro in barca"), Text(Language.EN, "Boat tour")))


def test_whoever_has_none_of_its_languages_reads_the_first() -> None:
    """SV-3: a text of each language."""
    assert BOAT.read_in(Language.EN) == "Boat tour"
    assert BOAT.read_in(Language.PL) == "Giro in barca"


@pytest.mark.parametrize(
    ("made", "wrong"),
    [
        (lambda: Texts(()), "at least one"),
        (lambda: Texts.of(Language.EN, " "), "1 to 5000"),
        (lambda: Texts.of(Language.EN, "x" * (text_characters_max + 1)), "1 to 5000"),
        (lambda: Texts((*BOAT.said, Text(Language.EN, "Boat"))), "twice"),
        (lambda: checked_title("offer", Texts.of(Language.EN, "Two\nlines")), "offer: 1 to 500 printable"),
    ],
)
def test_a_text_that_nobody_could_read_is_refused(made: object, wrong: str) -> None:
    with pytest.raises(ValueError, match=wrong):
        made()  # type: ignore[operator]  # a table of makers
