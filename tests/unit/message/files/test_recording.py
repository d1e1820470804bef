"""WAV and AVI (LEAK-63): what is said about the recording becomes filling."""

from __future__ import annotations

import io
import wave
from collections.abc import Callable

import pytest
from support.canaries import ALL, nobody
from support.sounds import FRAMES, a_wav, an_avi

from relay.message.files import cleaned


@pytest.mark.parametrize("make", [a_wav, an_avi])
def test_chunks_that_say_something_become_filling_and_the_rest_stays_in_its_place(make: Callable[..., bytes]) -> None:
    clean = cleaned(make(), nobody)
    assert clean.octets == make(told=False)
    assert clean.taken == ("description",)


@pytest.mark.parametrize("make", [a_wav, an_avi])
def test_a_recording_without_such_chunks_keeps_its_very_octets(make: Callable[..., bytes]) -> None:
    """LEAK-56."""
    plain = make(told=False)
    assert cleaned(plain, nobody).octets is plain


def test_what_stands_behind_the_end_goes() -> None:
    clean = cleaned(a_wav(told=False) + ALL, nobody)
    assert clean.octets == a_wav(told=False)
    assert clean.taken == ("what stood behind the end",)


def test_it_is_heard_as_before() -> None:
    with wave.open(io.BytesIO(cleaned(a_wav(), nobody).octets)) as sound:
        assert sound.readframes(10_000) == FRAMES
