"""`relay migrate`: the database brought to the schema of this version."""

from __future__ import annotations

from typing import Annotated

import typer

from relay.cli.options import AsJson, ConfigFile
from relay.cli.printing import as_json, complain, say
from relay.settings import read


def migrate(
    config: ConfigFile = None,
    check: Annotated[bool, typer.Option("--check", help="Change nothing; exit 1 when there is something to do.")] = False,
    json: AsJson = False,
) -> None:
    """Bring the database to the schema of this version; does nothing when it is there. Safe on several nodes at once."""
    from relay.store import schema
    from relay.store.engine import open_engine

    engine = open_engine(read(config).settings.database.url)
    try:
        before = schema.version(engine)
        current = schema.schema_is_current(engine)
        if not current and not check:
            schema.migrate(engine)
    finally:
        engine.dispose()
    if json:
        as_json({"from": before, "to": schema.PRESENT, "migrated": not current and not check})
    elif current:
        say(f"the database is at schema {schema.PRESENT} already")
    elif not check:
        say(f"the database was {_told(before)}, and is at schema {schema.PRESENT} now")
    if check and not current:
        complain(f"the database is {_told(before)}, this version needs {schema.PRESENT}: run `relay migrate`")
        raise typer.Exit(1)


def _told(version: str | None) -> str:
    return "empty" if version is None else f"at schema {version}"
