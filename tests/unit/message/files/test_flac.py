"""FLAC (LEAK-63): what is said about the sound becomes padding."""

from __future__ import annotations

from support.canaries import nobody
from support.sounds import a_flac

from relay.message.files import cleaned


def test_blocks_that_say_something_become_padding_and_the_sound_stays_in_its_place() -> None:
    clean = cleaned(a_flac(), nobody)
    assert clean.octets == a_flac(told=False)
    assert clean.taken == ("description",)


def test_a_sound_without_such_blocks_keeps_its_very_octets() -> None:
    """LEAK-56."""
    plain = a_flac(told=False)
    assert cleaned(plain, nobody).octets is plain


def test_a_sound_that_breaks_off_among_its_blocks_stays_as_it_is() -> None:
    broken = a_flac()[:90]
    assert cleaned(broken, nobody).octets is broken
