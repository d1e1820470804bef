"""The work of the second reading grows with the message and no faster (invariant 12): counted, not timed."""

from __future__ import annotations

import base64
import binascii
import random
import unicodedata

import pytest
from support.leaking import ALIASES, PARTIES, letter, message

from relay.message.leaks import leaks
from relay.message.leaks.branches import Form, runs
from relay.message.leaks.folding import squeezed
from relay.message.leaks.transfers import uuencoded_files


@pytest.mark.parametrize(
    "text",
    [
        b"begin 644 x\r\n" * 10_000,
        b"begin 644 x\n" * 10_000 + b"end\n",
        b"begin-base64 644 x\n" * 10_000,
        (b"begin 644 x\n" * 10 + b"end\n") * 1000,
        b"begin 644 x\nend\n" * 10_000,
    ],
    ids=["open", "one end", "base64", "several ends", "empty"],
)
def test_a_uuencoded_file_that_never_ends_is_decoded_once(text: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    counted = 0
    decode = binascii.a2b_uu

    def counting(line: bytes) -> bytes:
        nonlocal counted
        counted += len(line)
        return decode(line)

    monkeypatch.setattr(binascii, "a2b_uu", counting)
    assert len(uuencoded_files(text)) <= 2 * len(text)
    assert counted <= len(text)
    counted = 0
    assert leaks(message(text), PARTIES, allowed=ALIASES) == ()
    assert counted <= 2 * len(text)


def test_each_character_is_folded_once_however_many_there_are(monkeypatch: pytest.MonkeyPatch) -> None:
    """Base64 that is read as UTF-7 by mistake has all characters of all scripts in it, in no order."""
    counted = 0
    normalize = unicodedata.normalize

    def counting(form: str, text: str) -> str:
        nonlocal counted
        counted += 1
        return normalize(form, text)  # type: ignore[arg-type]  # the stub lists the four forms

    characters = [chr(one) for one in range(0x10000) if not 0xD800 <= one < 0xE000]
    squeezed("".join(characters).encode())
    monkeypatch.setattr(unicodedata, "normalize", counting)
    random.Random(1).shuffle(characters)
    squeezed("".join(characters * 2).encode())
    assert counted == 0


@pytest.mark.parametrize("width", [12, 16, 40, 76, 300_000])
def test_random_base64_in_a_text_is_read_within_the_bounds(width: int) -> None:
    """Keys and logs look so; they are no reason to hold a mail."""
    run = base64.b64encode(random.Random(2).randbytes(75_000)).decode()
    words = " ".join(run[at : at + width] for at in range(0, len(run), width))
    assert leaks(letter(words), PARTIES, allowed=ALIASES) == ()
    assert leaks(letter("x", f"X-Key: {words}"), PARTIES, allowed=ALIASES) == ()


def test_runs_that_hold_more_than_may_be_looked_at_are_not_decoded(monkeypatch: pytest.MonkeyPatch) -> None:
    """A small file may unpack to a hundred megabytes of one letter, which is base64 from end to end."""
    letters = b"A" * 4000
    assert Form.BEYOND not in {one.form for one in runs([letters], 20, 12_000)}
    monkeypatch.setattr(binascii, "a2b_base64", lambda _: pytest.fail("decoded"))
    assert [one.form for one in runs([letters], 20, 11_999)] == [Form.BEYOND]
