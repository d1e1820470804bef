"""The table of kinds, and what holds for every kind of file (LEAK-56, LEAK-60)."""

from __future__ import annotations

from typing import Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from support.canaries import ADDRESS, ALL, anybody, nobody, planted
from support.films import a_film
from support.leaking import attached
from support.pictures import a_picture, a_profile, a_tiff, an_animation, an_exif, saved
from support.sounds import a_flac, a_wav, an_avi, an_mp3

from relay.message.files import cleaned, is_known
from relay.message.leaks import Watched, leaks

SVG: Final = b'<svg sodipodi:docname="%b"><!-- %b --><metadata><a>%b</a></metadata><text x="1">%b</text></svg>' % (
    ALL,
    ALL,
    ALL,
    ALL,
)
TOLD: Final = {
    "JPEG": saved(a_picture(), "JPEG", exif=an_exif(6), icc_profile=a_profile(), comment=ALL) + ALL,
    "PNG": saved(a_picture(), "PNG", exif=an_exif(6), icc_profile=a_profile()) + ALL,
    "GIF": saved(an_animation()[0], "GIF", save_all=True, append_images=an_animation()[1:], comment=ALL) + ALL,
    "WebP": saved(a_picture(), "WEBP", exif=an_exif(6), icc_profile=a_profile(), xmp=ALL) + ALL,
    "TIFF": a_tiff(),
    "AVIF": saved(a_picture(), "AVIF", exif=an_exif(6), icc_profile=a_profile(), xmp=ALL * 2),
    "MP4": a_film(),
    "MP3": an_mp3(),
    "FLAC": a_flac(),
    "SVG": SVG,
    "WAV": a_wav(),
    "AVI": an_avi(),
}
"""One file of each kind, with canaries in it."""

CUTS: Final = some.tuples(some.floats(0, 1), some.integers(0, 12), some.binary(max_size=12))
"""(where in the file, how many octets go there, what comes in their place)"""


@pytest.mark.parametrize("octets", [b"", b"\xff\xd8", b"plain words", b"The free, wide and open sea", bytes(500)])
def test_a_file_of_an_unknown_kind_keeps_its_very_octets(octets: bytes) -> None:
    clean = cleaned(octets, nobody)
    assert clean.octets is octets
    assert clean.taken == ()
    assert not is_known(octets)


@pytest.mark.parametrize("octets", [b"\xff\xd8\xff", b"\xff\xd8\xff\xe1\xff\xffExif\0\0ann@writer-tours.example"])
def test_a_broken_file_comes_back_as_it_is(octets: bytes) -> None:
    """The second reading judges it then."""
    assert is_known(octets)
    assert cleaned(octets, nobody).octets is octets


@pytest.mark.parametrize("kind", TOLD)
def test_cleaning_twice_is_cleaning_once(kind: str) -> None:
    assert planted(TOLD[kind])
    clean = cleaned(TOLD[kind], anybody)
    assert not planted(clean.octets)
    assert clean.taken
    again = cleaned(clean.octets, anybody)
    assert again.octets is clean.octets
    assert again.taken == ()


@pytest.mark.parametrize("kind", TOLD)
def test_the_second_reading_finds_nobody_in_a_cleaned_file(kind: str) -> None:
    """It shares no code with the cleaners (leaks.md section 7)."""
    somebody = [Watched.of((ADDRESS.decode(),))]
    assert leaks(attached(TOLD[kind]), somebody)
    assert leaks(attached(cleaned(TOLD[kind], anybody).octets), somebody) == ()


@pytest.mark.parametrize("kind", TOLD)
@settings(max_examples=30, deadline=None)
@given(cuts=some.lists(CUTS, min_size=1, max_size=4))
def test_a_broken_file_neither_raises_nor_grows_nor_changes_twice(kind: str, cuts: list[tuple[float, int, bytes]]) -> None:
    octets = TOLD[kind]
    for where, gone, come in cuts:
        at = int(where * len(octets))
        octets = octets[:at] + come + octets[at + gone :]
    clean = cleaned(octets, anybody)
    assert len(clean.octets) <= len(octets)
    again = cleaned(clean.octets, anybody)
    assert again.octets == clean.octets
