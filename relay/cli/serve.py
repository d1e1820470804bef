"""`relay serve`: everything, until SIGTERM."""

from __future__ import annotations

from typing import Annotated

import typer

from relay.cli.options import ConfigFile
from relay.cli.printing import complain


def serve(
    config: ConfigFile = None,
    workers: Annotated[
        int,
        typer.Option(
            min=1,
            max=64,
            metavar="N",
            help="Processes that share the SMTP port; SIGHUP relieves them one by one. The first serves the web too.",
        ),
    ] = 1,
) -> None:
    """Run it all (SMTP, delivery, web, clock) until SIGTERM, which drains; a second one hurries."""
    from relay.app.serving import serve as run
    from relay.settings import read

    for warning in read(config).settings.warnings():
        complain(f"warning: {warning}")
    run(lambda: read(config).settings, workers)
