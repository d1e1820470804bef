"""The example file: every key, with its default, and the same as the one in config/."""

from __future__ import annotations

import tomllib
from pathlib import Path

from relay.settings import Settings, example, known_keys, read

FILE = Path(__file__).parents[3] / "config" / "relay.example.toml"


def test_the_example_is_the_file_in_config() -> None:
    assert FILE.read_text() == example()


def test_the_example_says_what_counts_anyway() -> None:
    assert read(FILE).settings == Settings()


def test_the_example_names_every_key_with_a_comment() -> None:
    lines = example().splitlines()
    for section, key in known_keys():
        [line] = [line for line in _section(lines, section) if line.removeprefix("# ").startswith(f"{key} = ")]
        assert "# " in line.removeprefix("# ")


def test_keys_without_a_default_stand_there_as_comments_that_can_be_taken_away() -> None:
    uncommented = example().replace("# tls_", "tls_")
    assert tomllib.loads(uncommented)["smtp"]["tls_key"] == "/etc/relay/tls/key.pem"


def _section(lines: list[str], name: str) -> list[str]:
    start = lines.index(f"[{name}]") + 1
    end = next((number for number in range(start, len(lines)) if lines[number].startswith("[")), len(lines))
    return lines[start:end]
