"""No address reaches a log, whatever somebody logs by mistake (design.md invariant 1, FAULT-12)."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import structlog

from relay import logs


@contextmanager
def configured(out: io.StringIO, *, json: bool) -> Iterator[None]:
    before = logging.getLogger().handlers[:], logging.getLogger().level
    logs.configure(level="info", json=json, stream=out)
    try:
        yield
    finally:
        logging.getLogger().handlers[:], level = before
        logging.getLogger().setLevel(level)
        structlog.reset_defaults()


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    out = io.StringIO()
    with configured(out, json=True):
        yield out


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


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({}, "[info     ] ready"),
        ({"b": 1, "a": "x"}, "[info     ] ready        a=x b=1"),
        ({"why": "two words", "none": None, "list": ["x"]}, "[info     ] ready        list=['x'] none=None why='two words'"),
        ({"text": "a\nb=1"}, "[info     ] ready        text='a\\nb=1'"),
    ],
)
def test_a_line_for_people_is_one_line_with_its_facts_in_their_order(facts: dict[str, object], expected: str) -> None:
    out = io.StringIO()
    with configured(out, json=False):
        structlog.get_logger("relay.test").info("ready", **facts)
        logging.getLogger("somebody.else").error("ready")
    mine, others = out.getvalue().splitlines()
    assert mine.partition(" ")[2] == expected
    assert others.partition(" ")[2] == "[error    ] ready"


def test_a_line_that_cannot_be_written_is_lost_and_nothing_else_with_it() -> None:
    class Full(io.StringIO):
        def write(self, text: str) -> int:
            raise OSError("no space left on device")

    with configured(Full(), json=True):
        structlog.get_logger("relay.test").info("told")


def test_what_lies_below_the_level_is_not_written(stream: io.StringIO) -> None:
    structlog.get_logger("relay.test").debug("detail")
    assert stream.getvalue() == ""
