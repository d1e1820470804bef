"""How far a long command has come: a bar on a terminal, lines where somebody keeps them, nothing for programs."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from relay.cli.printing import complain
from relay.values import Tell


@contextmanager
def progress(*, lines: bool = False) -> Iterator[Tell]:
    """Is told what is going on, how much of it is done, and of how much. `lines`: without a terminal, each stage is a line."""
    if not sys.stderr.isatty():
        yield _Lines() if lines else lambda _stage, _done, _whole: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description:20}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as shown:
        task = shown.add_task("")
        yield lambda stage, done, whole: shown.update(task, description=stage, completed=done, total=whole)


class _Lines:
    """One line a stage, when it is complete."""

    def __init__(self) -> None:
        self._told = ""

    def __call__(self, stage: str, done: int, whole: int) -> None:
        if done >= whole and stage != self._told:
            self._told = stage
            complain(f"{stage}: {whole}")
