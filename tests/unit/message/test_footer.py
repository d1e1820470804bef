"""The footer, and how it is recognised (GW-44, CASE-4, CASE-23)."""

from __future__ import annotations

import pytest
from support.masking import a_masker

from relay.message.footer import CLOSING, OPENING, footers, with_footer_html, with_footer_text, without_quoted_footer
from relay.message.html import scrubbed_html

LINES = ("Answer to this mail until 9 June.", "Help: https://example.com/support?a=1&b=2")


def test_the_footer_stands_below_the_text() -> None:
    assert with_footer_text("Hello\n\n\n", LINES) == f"Hello\n\n{OPENING}\n{LINES[0]}\n{LINES[1]}\n{CLOSING}\n"


def test_an_empty_text_has_the_footer_alone_and_no_footer_changes_nothing() -> None:
    assert with_footer_text("", ("x",)) == f"{OPENING}\nx\n{CLOSING}\n"
    assert with_footer_text("Hello\n\n", ()) == "Hello\n\n"
    assert with_footer_html("<p>x", ()) == "<p>x"


@pytest.mark.parametrize("prefix", ["", "> ", ">> ", ">>>", "| ", " > > "])
def test_it_is_taken_away_at_any_depth_of_quoting(prefix: str) -> None:
    quoted = "".join(f"{prefix}{line}\n" for line in with_footer_text("Hello", LINES).splitlines())
    assert without_quoted_footer(f"Yes\n{quoted}{prefix}More\n") == f"Yes\n{prefix}Hello\n{prefix}More\n"


def test_every_footer_is_taken_away() -> None:
    inner = "".join(f"> {line}\n" for line in with_footer_text("one", LINES).splitlines())
    assert without_quoted_footer(with_footer_text(inner + "two", LINES)) == "> one\ntwo\n"


@pytest.mark.parametrize(
    "text", [f"{OPENING}\nnever closed\n", f"{OPENING} in a sentence {CLOSING}", f"{CLOSING}\n{OPENING}\n", "~~~~\nwave\n~~~~\n"]
)
def test_what_is_no_footer_stays(text: str) -> None:
    assert without_quoted_footer(text) == text


def test_the_footer_of_a_page_can_be_followed_and_comes_off_again() -> None:
    masker = a_masker()
    page = scrubbed_html("<p>Hello</p>", masker, {}).text
    footed = with_footer_html(page, LINES)
    assert '<a href="https://example.com/support?a=1&amp;b=2">' in footed
    assert footed.endswith("</body></html>")
    quoted = footed.split("<body>")[1].removesuffix("</body></html>").replace("<div ", '<div class="m_-12" ')
    scrubbed = scrubbed_html(f"<p>Yes</p><blockquote>{quoted}</blockquote><p>Bye</p>", masker, {}).text
    assert scrubbed == (
        '<html><head><meta charset="utf-8"></head><body><p>Yes</p><blockquote><p>Hello</p></blockquote><p>Bye</p></body></html>'
    )


def test_a_footer_in_the_words_of_a_page_is_found_between_its_marks() -> None:
    assert list(footers(f"a {OPENING} b {CLOSING} c {OPENING} open")) == [(2, 2 + len(OPENING) + 3 + len(CLOSING))]


@pytest.mark.parametrize(
    "text",
    [
        f"{OPENING}\n" * 50_000,
        "> " * 200_000,
        ("> \n" * 100_000) + f"{OPENING}\n",
        f"{OPENING}\n" + "x\n" * 200_000,
        " " * 300_000,
    ],
)
def test_hostile_text_is_searched_in_linear_time(text: str) -> None:
    """A pattern that backtracks would be seen here without a clock."""
    assert len(without_quoted_footer(text + f"{OPENING}\n")) <= len(text) + len(OPENING) + 1
