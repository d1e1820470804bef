"""Types by content (GW-25, FAULT-68), with the libmagic that the product brings."""

from __future__ import annotations

import pytest

from relay.inbound.filetypes import FileTypes
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
