"""Archives are looked into, bounded (GW-25, FAULT-65, CASE-63)."""

from __future__ import annotations

import bz2
import io
import lzma
import struct
import tarfile
import zipfile

import pytest

from relay.message import archives
from relay.message.archives import archive_in


def a_zip(members: dict[str, bytes]) -> bytes:
    octets = io.BytesIO()
    with zipfile.ZipFile(octets, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return octets.getvalue()


def test_the_names_inside_inner_archives_are_listed_too() -> None:
    archive = archive_in(a_zip({"a.pdf": b"x", "more.zip": a_zip({"deep/run.exe": b"MZ"})}))
    assert archive is not None
    assert archive.members == ("a.pdf", "more.zip", "deep/run.exe")
    assert not archive.locked
    assert not archive.overgrown


def test_archives_nested_too_deep_are_overgrown() -> None:
    inner = a_zip({"a.txt": b"x"})
    for _ in range(4):
        inner = a_zip({"inner.zip": inner})
    archive = archive_in(inner)
    assert archive is not None
    assert archive.overgrown


def test_a_bomb_is_told_by_what_it_claims_to_unpack_to() -> None:
    claimed = struct.pack("<L", archives.unpacked_bytes_max + 1)
    octets = bytearray(a_zip({"zeros": bytes(1000)}))
    octets[(at := octets.index(b"PK\x01\x02") + 24) : at + 4] = claimed
    archive = archive_in(bytes(octets))
    assert archive is not None
    assert archive.overgrown


def test_a_password_is_told_by_its_flag() -> None:
    octets = bytearray(a_zip({"a.txt": b"x"}))
    octets[octets.index(b"PK\x01\x02") + 8] |= 1
    archive = archive_in(bytes(octets))
    assert archive is not None
    assert archive.locked


def a_tar(mode: str, *members: tarfile.TarInfo) -> bytes:
    octets = io.BytesIO()
    with tarfile.open(fileobj=octets, mode=mode) as archive:
        for member in members:
            archive.addfile(member, io.BytesIO(bytes(member.size)))
    return octets.getvalue()


@pytest.mark.parametrize("mode", ["w", "w:gz", "w:bz2", "w:xz"])
def test_a_tar_is_listed_through_its_compression(mode: str) -> None:
    octets = a_tar(mode, tarfile.TarInfo("run.bat"), tarfile.TarInfo("a/b.txt"))
    listed = archive_in(octets)
    assert listed is not None
    assert listed.members == ("run.bat", "a/b.txt")
    listed = archive_in(a_zip({"in.tar.xz": octets}))
    assert listed is not None
    assert listed.members == ("in.tar.xz", "run.bat", "a/b.txt")


@pytest.mark.parametrize("bound", [100, pytest.param(archives.members_max, marks=pytest.mark.slow)])
@pytest.mark.parametrize("mode", ["w:gz", "w:bz2", "w:xz"])
def test_more_members_than_are_listed_are_told_while_it_unpacks(mode: str, bound: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "members_max", bound)
    many = a_tar(mode, *(tarfile.TarInfo(str(number)) for number in range(bound + 1)))
    listed = archive_in(many)
    assert listed is not None
    assert listed.overgrown


def test_what_is_no_archive_or_a_broken_one_is_not_listed() -> None:
    assert archive_in(b"%PDF-1.4") is None
    assert archive_in(b"PK\x03\x04 nonsense") is None
    assert archive_in(b"\x1f\x8b nonsense") is None
    assert archive_in(b"BZh nonsense") is None
    assert archive_in(b"\xfd7zXZ\0 nonsense") is None
    assert archive_in(bz2.compress(b"a text")) is None
    assert archive_in(lzma.compress(b"a text")) is None
