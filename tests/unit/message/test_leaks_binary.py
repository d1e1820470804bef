"""Addresses in octets that are no text, where what is beside them is no letter (LEAK-46, LEAK-60, LEAK-63)."""

from __future__ import annotations

import base64
import struct
import zlib

import pytest
from support.leaking import ADDRESS, ALIASES, PARTIES, a_jpeg, attached, letter, page

from relay.message.leaks import Kind, leaks, pictures

OCTETS = ADDRESS.encode()


def kinds(octets: bytes) -> set[Kind]:
    return {one.kind for one in leaks(octets, PARTIES, allowed=ALIASES)}


def a_png_with(*chunks: tuple[bytes, bytes], checksum: bytes = b"Zq12") -> bytes:
    """Text chunks with a checksum that reads as letters."""
    inside = b"".join(struct.pack(">I", len(content)) + name + content + checksum for name, content in chunks)
    return b"\x89PNG\r\n\x1a\n" + inside + b"\0\0\0\0IEND\xaeB`\x82"


def a_riff(name: bytes, content: bytes) -> bytes:
    chunk = name + struct.pack("<I", len(content)) + content
    return b"RIFF" + struct.pack("<I", len(chunk) + 4) + b"WEBP" + chunk


def an_inline(content: bytes, subtype: str = "png", columns: int = 0) -> bytes:
    """A page with an image in itself; in lines of so many columns."""
    text = base64.b64encode(content).decode()
    if columns:
        text = "\r\n  ".join(text[at : at + columns] for at in range(0, len(text), columns))
    return page(f'<p>Hello <img alt="" src="data:image/{subtype};base64,{text}"></p>')


@pytest.mark.parametrize(
    "octets",
    [
        an_inline(a_png_with((b"tEXt", b"Author\0" + OCTETS))),
        an_inline(a_png_with((b"tEXt", b"Author\0" + OCTETS)), columns=20),
        an_inline(a_png_with((b"zTXt", b"Author\0\0" + zlib.compress(OCTETS)))),
        an_inline(a_png_with((b"iTXt", b"Author\0\1\0\0\0" + zlib.compress(OCTETS)))),
        an_inline(a_png_with((b"eXIf", b"MM\0*" + ADDRESS.encode("utf-16-be")))),
        an_inline(a_jpeg(b"Exif\0\0x" + OCTETS + b"x"), "jpeg"),
        an_inline(a_jpeg(b"x" + OCTETS + b"x", 0xFE), "jpeg"),
        an_inline(b"GIF89a\1\0\1\0\0\0\0!\xfe\x17" + OCTETS + b"\0;", "gif"),
        an_inline(a_riff(b"EXIF", b"II*\0x" + OCTETS + b"x"), "webp"),
    ],
    ids=["tEXt", "tEXt in lines", "zTXt", "iTXt", "eXIf", "EXIF", "comment", "GIF", "WebP"],
)
def test_an_address_in_an_image_of_the_page_itself_is_found(octets: bytes) -> None:
    assert Kind.ADDRESS in kinds(octets)


@pytest.mark.parametrize("beside", [(b"", b"Zq"), (b"q", b""), (b"Zq", b"9")])
@pytest.mark.parametrize("address", [OCTETS, OCTETS.upper(), ADDRESS.encode("utf-16-le"), b"annakowalska+tours@googlemail.com"])
def test_an_address_with_a_length_before_it_and_anything_after_it_is_found(address: bytes, beside: tuple[bytes, bytes]) -> None:
    before, after = beside
    content = b"\0\1\2\3" + before + bytes([len(address)]) + address + after
    for rest in (b"", b"a long text comes then, with nothing in it. " * 200):
        assert Kind.ADDRESS in kinds(attached(content + rest))
        assert Kind.ADDRESS in kinds(letter("key: " + base64.b64encode(content + rest).decode()))


@pytest.mark.parametrize("text", ["johanna.kowalska@gmail.com", "anna.kowalska@gmail.community", f"{ADDRESS}x"])
def test_in_text_the_border_of_an_address_still_counts(text: str) -> None:
    """LEAK-31: base64 or not, it is somebody else's."""
    text = f"Write to {text}, please."
    assert kinds(letter(text)) == set()
    assert kinds(letter("key: " + base64.b64encode(text.encode()).decode())) == set()
    assert kinds(attached(text.encode(), "text/csv")) == set()


def test_pictures_without_words_in_them_are_clean() -> None:
    noise = bytes(one * 167 % 256 ^ (one >> 8) & 0xFF for one in range(30_000))
    for content, subtype in ((a_png_with((b"IDAT", noise)), "png"), (a_jpeg(b""), "jpeg"), (a_riff(b"VP8 ", noise), "webp")):
        assert kinds(an_inline(content, subtype)) == set()
        assert kinds(attached(content, f"image/{subtype}")) == set()


@pytest.mark.parametrize("bound", [10_000, pytest.param(pictures.inflated_octets_max, marks=pytest.mark.slow)])
def test_a_picture_with_larger_words_than_are_read_is_a_finding(bound: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Invariant 12."""
    monkeypatch.setattr(pictures, "inflated_octets_max", bound)
    content = a_png_with(*[(b"zTXt", b"a\0\0" + zlib.compress(bytes(bound)))] * 2)
    assert kinds(attached(content, "image/png")) == {Kind.UNREADABLE}
    assert kinds(an_inline(content)) == {Kind.UNREADABLE}


def test_a_picture_with_more_words_than_are_read_is_a_finding() -> None:
    """Invariant 12."""
    content = a_png_with(*[(b"tEXt", b"a\0b")] * (pictures.texts_max + 1))
    assert kinds(attached(content, "image/png")) == {Kind.UNREADABLE}
    assert kinds(an_inline(content)) == {Kind.UNREADABLE}
