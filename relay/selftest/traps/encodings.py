"""Texts in every transfer encoding and charset, declared well, badly or not at all (LEAK-27, LEAK-28)."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Iterator
from typing import Final

from relay.selftest.traps.letters import MARKER, PLAIN, mail, multipart, part, with_file
from relay.selftest.traps.trap import Fate, Scene, Trap

_line_octets: Final = 45
"""Of a line of uuencode."""


def said(scene: Scene) -> str:
    """What the texts here say: the marker, and all known addresses with words around them."""
    writer, reader = scene.writer, scene.reader
    return f"{MARKER}\nWrite to {writer.address}, or {writer.second_address}.\nNot to {reader.address}, thank you.\n"


def uuencoded(text: str, name: str) -> str:
    """A file in the old way of Unix."""
    octets = text.encode()
    lines = (binascii.b2a_uu(octets[at : at + _line_octets]).decode() for at in range(0, len(octets), _line_octets))
    return f"begin 644 {name}\n{''.join(lines)}`\nend\n"


def _wire(text: str) -> bytes:
    return text.replace("\n", "\r\n").encode()


def _base64(scene: Scene) -> str:
    return base64.encodebytes(_wire(said(scene))).decode()


def _soft(text: str, columns: int) -> str:
    """Quoted-printable, broken softly every few characters."""
    lines = (line.replace("=", "=3D") for line in text.split("\n"))
    return "\n".join("=\n".join(line[at : at + columns] for at in range(0, len(line), columns) or (0,)) for line in lines)


def _all_quoted(text: str, *, small: bool = False) -> str:
    octets = [f"={octet:02x}" if small else f"={octet:02X}" for octet in _wire(text)]
    return "=\n".join("".join(octets[at : at + 24]) for at in range(0, len(octets), 24)) + "\n"


def _flowed(text: str, *, delsp: bool) -> str:
    """Text with a soft break inside each address."""
    return text.replace("@", " \n@" if delsp else "@ \n")


_TRANSFER: Final[dict[str, tuple[str, Callable[[Scene], str]]]] = {
    "base64": ("base64", _base64),
    "base64 in one line": ("base64", lambda scene: base64.b64encode(_wire(said(scene))).decode()),
    "base64 in odd lines": ("base64", lambda scene: "\n".join(_chunks(_base64(scene).replace("\n", ""), 7))),
    "base64 with junk": ("base64", lambda scene: "!".join(_chunks(_base64(scene).replace("\n", ""), 20)) + "\n"),
    "base64 without padding": ("base64", lambda scene: base64.b64encode(_wire(said(scene) + "x")).decode().rstrip("=")),
    "base64 in the alphabet for links": ("base64", lambda scene: base64.urlsafe_b64encode(_wire(said(scene) + "?>?>")).decode()),
    "base64 with text behind": ("base64", lambda scene: _base64(scene).strip() + "=\n\n" + scene.writer.address),
    "base64 in pieces": ("base64", lambda scene: base64.b64encode(_wire(said(scene) + "xx")).decode() + "\n" + _base64(scene)),
    "quoted-printable with soft breaks": ("quoted-printable", lambda scene: _soft(said(scene), 3)),
    "quoted-printable with dots and signs": (
        "quoted-printable",
        lambda scene: said(scene).replace("@", "=40").replace("example", "=65xample").replace(".", "=2E"),
    ),
    "quoted-printable whole": ("quoted-printable", lambda scene: _all_quoted(said(scene))),
    "quoted-printable in small letters": ("quoted-printable", lambda scene: _all_quoted(said(scene), small=True)),
    "quoted-printable with blanks at the breaks": (
        "quoted-printable",
        lambda scene: _soft(said(scene), 9).replace("=\n", "=  \n"),
    ),
    "quoted-printable broken": (
        "quoted-printable",
        lambda scene: said(scene).replace("@", "=40").replace(", thank", " =4, =ZZ thank") + "=\n",
    ),
    "quoted-printable in capitals": ("QUOTED-PRINTABLE", lambda scene: said(scene).replace("@", "=40")),
    "quoted-printable not declared": ("7bit", lambda scene: said(scene).replace("@", "=40")),
    "base64 not declared": ("7bit", lambda scene: f"{MARKER}\n\n{_base64(scene)}"),
    "unknown encoding": ("x-unknown", said),
    "encoding with a comment": ("base64 (of course)", _base64),
    "encoding in quotes": ('"base64"', _base64),
    "uuencoded body": ("x-uuencode", lambda scene: uuencoded(said(scene), "text.txt")),
    "binary": ("binary", said),
}

_CHARSETS: Final[dict[str, tuple[str, str]]] = {
    "UTF-16 with a mark": ("utf-16", "utf-16"),
    "UTF-16 big-endian": ("utf-16be", "utf-16-be"),
    "UTF-16 little-endian": ("utf-16le", "utf-16-le"),
    "UTF-16 without a mark": ("utf-16", "utf-16-be"),
    "UTF-32 with a mark": ("utf-32", "utf-32"),
    "UTF-32 big-endian": ("utf-32be", "utf-32-be"),
    "UTF-32 without a mark": ("utf-32", "utf-32-le"),
    "UTF-16 declared as UTF-8": ("utf-8", "utf-16-le"),
    "UTF-16 with a mark declared as ASCII": ("us-ascii", "utf-16"),
    "UTF-32 declared as Latin": ("iso-8859-1", "utf-32-be"),
    "UTF-7": ("utf-7", "utf-7"),
    "UTF-8 with a mark": ("utf-8", "utf-8-sig"),
    "Latin declared as UTF-8": ("utf-8", "iso-8859-1"),
    "UTF-8 declared as Latin": ("iso-8859-1", "utf-8"),
    "EBCDIC": ("cp037", "cp037"),
    "EBCDIC 500": ("ibm500", "cp500"),
    "EBCDIC 1140": ("ibm1140", "cp1140"),
    "ISO-2022-JP": ("iso-2022-jp", "iso2022_jp"),
    "Shift_JIS": ("shift_jis", "shift_jis"),
    "EUC-JP": ("euc-jp", "euc_jp"),
    "GB18030": ("gb18030", "gb18030"),
    "HZ": ("hz-gb-2312", "hz"),
    "Big5": ("big5", "big5"),
    "EUC-KR": ("euc-kr", "euc_kr"),
    "ISO-2022-KR": ("iso-2022-kr", "iso2022_kr"),
    "KOI8-R": ("koi8-r", "koi8-r"),
    "Windows-1251": ("windows-1251", "cp1251"),
    "Windows-1250": ("windows-1250", "cp1250"),
    "ISO-8859-8-I": ("iso-8859-8-i", "iso-8859-8"),
    "unknown name": ("x-nobody-knows", "utf-8"),
    "default": ("default", "iso-8859-1"),
    "none": ("", "utf-8"),
    "in quotes with blanks": ('" UTF-8 "', "utf-8"),
}
"""By name: the charset that is declared, and the codec in which the text is."""
_NATIVE: Final = {
    "iso2022_jp": "こんにちは",
    "shift_jis": "こんにちは",
    "euc_jp": "こんにちは",
    "gb18030": "你好",
    "hz": "你好",
    "big5": "你好",
    "euc_kr": "안녕하세요",
    "iso2022_kr": "안녕하세요",
    "koi8-r": "Привет",
    "cp1251": "Привет",
    "cp1250": "żółw",
    "iso-8859-8": "שלום",
}
"""Words of their own for the charsets of a language."""


def _chunks(text: str, columns: int) -> list[str]:
    return [text[at : at + columns] for at in range(0, len(text), columns)]


def encoded_texts() -> Iterator[Trap]:
    """The traps of LEAK-27 and LEAK-28."""
    for name, (encoding, body) in _TRANSFER.items():

        def build(scene: Scene, encoding: str = encoding, body: Callable[[Scene], str] = body) -> bytes:
            return mail(scene, body(scene), encoding=encoding)

        yield Trap(f"LEAK-27 {name}", "LEAK-27", f"The text is encoded: {name}.", build, keeps=(MARKER,))
    for delsp in (False, True):

        def flowed(scene: Scene, delsp: bool = delsp) -> bytes:
            content = f"{PLAIN}; format=flowed; delsp={'yes' if delsp else 'no'}"
            return mail(scene, _flowed(said(scene), delsp=delsp), content=content)

        name = f"flowed {'with' if delsp else 'without'} delsp"
        yield Trap(f"LEAK-27 {name}", "LEAK-27", "A soft break stands inside the address.", flowed, keeps=(MARKER,))
    yield Trap(
        "LEAK-27 uuencoded file",
        "LEAK-27",
        "A text file in uuencode as a part of its own.",
        lambda scene: multipart(
            scene,
            part(f"{MARKER}\n"),
            part(uuencoded(said(scene), "list.txt"), 'text/plain; name="list.txt"', encoding="x-uuencode"),
        ),
        keeps=(MARKER,),
    )
    for name, (charset, codec) in _CHARSETS.items():

        def in_charset(scene: Scene, charset: str = charset, codec: str = codec) -> bytes:
            text = said(scene) + _NATIVE.get(codec, "") + "\n"
            content = f"text/plain; charset={charset}" if charset else "text/plain"
            octets = base64.encodebytes(text.replace("\n", "\r\n").encode(codec)).replace(b"\n", b"\r\n")
            return mail(scene, octets, content=content, encoding="base64")

        native = (_NATIVE[codec],) if codec in _NATIVE else ()
        yield Trap(f"LEAK-28 {name}", "LEAK-28", f"The charset: {name}.", in_charset, keeps=(MARKER, *native))
    yield Trap(
        "LEAK-28 nothing declared",
        "LEAK-28",
        "No MIME field at all, and letters beyond ASCII.",
        lambda scene: mail(scene, said(scene) + "Größe\n", content="", without=("MIME-Version",)),
        keeps=(MARKER, "Größe"),
    )
    yield Trap(
        "LEAK-28 UTF-16 in 8bit",
        "LEAK-28",
        "UTF-16 as it stands, NUL octets and all.",
        lambda scene: mail(scene, said(scene).encode("utf-16"), content="text/plain; charset=utf-16"),
        Fate.ANY_BUT_LEAKED,  # over SMTP its NUL octets are refused (FAULT-47)
        keeps=(MARKER,),
    )
    yield Trap(
        "LEAK-28 file of an unknown charset",
        "LEAK-28",
        "A text file in EBCDIC that says nothing of it.",
        lambda scene: with_file(scene, said(scene).encode("cp500"), "text/plain", "list.txt"),
        fate=Fate.HELD,
    )
