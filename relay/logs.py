"""Structured logs: one line a session and a delivery, never a body, never a real address (invariant 1)."""

from __future__ import annotations

import contextlib
import logging
import re
import sys
import threading
from typing import Final, TextIO

import structlog
from structlog.typing import EventDict

from relay.masking import masked as without_addresses

_BARE: Final = re.compile(r"[^ '\"=\n\t]++")
_CONTROLS: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def configure(*, level: str, json: bool, stream: TextIO = sys.stderr) -> None:
    """Set logging up for the process: `level` is debug, info, warning or error; `json` writes one object a line."""
    render: structlog.typing.Processor = structlog.processors.JSONRenderer() if json else _as_text
    if not json and stream.isatty():
        render = structlog.dev.ConsoleRenderer(pad_event_to=12)
    shared: list[structlog.typing.Processor] = [
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        masked,
    ]
    lines = _Lines(stream)
    structlog.configure(
        processors=[*shared, render],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        logger_factory=lambda *_: lines,
        cache_logger_on_first_use=True,
    )
    # What libraries say goes through the standard library's records, which cost four times as much: theirs are few.
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


class _Lines:
    """Writes lines, each in one go. One that cannot be written is lost, as with the standard library's handlers: a full disk
    below the log is no reason to refuse mail."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._lock = threading.Lock()

    def write(self, line: str) -> None:
        with self._lock, contextlib.suppress(OSError, ValueError):
            self._stream.write(f"{line}\n")
            self._stream.flush()

    debug = info = warning = error = critical = write


def _as_text(logger: object, method: str, event: EventDict) -> str:  # noqa: ARG001 - structlog calls it with these
    """A line as structlog's console shows it, without its colours, in a tenth of its time."""
    begins = f"{event.pop('timestamp')} [{event.pop('level'):<9}] {event.pop('event'):<12}"
    broke = event.pop("exception", None)
    facts = "".join(f" {name}={_shown(value)}" for name, value in sorted(event.items()) if not name.startswith("_"))
    return f"{begins}{facts}\n{broke}" if broke else f"{begins}{facts}".rstrip()


def _shown(value: object) -> str:
    return value if isinstance(value, str) and _BARE.fullmatch(value) else repr(value)


def masked(logger: object, method: str, event: EventDict) -> EventDict:  # noqa: ARG001 - structlog calls it with these
    """The last line of defence: whatever looks like an address is masked, and controls cannot reach a terminal (FAULT-12)."""
    for key, value in event.items():
        if value is not None and not isinstance(value, int):
            event[key] = _harmless(value)
    return event


def _harmless(value: object) -> object:
    """`value` with its text masked, also within lists and tables, which the renderer would write out."""
    match value:
        case str():
            # Ids and plain words, which most values are, hold neither.
            return value if value.isalnum() else _CONTROLS.sub("?", without_addresses(value))
        case list() | tuple() | set() | frozenset():
            return [_harmless(one) for one in value]
        case dict():
            return {name: _harmless(one) for name, one in value.items()}
        case _:
            return value
