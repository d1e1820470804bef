"""The options that commands have in common."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

ConfigFile = Annotated[
    Path | None,
    typer.Option("--config", envvar="RELAY_CONFIG", metavar="FILE", help="The configuration (TOML). Without it, the defaults."),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
By = Annotated[
    str, typer.Option("--by", metavar="WORD", help="Who does this, for the timeline: a name or ticket, no mail address.")
]
