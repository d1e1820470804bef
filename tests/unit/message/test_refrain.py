"""How a text begins, to be known again (GW-28, CASE-59)."""

from __future__ import annotations

import pytest

from relay.message.parse import parse
from relay.message.refrain import letters_max, letters_min, refrain

AWAY = "Thank you for your message. Our office is closed until Monday."


def of(text: str, media_type: str = "text/plain") -> bytes | None:
    return refrain(parse(f"In-Reply-To: <a@b>\r\nContent-Type: {media_type}; charset=utf-8\r\n\r\n{text}".encode()))


@pytest.mark.parametrize(
    "text",
    [
        AWAY,
        f"  {AWAY.upper()}\r\n",
        "Thank you for your message.\r\n\r\nOur office is closed until\r\nMonday.",
    ],
)
def test_signs_and_line_ends_do_not_count(text: str) -> None:
    assert of(text) == of(AWAY) is not None


def test_what_is_shown_counts() -> None:
    assert of(f"<html><head><title>x</title></head><body><p>{AWAY}</p></body></html>", "text/html") == of(AWAY)


def test_what_is_quoted_far_below_does_not_count_and_other_words_do() -> None:
    long = AWAY * 20
    assert of(f"{long}\r\n> One") == of(f"{long}\r\n> Two")
    assert of(f"{AWAY}\r\n> One") != of(f"{AWAY}\r\n> Two")
    assert of(f"{AWAY} It is 9 o'clock.") != of(f"{AWAY} It is 10 o'clock.")
    assert of("a" * letters_max + "b") == of("a" * letters_max + "c") != of("a" * (letters_max - 1) + "b")


@pytest.mark.parametrize("text", ["", "Ok, see you then!", "." * 100, "a" * (letters_min - 1)])
def test_what_people_write_twice_tells_nobody(text: str) -> None:
    assert of(text) is None
    assert of("a" * letters_min) is not None


def test_what_answers_nothing_or_has_no_text_tells_nobody() -> None:
    """A booking system writes the same to everybody."""
    assert refrain(parse(f"Content-Type: text/plain\r\n\r\n{AWAY}".encode())) is None
    assert refrain(parse(b"References: <a@b>\r\nContent-Type: application/pdf\r\n\r\n" + b"a" * 100)) is None


def test_letters_of_any_script_count() -> None:
    assert of("Спасибо за ваше сообщение, мы в отпуске") != of("Спасибо за ваше сообщение, мы на месте")
    assert of("\U0001f600" * 100) is None
