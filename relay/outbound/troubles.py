"""What goes wrong in our own code, told to the log without the words of the exception: those may quote an address."""

from __future__ import annotations

import traceback
from pathlib import PurePath

import structlog
from structlog.typing import FilteringBoundLogger

log: FilteringBoundLogger = structlog.get_logger("relay.outbound")


def complain(event: str, broke: BaseException, **facts: str | int | None) -> None:
    """Log `event` with the kind of the exception and where it was raised."""
    frames = traceback.extract_tb(broke.__traceback__)
    place = f"{PurePath(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
    log.error(event, error=type(broke).__name__, at=place, **facts)
