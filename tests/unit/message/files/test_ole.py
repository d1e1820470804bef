"""Old Office files (LEAK-63): names become blanks in their places, nothing moves."""

from __future__ import annotations

import struct

import olefile
import pytest
from support.canaries import ADDRESS, AUTHOR, anybody, nobody, planted
from support.leaking import attached
from support.ole import a_property_set, a_word_document, ole_file

from relay.message.files import cleaned
from relay.message.files.ole import CUSTOM, DOCUMENT_SUMMARY, SUMMARY
from relay.message.leaks import Watched, leaks

WHO = AUTHOR.decode()
MAIL = ADDRESS.decode()
WATCHED = (Watched.of((MAIL,), (WHO,)),)
SUMMARY_NAME = "\x05SummaryInformation"
DETAILS_NAME = "\x05DocumentSummaryInformation"
TEXT = {"text": b"the text " * 600}


def a_record(kind: int, body: bytes) -> bytes:
    return struct.pack("<HH", kind, len(body)) + body


NOTE = struct.pack("<4HHB", 1, 1, 0, 1, len(WHO), 0) + AUTHOR + b"\0"
WORKBOOK = (
    a_record(0x809, bytes(16))
    + a_record(0x5C, struct.pack("<HB", len(WHO), 0) + AUTHOR.ljust(109))
    + a_record(0x1C, NOTE)
    + a_record(0x0A, b"")
)
USER = bytes(8) + struct.pack("<III", 20, 0xE391C05F, 0) + struct.pack("<HH", len(WHO), 0x3F4) + bytes(4) + AUTHOR + bytes(4)
USER_OF_SLIDES = USER + WHO.encode("utf-16-le")
WORD = a_word_document(
    authors=["Unknown", WHO], owners=[WHO, WHO], saved_by=[WHO, f"C:\\{WHO}\\a.doc"], associated={2: "Offer", 6: WHO, 7: WHO}
)
CASES: dict[str, dict[str, bytes]] = {
    "author": {SUMMARY_NAME: a_property_set(SUMMARY, {2: "Offer", 4: WHO, 8: WHO, 18: "Microsoft Word"})},
    "author in a large stream": {SUMMARY_NAME: a_property_set(SUMMARY, {4: WHO, 2: "Offer"}, size=4096)},
    "author in wide letters": {SUMMARY_NAME: a_property_set(SUMMARY, {4: WHO}, wide=True)},
    "title": {SUMMARY_NAME: a_property_set(SUMMARY, {2: f"Offer of {WHO}"})},
    "template": {SUMMARY_NAME: a_property_set(SUMMARY, {7: f"C:\\{WHO}\\a.dot"})},
    "company": {DETAILS_NAME: a_property_set(DOCUMENT_SUMMARY, {14: WHO, 15: WHO})},
    "custom": {DETAILS_NAME: a_property_set(CUSTOM, {2: MAIL})},
    "Word": WORD,
    "Excel": {"Workbook": WORKBOOK.ljust(5000, b"\0")},
    "PowerPoint": {"Current User": USER_OF_SLIDES},
}


def streams(octets: bytes) -> dict[str, bytes]:
    with olefile.OleFileIO(octets) as ole:
        return {path[0]: ole.openstream(path).read() for path in ole.listdir()}


@pytest.mark.parametrize("name", CASES)
def test_names_become_blanks_and_nothing_moves(name: str) -> None:
    told = ole_file(TEXT | CASES[name])
    assert planted(told)
    clean = cleaned(told, anybody)
    assert clean.taken == ("document properties",)
    assert not planted(clean.octets)
    assert len(clean.octets) == len(told)
    before, after = streams(told), streams(clean.octets)
    assert list(before) == list(after)
    assert after["text"] == TEXT["text"]
    assert after.get("WordDocument") == before.get("WordDocument")
    assert [len(one) for one in before.values()] == [len(one) for one in after.values()]
    assert leaks(attached(clean.octets), WATCHED, allowed=()) == ()
    assert cleaned(clean.octets, anybody).octets is clean.octets


def test_what_does_not_tell_stays() -> None:
    clean = cleaned(ole_file(CASES["author"]), nobody)
    with olefile.OleFileIO(clean.octets) as ole:
        said = ole.get_metadata()
        assert (said.title, said.creating_application) == (b"Offer", b"Microsoft Word")
        assert said.author in {b"", None}


def test_names_of_people_go_whoever_they_are() -> None:
    clean = cleaned(ole_file(WORD), nobody)
    table = streams(clean.octets)["1Table"]
    assert "Offer".encode("utf-16-le") in table
    assert AUTHOR not in table.replace(b"\0", b"")


@pytest.mark.parametrize(
    "content",
    [
        TEXT,
        {SUMMARY_NAME: a_property_set(SUMMARY, {2: "Offer", 18: "Microsoft Word"})},
        {"Workbook": a_record(0x2F, b"") + WORKBOOK},
    ],
    ids=["no properties", "nothing told", "encrypted"],
)
def test_a_file_with_nothing_to_blank_keeps_its_very_octets(content: dict[str, bytes]) -> None:
    """LEAK-56."""
    octets = ole_file(content)
    assert cleaned(octets, nobody).octets is octets


TOLD = ole_file(CASES["author"] | CASES["company"] | CASES["Excel"] | CASES["PowerPoint"] | WORD)


@pytest.mark.parametrize("at", range(0, len(TOLD), len(TOLD) // 60))
def test_damage_raises_nothing(at: int) -> None:
    for damaged in (TOLD[:at], TOLD[:at] + b"\xff\xfe\x03" + TOLD[at + 3 :], TOLD[:at] + TOLD[at + 9 :]):
        clean = cleaned(damaged, anybody)
        assert clean.taken or clean.octets is damaged
