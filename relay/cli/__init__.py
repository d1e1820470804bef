"""The command line: one module per group of commands. Each command is a few calls; what they do lies below."""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable


def main() -> None:
    """The command `relay`."""
    # All that is loaded here stays to the end: there is no garbage in it to be sought, now or later.
    gc.disable()
    run = load_program()
    gc.freeze()
    gc.enable()
    sys.exit(run())


def load_program() -> Callable[[], int]:
    """What carries out a command.

    structlog is loaded without Rich: it would write tracebacks with all local variables, which hold mail, so ours are plain; and
    every process of `relay serve` would keep 4 MB for it (PERF-10).
    """
    sys.modules["rich"] = None  # type: ignore[assignment]  # Python's sign for a module that is not to be had
    import structlog  # noqa: F401

    del sys.modules["rich"]
    from relay.cli.program import run

    return run
