"""The options that commands have in common."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

ConfigFile = Annotated[
    Path | None,
    typer.Option(
        "--config",
        envvar="RELAY_CONFIG",
        metavar="FILE",
        readable=False,  # the reading of it says so, as of any other fault of the configuration: 78, not 2
        help="The configuration (TOML). Without it, the defaults.",
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
By = Annotated[
    str, typer.Option("--by", metavar="WORD", help="Who does this, for the timeline: a name or ticket, no mail address.")
]
