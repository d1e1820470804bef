"""TIFF (LEAK-60): what tells is erased where it stands, and the pictures stay as they are."""

from __future__ import annotations

import struct

import pytest
from support.canaries import ALL, anybody, nobody, planted
from support.pictures import ORIENTATION, a_picture, a_profile, a_tiff, opened, saved, shown

from relay.message.files import cleaned

COMPRESSIONS = [{}, *({"compression": one} for one in ("tiff_lzw", "tiff_adobe_deflate", "jpeg", "packbits"))]


@pytest.mark.parametrize("compression", COMPRESSIONS)
def test_every_field_that_says_something_is_erased_and_each_page_is_shown_as_before(compression: dict[str, str]) -> None:
    told = a_tiff(**compression)
    assert len(planted(told)) == 4
    clean = cleaned(told, anybody)
    assert set(clean.taken) == {"description"} | ({"place and camera"} if not compression else set())
    assert planted(clean.octets) == []
    assert len(clean.octets) == len(told)
    assert shown(clean.octets) == shown(told)
    assert opened(clean.octets).info["icc_profile"] == a_profile()
    assert cleaned(clean.octets, anybody).octets is clean.octets


@pytest.mark.parametrize("orientation", range(1, 9))
def test_the_picture_is_turned_as_before(orientation: int) -> None:
    told = a_tiff(orientation)
    clean = cleaned(told, nobody)
    assert shown(clean.octets) == shown(told)
    exif = opened(clean.octets).getexif()
    assert exif[ORIENTATION] == orientation
    assert exif.get_ifd(0x8825) == {}


@pytest.mark.parametrize("compression", COMPRESSIONS)
def test_a_clean_picture_keeps_its_very_octets(compression: dict[str, str]) -> None:
    """LEAK-56."""
    plain = saved(a_picture(), "TIFF", **compression, dpi=(300, 300), icc_profile=a_profile())
    clean = cleaned(plain, anybody)
    assert clean.octets is plain
    assert clean.taken == ()


def test_a_colour_profile_stays_unless_its_text_tells() -> None:
    told = saved(a_picture(), "TIFF", icc_profile=a_profile("Ann Canary"))
    assert cleaned(told, nobody).octets is told
    clean = cleaned(told, lambda text: "Ann Canary" in text)
    assert clean.taken == ("colour profile",)
    assert "Ann Canary".encode("utf-16-be") not in clean.octets
    assert shown(clean.octets) == shown(told)


def a_file(*fields: tuple[int, int, bytes], order: str = "<") -> bytes:
    """One directory of fields (tag, type of one octet each, values), whose values stand behind it."""
    directory, values = struct.pack(f"{order}H", len(fields)), b""
    behind = 8 + 2 + 12 * len(fields) + 4
    for tag, kind, value in fields:
        place = value.ljust(4, b"\0") if len(value) <= 4 else struct.pack(f"{order}I", behind + len(values))
        count = len(value) // {3: 2, 4: 4}.get(kind, 1)
        directory += struct.pack(f"{order}HHI", tag, kind, count) + place
        values += value if len(value) > 4 else b""
    return (b"II*\0" if order == "<" else b"MM\0*") + struct.pack(f"{order}I", 8) + directory + bytes(4) + values


@pytest.mark.parametrize("order", ["<", ">"])
def test_what_a_sensor_saw_keeps_all_but_what_is_personal(order: str) -> None:
    """DNG, NEF and ARW: programs need the camera's own fields to show them."""
    sensor = struct.pack(f"{order}H", 32803)
    raw = a_file((271, 2, b"Camera maker\0"), (262, 3, sensor), (315, 2, ALL), (50735, 2, ALL), (50827, 1, ALL), order=order)
    clean = cleaned(raw, nobody)
    assert planted(clean.octets) == []
    assert b"Camera maker" in clean.octets
    assert len(clean.octets) == len(raw)
    assert cleaned(clean.octets, nobody).octets is clean.octets


def test_directories_that_lead_out_of_the_file_leave_it_as_it_is() -> None:
    broken = a_file((34665, 4, struct.pack("<I", 9999)), (315, 2, ALL))
    assert cleaned(broken, nobody).octets is broken


def test_values_that_lie_in_one_another_leave_the_file_as_it_is() -> None:
    """Erasing one would harm the other."""
    told = a_file((315, 2, ALL), (301, 1, b"a curve of transfer"))
    crossed = told.replace(struct.pack("<HHI", 301, 1, 19), struct.pack("<HHI", 301, 1, 18))
    at = crossed.index(struct.pack("<HHI", 301, 1, 18)) + 8
    crossed = crossed[:at] + crossed[18:22] + crossed[at + 4 :]
    assert cleaned(told, nobody).taken
    assert cleaned(crossed, nobody).octets is crossed
