"""Surgery on plain text (leaks.md section 2; RFC 3676)."""

from __future__ import annotations

import pytest
from support.masking import HER_ALIAS, HERS, a_masker

from relay.message.footer import with_footer_text
from relay.message.masked import Kind
from relay.message.text import scrubbed_text, unflowed


@pytest.mark.parametrize(
    ("text", "delsp", "expected"),
    [
        ("one \ntwo\nthree", False, "one two\nthree"),
        ("ann@x.exa \nmple", True, "ann@x.example"),
        ("ann@x.exa \nmple", False, "ann@x.exa mple"),
        ("> a \n> b\n>> c \n> d", False, "> a b\n>> c \n> d"),
        (" > stuffed\n  two blanks", False, "> stuffed\n two blanks"),
        ("end \n-- \nAnn \nWriter", False, "end \n-- \nAnn Writer"),
        ("a \r\nb\r\n", False, "a b\n"),
        ("", False, ""),
    ],
)
def test_flowed_paragraphs_become_lines(text: str, delsp: bool, expected: str) -> None:
    """LEAK-27, RFC 3676 §4."""
    assert unflowed(text, delsp) == expected


def test_an_address_that_was_flowed_apart_is_found() -> None:
    assert scrubbed_text(unflowed("ann.writer@writer- \ntours.example", delsp=True), a_masker()).text == HER_ALIAS


def test_our_own_footer_is_taken_away_when_it_comes_back_quoted() -> None:
    """CASE-4, GW-44."""
    sent = with_footer_text("See you.\n", ["Answer to this mail.", "Help: https://example.com/support"])
    answer = "Thanks!\n\nOn Monday you wrote:\n" + "".join(f"> {line}\n" for line in sent.splitlines()) + "\n-- \nBob\n"
    scrubbed = scrubbed_text(answer, a_masker())
    assert scrubbed.text == "Thanks!\n\nOn Monday you wrote:\n> See you.\n\n-- \nBob\n"
    assert scrubbed.removals == (Kind.FOOTER,)


def test_removals_say_what_was_found_and_not_what_it_was() -> None:
    scrubbed = scrubbed_text(f"Ann Writer {HERS}", a_masker())
    assert scrubbed.removals == (Kind.NAME, Kind.ADDRESS)
    assert "writer" not in repr(scrubbed).lower()
