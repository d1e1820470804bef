"""`relay self-test`: trap mails through the running gateway, and what came out of it that must not (leaks.md)."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, Final

import typer

from relay import logs
from relay.cli.opened import Opened, opened
from relay.cli.options import AsJson, ConfigFile
from relay.cli.printing import Json, as_json, complain, one_line, say, table
from relay.errors import NotDone
from relay.settings import Settings

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

    from relay.selftest.report import Report, RowFigures
    from relay.selftest.traps import Trap
    from relay.selftest.trial import Audience
    from relay.selftest.verdict import Result, Trouble

_WITHOUT_A_SAY: Final = frozenset({"window_after_activity", "refusals", "names", "to_header", "removal_hint"})
"""Keys of [policy] that change nothing about what should become of a trap, or are taken into account."""

told_every: Final = 100
"""Steps between two lines about the progress, where there is no terminal to draw on."""
_line_characters_max: Final = 300
_figures: Final = ("traps", "sent", "delivered", "refused", "absorbed", "held", "leaked", "lost")


def self_test(
    row: Annotated[
        list[str] | None, typer.Option("--row", metavar="LEAK-n", help="Only this row of leaks.md; may be repeated.")
    ] = None,
    section: Annotated[
        int | None,
        typer.Option(
            "--section", min=1, max=6, help="Only this section: 1 header, 2 text, 3 HTML, 4 MIME, 5 files, 6 automatic."
        ),
    ] = None,
    keep: Annotated[
        bool, typer.Option("--keep", help="Leave its conversations open, and what is held for you to look at.")
    ] = False,
    config: ConfigFile = None,
    json: AsJson = False,
) -> None:
    """Send trap mails through the running gateway, and say what leaked, was lost or was held; exit 1 unless all is well."""
    traps = _chosen(row or [], section)
    with opened(config) as house, _audience(quiet=json) as audience:
        report = asyncio.run(_interruptible(house, traps, audience, keep=keep))
    if json:
        as_json(_as_json(report))
    else:
        _print(report)
    if report.troubles:
        if decided := _decided_otherwise(house.settings):
            complain(f"the traps expect the defaults; this house has decided otherwise: {', '.join(decided)}")
        complain(_sentence(report))
        raise typer.Exit(1)


def _chosen(rows: Sequence[str], section: int | None) -> tuple[Trap, ...]:
    from relay.selftest.report import SECTIONS, number
    from relay.selftest.traps import TRAPS

    try:
        wanted = {number(one) for one in rows}
    except ValueError as wrong:
        raise typer.BadParameter(str(wrong), param_hint="--row") from None
    chosen = tuple(
        one
        for one in TRAPS
        if (not wanted or number(one.row) in wanted) and (section is None or number(one.row) in SECTIONS[section][1])
    )
    if not chosen:
        raise typer.BadParameter("there is no trap of that row and section", param_hint="--row" if wanted else "--section")
    return chosen


async def _interruptible(house: Opened, traps: Sequence[Trap], audience: Audience, *, keep: bool) -> Report:
    """The self-test, which Ctrl-C and SIGTERM end in good order. Raises NotDone then."""
    from relay.selftest.trial import Trial

    # Where the test's mail arrives is a mail server, whose sessions are nobody's business here.
    logs.configure(level="error", json=False)
    running = asyncio.create_task(Trial(house.settings, house.engine, audience).run(traps, keep=keep))
    loop = asyncio.get_running_loop()
    for one in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(one, running.cancel)
    try:
        return await running
    except asyncio.CancelledError:
        left = "stay open" if keep else "are closed, and nothing of it is under way any more"
        raise NotDone(f"interrupted; the conversations of the self-test {left}") from None


def _decided_otherwise(settings: Settings) -> list[str]:
    """The keys of [policy] by which a trap may end otherwise than in a house that has decided nothing."""
    usual, own = Settings().policy, settings.policy
    names = (name for name in type(own).model_fields if name not in _WITHOUT_A_SAY)
    return [f"policy.{name}" for name in names if getattr(own, name) != getattr(usual, name)]


@dataclass(slots=True)
class _Lines:
    """Progress as lines on stderr, a few for each stage."""

    stage: str = ""
    total: int = 0
    told: int = 0

    def begins(self, stage: str, count: int) -> None:
        self.stage, self.total, self.told = stage, count, 0

    def comes_to(self, count: int) -> None:
        if count >= self.told + told_every or (count == self.total and count > self.told):
            self.told = count
            complain(f"{self.stage} {count} of {self.total}")


class _Silence:
    """No progress: somebody else reads what is printed."""

    def begins(self, stage: str, count: int) -> None: ...

    def comes_to(self, count: int) -> None: ...


@dataclass(slots=True)
class _Bars:
    """Progress as bars on a terminal."""

    progress: Progress
    task: TaskID | None = field(default=None)

    def begins(self, stage: str, count: int) -> None:
        self.task = self.progress.add_task(stage, total=count)

    def comes_to(self, count: int) -> None:
        if self.task is not None:
            self.progress.update(self.task, completed=count)


@contextmanager
def _audience(*, quiet: bool) -> Iterator[Audience]:
    if quiet:
        yield _Silence()
    elif not sys.stderr.isatty():
        yield _Lines()
    else:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

        columns = (TextColumn("{task.description:<9}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        with Progress(*columns, console=Console(stderr=True)) as progress:
            yield _Bars(progress)


def _print(report: Report) -> None:
    from relay.selftest.verdict import Trouble

    for result, trouble in report.troubles:
        posting = result.posted.posting
        label = f"unexpectedly {result.fate.value}" if trouble is Trouble.OTHERWISE else trouble.value
        say(one_line(f"{label}: {posting.trap.name} (the {posting.writer.value} writes)", _line_characters_max))
        for line in _told(result, trouble):
            say(f"    {one_line(line, _line_characters_max)}")
    if report.troubles:
        say()
    rows = report.rows()
    table(("row", *_figures), [_cells(one) for one in (*rows, *([report.total()] if len(rows) > 1 else []))], none="no traps")
    if report.strays:
        say(f"\n{report.strays} mails arrived that belong to no trap of this test")
    if not report.troubles:
        say(f"\n{_sentence(report)}")
    first, *others = report.references
    more = f" and {len(others)} more" if others else ""
    say(f"\nIn the archive: {first}{more}, {'open' if report.kept_open else 'closed'}")


def _cells(one: RowFigures) -> tuple[str, ...]:
    return (one.row, *(str(getattr(one, name)) for name in _figures))


def _told(result: Result, trouble: Trouble) -> Iterator[str]:
    """What is wrong, for people; nothing of it is anybody's but the self-test's own."""
    from relay.selftest.verdict import Trouble

    message = result.posted.message
    match trouble:
        case Trouble.LEAKED:
            for found in result.found:
                yield f"{found.canary} in {found.place}"
        case Trouble.LOST:
            for missing in result.missing:
                yield f"cannot be read: {missing}"
            if not result.arrived:
                yield f"did not arrive: {result.why or 'the gateway says that it was delivered'}"
        case Trouble.OTHERWISE:
            yield f"{result.fate.value} instead of {result.posted.posting.trap.fate.value}: {result.why}"
    if message is not None:
        yield f"relay archive show {message}"


def _sentence(report: Report) -> str:
    total = report.total()
    otherwise = sum(1 for one in report.results if one.troubles)
    if not otherwise:
        return f"{total.traps} traps, sent both ways: nothing leaked, nothing was lost"
    return f"{total.leaked} leaked, {total.lost} lost, {otherwise} of {total.sent} not as they should be"


def _as_json(report: Report) -> dict[str, Json]:
    return {
        "ok": not report.troubles,
        "references": list(report.references),
        "open": report.kept_open,
        "strays": report.strays,
        "total": _row(report.total()),
        "rows": [_row(one) for one in report.rows()],
        "findings": [_finding(result) for result in report.results if result.troubles],
    }


def _row(one: RowFigures) -> dict[str, Json]:
    return {"row": one.row, **{name: getattr(one, name) for name in _figures}}


def _finding(result: Result) -> dict[str, Json]:
    posting = result.posted.posting
    return {
        "trap": posting.trap.name,
        "row": posting.trap.row,
        "about": posting.trap.about,
        "writer": posting.writer.value,
        "message": result.posted.message,
        "troubles": [one.value for one in result.troubles],
        "fate": result.fate.value,
        "expected": posting.trap.fate.value,
        "why": result.why,
        "found": [{"canary": one.canary, "place": one.place} for one in result.found],
        "missing": list(result.missing),
    }
