"""`relay serve`: everything, until SIGTERM."""

from __future__ import annotations

from typing import Annotated

import typer

from relay.cli.options import ConfigFile
from relay.cli.printing import complain
from relay.errors import WrongConfiguration
from relay.settings import read


def serve(
    config: ConfigFile = None,
    workers: Annotated[
        int,
        typer.Option(
            min=1,
            max=64,
            metavar="N",
            help="Processes that share the SMTP port. The first serves the web too: /readyz and /metrics speak for it alone.",
        ),
    ] = 1,
) -> None:
    """Run it all (SMTP, delivery, web, clock) until SIGTERM, which drains."""
    settings = read(config).settings
    if obstacles := settings.obstacles():
        raise WrongConfiguration(*obstacles)
    for warning in settings.warnings():
        complain(f"warning: {warning}")
    from relay.app.serving import serve as run

    run(settings, workers)
