"""`relay config`: what is wrong with a configuration, what counts in the end, and an example with everything."""

from __future__ import annotations

from typing import Annotated

import typer

from relay.cli.options import AsJson, ConfigFile
from relay.cli.printing import Json, all_as_json, as_json, say
from relay.errors import WrongConfiguration
from relay.settings import Configuration, Effective, Origin, literal, read
from relay.settings import example as example_text

app = typer.Typer(name="config", help="The configuration: check, show, example.", no_args_is_help=True, rich_markup_mode=None)


@app.command()
def check(config: ConfigFile = None, json: AsJson = False) -> None:
    """Say everything that is wrong with the configuration; exit 78 when anything is."""
    try:
        settings = read(config).settings
    except WrongConfiguration as wrong:
        if json:
            as_json({"ok": False, "faults": wrong.faults, "warnings": []})
        raise
    warnings = settings.warnings()
    if json:
        as_json({"ok": True, "faults": [], "warnings": warnings})
        return
    for warning in warnings:
        say(f"warning: {warning}")
    say("no fault was found; relay doctor examines what it depends on, with the files that it names")


@app.command()
def show(
    config: ConfigFile = None,
    json: AsJson = False,
    changed: Annotated[bool, typer.Option("--changed", help="Only what is not the default.")] = False,
    reveal: Annotated[bool, typer.Option("--reveal", help="Passwords and mail addresses too.")] = False,
    effective: Annotated[bool, typer.Option("--effective", hidden=True)] = True,  # noqa: ARG001 -- what is shown anyway
    redact: Annotated[bool, typer.Option("--redact", hidden=True)] = True,  # noqa: ARG001 -- what is done anyway
) -> None:
    """Print what counts in the end, and where each value comes from."""
    configuration = read(config)
    shown = [one for one in configuration.effective(redacted=not reveal) if not changed or one.origin is not Origin.DEFAULT]
    if json:
        all_as_json([_as_json(one) for one in shown])
    else:
        _print_toml(configuration, shown)


@app.command()
def example(config: ConfigFile = None) -> None:  # noqa: ARG001 -- every command takes it
    """Print a commented configuration with every key and its default."""
    say(example_text().rstrip("\n"))


def _as_json(one: Effective) -> dict[str, Json]:
    value = one.value
    assert value is None or isinstance(value, str | int | bool | list)
    return {"key": f"{one.section}.{one.key}", "value": value, "origin": one.origin.value}


def _print_toml(configuration: Configuration, shown: list[Effective]) -> None:
    say(f"# {configuration.file or 'no file'}, and the environment over it")
    section = ""
    for one in shown:
        if one.section != section:
            section = one.section
            say(f"\n[{section}]")
        written = f"# {one.key} is not set" if one.value is None else f"{one.key} = {literal(one.value)}"
        say(f"{written:<55} # {one.origin.value}")
