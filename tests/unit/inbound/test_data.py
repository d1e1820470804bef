"""The content of DATA: where it ends, and what it is then."""

from __future__ import annotations

import re
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.inbound.data import Fault, Intake

ROOM = 1_000_000


class Kept(BytesIO):
    """A sink whose content can be looked at, also when it was closed."""

    is_dropped = False

    def close(self) -> None:
        self.is_dropped = True


def taken_in(stuffed: bytes, piece_octets: int = ROOM, octets_max: int = ROOM, sink: Kept | None = None) -> tuple[Intake, bytes]:
    """The intake after `stuffed` came in pieces, and what came after the end."""
    intake, after = Intake(octets_max, sink or Kept()), b""
    for start in range(0, len(stuffed), piece_octets):
        piece = stuffed[start : start + piece_octets]
        after += piece if intake.complete else intake.feed(piece)
    return intake, after


@pytest.mark.parametrize("piece_octets", [1, 2, 3, 5, ROOM])
@pytest.mark.parametrize(
    ("stuffed", "content"),
    [
        (b".\r\n", b""),
        (b"a\r\n.\r\n", b"a\r\n"),
        (b"..\r\n.\r\n", b".\r\n"),
        (b"...\r\n.\r\n", b"..\r\n"),
        (b"..x\r\n..\r\na.b\r\n.\r\n", b".x\r\n.\r\na.b\r\n"),
        (b".x\r\n.\r\n", b"x\r\n"),  # not stuffed by the client: RFC 5321 §4.5.2 takes the dot all the same
        (b"a\r\n\r\n\r\n.\r\n", b"a\r\n\r\n\r\n"),
        (b"a.\r\n.\r\n", b"a.\r\n"),
    ],
)
def test_dots_are_unstuffed_octet_by_octet(stuffed: bytes, content: bytes, piece_octets: int) -> None:
    """FAULT-53."""
    sink = Kept()
    intake, after = taken_in(stuffed + b"NOOP\r\n", piece_octets, sink=sink)
    assert (intake.complete, intake.fault, intake.octets, after) == (True, None, len(content), b"NOOP\r\n")
    assert sink.getvalue() == content


@pytest.mark.parametrize("piece_octets", [1, 2, 3, ROOM])
@pytest.mark.parametrize(
    "sequence",
    [b"\n.\n", b"\n.\r\n", b"\r\n.\n", b"\r.\r", b"\r.\r\n", b"\r\n.\r", b"\r.\n", b"\n.\r", b"\r\r\n.\r\r\n"],
)
def test_a_dot_alone_between_line_ends_that_are_no_crlf_is_never_the_end_and_refused_at_it(
    sequence: bytes, piece_octets: int
) -> None:
    """FAULT-44, FAULT-45."""
    smuggled = b"MAIL FROM:<b@c.example>\r\n"
    intake, after = taken_in(b"a: b\r\n\r\nhello" + sequence + smuggled + b"\r\n.\r\nQUIT\r\n", piece_octets)
    assert (intake.complete, intake.fault, after) == (True, Fault.SMUGGLING, b"QUIT\r\n")


@pytest.mark.parametrize("piece_octets", [1, ROOM])
@pytest.mark.parametrize("sequence", [b"\r\n\0.\r\n", b"\0", b"\r\n.\0\r\n"])
def test_nul_is_refused_at_the_end(sequence: bytes, piece_octets: int) -> None:
    """FAULT-47."""
    intake, _ = taken_in(b"hello" + sequence + b"more\r\n.\r\n", piece_octets)
    assert (intake.complete, intake.fault) == (True, Fault.NUL_INSIDE)


@pytest.mark.parametrize("start", [b".\n", b".\r"])
def test_a_dot_alone_on_the_first_line_with_a_bare_line_end_is_smuggling_too(start: bytes) -> None:
    intake, _ = taken_in(start + b"x\r\n.\r\n")
    assert intake.fault is Fault.SMUGGLING


