"""GW-45: keys that sign, wait, and have signed."""

from __future__ import annotations

import errno
import os
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from relay.app.keyring import Keyring, Signing, keyrings, record_kept, signer
from relay.errors import Conflict, NotDone, NotFound, WrongConfiguration
from relay.outbound.signing import lifetime_default
from relay.outbound.signing_key import Algorithm
from relay.settings import Settings

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
MESSAGE = b"From: a@reply.example.com\r\n\r\nHello\r\n"


@pytest.fixture
def ring(tmp_path: Path) -> Keyring:
    """Of Ed25519, whose keys are made in no time."""
    return Keyring(tmp_path / "keys" / "dkim.pem", "relay", Algorithm.ED25519)


def settings_of(directory: Path, **dkim: str) -> Settings:
    keys = {"key_file": directory / "dkim.pem", "ed25519_key_file": directory / "ed.pem", **dkim}
    return Settings(dkim=keys)  # type: ignore[arg-type]  # pydantic reads it


def test_a_key_is_for_its_owner_alone_and_is_not_replaced_by_accident(ring: Keyring) -> None:
    assert ring.present() is None
    first = ring.make()
    assert first.selector == "relay"
    assert stat.S_IMODE(ring.file.stat().st_mode) == 0o600
    with pytest.raises(Conflict, match="is there already"):
        ring.make()
    present = ring.present()
    assert present is not None
    assert present.record == first.record
    assert ring.make(replace=True).record != first.record


def test_the_next_key_waits_and_the_present_one_signs_on(ring: Keyring) -> None:
    first = ring.make()
    coming = ring.prepare(NOW)
    assert coming.selector == "relay-20261123"
    present, waiting = ring.present(), ring.next()
    assert present is not None
    assert waiting is not None
    assert (present.record, waiting.record) == (first.record, coming.record)
    with pytest.raises(Conflict):
        ring.prepare(NOW + timedelta(days=1))


def test_a_key_that_comes_into_use_leaves_the_public_half_of_the_other_and_until_when_its_record_stays(ring: Keyring) -> None:
    first = ring.make()
    coming = ring.prepare(NOW)
    after, before = ring.promote(NOW)
    assert (after.selector, before.selector) == (coming.selector, first.selector)
    assert ring.next() is None
    assert ring.retired() == [before]
    assert (before.record, before.until) == (first.record, NOW + record_kept)
    assert record_kept > lifetime_default
    assert sorted(one.name for one in ring.file.parent.iterdir()) == ["dkim.pem", "dkim.pem.retired-relay"]
    assert b"PRIVATE" not in ring.file.with_name("dkim.pem.retired-relay").read_bytes()
    assert {stat.S_IMODE(one.stat().st_mode) for one in ring.file.parent.iterdir()} == {0o600}


def test_no_selector_is_ever_used_for_two_keys(ring: Keyring) -> None:
    ring.make()
    used = ["relay"]
    for _ in range(3):
        used.append(ring.prepare(NOW).selector)
        ring.promote(NOW)
    assert used == ["relay", "relay-20261123", "relay-20261123-2", "relay-20261123-3"]
    for one in used:
        with pytest.raises(Conflict, match="used before"):
            ring.prepare(NOW, one)
    assert [one.selector for one in ring.retired()] == ["relay", "relay-20261123", "relay-20261123-2"]


@pytest.mark.parametrize("selector", ["../../x", "a b", "Relay", "-a", "a-", "_a", "a.b", "a" * 64, "a\n", "ä", "x/y", "\0"])
def test_what_is_no_label_of_dns_is_no_selector_and_nothing_is_written(ring: Keyring, selector: str) -> None:
    ring.make()
    with pytest.raises(NotDone, match="is no selector"):
        ring.prepare(NOW, selector)
    assert [one.name for one in ring.file.parent.iterdir()] == ["dkim.pem"]


def test_a_selector_of_the_other_signature_is_not_used_here(ring: Keyring) -> None:
    ring.make()
    with pytest.raises(Conflict, match="used before"):
        ring.prepare(NOW, "other", {"other"})
    assert ring.prepare(NOW, elsewhere={"relay-20261123"}).selector == "relay-20261123-2"
    assert ring.selectors() == {"relay", "relay-20261123-2"}


