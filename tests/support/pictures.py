"""Pictures as cameras and programs write them, and how a program shows them: with Pillow, which knows nothing of the product."""

from __future__ import annotations

import io
from functools import cache
from typing import Any, Final

from PIL import Image, ImageCms, ImageOps, TiffImagePlugin

from support.canaries import ALL

ORIENTATION: Final = 0x0112
_PROFILE_NAME: Final = "sRGB built-in"


def a_picture(mode: str = "RGB") -> Image.Image:
    return Image.effect_mandelbrot((48, 32), (-2, -1, 1, 1), 40).convert(mode)


def an_animation() -> list[Image.Image]:
    return [a_picture().rotate(angle) for angle in (0, 90, 180)]


def saved(picture: Image.Image, form: str, **options: Any) -> bytes:
    octets = io.BytesIO()
    picture.save(octets, form, **options)
    return octets.getvalue()


def an_exif(orientation: int = 1) -> bytes:
    """What a camera writes, with canaries in it; it begins as in JPEG."""
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    exif[0x010F] = exif[0x013B] = ALL.decode()
    exif.get_ifd(0x8825).update({1: "N", 2: (47.0, 16.0, 9.0)})
    exif.get_ifd(0x8769).update({0xA431: ALL.decode(), 0x927C: ALL})
    return exif.tobytes()


@cache
def a_profile(name: str = _PROFILE_NAME) -> bytes:
    """A colour profile with that name, of at most thirteen letters; one of them, since the second it was made at stands in it."""
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    wide = _PROFILE_NAME.encode("utf-16-be")
    assert wide in profile
    return profile.replace(wide, name.ljust(len(_PROFILE_NAME)).encode("utf-16-be"))


def opened(octets: bytes) -> Image.Image:
    return Image.open(io.BytesIO(octets))


def shown(octets: bytes) -> list[tuple[tuple[int, int], str, object, bytes]]:
    """Size, mode, time and pixels of each picture in the file, turned as its Exif says."""
    picture = opened(octets)
    frames = []
    for number in range(getattr(picture, "n_frames", 1)):
        picture.seek(number)
        turned = ImageOps.exif_transpose(picture)
        frames.append((turned.size, turned.mode, picture.info.get("duration"), turned.convert("RGBA").tobytes()))
    return frames


def a_tiff(orientation: int = 6, **options: Any) -> bytes:
    """Every field for words that Pillow writes: two compressed pages, or one with what a camera says in its own directories."""
    exif = Image.Exif()
    exif.load(an_exif(orientation))
    fields = TiffImagePlugin.ImageFileDirectory_v2()
    for tag in (269, 270, 271, 272, 285, 305, 315, 316, 33432):
        fields[tag] = ALL.decode()
    for tag in (700, 33723, 34377, 65000):
        fields[tag] = ALL
        fields.tagtype[tag] = 7
    for tag in (40091, 40093):
        fields[tag] = ALL.decode().encode("utf-16-le")
        fields.tagtype[tag] = 1
    fields[ORIENTATION] = orientation
    if "compression" not in options:
        fields[0x8769] = dict(exif.get_ifd(0x8769))
        fields[0x8825] = dict(exif.get_ifd(0x8825))
    more = [a_picture().rotate(90, expand=True)] if "compression" in options else []
    return saved(a_picture(), "TIFF", save_all=True, append_images=more, tiffinfo=fields, icc_profile=a_profile(), **options)
