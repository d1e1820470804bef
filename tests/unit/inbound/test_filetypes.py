"""Types by content (GW-25, FAULT-67, FAULT-68), with the libmagic that the product brings."""

from __future__ import annotations

import pytest

from relay.errors import Unavailable
from relay.inbound.filetypes import FileTypes, magic
from relay.policy.attachments import EXECUTABLE_TYPES


@pytest.fixture(scope="module")
def file_types() -> FileTypes:
    return FileTypes()


@pytest.mark.parametrize(
    "octets",
    [
        b"MZ" + bytes(58) + b"\x40\0\0\0PE\0\0" + bytes(100),
        b"\x7fELF\x02\x01\x01" + bytes(9) + b"\x02\x00\x3e\x00\x01\x00\x00\x00" + bytes(100),
        b"\xcf\xfa\xed\xfe\x07\x00\x00\x01\x03\x00\x00\x00\x02\x00\x00\x00" + bytes(100),
    ],
)
def test_programs_are_known_by_their_content(file_types: FileTypes, octets: bytes) -> None:
    assert file_types(octets) in EXECUTABLE_TYPES


@pytest.mark.parametrize(
    ("octets", "media_type"),
    [
        (b"%PDF-1.7\n", "application/pdf"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\1\0\0\0\1\x08\2\0\0\0", "image/png"),
        (b"", "application/x-empty"),
        (b"Bonjour\n", "text/plain"),
    ],
)
def test_ordinary_files_are_what_they_are(file_types: FileTypes, octets: bytes, media_type: str) -> None:
    assert file_types(octets) == media_type


def test_without_a_libmagic_nothing_starts_and_the_reason_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """FAULT-67."""

    def missing(*_: object, **__: object) -> None:
        raise magic.MagicException(b"could not find any valid magic files")

    monkeypatch.setattr(magic, "Magic", missing)
    with pytest.raises(Unavailable, match="libmagic cannot be used: MagicException"):
        FileTypes()


def test_a_libmagic_that_knows_nothing_is_a_fault_at_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    """FAULT-67: an empty database calls everything data."""
    monkeypatch.setattr(magic.Magic, "from_buffer", lambda *_: "application/octet-stream")
    with pytest.raises(Unavailable, match="does not recognise"):
        FileTypes()


def test_a_libmagic_that_is_gone_when_it_is_needed_is_no_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    """FAULT-67: the database is opened for the first file; without it nothing passes as harmless."""
    file_types = FileTypes()

    def missing(*_: object, **__: object) -> None:
        raise magic.MagicException(b"could not find any valid magic files")

    with monkeypatch.context() as gone:
        gone.setattr(magic, "Magic", missing)
        with pytest.raises(Unavailable, match="libmagic cannot be used"):
            file_types(b"%PDF-1.7\n")
    assert file_types(b"%PDF-1.7\n") == "application/pdf"


def test_what_libmagic_cannot_digest_is_of_no_known_type(file_types: FileTypes, monkeypatch: pytest.MonkeyPatch) -> None:
    """FAULT-67: one file is no reason to put all mail off; the scanner sees it all the same."""

    def breaks(*_: object) -> str:
        raise magic.MagicException(b"line I/O error")

    monkeypatch.setattr(magic.Magic, "from_buffer", breaks)
    assert file_types(b"anything") == "application/octet-stream"
