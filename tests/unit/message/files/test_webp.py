"""WebP (LEAK-60): what tells goes, the picture stays octet for octet."""

from __future__ import annotations

import struct
from collections.abc import Callable

import pytest
from support.canaries import ALL, anybody, nobody, planted
from support.pictures import ORIENTATION, a_picture, a_profile, an_animation, an_exif, opened, saved, shown

from relay.message.files import cleaned


def a_webp(**options: object) -> bytes:
    return saved(a_picture("RGBA"), "WEBP", **options)


def moving(**options: object) -> bytes:
    return saved(an_animation()[0], "WEBP", save_all=True, append_images=an_animation()[1:], duration=[10, 20, 30], **options)


def with_chunk(octets: bytes, name: bytes, content: bytes) -> bytes:
    inside = octets[8:] + name + struct.pack("<I", len(content)) + content + b"\0" * (len(content) % 2)
    return b"RIFF" + struct.pack("<I", len(inside)) + inside


@pytest.mark.parametrize("make", [a_webp, moving])
def test_exif_and_xmp_go_and_are_no_longer_announced(make: Callable[..., bytes]) -> None:
    told = make(exif=an_exif(), xmp=b"<x:xmpmeta>" + ALL, icc_profile=a_profile())
    plain = make(icc_profile=a_profile())
    clean = cleaned(told, anybody)
    assert clean.octets == plain
    assert clean.taken == ("place and camera", "description")
    assert shown(clean.octets) == shown(told)


@pytest.mark.parametrize("make", [a_webp, moving])
def test_a_chunk_of_any_other_program_goes(make: Callable[..., bytes]) -> None:
    clean = cleaned(with_chunk(make(), b"C2PA", ALL), nobody)
    assert clean.octets == make()
    assert clean.taken == ("note of a program",)


def test_what_stands_in_a_picture_of_an_animation_goes() -> None:
    plain = moving()
    at = plain.rindex(b"ANMF")
    length = struct.unpack_from("<I", plain, at + 4)[0]
    frame = plain[at + 8 : at + 8 + length] + b"C2PA" + struct.pack("<I", len(ALL)) + ALL + b"\0" * (len(ALL) % 2)
    inside = plain[8:at] + b"ANMF" + struct.pack("<I", len(frame)) + frame + plain[at + 8 + length :]
    clean = cleaned(b"RIFF" + struct.pack("<I", len(inside)) + inside, nobody)
    assert clean.octets == plain


@pytest.mark.parametrize("octets", [a_webp(), a_webp(lossless=True), a_webp(icc_profile=a_profile()), moving(loop=2)])
def test_a_clean_picture_keeps_its_very_octets(octets: bytes) -> None:
    """LEAK-56."""
    clean = cleaned(octets, nobody)
    assert clean.octets is octets
    assert clean.taken == ()


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("begin", [0, 6], ids=["as in JPEG", "as in TIFF"])
def test_the_picture_is_turned_as_before(orientation: int, begin: int) -> None:
    picture = a_webp(exif=an_exif(orientation)[begin:])
    clean = cleaned(picture, nobody)
    assert clean.taken == ("place and camera",)
    assert not planted(clean.octets)
    assert shown(clean.octets) == shown(picture)
    assert dict(opened(clean.octets).getexif()) == ({ORIENTATION: orientation} if orientation != 1 else {})
    assert cleaned(clean.octets, nobody).octets is clean.octets


def test_a_colour_profile_stays_unless_its_text_tells() -> None:
    told = a_webp(icc_profile=a_profile("Ann Canary"))
    assert cleaned(told, nobody).octets is told
    clean = cleaned(told, lambda text: "Ann Canary" in text)
    assert clean.taken == ("colour profile",)
    assert "icc_profile" not in opened(clean.octets).info
    assert shown(clean.octets) == shown(told)


def test_what_stands_behind_the_end_goes() -> None:
    clean = cleaned(a_webp() + ALL, nobody)
    assert clean.octets == a_webp()
    assert clean.taken == ("what stood behind the picture",)
