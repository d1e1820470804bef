"""`relay trace`: what happened to a message, or at an alias."""

from __future__ import annotations

from typing import Annotated

import typer

from relay.cli.opened import opened
from relay.cli.options import AsJson, ConfigFile
from relay.cli.printing import all_as_json, instant, one_line, say
from relay.masking import masked


def trace(
    id_: Annotated[str, typer.Argument(metavar="ID", help="A message's id, a mail's, a delivery's, a Message-ID, or an alias.")],
    config: ConfigFile = None,
    json: AsJson = False,
) -> None:
    """Tell what happened to a message, to mail about a booking, or at an alias, oldest first."""
    from relay.store import archive

    with opened(config) as house:
        ours = house.settings.relay.domain
        with house.reading() as connection:
            events = archive.trace(connection, id_)
    if json:
        all_as_json(
            [
                {"at": instant(one.at), "kind": one.kind, "facts": dict(one.facts), "text": masked(one.text, ours)}
                for one in events
            ]
        )
        return
    for one in events:
        told = " ".join(f"{name}={value}" for name, value in one.facts)
        said = f'  "{masked(one.text, ours)}"' if one.text else ""
        say(one_line(f"{instant(one.at)}  {one.kind:<12} {told}{said}", 1_000))