def test_a_disk_that_is_full_leaves_each_key_as_it_was(ring: Keyring, monkeypatch: pytest.MonkeyPatch) -> None:
    """FAULT-97: also when the present key is to be replaced."""
    first = ring.make()

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as broken:
        broken.setattr(os, "fsync", full)
        for attempt in (lambda: ring.make(replace=True), lambda: ring.prepare(NOW)):
            with pytest.raises(NotDone, match=r"dkim\.pem.*cannot be written: No space left on device"):
                attempt()
    assert [one.name for one in ring.file.parent.iterdir()] == ["dkim.pem"]
    present = ring.present()
    assert present is not None
    assert present.record == first.record


def test_a_change_that_was_broken_off_half_way_can_be_finished(ring: Keyring) -> None:
    """The note of the one that goes is written before the other takes its place."""
    ring.make()
    ring.prepare(NOW)
    note = ring.file.with_name("dkim.pem.retired-relay")
    present = ring.present()
    assert present is not None
    note.write_bytes(b"Retired: 2026-11-23T12:00:00Z\n" + present.public_pem)
    assert ring.retired() == []
    ring.promote(NOW + timedelta(hours=1))
    assert [one.until for one in ring.retired()] == [NOW + timedelta(hours=1) + record_kept]


def test_without_a_key_nothing_can_come_next(ring: Keyring) -> None:
    with pytest.raises(NotFound, match="relay dkim generate"):
        ring.prepare(NOW)
    ring.make()
    with pytest.raises(NotFound):
        ring.promote(NOW)


def test_the_name_of_a_file_is_no_pattern(tmp_path: Path) -> None:
    ring = Keyring(tmp_path / "[a]*.pem", "relay", Algorithm.ED25519)
    ring.make()
    ring.prepare(NOW)
    _, before = ring.promote(NOW)
    (tmp_path / "a.pem.retired-x").write_bytes(b"somebody else's\n")
    assert ring.retired() == [before]


@pytest.mark.parametrize("note", [b"no date\n", b"Retired: yesterday\n"])
def test_what_is_wrong_with_a_file_is_told_with_its_name(ring: Keyring, note: bytes) -> None:
    ring.make()
    ring.file.with_name("dkim.pem.retired-x").write_bytes(note)
    with pytest.raises(WrongConfiguration, match="retired-x: it does not say"):
        ring.retired()
    ring.file.write_bytes(b"no key")
    with pytest.raises(WrongConfiguration, match=r"dkim\.pem: dkim: no private key"):
        ring.present()


def test_keys_that_are_made_say_where_their_records_belong_and_those_that_are_there_say_nothing(tmp_path: Path) -> None:
    settings = settings_of(tmp_path, selector="s1", ed25519_selector="s2")
    with capture_logs() as lines:
        first = signer(settings)
        assert [key.record for key in signer(settings).keys] == [key.record for key in first.keys]
    assert [(line["event"], line["publish"]) for line in lines] == [
        ("dkim.key_made", "s1._domainkey.reply.example.com"),
        ("dkim.key_made", "s2._domainkey.reply.example.com"),
    ]


def test_a_process_signs_with_a_new_key_once_it_takes_it_up_and_not_before(tmp_path: Path) -> None:
    settings = settings_of(tmp_path, ed25519_selector="ed")
    signing = Signing(settings)
    _, ring = keyrings(settings)
    ring.prepare(NOW)
    ring.promote(NOW)
    assert signing.selectors == ["relay", "ed"]
    signing.take_up(settings)
    assert signing.selectors == ["relay", "ed-20261123"]
    assert b"s=ed-20261123;" in signing(MESSAGE, NOW)


def test_keys_that_cannot_be_taken_up_leave_the_others_at_work(tmp_path: Path) -> None:
    settings = settings_of(tmp_path)
    signing = Signing(settings)
    settings.dkim.key_file.write_bytes(b"no key")
    with pytest.raises(WrongConfiguration):
        signing.take_up(settings)
    assert signing.selectors == ["relay"]
    assert b"s=relay;" in signing(MESSAGE, NOW)
