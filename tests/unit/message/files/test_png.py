"""PNG (LEAK-60): what tells goes, the picture stays octet for octet."""

from __future__ import annotations

import struct
import zlib

import pytest
from support.canaries import ALL, anybody, nobody, planted
from support.pictures import ORIENTATION, a_picture, a_profile, an_animation, an_exif, opened, saved, shown

from relay.message.files import cleaned


def a_png(**options: object) -> bytes:
    return saved(a_picture(), "PNG", **options)


def chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))


PLAIN = a_png()
CHUNKS = {
    "tEXt": b"Author\0" + ALL,
    "zTXt": b"Comment\0\0" + zlib.compress(ALL),
    "iTXt": b"XML:com.adobe.xmp\0\0\0\0\0<x:xmpmeta>" + ALL,
    "eXIf": an_exif()[6:],
    "tIME": struct.pack(">HBBBBB", 2026, 6, 1, 10, 0, 0),
    "caBX": ALL,
    "prVW": ALL,
}


@pytest.mark.parametrize("before", [b"IDAT", b"IEND"])
@pytest.mark.parametrize("name", CHUNKS)
def test_every_chunk_that_says_something_goes_and_leaves_the_picture_as_it_was(name: str, before: bytes) -> None:
    at = PLAIN.index(before) - 4
    clean = cleaned(PLAIN[:at] + chunk(name.encode(), CHUNKS[name]) + PLAIN[at:], nobody)
    assert clean.octets == PLAIN
    assert len(clean.taken) == 1


@pytest.mark.parametrize(
    "octets",
    [
        PLAIN,
        a_png(dpi=(300, 300)),
        a_png(icc_profile=a_profile()),
        saved(a_picture("P"), "PNG", transparency=0),
        saved(an_animation()[0], "PNG", save_all=True, append_images=an_animation()[1:], duration=[10, 20, 30]),
    ],
)
def test_a_clean_picture_keeps_its_very_octets(octets: bytes) -> None:
    """LEAK-56."""
    clean = cleaned(octets, anybody)
    assert clean.octets is octets
    assert clean.taken == ()


@pytest.mark.parametrize("orientation", range(1, 9))
def test_the_picture_is_turned_as_before(orientation: int) -> None:
    picture = a_png(exif=an_exif(orientation))
    clean = cleaned(picture, nobody)
    assert clean.taken == ("place and camera",)
    assert not planted(clean.octets)
    assert shown(clean.octets) == shown(picture)
    assert dict(opened(clean.octets).getexif()) == ({ORIENTATION: orientation} if orientation != 1 else {})
    assert cleaned(clean.octets, nobody).octets is clean.octets


def test_what_stands_behind_the_end_goes() -> None:
    clean = cleaned(PLAIN + ALL, nobody)
    assert clean.octets == PLAIN
    assert clean.taken == ("what stood behind the picture",)


def test_a_picture_that_breaks_off_is_cleaned_up_to_there() -> None:
    at = PLAIN.index(b"IDAT") - 4
    assert cleaned(PLAIN[:at] + chunk(b"tEXt", ALL) + PLAIN[at:-30], nobody).octets == PLAIN[:-30]
    assert cleaned(PLAIN[:at] + chunk(b"tEXt", ALL)[:-9], nobody).octets == PLAIN[:at]


@pytest.mark.parametrize("where", ["in the profile", "as its name"])
def test_a_colour_profile_stays_unless_its_text_tells(where: str) -> None:
    named = a_png(icc_profile=a_profile("Ann Canary" if where == "in the profile" else "sRGB"))
    at = named.index(b"iCCP") - 4
    content = named[at + 8 : at + 8 + struct.unpack_from(">I", named, at)[0]]
    name = b"Ann Canary" if where == "as its name" else b"screen"
    told = PLAIN[:at] + chunk(b"iCCP", name + content[content.index(b"\0") :]) + PLAIN[at:]
    assert cleaned(told, nobody).octets is told
    clean = cleaned(told, lambda text: "Ann Canary" in text)
    assert clean.octets == PLAIN
    assert clean.taken == ("colour profile",)
