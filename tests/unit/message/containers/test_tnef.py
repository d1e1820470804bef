"""TNEF is read as Outlook writes it, and as far as it can be read (LEAK-68; MS-OXTNEF)."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.mapi import IID_MESSAGE, a_tnef, attribute

from relay.errors import Unreadable
from relay.message.account import Account, steps_max
from relay.message.containers.mapi import MapiMessage, Tag
from relay.message.containers.tnef import nesting_max, tnef_in

TELLING = "ann.writer@writer-tours.example"
NAMED = {Tag.ATTACH_LONG_FILENAME: "a long voucher name.pdf"}


def read(octets: bytes) -> MapiMessage:
    found = tnef_in(octets, Account.of(0))
    assert found is not None
    return found


@pytest.mark.parametrize("unicode", [True, False])
def test_text_and_files_are_read_behind_whatever_stands_before_them(unicode: bool) -> None:
    told = {0x1234: 7, Tag.BODY: "Grüße", Tag.SUBJECT: "Möte"}
    message = read(a_tnef(told, [(NAMED, b"one"), ({Tag.ATTACH_DATA: b"two"}, b"")], telling=TELLING, unicode=unicode))
    encoding = "utf-16-le" if unicode else "cp1252"
    assert message.properties[Tag.BODY].octets.decode(encoding).rstrip("\0") == "Grüße"
    assert [(one.content, one.title) for one in message.files] == [(b"one", "TITLE.TXT"), (b"two", "TITLE.TXT")]
    assert message.files[0].properties[Tag.ATTACH_LONG_FILENAME].octets.decode(encoding).rstrip("\0") == "a long voucher name.pdf"
    assert message.code_page == 1252


def test_text_and_subject_of_old_attributes_count_where_no_property_has_them() -> None:
    old = attribute(1, 0x0002800C, b"old") + attribute(1, 0x00018004, b"old subject")
    head, rest = a_tnef({Tag.BODY: "new"})[:6], a_tnef({Tag.BODY: "new"})[6:]
    message = read(head + old + rest)
    assert message.properties[Tag.BODY].octets.decode("utf-16-le") == "new\0"
    assert message.properties[Tag.SUBJECT].octets == b"old subject"


def test_messages_attached_to_messages_are_read() -> None:
    inner = a_tnef({Tag.BODY: "inner"}, [(NAMED, b"file")])
    (file,) = read(a_tnef({}, [({Tag.ATTACH_DATA: IID_MESSAGE + inner}, b"")])).files
    assert isinstance(file.content, MapiMessage)
    assert [one.content for one in file.content.files] == [b"file"]


def test_an_object_that_is_no_message_is_a_file() -> None:
    (file,) = read(a_tnef({}, [({Tag.ATTACH_DATA: IID_MESSAGE + b"something else"}, b"")])).files
    assert file.content == b"something else"


def test_messages_nested_too_deep_are_unreadable() -> None:
    """FAULT-60."""
    stream = a_tnef({Tag.BODY: "x"})
    for _ in range(nesting_max + 1):
        stream = a_tnef({}, [({Tag.ATTACH_DATA: IID_MESSAGE + stream}, b"")])
    with pytest.raises(Unreadable):
        tnef_in(stream, Account.of(0))


@pytest.mark.parametrize(
    "octets",
    [
        b"\x78\x9f\x3e\x22\0\0" + attribute(1, 0x0002800C, b"") * 1001,
        a_tnef({}) + attribute(1, 0x00069003, struct.pack("<IHHI", 1, 0x101F, 0x1000, 1001) + bytes(4) * 1001),
    ],
    ids=["attributes", "values"],
)
def test_what_takes_too_many_steps_is_unreadable(octets: bytes) -> None:
    """FAULT-60: of whatever is in the message together."""
    account = Account.of(0)
    account.steps = steps_max - 1000
    with pytest.raises(Unreadable):
        tnef_in(octets, account)


@pytest.mark.parametrize("octets", [b"", b"winmail", b"\x78\x9f\x3e\x22", b"\x78\x9f\x3e\x22\0\0" + bytes(100)])
def test_what_has_nothing_of_a_message_is_none(octets: bytes) -> None:
    assert tnef_in(octets, Account.of(0)) is None


@pytest.mark.parametrize(
    "behind",
    [
        b"garbage",
        struct.pack("<BII", 2, 0x00069002, 0xFFFFFFFF) + b"x",
        attribute(1, 0x00069003, struct.pack("<I", 0xFFFFFFFF)),
        attribute(1, 0x00069003, struct.pack("<IHHI", 1, 0x0102, 0x1000, 0xFFFFFFFF)),
        attribute(1, 0x00069003, struct.pack("<IHHII", 1, 0x0102, 0x1000, 1, 0xFFFFFFF0)),
        attribute(1, 0x00069003, struct.pack("<IHHI", 1, 0x1003, 0x1000, 0xFFFFFFFF)),
        attribute(1, 0x00069003, struct.pack("<IHH", 1, 0x0FFF, 0x1000)),
        attribute(1, 0x00069003, struct.pack("<IHH", 1, 0x0003, 0x8001) + bytes(16)),
        attribute(2, 0x00069005, b""),
    ],
    ids=["garbage", "length", "count", "values", "octets", "numbers", "type", "name", "empty"],
)
def test_lengths_and_counts_that_lie_end_the_reading_and_what_came_before_holds(behind: bytes) -> None:
    message = read(a_tnef({Tag.BODY: "Hi"}, [(NAMED, b"one")]) + behind)
    assert message.properties[Tag.BODY].octets == "Hi\0".encode("utf-16-le")
    assert message.files[0].content == b"one"


SAMPLE = a_tnef(
    {Tag.BODY: "Hi"}, [(NAMED, b"one"), ({Tag.ATTACH_DATA: IID_MESSAGE + a_tnef({Tag.BODY: "in"})}, b"")], telling=TELLING
)


@settings(max_examples=80, deadline=None)
@given(st.integers(0, len(SAMPLE)), st.binary(max_size=4), st.integers(0, len(SAMPLE)))
def test_no_damage_makes_reading_fail(place: int, octets: bytes, end: int) -> None:
    message = tnef_in(SAMPLE[:6] + (SAMPLE[6:place] + octets + SAMPLE[place + len(octets) :])[:end], Account.of(0))
    assert message is None or message.files is not None
