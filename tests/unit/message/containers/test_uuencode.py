"""Files that stand uuencoded in a text are found, and prose that looks like one is not (LEAK-30, LEAK-31)."""

from __future__ import annotations

import binascii

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.message.containers.uuencode import uuencoded_files
from relay.message.transfer import decoded_body

CONTENT = bytes(range(100))


def lines_of(content: bytes, *, blanks: bool = False) -> bytes:
    return b"".join(binascii.b2a_uu(content[at : at + 45], backtick=not blanks) for at in range(0, len(content), 45))


LINES = lines_of(CONTENT)
BASE64 = binascii.b2a_base64(CONTENT)


@pytest.mark.parametrize(
    "file",
    [
        b"begin 644 a.bin\n" + LINES + b"`\nend\n",
        b"begin 644 a.bin\n" + LINES + b"`\nend",
        b"begin  0644 a.bin\n" + LINES + b" \nend  \n",
        b"begin 666 a.bin \n" + LINES + b"\nend\n",
        b"begin 600 a.bin\n" + LINES + b"end\n",
        b"begin 600 a.bin\n" + lines_of(CONTENT, blanks=True) + b" \nend\n",
        b"begin 644 a.bin\n" + LINES.replace(b"\n", b"`\n") + b"`\nend\n",
        b"begin-base64 644 a.bin\n" + BASE64 + b"====\n",
        b"begin 644 a.bin\n" + LINES,
    ],
    ids=[
        "usual",
        "end of the text",
        "blanks",
        "empty line",
        "no last line",
        "blanks for zeros",
        "checksums",
        "base64",
        "cut off",
    ],
)
@pytest.mark.parametrize("line_end", [b"\n", b"\r\n"])
def test_a_file_is_found_with_its_name_and_all_its_lines(file: bytes, line_end: bytes) -> None:
    text = (b"Before.\n\n" + file).replace(b"\n", line_end)
    (found,) = uuencoded_files(text)
    assert (found.name, text[: found.start].split(), found.end) == (b"a.bin", [b"Before."], len(text))
    assert decoded_body(text[found.start : found.end], "uuencode") == CONTENT


@pytest.mark.parametrize(
    "text",
    [
        b"begin 644 steps uphill, then rest.\nThe end of it is a fountain.\nend\n",
        b"begin 644 a.txt\n",
        b"begin 644 a.txt\n\nend of the story\n",
        b"begin 644 a.txt\nHELLO THERE\nGood morning.\nend\n",
        b"begin 644\n" + LINES + b"`\nend\n",
        b"begin 999 a.txt\n" + LINES + b"`\nend\n",
        b"to begin 644 a.txt\n" + LINES + b"`\nend\n",
        b"begin-base64 644 a.txt\nHello\nend\n",
        b"Begin the tour at nine.\nend\n",
    ],
)
def test_prose_that_looks_like_a_file_is_prose(text: bytes) -> None:
    assert list(uuencoded_files(text)) == []


def test_files_follow_each_other_and_words_stand_between_them() -> None:
    file = b"begin 644 a\n" + LINES + b"`\nend\n"
    text = file + b"between\n" + file + b"begin the tour\n" + b"begin 644 x\n" + file + b"behind\n"
    found = list(uuencoded_files(text))
    assert [decoded_body(text[one.start : one.end], "uuencode") for one in found] == [CONTENT] * 3
    edges = [0, *(edge for one in found for edge in (one.start, one.end)), len(text)]
    assert b"".join(text[a:b] for a, b in zip(edges[::2], edges[1::2], strict=True)) == (
        b"between\nbegin the tour\nbegin 644 x\nbehind\n"
    )


def test_what_is_cut_off_ends_where_a_line_has_not_the_length_that_it_tells() -> None:
    text = b"begin 644 a\n" + LINES + b"KIND REGARDS\nMarta\n"
    (found,) = uuencoded_files(text)
    assert text[found.end :] == b"KIND REGARDS\nMarta\n"


@given(
    st.lists(
        st.sampled_from([b"begin 644 a\n", b"begin-base64 644 a\n", b"M" + b"A" * 60 + b"\n", b"end\n", b"====\n", b"a b\n"])
    )
)
def test_whatever_stands_there_each_file_begins_with_its_first_line_and_none_overlap(pieces: list[bytes]) -> None:
    text = b"".join(pieces)
    done = 0
    for one in uuencoded_files(text):
        assert done <= one.start < one.end <= len(text)
        assert text[one.start : one.end].startswith(b"begin")
        done = one.end
