"""No address reaches a log, whatever somebody logs by mistake (design.md invariant 1, FAULT-12)."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from relay import logs


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    out = io.StringIO()
    before = logging.getLogger().handlers[:], logging.getLogger().level
    logs.configure(level="info", json=True, stream=out)
    yield out
    logging.getLogger().handlers[:], level = before
    logging.getLogger().setLevel(level)
    structlog.reset_defaults()


def test_addresses_and_controls_are_masked_in_values_events_and_foreign_records(stream: io.StringIO) -> None:
    structlog.get_logger("relay.test").info("from zofia@poczta.example", path="<zofia@poczta.example>", text="a\x1b[31mb\u202e")
    logging.getLogger("somebody.else").error("failed for %s", "zofia@poczta.example")
    lines = [json.loads(line) for line in stream.getvalue().splitlines()]
    assert "zofia" not in stream.getvalue()
    assert lines[0]["text"] == "a?[31mb?"
    assert lines[1]["event"] == "failed for <address>"


def test_lists_and_tables_are_masked_within(stream: io.StringIO) -> None:
    structlog.get_logger("relay.test").info("told", to=["zofia@poczta.example", 3], by={"who": ("user@münchen.de",)})
    assert json.loads(stream.getvalue())["to"] == ["<address>", 3]
    assert json.loads(stream.getvalue())["by"] == {"who": ["<address>"]}


def test_what_lies_below_the_level_is_not_written(stream: io.StringIO) -> None:
    structlog.get_logger("relay.test").debug("detail")
    assert stream.getvalue() == ""
