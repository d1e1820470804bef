"""The command line in this process: what it prints, and its exit code."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

import pytest
import typer

from relay.cli.program import run

_command: Final = cache(typer.main.get_command)
"""A process makes its commands once. These tests carry out hundreds in one, and making them takes longer than most."""


@dataclass(frozen=True)
class Done:
    """What a command came to."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        assert self.code == 0, self.err
        return json.loads(self.out)


@dataclass(frozen=True)
class House:
    """An installation in a directory of its own."""

    directory: Path
    capture: Callable[[], tuple[str, str]]

    @property
    def config(self) -> Path:
        return self.directory / "relay.toml"

    @property
    def database(self) -> str:
        return f"sqlite:///{self.directory}/relay.db"

    def relay(self, *words: str) -> Done:
        """`relay WORDS --config FILE`"""
        return self.bare(*words, "--config", str(self.config))

    def bare(self, *words: str) -> Done:
        """`relay WORDS`"""
        self.capture()
        with pytest.MonkeyPatch.context() as once:
            once.setattr(typer.main, "get_command", _command)
            code = run(words)
        return Done(code, *self.capture())


def a_house(directory: Path, capsys: pytest.CaptureFixture[str], more: str = "") -> House:
    """An installation that needs nothing from outside; `more` is more of its configuration."""
    house = House(directory, lambda: tuple(capsys.readouterr()))  # type: ignore[arg-type, return-value]  # a pair of texts
    house.config.write_text(
        f'[relay]\nstate_dir = "{directory}"\n[authentication]\nmode = "off"\n[antivirus]\nmode = "off"\n'
        f'[database]\nurl = "{house.database}"\n[dkim]\nkey_file = "{directory}/dkim.pem"\n{more}'
    )
    return house
