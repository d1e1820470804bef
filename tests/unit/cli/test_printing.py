"""What strangers wrote must do nothing to a terminal."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import settings as bounded
from hypothesis import strategies as st

from relay.cli import printing


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("\x1b[2J\x1b]0;x\x07", "\\x1b[2J\\x1b]0;x\\x07"),
        ("a\rb\tc\x00\x7f", "a\\rb\\tc\\x00\\x7f"),
        ("\x9b31m", "\\x9b31m"),
        ("\u202egpj.exe", "\\u202egpj.exe"),
        ("zero\u200bwidth", "zero\\u200bwidth"),
        ("\ud800", "\\ud800"),
        ("Zażółć 日本語 🙂\nnext", "Zażółć 日本語 🙂\nnext"),
    ],
)
def test_what_would_do_something_is_written_out(text: str, expected: str) -> None:
    assert printing.escaped(text) == expected


@given(st.text(max_size=200))
def test_no_control_character_is_left(text: str) -> None:
    out = printing.escaped(text)
    assert not any((ord(letter) < 32 and letter != "\n") or 127 <= ord(letter) < 160 for letter in out)
    assert "\n" not in printing.one_line(text)
    assert printing.escaped(out) == out
    out.encode()


def test_a_line_is_cut() -> None:
    assert printing.one_line("x" * 200) == "x" * 99 + "…"
    assert printing.one_line("a\n  b\r\nc") == "a b c"


@bounded(max_examples=50, deadline=None)
@given(st.lists(st.text(max_size=50), max_size=5))
def test_json_is_one_array_with_an_element_a_line_in_ascii(values: list[str]) -> None:
    import contextlib
    import io

    with contextlib.redirect_stdout(io.StringIO()) as out:
        printing.all_as_json(values)
    text = out.getvalue()
    assert json.loads(text) == values
    assert all(32 <= ord(letter) < 127 or letter == "\n" for letter in text)
    assert len(text.splitlines()) == (len(values) + 2 if values else 1)


def test_instants_are_told_in_utc_with_z() -> None:
    rome = datetime(2026, 6, 10, 20, tzinfo=timezone(timedelta(hours=2)))
    assert printing.instant(rome) == "2026-06-10T18:00:00Z"
    assert printing.instant(datetime(2026, 6, 10, 18, 0, 0, 5, tzinfo=UTC)) == "2026-06-10T18:00:00.000005Z"
    assert printing.instant(None) is None
    assert printing.minute(rome) == "2026-06-10 18:00Z"
    assert printing.minute(None) == "-"


@pytest.mark.parametrize(
    ("seconds", "told"), [(0, "0s"), (45, "45s"), (60, "1m"), (90, "1m 30s"), (3_600, "1h"), (90_000, "1d 1h"), (-5, "0s")]
)
def test_ages_are_told_in_their_two_largest_units(seconds: int, told: str) -> None:
    assert printing.ago(timedelta(seconds=seconds)) == told


def test_columns_stand_under_their_headings(capsys: pytest.CaptureFixture[str]) -> None:
    printing.table(("id", "subject"), [("1", "\x1b[31mred"), ("12345", "x\ny")], none="nothing")
    assert capsys.readouterr().out == "ID     SUBJECT\n1      \\x1b[31mred\n12345  x y\n"
    printing.table(("id",), [], none="nothing")
    assert capsys.readouterr().out == "nothing\n"
