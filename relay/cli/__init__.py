"""The command line: one module per group of commands. Each command is a few calls; what they do lies below."""

from __future__ import annotations

import gc
import sys


def main() -> None:
    """The command `relay`."""
    # All that is loaded here stays to the end: there is no garbage in it to be sought, now or later.
    gc.disable()
    from relay.cli.program import run

    gc.freeze()
    gc.enable()
    sys.exit(run())
