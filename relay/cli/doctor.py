"""`relay doctor`: whether this installation can do its work, and what to do about what it cannot."""

from __future__ import annotations

from typing import Final

import typer

from relay.cli.options import AsJson, ConfigFile
from relay.cli.printing import all_as_json, complain, say
from relay.settings import read
from relay.web.diagnosis import Health

_MARKS: Final = {"fine": ("ok  ", None), "warning": ("WARN", typer.colors.YELLOW), "failed": ("FAIL", typer.colors.RED)}


def doctor(config: ConfigFile = None, json: AsJson = False) -> None:
    """Examine this installation and what it depends on: a line each, with what to do; exit 1 when something fails."""
    from relay.app.examining import examined

    findings = examined(read(config).settings)
    if json:
        all_as_json([{"part": one.part, "health": one.health.value, "told": one.told, "remedy": one.remedy} for one in findings])
    for one in findings if not json else ():
        mark, colour = _MARKS[one.health.value]
        typer.echo(f"{typer.style(mark, fg=colour)}  ", nl=False)
        say(f"{one.part}: {one.told}" + (f"; {one.remedy}" if one.remedy else ""))
    failed = sum(one.health is Health.FAILED for one in findings)
    if failed:
        complain(f"{failed} of {len(findings)} examinations failed")
        raise typer.Exit(1)
