"""Real mail that is wrapped in a container: all of it is read, what is signed crosses, nobody is found in what crosses."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.renditions import rendition_of
from support.wrapping import a_mail_of, a_part

from relay.message.encrypted import holds_encrypted
from relay.message.parse import parse

CORPUS = Path(os.environ.get("RELAY_CORPUS", Path(__file__).parents[3] / "shared" / "corpus"))
KINDS = ("tnef", "signed-encrypted", "outlook-msg")
EMPTY = b"Content-Type: text/plain\r\n\r\n \r\n"
FILES = {
    "tnef/mimekit-two-files.tnef": ["AUTHORS", "README"],
    "tnef/mimekit-long-filename.tnef": ["allproductsmar2000.dat"],
    "tnef/tnefparse-umlaut.tnef": ["TBZ PARIV GmbH.jpg", "UmlautAnhang-äüö.txt", "image003.jpg"],
    "tnef/mimekit-garbage-at-end.tnef": [],
    "outlook-msg/outlook-message-perl-plain_jpeg_attached.msg": ["test.jpg"],
}

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not CORPUS.is_dir(), reason=f"no corpus of real mail at {CORPUS}; set RELAY_CORPUS"),
]


def as_mail(file: Path) -> bytes:
    return (
        file.read_bytes()
        if file.suffix == ".eml"
        else a_mail_of(EMPTY, a_part(file.read_bytes(), "application/octet-stream", file.name))
    )


def mails(kind: str) -> Iterator[tuple[str, bytes]]:
    yield from ((file.name, as_mail(file)) for file in sorted((CORPUS / kind).iterdir()))


@pytest.mark.parametrize("kind", KINDS)
def test_no_finding_holds_what_may_pass(kind: str) -> None:
    """GW-46, LEAK-53, LEAK-68, LEAK-69."""
    held = [name for name, octets in mails(kind) if not holds_encrypted(parse(octets)) and rendition_of(octets).findings]
    assert held == []


@pytest.mark.parametrize(("path", "names"), FILES.items())
def test_the_files_of_a_container_are_there(path: str, names: list[str]) -> None:
    assert sorted(one.filename or "" for one in parse(as_mail(CORPUS / path)).attachments) == names


@pytest.mark.parametrize("word", ["opaque", "onepart"])
def test_what_is_signed_as_a_whole_is_not_refused(word: str) -> None:
    """The names of those files say how they were made: `sig` signed, `env` enveloped."""
    signed = [
        octets for name, octets in mails("signed-encrypted") if word in name and not any(bad in name for bad in ("env", "enc"))
    ]
    assert [holds_encrypted(parse(octets)) for octets in signed] == [False] * len(signed)
    assert signed
