"""The trap corpus against the core: nothing of either party arrives, and what the writer said does (leaks.md, invariant 1)."""

from __future__ import annotations

import email
import io
import re
from collections import Counter
from typing import Final

import pytest
from olefile import OleFileIO
from support.crossing import Origin, crossed
from support.pictures import shown
from support.scenes import SCENES, the_conversation

from relay.selftest.reading import Reading
from relay.selftest.traps import TRAPS, Fate, Trap
from relay.values import Role

ROWS: Final = (
    *range(1, 12),
    *range(20, 32),
    *range(40, 49),
    *range(50, 57),
    *range(60, 70),
    *range(80, 84),
)
"""The rows of leaks.md that are about content; 84 to 87 are about SMTP and have tests of their own."""

_FIELDS: Final = frozenset(
    "from to subject date message-id in-reply-to references auto-submitted importance priority x-priority content-language "
    "x-relay-trace mime-version content-type content-transfer-encoding content-disposition content-id".split()
)
_REVEALING_NOBODY: Final = frozenset({"LEAK-25", "LEAK-31", "LEAK-48", "LEAK-56"} | {"LEAK-1", "LEAK-2", "LEAK-5"})
"""Rows whose traps show that nothing is harmed, and, the last, those of the fields in which every mail names its author."""
_FATES: Final = {
    "passed": Fate.DELIVERED,
    "refused": Fate.REFUSED,
    "rejected": Fate.REFUSED,
    "absorbed": Fate.ABSORBED,
    "held": Fate.HELD,
}
_LARGE: Final = {"LEAK-31 two megabytes"}


def decided(trap: Trap, writer: str) -> tuple[Fate, str, bytes]:
    """What becomes of a trap, why, and the octets that would cross."""
    scene = SCENES[writer]
    conversation = the_conversation()
    origin = Origin(scene.writer.ip, scene.writer.host, "" if trap.sender == "null" else scene.writer.address)
    became = crossed(trap.build(scene), conversation, conversation.party(Role(writer)), origin)
    return _FATES[became.fate], became.detail, became.content


BOTH_WAYS: Final = [
    pytest.param(
        trap,
        writer,
        id=f"{trap.name}-{writer}",
        marks=[pytest.mark.slow] if (number + turn) % 2 or trap.name in _LARGE else [],
    )
    for number, trap in enumerate(TRAPS)
    for turn, writer in enumerate(SCENES)
]
"""Each trap as each of the two writes it. The fast tests have one of the two, in turn, and none of the large ones."""


@pytest.mark.parametrize(("trap", "writer"), BOTH_WAYS)
def test_a_trap_reveals_nobody_and_loses_nothing(trap: Trap, writer: str) -> None:
    fate, why, arrives = decided(trap, writer)
    assert trap.expected(SCENES[writer]) in {fate, Fate.ANY_BUT_LEAKED}, why
    if fate is not Fate.DELIVERED:
        return
    reading = Reading.of(arrives)
    assert reading.found(SCENES[writer].canaries()) == ()
    assert {name.lower() for name, _ in email.message_from_bytes(arrives).items()} <= _FIELDS
    assert reading.missing(trap.keeps) == ()


@pytest.mark.parametrize("name", ["JPEG", "PNG", "WebP", "GIF", "TIFF"])
def test_a_picture_of_the_traps_shows_the_same_afterwards(name: str) -> None:
    before, after = _file_before_and_after(f"LEAK-60 {name}")
    assert shown(after) == shown(before)
    assert after != before


def test_a_document_of_the_traps_opens_afterwards() -> None:
    before, after = (OleFileIO(io.BytesIO(one)) for one in _file_before_and_after("LEAK-63 OLE"))
    assert after.openstream("WordDocument").read() == before.openstream("WordDocument").read()


def _file_before_and_after(name: str) -> tuple[bytes, bytes]:
    (trap,) = (one for one in TRAPS if one.name == name)
    _, _, arrives = decided(trap, "partner")
    before, after = (_file(octets) for octets in (trap.build(SCENES["partner"]), arrives))
    return before, after


def _file(mail: bytes) -> bytes:
    (payload,) = (part.get_payload(decode=True) for part in email.message_from_bytes(mail).walk() if part.get_filename())
    assert isinstance(payload, bytes)
    return payload


def _without_author(content: bytes) -> bytes:
    """A trap without the fields that name its author in every mail."""
    return re.sub(rb"^(?:From|Received|Message-ID):[^\r]*\r\n(?:[ \t][^\r]*\r\n)*", b"", content, flags=re.MULTILINE)


def test_every_row_about_content_has_a_trap() -> None:
    assert [f"LEAK-{row}" for row in ROWS if f"LEAK-{row}" not in {trap.row for trap in TRAPS}] == []


@pytest.mark.parametrize("writer", ["customer", pytest.param("partner", marks=pytest.mark.slow)])
def test_what_a_trap_would_reveal_is_read_in_it_as_it_is_sent(writer: str) -> None:
    """Else the self-test would not notice the leak that the trap is about (invariant 1)."""
    scene = SCENES[writer]
    plain = scene.writer.address.encode()
    traps = [(one.name, one.build(scene)) for one in TRAPS if one.row not in _REVEALING_NOBODY]
    hidden = [(name, _without_author(mail)) for name, mail in traps if mail.count(plain) < 2]
    assert [name for name, mail in hidden if not Reading.of(mail).found(scene.canaries())] == []


def test_each_trap_has_a_name_of_its_own_that_begins_with_its_row() -> None:
    assert [name for name, count in Counter(trap.name for trap in TRAPS).items() if count > 1] == []
    assert [trap.name for trap in TRAPS if not trap.name.startswith(f"{trap.row} ")] == []