@pytest.mark.parametrize("piece_octets", [1, 2, 3, ROOM])
@pytest.mark.parametrize(
    ("stuffed", "content"),
    [
        (b"a\nb\n\nc\r\n.\r\n", b"a\r\nb\r\n\r\nc\r\n"),
        (b"a\rb\r\n.\r\n", b"a\r\nb\r\n"),
        (b"a\r\r\nb\r\n.\r\n", b"a\r\n\r\nb\r\n"),
        (b"a\n\rb\r\n.\r\n", b"a\r\n\r\nb\r\n"),
        (b"a\n.b\r\n..c\r\n.\r\n", b"a\r\n.b\r\n.c\r\n"),
    ],
)
def test_other_bare_line_ends_become_crlf(stuffed: bytes, content: bytes, piece_octets: int) -> None:
    """FAULT-46."""
    sink = Kept()
    intake, _ = taken_in(stuffed, piece_octets, sink=sink)
    assert (intake.complete, intake.fault, intake.octets) == (True, None, len(content))
    assert sink.getvalue() == content


@given(st.lists(st.sampled_from([b"abc\r\n" * 3, b"abc\r\n", b"abc\n", b"abc\r", b"\r\n", b"ab"]), max_size=8))
def test_the_line_ends_of_any_lines_are_crlf_when_they_are_in(lines: list[bytes]) -> None:
    """FAULT-46; lines of one length are looked at in another way than others."""
    sink, stuffed = Kept(), b"".join(lines) + b"\r\n"
    taken_in(stuffed + b".\r\n", sink=sink)
    assert sink.getvalue() == re.sub(rb"\r\n|\r|\n", b"\r\n", stuffed)


@pytest.mark.parametrize(("octets", "fault"), [(10, None), (11, Fault.TOO_LARGE)])
def test_a_message_of_exactly_the_limit_is_taken(octets: int, fault: Fault | None) -> None:
    """FAULT-49; the stuffing does not count (RFC 1870 §6.2)."""
    intake, _ = taken_in(b".." + b"x" * (octets - 3) + b"\r\n.\r\n", octets_max=10)
    assert (intake.complete, intake.octets, intake.fault) == (True, octets, fault)


def test_a_message_that_is_too_large_is_read_over_and_not_held() -> None:
    """FAULT-49."""
    sink = Kept()
    intake = Intake(100, sink)
    intake.feed(b"x" * 101)
    assert (intake.held, intake.is_hopeless, sink.is_dropped) == (0, False, True)
    intake.feed(b"x" * 100)
    assert (intake.held, intake.octets, intake.is_hopeless) == (0, 201, True)


def test_line_ends_made_longer_count() -> None:
    intake, _ = taken_in(b"\n" * 60 + b"\r\n.\r\n", octets_max=100)
    assert intake.fault is Fault.TOO_LARGE


def test_the_first_fault_is_the_one_that_is_told() -> None:
    intake = Intake(100, Kept())
    intake.spoil(Fault.NO_ROOM)
    intake.feed(b"\0" * 200 + b"\r\n.\r\n")
    assert (intake.complete, intake.fault) == (True, Fault.NO_ROOM)


def reference(stuffed: bytes) -> tuple[bytes | Fault, bytes]:
    """What RFC 5321 and the rules of this house say, written for reading, not for speed."""
    data, _, after = (b"\r\n" + stuffed).partition(b"\r\n.\r\n")
    if re.search(rb"[\r\n]\.[\r\n]", data + b"\r\n"):
        return Fault.SMUGGLING, after
    lines = (data + b"\r\n")[2:].split(b"\r\n")
    unstuffed = b"\r\n".join(line.removeprefix(b".") for line in lines)
    return re.sub(rb"\r\n|\r|\n", b"\r\n", unstuffed), after


@given(
    st.lists(st.sampled_from([b"\r", b"\n", b"\r\n", b".", b"a", b"\r\n.", b"\r\n..", b"bc"]), max_size=25).map(b"".join),
    st.lists(st.integers(1, 6), min_size=1, max_size=30),
)
def test_the_result_does_not_depend_on_the_pieces_in_which_it_came(stuffed: bytes, pieces: list[int]) -> None:
    whole = stuffed + b"\r\n.\r\n"
    expected, after = reference(whole)
    sink = Kept()
    intake, rest, at = Intake(ROOM, sink), b"", 0
    for octets in pieces * len(whole):
        if at >= len(whole) or intake.complete:
            break
        rest = intake.feed(whole[at : at + octets])
        at += octets
    assert intake.complete
    assert rest + whole[at:] == after
    assert (intake.fault or sink.getvalue()) == expected
