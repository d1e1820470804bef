"""The installation's own secrets (design.md section 3)."""

from __future__ import annotations

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest

from relay.app.keys import Secrets, kept
from relay.errors import WrongConfiguration


def test_the_secret_is_made_once_and_read_by_its_owner_alone(tmp_path: Path) -> None:
    first = Secrets.at(tmp_path / "var")
    assert Secrets.at(tmp_path / "var") == first
    assert first.return_paths != first.seal
    assert stat.S_IMODE((tmp_path / "var" / "secret.key").stat().st_mode) == 0o600
    assert [path.name for path in (tmp_path / "var").iterdir()] == ["secret.key"]


def test_workers_that_start_together_agree_on_one_secret(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda _: Secrets.at(tmp_path), range(16)))
    assert len(set(made)) == 1


def test_a_file_that_is_no_secret_of_ours_is_a_fault_of_the_configuration(tmp_path: Path) -> None:
    (tmp_path / "secret.key").write_bytes(b"short")
    with pytest.raises(WrongConfiguration, match=r"secret\.key"):
        Secrets.at(tmp_path)


def test_a_directory_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(WrongConfiguration, match="file"):
        kept(tmp_path / "file" / "key", lambda: b"x")


def test_of_workers_that_make_a_key_together_one_tells(tmp_path: Path) -> None:
    """GW-45: one record is to be published, and the log names it once."""
    together = Barrier(4)
    told: list[str] = []

    def make() -> bytes:
        together.wait(30)  # each has found that there is none
        return b"k"

    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda _: kept(tmp_path / "key", make, lambda: told.append("made")), range(4)))
    assert (found, told) == ([b"k"] * 4, ["made"])


def test_secrets_do_not_print(tmp_path: Path) -> None:
    secrets = Secrets.at(tmp_path)
    assert repr(secrets.return_paths)[2:10] not in repr(secrets)
