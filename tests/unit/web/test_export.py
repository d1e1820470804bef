"""Tables for spreadsheets: nothing in them runs (SV-10)."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from support.booking_web import FakeBookings
from support.bookings import NOW

from relay.web.booking_shown import ShownBooking
from relay.web.export import COLUMNS, block_characters, harmless, lines


@pytest.mark.parametrize(
    "text",
    [
        "=1+1",
        "+1",
        "-1",
        "@SUM(A1)",
        "\tx",
        "\rx",
        "  =1+1",
        "\u00a0=1",
        "\u200b=1",
        "\ufeff=1",
        "\uff1d1",
        "\uff0b1",
        "\uff0d1",
        "\uff20a",
        "\u22121",
    ],
)
def test_what_a_spreadsheet_would_run_gets_an_apostrophe(text: str) -> None:
    assert harmless(text) == f"'{text}"


@pytest.mark.parametrize("sign", ["=1", "+1", "-1", "@a", " =1", "\u200b=1"])
@pytest.mark.parametrize("between", [";", "|", "\t", "\n", "\r"])
def test_what_a_program_would_run_that_divides_at_something_else_gets_one_too(between: str, sign: str) -> None:
    """Excel divides at semicolons where commas are in numbers, and does not see our quotes then."""
    assert harmless(f"a{between}{sign}") == f"a{between}'{sign}"


@pytest.mark.parametrize("text", ["", "a\nb", "a; b", "Zofia", "90.00", "a=b", "1-2", "Garda & Söhne", "'quoted'"])
def test_everything_else_stays_as_it_is(text: str) -> None:
    assert harmless(text) == text


async def test_a_long_table_comes_in_blocks_and_begins_with_its_headings() -> None:
    bookings = FakeBookings()
    for _ in range(200):
        bookings.put()

    async def each() -> AsyncIterator[ShownBooking]:
        for one in bookings.kept.values():
            yield ShownBooking.of(bookings.shown(one), NOW)

    blocks = [block async for block in lines(each())]
    assert len(blocks) > 1
    assert all(len(block) < 2 * block_characters for block in blocks)
    whole = b"".join(blocks).decode("utf-8-sig")
    assert whole.splitlines()[0] == ",".join(f'"{name}"' for name in COLUMNS)
    assert whole.count("\r\n") == 201


async def test_a_table_of_nothing_has_its_headings() -> None:
    async def none() -> AsyncIterator[ShownBooking]:
        return
        yield

    [block] = [block async for block in lines(none())]
    assert block.count(b"\r\n") == 1
