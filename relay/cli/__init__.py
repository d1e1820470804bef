"""The command line: one module per group of commands. Each command is a few calls; what they do lies below."""

from __future__ import annotations

import sys


def main() -> None:
    """The command `relay`."""
    from relay.cli.program import run

    sys.exit(run())
