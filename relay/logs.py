"""Structured logs: one line a session and a delivery, never a body, never a real address (invariant 1)."""

from __future__ import annotations

import logging
import re
import sys
from typing import Final, TextIO

import structlog
from structlog.typing import EventDict

from relay.masking import masked as without_addresses

_CONTROLS: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def configure(*, level: str, json: bool, stream: TextIO = sys.stderr) -> None:
    """Set logging up for the process: `level` is debug, info, warning or error; `json` writes one object a line."""
    render: structlog.typing.Processor = (
        structlog.processors.JSONRenderer() if json else structlog.dev.ConsoleRenderer(colors=stream.isatty(), pad_event_to=12)
    )
    shared: list[structlog.typing.Processor] = [
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        masked,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared, processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, render]
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    for chatty in ("mail.log", "mail.debug", "aiosmtplib", "uvicorn.access", "asyncio", "alembic", "uvicorn.error"):
        logging.getLogger(chatty).setLevel(logging.WARNING)


def masked(logger: object, method: str, event: EventDict) -> EventDict:  # noqa: ARG001 - structlog calls it with these
    """The last line of defence: whatever looks like an address is masked, and controls cannot reach a terminal (FAULT-12)."""
    for key, value in event.items():
        event[key] = _harmless(value)
    return event


def _harmless(value: object) -> object:
    """`value` with its text masked, also within lists and tables, which the renderer would write out."""
    match value:
        case str():
            return _CONTROLS.sub("?", without_addresses(value))
        case list() | tuple() | set() | frozenset():
            return [_harmless(one) for one in value]
        case dict():
            return {name: _harmless(one) for name, one in value.items()}
        case _:
            return value
