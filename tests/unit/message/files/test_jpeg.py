"""JPEG (LEAK-60): what tells goes, the picture stays octet for octet."""

from __future__ import annotations

import struct

import pytest
from support.canaries import ALL, anybody, nobody, planted
from support.pictures import ORIENTATION, a_picture, a_profile, an_exif, opened, saved, shown

from relay.message.files import cleaned


def a_photo(**options: object) -> bytes:
    return saved(a_picture(), "JPEG", **options)


def segment(marker: int, content: bytes) -> bytes:
    return b"\xff" + bytes([marker]) + struct.pack(">H", len(content) + 2) + content


def with_segment(octets: bytes, marker: int, content: bytes, *, before: bytes = b"\xff\xdb") -> bytes:
    at = octets.index(before)
    return octets[:at] + segment(marker, content) + octets[at:]


PHOTO = a_photo()
SEGMENTS = {
    "Exif": (0xE1, an_exif()),
    "XMP": (0xE1, b"http://ns.adobe.com/xap/1.0/\0<x:xmpmeta>" + ALL),
    "extended XMP": (0xE1, b"http://ns.adobe.com/xmp/extension/\0" + ALL),
    "further pictures": (0xE2, b"MPF\0" + ALL),
    "FlashPix": (0xE2, b"FPXR\0" + ALL),
    "thumbnail": (0xE0, b"JFXX\0" + ALL),
    "IPTC": (0xED, b"Photoshop 3.0\0" + ALL),
    "content credentials": (0xEB, b"JP" + ALL),
    "comment": (0xFE, ALL),
    "unknown": (0xE9, ALL),
}


@pytest.mark.parametrize("where", [b"\xff\xdb", b"\xff\xda"])
@pytest.mark.parametrize("kind", SEGMENTS)
def test_every_segment_that_says_something_goes_and_leaves_the_picture_as_it_was(kind: str, where: bytes) -> None:
    clean = cleaned(with_segment(PHOTO, *SEGMENTS[kind], before=where), nobody)
    assert clean.octets == PHOTO
    assert len(clean.taken) == 1


@pytest.mark.parametrize(("marker", "said"), [(0xEE, b"Adobe\0\x64\0\0\0\0\1"), (0xE0, b"JFIF\0\1\2\0\0\1\0\1\0\0")])
def test_a_segment_that_is_needed_keeps_what_it_is_needed_for_and_no_more(marker: int, said: bytes) -> None:
    """LEAK-60: the thumbnail of JFIF is a picture of its own, and other notes may stand behind."""
    thumbnail = said[:-2] + b"\1\1" if marker == 0xE0 else said
    clean = cleaned(with_segment(PHOTO, marker, thumbnail + ALL), nobody)
    assert clean.octets == with_segment(PHOTO, marker, said)
    assert clean.taken


def test_a_clean_picture_keeps_its_very_octets() -> None:
    """LEAK-56."""
    for octets in (PHOTO, a_photo(progressive=True), a_photo(dpi=(300, 300)), a_photo(restart_marker_blocks=1)):
        clean = cleaned(octets, nobody)
        assert clean.octets is octets
        assert clean.taken == ()


@pytest.mark.parametrize("orientation", range(1, 9))
def test_the_picture_is_turned_as_before(orientation: int) -> None:
    photo = a_photo(exif=an_exif(orientation), progressive=True)
    clean = cleaned(photo, nobody)
    assert clean.taken == ("place and camera",)
    assert not planted(clean.octets)
    assert shown(clean.octets) == shown(photo)
    assert dict(opened(clean.octets).getexif()) == ({ORIENTATION: orientation} if orientation != 1 else {})
    assert cleaned(clean.octets, nobody).octets is clean.octets


@pytest.mark.parametrize("trail", [PHOTO + ALL, b"\0\0\0\x18ftypmp42" + ALL, ALL])
def test_what_stands_behind_the_end_goes(trail: bytes) -> None:
    clean = cleaned(PHOTO + trail, nobody)
    assert clean.octets == PHOTO
    assert clean.taken == ("what stood behind the picture",)


def test_comments_between_scans_go_and_the_scans_stay() -> None:
    photo = a_photo(progressive=True)
    told = photo[: photo.rindex(b"\xff\xda")] + segment(0xFE, ALL) + photo[photo.rindex(b"\xff\xda") :]
    assert cleaned(told, nobody).octets == photo


def test_a_picture_that_breaks_off_in_a_scan_is_cleaned_up_to_there() -> None:
    told = with_segment(PHOTO, 0xFE, ALL)[:-40]
    assert cleaned(told, nobody).octets == PHOTO[:-40]


def test_filling_before_a_marker_stays_and_junk_goes() -> None:
    at = PHOTO.index(b"\xff\xdb")
    filled = PHOTO[:at] + b"\xff\xff" + PHOTO[at:]
    assert cleaned(filled, nobody).octets is filled
    assert cleaned(PHOTO[:at] + ALL + PHOTO[at:], nobody).octets == PHOTO


def test_a_colour_profile_stays_unless_its_text_tells() -> None:
    plain = a_photo(icc_profile=a_profile())
    assert cleaned(plain, anybody).octets is plain
    told = a_photo(icc_profile=a_profile("Ann Canary"))
    assert cleaned(told, nobody).octets is told
    clean = cleaned(told, lambda text: "Ann Canary" in text)
    assert clean.taken == ("colour profile",)
    assert "icc_profile" not in opened(clean.octets).info
