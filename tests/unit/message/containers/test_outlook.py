"""Messages that Outlook saved as files are read (LEAK-53; MS-OXMSG)."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.mapi import a_msg, msg_tree
from support.ole import ole_file

from relay.errors import Unreadable
from relay.message.containers.mapi import MapiMessage, Tag
from relay.message.containers.outlook import nesting_max, outlook_message_in, streams_max

TELLING = "ann.writer@writer-tours.example"
NAMED = {Tag.ATTACH_LONG_FILENAME: "voucher.pdf"}
SENT = 132_000_000_000_000_000


def read(octets: bytes) -> MapiMessage:
    found = outlook_message_in(octets, 1_000_000)
    assert found is not None
    return found


def test_text_time_and_files_are_read_and_nothing_else() -> None:
    told = {Tag.SUBJECT: "Möte", Tag.BODY: "Hi", Tag.CLIENT_SUBMIT_TIME: SENT}
    message = read(a_msg(told, [(NAMED, b"one"), (NAMED, b"two" * 1000)], telling=TELLING))
    assert set(message.properties) <= set(Tag)
    assert message.properties[Tag.SUBJECT].octets.decode("utf-16-le") == "Möte"
    assert int.from_bytes(message.properties[Tag.CLIENT_SUBMIT_TIME].octets, "little") == SENT
    assert [one.content for one in message.files] == [b"one", b"two" * 1000]


def test_an_attached_message_is_read() -> None:
    (file,) = read(a_msg({}, [({}, msg_tree({Tag.BODY: "inner", Tag.CLIENT_SUBMIT_TIME: SENT}, [(NAMED, b"x")]))])).files
    assert isinstance(file.content, MapiMessage)
    assert int.from_bytes(file.content.properties[Tag.CLIENT_SUBMIT_TIME].octets, "little") == SENT
    assert [one.content for one in file.content.files] == [b"x"]


@pytest.mark.parametrize("octets", [b"", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), ole_file({"WordDocument": b"x"})])
def test_what_is_no_message_is_none(octets: bytes) -> None:
    assert outlook_message_in(octets, 1_000_000) is None


def test_bounds_are_unreadable() -> None:
    """FAULT-60."""
    with pytest.raises(Unreadable):
        outlook_message_in(a_msg({}, [(NAMED, bytes(5000))]), 4000)
    with pytest.raises(Unreadable):
        outlook_message_in(
            ole_file({f"a{one}": dict.fromkeys(map(str, range(300)), b"") for one in range(streams_max // 300 + 1)}), 1_000_000
        )
    tree = msg_tree({Tag.BODY: "x"})
    for _ in range(nesting_max + 1):
        tree = msg_tree({}, [({}, tree)])
    with pytest.raises(Unreadable):
        outlook_message_in(ole_file(tree), 1_000_000)


SAMPLE = a_msg({Tag.BODY: "Hi"}, [(NAMED, b"one"), ({}, msg_tree({Tag.BODY: "inner"}))], telling=TELLING)


@settings(max_examples=60, deadline=None)
@given(st.integers(8, len(SAMPLE)), st.binary(max_size=4), st.integers(0, 3000))
def test_no_damage_makes_reading_fail(place: int, octets: bytes, cut: int) -> None:
    message = outlook_message_in((SAMPLE[:place] + octets + SAMPLE[place + len(octets) :])[: len(SAMPLE) - cut], 1_000_000)
    assert message is None or message.files is not None
