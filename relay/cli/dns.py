"""`relay dns`: the records that belong into DNS, and whether they stand there (faults.md 4.4)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import typer

from relay.app.asking import answered
from relay.cli.options import AsJson, ConfigFile
from relay.cli.printing import all_as_json, complain, one_line, say
from relay.machine import clock
from relay.settings import Settings, read

if TYPE_CHECKING:
    from relay.zone.finding import Finding

app = typer.Typer(name="dns", help="The records that belong into DNS.", no_args_is_help=True, rich_markup_mode=None)

check_all_s: Final = 60.0
"""What all questions together may take; those that come later find trouble."""
_MARKS: Final = {
    "right": ("ok     ", None),
    "advice": ("WARN   ", typer.colors.YELLOW),
    "missing": ("MISSING", typer.colors.RED),
    "wrong": ("WRONG  ", typer.colors.RED),
    "trouble": ("TROUBLE", typer.colors.RED),
}


@app.command("print")
def print_(config: ConfigFile = None, json: AsJson = False) -> None:
    """Print the records as a zone file has them; what is for you to fill in or to decide stands there as a comment."""
    from relay.app.publication import reply_domain
    from relay.zone.records import records, zone_text

    house = reply_domain(read(config).settings)
    if not house.keys:
        complain("there is no DKIM key yet: run `relay dkim generate`, then this again")
    if json:
        all_as_json(
            [
                {"record": one.part, "name": one.name, "type": one.type, "value": one.value, "certain": one.is_certain}
                for one in records(house)
            ]
        )
        return
    for line in zone_text(house):
        say(line)


@app.command()
def check(config: ConfigFile = None, json: AsJson = False) -> None:
    """Ask DNS for each record, and say what was found, what is expected and what to do; exit 1 when one is missing or wrong."""
    findings = look_up(read(config).settings)
    if json:
        all_as_json(
            [
                {
                    "record": one.part,
                    "name": one.name,
                    "type": one.type,
                    "state": one.state.value,
                    "expected": one.expected,
                    "found": one.found,
                    "fix": one.fix,
                }
                for one in findings
            ]
        )
    for one in findings if not json else ():
        _print(one)
    failing = sum(not one.state.passes for one in findings)
    if failing:
        complain(f"{failing} of {len(findings)} records are not as they should be")
        raise typer.Exit(1)


def look_up(settings: Settings) -> list[Finding]:
    """What DNS says of this installation. Raises WrongConfiguration."""
    from relay.app.publication import reply_domain
    from relay.zone.examination import examined

    return answered(settings, examined(reply_domain(settings), clock()), check_all_s)


def _print(finding: Finding) -> None:
    mark, colour = _MARKS[finding.state.value]
    typer.echo(f"{typer.style(mark, fg=colour)}  ", nl=False)
    say(f"{finding.part}: {finding.name} {finding.type}" + ("" if finding.fix else f": {_short(finding.found)}"))
    if finding.fix:
        say(f"           found     {_short(finding.found) or 'nothing'}")
        say(f"           expected  {finding.expected}")
        say(f"           do        {finding.fix}")


def _short(found: tuple[str, ...]) -> str:
    return one_line(" | ".join(found), 300)
