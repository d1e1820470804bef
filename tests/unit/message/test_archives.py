"""Archives are looked into, bounded (GW-25, FAULT-65, CASE-63)."""

from __future__ import annotations

import io
import tarfile
import zipfile

from relay.message.archives import opened, unpacked_bytes_max


def a_zip(members: dict[str, bytes]) -> bytes:
    octets = io.BytesIO()
    with zipfile.ZipFile(octets, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return octets.getvalue()


def test_the_names_inside_inner_archives_are_listed_too() -> None:
    archive = opened(a_zip({"a.pdf": b"x", "more.zip": a_zip({"deep/run.exe": b"MZ"})}))
    assert archive is not None
    assert archive.members == ("a.pdf", "more.zip", "deep/run.exe")
    assert not archive.locked
    assert not archive.overgrown


def test_archives_nested_too_deep_are_overgrown() -> None:
    inner = a_zip({"a.txt": b"x"})
    for _ in range(4):
        inner = a_zip({"inner.zip": inner})
    archive = opened(inner)
    assert archive is not None
    assert archive.overgrown


def test_a_bomb_is_told_by_what_it_claims_to_unpack_to() -> None:
    archive = opened(a_zip({"zeros": bytes(unpacked_bytes_max + 1)}))
    assert archive is not None
    assert archive.overgrown


def test_a_password_is_told_by_its_flag() -> None:
    octets = bytearray(a_zip({"a.txt": b"x"}))
    octets[octets.index(b"PK\x01\x02") + 8] |= 1
    archive = opened(bytes(octets))
    assert archive is not None
    assert archive.locked


def test_a_tar_is_listed_through_its_compression() -> None:
    octets = io.BytesIO()
    with tarfile.open(fileobj=octets, mode="w:gz") as archive:
        archive.addfile(tarfile.TarInfo("run.bat"), io.BytesIO(b""))
    listed = opened(octets.getvalue())
    assert listed is not None
    assert listed.members == ("run.bat",)


def test_what_is_no_archive_or_a_broken_one_is_not_listed() -> None:
    assert opened(b"%PDF-1.4") is None
    assert opened(b"PK\x03\x04 nonsense") is None
    assert opened(b"\x1f\x8b nonsense") is None
