"""Pictures with all that cameras and programs write into them, made by hand (LEAK-60)."""

from __future__ import annotations

import struct
import zlib
from typing import Final

from relay.selftest.traps.letters import filled
from relay.selftest.traps.trap import Scene

_ASCII: Final = 2
_RATIONAL: Final = 5
_LONG: Final = 4
_SHORT: Final = 3
SEEN: Final = b"A grey picture of the fountain."
"""What is drawn, in the kinds of pictures and films that can draw anything: whoever cleans them must not touch it."""
_ONE_ROW: Final = {
    0x0100: (_LONG, len(SEEN)),
    0x0101: (_LONG, 1),
    0x0102: (_SHORT, 8),
    0x0103: (_SHORT, 1),
    0x0106: (_SHORT, 1),
    0x0115: (_SHORT, 1),
    0x0116: (_LONG, 1),
    0x0117: (_LONG, len(SEEN)),
}
"""Fields of a TIFF that has `SEEN` as its only strip: eight bits a point, not compressed (TIFF 6.0 section 4)."""
_STRIP: Final = 0x0111
_XMP: Final = (
    '<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF '
    'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description xmlns:dc="http://purl.org/dc/elements/1.1/">'
    "<dc:creator>$name $address</dc:creator><dc:rights>$company $canary</dc:rights></rdf:Description></rdf:RDF></x:xmpmeta>"
    '<?xpacket end="w"?>'
)
_JPEG_SCAN: Final = bytes.fromhex(
    "ffdb004300080606070605080707070909080a0c140d0c0b0b0c1912130f141d1a1f1e1d1a1c1c20242e2720222c231c1c2837292c30313434341f27"
    "393d38323c2e333432ffc0000b080001000101011100ffc4001f0000010501010101010100000000000000000102030405060708090a0bffc400b510"
    "0002010303020403050504040000017d01020300041105122131410613516107227114328191a1082342b1c11552d1f02433627282090a161718191a"
    "25262728292a3435363738393a434445464748494a535455565758595a636465666768696a737475767778797a838485868788898a92939495969798"
    "999aa2a3a4a5a6a7a8a9aab2b3b4b5b6b7b8b9bac2c3c4c5c6c7c8c9cad2d3d4d5d6d7d8d9dae1e2e3e4e5e6e7e8e9eaf1f2f3f4f5f6f7f8f9faffda"
    "0008010100003f002bffd9"
)
"""Tables and scan of a grey picture of one point, from the quantisation table to the end."""
_WEBP_LOSSLESS: Final = bytes.fromhex("2f00000000075081540820000a9afec78888fe07")
"""One point in lossless WebP."""


def xmp(scene: Scene) -> bytes:
    """Metadata in XML (XMP, ISO 16684)."""
    return filled(scene, _XMP).encode()


def exif(scene: Scene, strip: bytes = b"") -> bytes:
    """A TIFF directory: who took the picture, with what, and where on earth. `strip`: the picture itself, if there is any."""
    texts = {
        0x010E: "$canary",
        0x010F: "$canary",
        0x0131: "$canary",
        0x013B: "$name",
        0x8298: "$company, $address",
        0x9286: "$address $canary",
    }
    values = {tag: filled(scene, text).encode() + b"\0" for tag, text in texts.items()}
    drawn = _ONE_ROW if strip else {}
    count = len(values) + 1 + (len(drawn) + 1 if strip else 0)
    at = 8 + 2 + 12 * count + 4
    entries = [(tag, kind, 1, value) for tag, (kind, value) in drawn.items()]
    data = strip
    if strip:
        entries.append((_STRIP, _LONG, 1, at))
    for tag, value in values.items():
        entries.append((tag, _ASCII, len(value), at + len(data)))
        data += value
    where = at + len(data)
    entries.append((0x8825, _LONG, 1, where))
    entries.sort()
    degrees = struct.pack("<6L", 47, 1, 16, 1, 9, 1)
    gps = struct.pack("<H", 2) + struct.pack("<HHL4s", 1, _ASCII, 2, b"N\0\0\0")
    gps += struct.pack("<HHLL", 2, _RATIONAL, 3, where + 2 + 24 + 4) + bytes(4) + degrees
    head = b"II*\0" + struct.pack("<L", 8) + struct.pack("<H", count)
    return head + b"".join(struct.pack("<HHLL", *entry) for entry in entries) + bytes(4) + data + gps


def a_jpeg(scene: Scene) -> bytes:
    """A picture of one point with Exif, XMP, IPTC, a comment, and more behind its end."""
    iptc = filled(scene, "$name $address $canary").encode()
    resource = b"Photoshop 3.0\x008BIM\x04\x04\0\0" + struct.pack(">L", len(iptc) + 5) + b"\x1c\x02\x50"
    resource += struct.pack(">H", len(iptc)) + iptc
    segments = (
        (0xE1, b"Exif\0\0" + exif(scene)),
        (0xE1, b"http://ns.adobe.com/xap/1.0/\0" + xmp(scene)),
        (0xED, resource),
        (0xFE, filled(scene, "Comment of $address $canary").encode()),
        (0xEE, b"Adobe\0" + filled(scene, "$canary").encode()),
    )
    written = b"".join(bytes((0xFF, marker)) + struct.pack(">H", len(content) + 2) + content for marker, content in segments)
    return b"\xff\xd8" + written + _JPEG_SCAN + filled(scene, "$address $canary").encode()


def a_png(scene: Scene) -> bytes:
    """A picture of one point with text chunks of every kind, Exif, and a time."""
    text = filled(scene, "$name $address $canary").encode()
    chunks = (
        (b"IHDR", struct.pack(">LLBBBBB", 1, 1, 8, 0, 0, 0, 0)),
        (b"tEXt", b"Author\0" + text),
        (b"zTXt", b"Comment\0\0" + zlib.compress(text)),
        (b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + xmp(scene)),
        (b"iTXt", b"Title\0\x01\0\0\0" + zlib.compress(text)),
        (b"eXIf", exif(scene)),
        (b"prVt", text),
        (b"tIME", struct.pack(">HBBBBB", 2026, 6, 1, 12, 0, 0)),
        (b"IDAT", zlib.compress(b"\0\x80")),
        (b"IEND", b""),
    )
    written = b"".join(
        struct.pack(">L", len(content)) + name + content + struct.pack(">L", zlib.crc32(name + content))
        for name, content in chunks
    )
    return b"\x89PNG\r\n\x1a\n" + written + text


def a_webp(scene: Scene) -> bytes:
    """A picture of one point with Exif and XMP."""
    head = bytes((0x0C, 0, 0, 0, 0, 0, 0, 0, 0, 0))
    chunks = ((b"VP8X", head), (b"VP8L", _WEBP_LOSSLESS), (b"EXIF", exif(scene)), (b"XMP ", xmp(scene)))
    written = b"".join(name + struct.pack("<L", len(one)) + one + b"\0" * (len(one) % 2) for name, one in chunks)
    return b"RIFF" + struct.pack("<L", len(written) + 4) + b"WEBP" + written


def a_gif(scene: Scene) -> bytes:
    """A picture of one point with a comment."""
    text = filled(scene, "$address $canary").encode()
    comment = b"!\xfe" + bytes((len(text),)) + text + b"\0"
    return b"GIF89a\x01\0\x01\0\x80\0\0\0\0\0\xff\xff\xff" + comment + b",\0\0\0\0\x01\0\x01\0\0\x02\x02D\x01\0;"


def a_tiff(scene: Scene) -> bytes:
    """A picture in one row, whose grey points are `SEEN`, with all that `exif` tells."""
    return exif(scene, SEEN)
