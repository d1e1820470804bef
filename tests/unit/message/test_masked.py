"""Edits, and the text after them."""

from __future__ import annotations

from relay.message.masked import Edit, Kind, applied, merged


def an_edit(start: int, end: int, text: str = "x") -> Edit:
    return Edit(start, end, text, Kind.ADDRESS)


def test_edits_replace_their_spans_and_nothing_else() -> None:
    assert applied("0123456789", [an_edit(1, 3, "ab"), an_edit(3, 3, "+"), an_edit(8, 10, "")]) == "0ab+34567"


def test_of_two_edits_that_touch_the_same_characters_the_earlier_list_wins() -> None:
    first = [an_edit(2, 5), an_edit(8, 9)]
    assert merged(first, [an_edit(0, 3), an_edit(5, 8), an_edit(4, 6), an_edit(9, 11)]) == [
        an_edit(2, 5),
        an_edit(5, 8),
        an_edit(8, 9),
        an_edit(9, 11),
    ]


def test_of_two_new_edits_that_overlap_the_first_and_longest_stays() -> None:
    assert merged([], [an_edit(0, 2), an_edit(0, 4), an_edit(3, 6)]) == [an_edit(0, 4)]


def test_an_edit_does_not_print_what_it_writes() -> None:
    assert "secret" not in repr(an_edit(0, 1, "secret"))
