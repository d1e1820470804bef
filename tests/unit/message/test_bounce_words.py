"""Where a server's own words end, and the message that it returns begins (GW-51)."""

from __future__ import annotations

import pytest

from relay.message.bounce_words import before_returned

SAID = "User unknown"
RETURNED = "the number is 4.2.2, over quota"


@pytest.mark.parametrize(
    "line",
    [
        "------ This is a copy of the message, including all the headers. ------",
        "--- Original message follows.",
        "   ----- Unsent message follows -----",
        "Your message follows:",
        "=== Below this line is the header ===",
    ],
)
def test_what_stands_below_the_line_above_it_is_the_message(line: str) -> None:
    assert list(before_returned(f"{SAID}\n{line}\n{RETURNED}")) == [SAID]


@pytest.mark.parametrize(
    "line", ["   ----- Transcript of session follows -----", "The reason follows:", "It is an original message"]
)
def test_what_announces_why_it_failed_is_a_server_s_own(line: str) -> None:
    assert list(before_returned(f"{line}\n{SAID}")) == [line, SAID]


def test_lines_that_quote_the_message_say_nothing_of_why() -> None:
    assert list(before_returned(f"Subject: {RETURNED}\n{SAID}")) == [SAID]
