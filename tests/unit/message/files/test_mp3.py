"""MP3 (LEAK-63): every tag goes, and the sound stays."""

from __future__ import annotations

import pytest
from support.canaries import ALL, nobody
from support.sounds import APE, APE_TAG, FRAMES, ID3, ID3_EXTENDED, ID3_OLD, LYRICS, a_flac, an_mp3

from relay.message.files import cleaned, is_known


@pytest.mark.parametrize(
    "told",
    [
        ID3 + FRAMES,
        ID3 + ID3 + FRAMES,
        FRAMES + ID3_OLD,
        FRAMES + ID3_EXTENDED + ID3_OLD,
        FRAMES + APE_TAG,
        FRAMES + ALL + APE.replace(b"\0\0\0\x80", b"\0\0\0\0"),
        FRAMES + APE_TAG + ID3_OLD,
        FRAMES + LYRICS + ID3_OLD,
        FRAMES + ID3 + b"3DI" + ID3[3:10],
        an_mp3(),
    ],
)
def test_every_tag_before_and_behind_the_sound_goes(told: bytes) -> None:
    clean = cleaned(told, nobody)
    assert clean.octets == FRAMES
    assert clean.taken == ("description",)


def test_a_sound_without_tags_keeps_its_very_octets() -> None:
    """LEAK-56."""
    assert cleaned(FRAMES, nobody).octets is FRAMES
    assert is_known(FRAMES)


def test_a_tag_before_another_kind_of_sound_goes_and_what_that_says_too() -> None:
    assert cleaned(ID3 + a_flac(), nobody).octets == a_flac(told=False)


@pytest.mark.parametrize("words", [b"ID3 tags are strange", b"ID3\4\0\0\xff\xff\xff\xff", "Я".encode("utf-16"), ID3 + ALL])
def test_what_is_no_sound_stays_as_it_is(words: bytes) -> None:
    assert cleaned(words, nobody).octets is words
