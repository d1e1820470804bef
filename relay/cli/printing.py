"""What commands print: plain tables for people, JSON for programs. Mail content is hostile to terminals, so it is escaped."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

import typer

Json = str | int | bool | None | Sequence["Json"] | Mapping[str, "Json"]

_HARMFUL: Final = re.compile(
    # C0 (but not line feeds), DEL and C1: cursor, colours, title, answers of the terminal; line and paragraph separators; marks
    # that turn the direction of what follows; zero-width ones; tags; lone surrogates, which cannot be encoded.
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\U000e0000-\U000e007f\ud800-\udfff]"
)
_cell_characters_max: Final = 100


def escaped(text: str) -> str:
    """`text` with everything that would do something to a terminal written as \\xNN or \\uNNNN; line feeds stay."""
    return _HARMFUL.sub(lambda found: ascii(found[0])[1:-1], text)


def one_line(text: str, characters_max: int = _cell_characters_max) -> str:
    """`text` escaped, on one line, and cut to that length."""
    line = escaped(" ".join(text.split()))
    return line if len(line) <= characters_max else f"{line[: characters_max - 1]}…"


def instant(at: datetime | None) -> str | None:
    """ISO 8601 in UTC with Z; None stays None."""
    if at is None:
        return None
    return at.astimezone(UTC).isoformat(timespec="microseconds" if at.microsecond else "seconds").replace("+00:00", "Z")


def minute(at: datetime | None) -> str:
    """An instant as tables show it, in UTC; "-" for none."""
    return "-" if at is None else at.astimezone(UTC).strftime("%Y-%m-%d %H:%MZ")


def ago(span: timedelta) -> str:
    """A length of time in its two largest units, for tables: "2d 3h", "45s"."""
    seconds = max(0, int(span.total_seconds()))
    counts = ((seconds // 86_400, "d"), (seconds // 3_600 % 24, "h"), (seconds // 60 % 60, "m"), (seconds % 60, "s"))
    first = next((place for place, (count, _) in enumerate(counts) if count), len(counts) - 1)
    return " ".join(f"{count}{unit}" for count, unit in counts[first : first + 2] if count or unit == counts[first][1])


def say(text: str = "") -> None:
    """A line on stdout, escaped."""
    typer.echo(escaped(text))


def complain(text: str) -> None:
    """A line on stderr, escaped."""
    typer.echo(escaped(text), err=True)


def octets(content: bytes) -> None:
    """Octets on stdout as they are: for files and pipes, where the caller asked for exactly these."""
    sys.stdout.flush()
    sys.stdout.buffer.write(content)
    sys.stdout.buffer.flush()


def as_json(value: Json) -> None:
    """One JSON value on stdout. ASCII alone, so it is harmless to a terminal too."""
    typer.echo(_json(value))


def all_as_json(values: Sequence[Json]) -> None:
    """A JSON array on stdout with one element a line, so that programs read it whole and people and grep by lines."""
    typer.echo("[" + ",".join(f"\n{_json(value)}" for value in values) + ("\n]" if values else "]"))


def table(headings: Sequence[str], rows: Sequence[Sequence[str]], *, none: str) -> None:
    """Columns as wide as they need to be, each cell on one line; `none` is said where there are no rows."""
    if not rows:
        say(none)
        return
    cells = [[heading.upper() for heading in headings], *([one_line(cell) for cell in row] for row in rows)]
    widths = [max(len(row[column]) for row in cells) for column in range(len(headings))]
    for row in cells:
        typer.echo("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


def facts(rows: Sequence[tuple[str, str]]) -> None:
    """Names and their values, one a line."""
    width = max((len(name) for name, _ in rows), default=0)
    for name, value in rows:
        typer.echo(f"{name.ljust(width)}  {one_line(value, 500)}".rstrip())


def _json(value: Json) -> str:
    # DEL is the one control character that JSON lets through.
    return json.dumps(value, ensure_ascii=True).replace("\x7f", "\\u007f")
