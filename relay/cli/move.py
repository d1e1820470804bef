"""`relay move`: from the database of a small installation to one that grows with it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from relay.cli.options import AsJson, ConfigFile
from relay.cli.printing import as_json, complain, say
from relay.cli.progress import progress
from relay.machine import clock
from relay.settings import Settings, read

if TYPE_CHECKING:
    from relay.app.moving import Moved


def move(
    to: Annotated[str, typer.Option("--to", metavar="URL", help="An empty database, as database.url names it.")],
    blobs: Annotated[
        str | None,
        typer.Option("--blobs", metavar="URL", help="Where large contents are to lie, as blobs.url says; without it, as now."),
    ] = None,
    config: ConfigFile = None,
    json: AsJson = False,
) -> None:
    """Copy everything to another database, with the gateway stopped, and compare it; broken off, it goes on where it was."""
    from relay.app.moving import move as carry_over

    settings = read(config).settings
    target = _with_places(settings, to, blobs)
    with progress(lines=not json) as tell:
        moved = carry_over(settings, target, now=clock(), tell=tell)
    if json:
        as_json(
            {
                "resumed": moved.resumed,
                "tables": [{"name": one.name, "rows": one.rows, "sha256": one.sha256} for one in moved.tables],
                "findings": [one.problem for one in moved.findings],
            }
        )
    else:
        _tell(moved, target, blobs)


def _with_places(settings: Settings, to: str, blobs: str | None) -> Settings:
    """`settings` with other places. Raises BadParameter for a URL that cannot be one."""
    from relay.settings.kinds import blobs_url, database_url

    try:
        database = settings.database.model_copy(update={"url": database_url(to)})
    except ValueError as wrong:
        raise typer.BadParameter(str(wrong), param_hint="--to") from None
    try:
        place = settings.blobs if blobs is None else settings.blobs.model_copy(update={"url": blobs_url(blobs)})
    except ValueError as wrong:
        raise typer.BadParameter(str(wrong), param_hint="--blobs") from None
    return settings.model_copy(update={"database": database, "blobs": place})


def _tell(moved: Moved, target: Settings, blobs: str | None) -> None:
    from sqlalchemy.engine import make_url

    say(f"{sum(one.rows for one in moved.tables)} rows in {len(moved.tables)} tables are the same there as here")
    if moved.findings:
        complain(f"the audit finds {len(moved.findings)}, there as here; `relay audit` lists them")
    say("now change the configuration of this and of every further node, and start:")
    say(f'  [database]\n  url = "{make_url(target.database.url).render_as_string(hide_password=True)}"')
    if blobs is not None:
        say(f'  [blobs]\n  url = "{target.blobs.url}"')
    say("further nodes need the same secret.key and DKIM key; search finds what the gateway has indexed, which it now does anew")
    say("what was moved is still here as it was: never start a gateway on it again")
