"""Ids grow, and aliases come from a secure source."""

from __future__ import annotations

import errno
import os
import re
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from relay.machine import NewIds, clock, hex_digits, is_here, random_bits, write_private


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


@pytest.mark.parametrize(
    ("address", "here"),
    [("127.0.0.1", True), ("::1", True), ("192.0.2.1", False), ("2001:db8::1", False), ("255.255.255.255", False)],
)
def test_an_address_is_ours_when_it_is_reached_from_itself(address: str, here: bool) -> None:
    """FAULT-86: also where the machine has no way to such addresses at all."""
    assert is_here(address) is here


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


@pytest.mark.parametrize("replace", [False, True])
def test_what_is_written_privately_is_for_its_owner_alone_whatever_the_mask(tmp_path: Path, replace: bool) -> None:
    file = tmp_path / "keys" / "key"
    before = os.umask(0)
    try:
        write_private(file, b"secret", replace=replace)
    finally:
        os.umask(before)
    assert file.read_bytes() == b"secret"
    assert (stat.S_IMODE(file.stat().st_mode), stat.S_IMODE(file.parent.stat().st_mode)) == (0o600, 0o700)
    assert list(file.parent.iterdir()) == [file]


def test_nothing_is_written_in_the_place_of_another_unless_it_is_to_be(tmp_path: Path) -> None:
    file = tmp_path / "key"
    write_private(file, b"first")
    with pytest.raises(FileExistsError):
        write_private(file, b"second")
    assert file.read_bytes() == b"first"
    write_private(file, b"second", replace=True)
    assert file.read_bytes() == b"second"
    assert list(tmp_path.iterdir()) == [file]


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.write_bytes(b"theirs")
    (tmp_path / "key").symlink_to(elsewhere)
    with pytest.raises(FileExistsError):
        write_private(tmp_path / "key", b"ours")
    write_private(tmp_path / "key", b"ours", replace=True)
    assert (elsewhere.read_bytes(), (tmp_path / "key").is_symlink()) == (b"theirs", False)


@pytest.mark.parametrize("step", ["fsync", "link", "replace"])
def test_whatever_breaks_off_leaves_what_was_there_and_nothing_beside_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    """FAULT-97."""
    file = tmp_path / "key"
    replace = step == "replace"
    if replace:
        file.write_bytes(b"first")

    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(Path if replace else os, step, full)
    with pytest.raises(OSError, match="No space left"):
        write_private(file, b"second", replace=replace)
    assert [one.read_bytes() for one in tmp_path.iterdir()] == ([b"first"] if replace else [])
