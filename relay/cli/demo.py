"""`relay demo`: the whole gateway with pretend people, for a visitor to try."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from relay.settings import read


def demo(
    # Without RELAY_CONFIG: nobody wants a demonstration on the database of their installation by accident.
    config: Annotated[Path | None, typer.Option("--config", metavar="FILE", help="Ports and names to use instead.")] = None,
    once: Annotated[bool, typer.Option("--once", help="End after the exchange instead of waiting for visitors.")] = False,
) -> None:
    """Show one exchange end to end on the embedded default, then keep running for you to write into it."""
    settings = read(config).settings
    from relay.demo import demo as run

    run(settings, once=once)
