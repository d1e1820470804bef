"""The second reading over real mail: nothing is raised, and parties that have nothing to do with it are not found in it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from relay.message.leaks import Finding, Kind, Watched, leaks

CORPUS = Path(os.environ.get("RELAY_CORPUS", Path(__file__).parents[3] / "../shared/corpus"))
STRANGERS = (
    Watched.of(
        ("zdenka.hrubesova@gmail.com", "info@hotel-alpenhof-tirol.at"),
        ("Hrubešová",),
        ("desktop-4f2k1", "192.168.77.201", "mail-qx1-f993.google.com"),
    ),
    Watched.of(("wolfram@web.de", "kontakt@o2.pl"), ("Fotheringham-Smythe",), ("mx7.alpenhof-tirol.example",)),
)
every = 12


def findings(file: Path) -> tuple[Finding, ...]:
    return tuple(one for one in leaks(file.read_bytes(), STRANGERS, allowed=()) if one.kind is not Kind.UNREADABLE)


def files() -> list[Path]:
    if not CORPUS.is_dir():
        pytest.skip(f"no corpus of real mail at {CORPUS}")
    return [one for one in sorted(CORPUS.rglob("*")) if one.is_file() and one.suffix != ".tsv"]


def test_strangers_are_found_in_no_real_mail() -> None:
    assert [one.name for one in files()[::every] if findings(one)] == []


@pytest.mark.slow
def test_strangers_are_found_in_none_of_the_whole_corpus() -> None:
    assert [one.name for one in files() if findings(one)] == []
