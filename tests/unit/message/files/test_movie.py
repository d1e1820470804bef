"""Films, sounds and pictures made of boxes (LEAK-60, LEAK-63): what tells is erased where it stands."""

from __future__ import annotations

import pytest
from support.canaries import ALL, anybody, nobody, planted
from support.films import ELSEWHERE, PICTURES, a_film, box, full, numbers
from support.pictures import a_picture, a_profile, an_exif, opened, saved, shown

from relay.message.files import cleaned

TYPE = box(b"ftyp", b"mp42", bytes(4), b"mp42isom")
DATA = box(b"mdat", PICTURES)


def test_what_is_said_about_a_film_becomes_free_space_and_every_sample_stays_in_its_place() -> None:
    """Place, maker, artist, XMP, notes of programs, and the track that tells the place at every second."""
    told = a_film()
    clean = cleaned(told, nobody)
    assert clean.octets == a_film(told=False)
    assert clean.octets.index(PICTURES) == told.index(PICTURES)
    assert set(clean.taken) == {"description", "place and camera", "note of a program", "leftover"}
    assert cleaned(clean.octets, nobody).octets is clean.octets


def test_a_clean_film_keeps_its_very_octets() -> None:
    """LEAK-56."""
    film = a_film(told=False)
    clean = cleaned(film, anybody)
    assert clean.octets is film
    assert clean.taken == ()


def test_the_name_of_a_track_goes_when_it_tells() -> None:
    told = a_film(told=False, handler=b"Ann Canary Writer\0")
    assert cleaned(told, nobody).octets is told
    assert planted(cleaned(told, anybody).octets) == []


@pytest.mark.parametrize(
    ("told", "plain"),
    [
        pytest.param(TYPE + DATA + box(b"moov", ELSEWHERE), None, id="the description at the end"),
        pytest.param(DATA + box(b"moov", ELSEWHERE), None, id="QuickTime without a type"),
        pytest.param(TYPE + DATA + b"\0\0\0\0meta" + ALL, None, id="a box to the end of the file"),
        pytest.param(TYPE + DATA + b"\0\0\0\1XMP_" + (16 + len(ALL)).to_bytes(8, "big") + ALL, None, id="a long box"),
        pytest.param(TYPE + DATA + ALL, TYPE + DATA, id="no box behind the end"),
        pytest.param(b"\0\0\0\x0cjP  \r\n\x87\n" + TYPE + box(b"xml ", ALL) + box(b"jp2c", PICTURES), None, id="JPEG 2000"),
        pytest.param(b"\0\0\0\x0cJXL \r\n\x87\n" + TYPE + box(b"Exif", ALL) + box(b"jxlc", PICTURES), None, id="JPEG XL"),
    ],
)
def test_descriptions_are_found_wherever_files_have_them(told: bytes, plain: bytes | None) -> None:
    clean = cleaned(told, nobody)
    assert planted(clean.octets) == []
    assert clean.taken
    assert PICTURES in clean.octets
    if plain is None:
        assert len(clean.octets) == len(told)
    else:
        assert clean.octets == plain


@pytest.mark.parametrize("uuid", ["ffcc8263f8554a938814587a02521fdd", "a2394f525a9b4f14a2446c427c648df4"])
def test_how_a_film_is_projected_or_encrypted_stays(uuid: str) -> None:
    film = TYPE + box(b"moov", box(b"trak", box(b"uuid", bytes.fromhex(uuid), b"x"))) + DATA
    assert cleaned(film, nobody).octets is film


@pytest.mark.parametrize("broken", [TYPE + b"\0\0\xff\xffmoov" + ALL, TYPE + box(b"moov", box(b"cmov", ALL)) + DATA])
def test_a_film_that_is_not_understood_stays_as_it_is(broken: bytes) -> None:
    assert cleaned(broken, nobody).octets is broken


@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_and_xmp_of_a_picture_are_overwritten_and_it_is_shown_as_before(orientation: int) -> None:
    told = saved(a_picture(), "AVIF", exif=an_exif(orientation), xmp=b"<x:xmpmeta>" + ALL, icc_profile=a_profile())
    clean = cleaned(told, nobody)
    assert set(clean.taken) == {"place and camera", "description"}
    assert planted(clean.octets) == []
    assert len(clean.octets) == len(told)
    assert shown(clean.octets) == shown(told)
    assert dict(opened(clean.octets).getexif().get_ifd(0x8825)) == {}
    assert cleaned(clean.octets, nobody).octets is clean.octets


def test_a_clean_picture_keeps_its_very_octets() -> None:
    plain = saved(a_picture(), "AVIF", icc_profile=a_profile())
    assert cleaned(plain, anybody).octets is plain


def test_items_that_share_their_octets_are_overwritten_together() -> None:
    """Libraries write what two items have in common once."""
    told = saved(a_picture(), "AVIF", exif=an_exif(), xmp=ALL)
    clean = cleaned(told, nobody)
    assert planted(clean.octets) == []
    assert shown(clean.octets) == shown(told)
    assert cleaned(clean.octets, nobody).octets is clean.octets


def a_heic(*, in_the_box: bool) -> bytes:
    """The skeleton of a picture whose Exif, in two pieces, and XMP lie in `mdat` or, by their method, in `idat`."""
    exif = bytes(4) + an_exif(6)[6:]
    pieces = [exif[:100], exif[100:], ALL * 2, PICTURES]
    entries = [
        full(b"infe", b"")[:8] + b"\2\0\0\0" + number.to_bytes(2, "big") + b"\0\0" + kind + b"\0"
        for number, kind in enumerate((b"Exif", b"mime", b"hvc1"), 1)
    ]
    infe = b"".join(len(one).to_bytes(4, "big") + one[4:] for one in entries)

    def meta(begin: int) -> bytes:
        places = [begin + sum(map(len, pieces[:number])) for number in range(len(pieces))]
        method = b"\0\1" if in_the_box else b"\0\0"

        def item(number: int, *which: int) -> bytes:
            extents = b"".join(numbers(places[one], len(pieces[one])) for one in which)
            return number.to_bytes(2, "big") + method + b"\0\0" + len(which).to_bytes(2, "big") + extents

        return full(
            b"meta",
            full(b"hdlr", bytes(4), b"pict", bytes(13)),
            full(b"iinf", b"\0\3", infe),
            box(b"iloc", b"\1\0\0\0", b"\x44\x00", b"\0\3", item(1, 0, 1), item(2, 2), item(3, 3)),
            box(b"iprp", box(b"ipco", full(b"udes", ALL), full(b"ispe", bytes(8)))),
            box(b"idat", *pieces) if in_the_box else b"",
        )

    begin = box(b"ftyp", b"heic", bytes(4), b"mif1heic")
    return begin + meta(0 if in_the_box else len(begin) + len(meta(0)) + 8) + (b"" if in_the_box else box(b"mdat", *pieces))


@pytest.mark.parametrize("in_the_box", [False, True])
def test_the_items_of_a_heic_are_overwritten_in_all_their_pieces(in_the_box: bool) -> None:
    told = a_heic(in_the_box=in_the_box)
    clean = cleaned(told, nobody)
    assert set(clean.taken) == {"place and camera", "description"}
    assert planted(told)
    assert planted(clean.octets) == []
    assert len(clean.octets) == len(told)
    assert clean.octets.index(PICTURES) == told.index(PICTURES)
    assert b"\x01\x12\0\3\0\0\0\1\0\6" in clean.octets  # how it is turned
    assert cleaned(clean.octets, nobody).octets is clean.octets
