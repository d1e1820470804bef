"""Ids grow, and aliases come from a secure source."""

from __future__ import annotations

import os
import re
from datetime import UTC, datetime, timedelta

from relay.machine import NewIds, clock, hex_digits, random_bits


def test_the_clock_tells_utc() -> None:
    assert clock().utcoffset() == timedelta()


def test_an_id_is_26_characters_of_crockfords_base_32_and_never_comes_twice() -> None:
    new_id = NewIds()
    ids = [new_id() for _ in range(2_000)]
    assert len(set(ids)) == len(ids)
    assert all(re.fullmatch(r"[0-9a-hjkmnp-tv-z]{26}", one) for one in ids)


def test_ids_sort_by_the_time_they_were_made() -> None:
    at = datetime(2026, 6, 1, 12, tzinfo=UTC)
    instants = iter([at, at + timedelta(milliseconds=1), at + timedelta(days=400)])
    new_id = NewIds(lambda: next(instants), lambda bits: 2**bits - 1)
    ids = [new_id() for _ in range(3)]
    assert ids == sorted(ids)


def test_ids_grow_also_within_a_millisecond_and_when_the_clock_is_set_back() -> None:
    """FAULT-99"""
    at = datetime(2026, 6, 1, 12, tzinfo=UTC)
    instants = iter([at, at, at - timedelta(days=1)])
    new_id = NewIds(lambda: next(instants), lambda _: 5)
    ids = [new_id() for _ in range(3)]
    assert ids == sorted(set(ids))


def test_the_guessable_part_of_an_alias_is_twelve_hex_digits_and_random() -> None:
    """GW-1"""
    drawn = {hex_digits() for _ in range(500)}
    assert len(drawn) == 500
    assert all(re.fullmatch(r"[0-9a-f]{12}", one) for one in drawn)


def test_a_process_that_was_forked_draws_other_random_bits_than_its_parent() -> None:
    """GW-1: ids of two workers must not meet, however much was drawn before they parted."""
    random_bits(80)
    receiving, sending = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(sending, random_bits(80).to_bytes(10, "big"))
        os._exit(0)
    os.waitpid(child, 0)
    theirs = int.from_bytes(os.read(receiving, 10), "big")
    os.close(receiving)
    os.close(sending)
    assert theirs != random_bits(80)
