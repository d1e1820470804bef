"""Images in the page itself (LEAK-46, LEAK-60)."""

from __future__ import annotations

import base64

import pytest
from support.leaking import a_jpeg, a_png

from relay.message.inline_images import says_something

COLOURS = b"GIF89a\1\0\1\0\x80\0\0" + bytes(6)
PIXEL = b",\0\0\0\0\1\0\1\0\0\2\2L\1\0"


def a_link(octets: bytes) -> str:
    return "data:image/x;base64," + base64.b64encode(octets).decode()


def a_webp(name: bytes) -> bytes:
    return b"RIFF\x14\0\0\0WEBPVP8 \1\0\0\0x\0" + name + b"\2\0\0\0xx"


@pytest.mark.parametrize(
    ("octets", "expected"),
    [
        *[(a_png(name, b"Author\0Ann"), True) for name in (b"tEXt", b"iTXt", b"zTXt", b"eXIf")],
        *[(a_png(name, b"tEXt"), False) for name in (b"IDAT", b"IHDR", b"iCCP", b"pHYs")],
        *[(a_jpeg(b"Ann", marker), True) for marker in (0xE1, 0xED, 0xFE)],
        *[(a_jpeg(b"\xff\xe1\0\3", marker), False) for marker in (0xE0, 0xDB, 0xC0)],
        (b"\xff\xd8\xff\xff\xff\xfe\0\5Ann\xff\xd9", True),
        (b"\xff\xd8\xff\xda\0\2\1\xff\0\2\xff\xd0\3\xff\xfe\0\5Ann\xff\xd9", True),
        (b"\xff\xd8\xff\xda\0\2\1\xff\0\2\xff\xd0\3\xff\xd9", False),
        (COLOURS + b"!\xfe\3Ann\0" + PIXEL + b";", True),
        (COLOURS + PIXEL + b"!\xfe\3Ann\0;", True),
        (COLOURS + b"!\xff\x0bXMP DataXMP\1x\0;", True),
        (COLOURS + b"!\xff\x0bNETSCAPE2.0\3\1\0\0\0" + b"!\xf9\4\0\0\0\0\0" + PIXEL + b";", False),
        (a_webp(b"EXIF"), True),
        (a_webp(b"XMP "), True),
        (a_webp(b"ALPH"), False),
        (b"GIF89a", False),
        (b"\x89PNG\r\n\x1a\n\0", False),
        (b"", False),
    ],
)
def test_an_image_with_words_is_told_from_one_without(octets: bytes, expected: bool) -> None:
    assert says_something(a_link(octets)) is expected


def test_an_image_that_cannot_be_decoded_may_say_anything() -> None:
    assert says_something("data:image/png;base64,A")
