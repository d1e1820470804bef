"""Which mail of ours a report speaks of (FAULT-75, LEAK-80)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.world import DOMAIN, NOW

from relay.transit.mentions import mentioned_in, mentions_max
from relay.transit.return_path import ReturnPaths
from relay.values import DeliveryId

LOCAL = ReturnPaths(b"k" * 32, DOMAIN).mint(DeliveryId("d1"), NOW).partition("@")[0]
ID = f"01k5zzzzzzzzzzzzzzzzzzzzzz@{DOMAIN}"


@pytest.mark.parametrize(
    ("octets", "locals_", "ids"),
    [
        (f"Return-Path: <{LOCAL}@{DOMAIN}>", (LOCAL,), 0),
        (f"Original-Mail-From: {LOCAL.upper()}@REDACTED", (LOCAL,), 0),  # some loops hide the domain of the sender, too
        (f"x{LOCAL}", (), 0),
        (f"{LOCAL}0", (), 0),
        (f"{LOCAL} and {LOCAL}", (LOCAL,), 0),
        (f"Message-ID: <{ID}>", (), 1),
        (f"Message-ID: <{ID.upper()}>", (), 1),
        (f"Message-ID: <{ID}.evil.example>", (), 0),
        (f"Message-ID: <x.{ID}>", (), 1),
        ("nothing of ours", (), 0),
    ],
)
def test_return_paths_and_message_ids_of_ours_are_found(octets: str, locals_: tuple[str, ...], ids: int) -> None:
    mentions = mentioned_in([octets.encode()], DOMAIN)
    assert mentions.locals == locals_
    assert len(mentions.message_ids) == ids


def test_a_report_that_names_thousands_is_read_in_part() -> None:
    many = b" ".join(b"bounce-d%d-20000-0123456789abcdef a%d@%s" % (number, number, DOMAIN.encode()) for number in range(2_000))
    mentions = mentioned_in([many, many], DOMAIN)
    assert len(mentions.locals) == len(mentions.message_ids) == mentions_max


@given(st.lists(st.binary(max_size=200), max_size=4))
def test_whatever_is_searched_nothing_breaks(pieces: list[bytes]) -> None:
    mentions = mentioned_in(pieces, DOMAIN)
    assert all(one.startswith("bounce-") for one in mentions.locals)
