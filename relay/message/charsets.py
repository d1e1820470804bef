"""Octets to characters, as generously as mail programs and browsers do it (LEAK-28, CASE-42, CASE-46, CASE-56).

What is decoded here is searched, rewritten and sent as UTF-8, so a reader never meets the octets that we guessed about.
All of it is deterministic, linear in the length, and never raises.
"""

from __future__ import annotations

import codecs
import re
from encodings.aliases import aliases
from typing import Final

_CODECS: Final = re.compile(
    r"ascii|big5|cp\d|euc_|gb|hp_roman8|hz|iso|johab|koi8|kz1048|latin_1|mac_|ptcp154|shift_jis|tis_620|utf_"
)
"""The codecs of Python that are charsets. `punycode`, `unicode_escape`, `zlib` and their like must not be had by name."""

_SUPERSETS: Final = {
    "latin_1": "cp1252",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "euc_kr": "cp949",
    "shift_jis": "cp932",
    "big5": "cp950",
    "iso8859_9": "cp1254",
    "iso8859_11": "cp874",
    "tis_620": "cp874",
    "utf_8_sig": "utf_8",
}
"""What a name means in practice: the superset that browsers read (WHATWG Encoding, "Names and labels")."""

_FURTHER_NAMES: Final = {
    "utf_8": "utf8 unicode11utf8 unicode20utf8 xunicode20utf8 utf8mb4 utf8mac cp65001 utf",
    "utf_7": "utf7 unicode11utf7 xunicode20utf7 csunicode11utf7 cp65000 utf7imap",
    "utf_16": "unicode ucs2 iso10646ucs2 csunicode unicodefeff utf16 windows1200",
    "utf_16_be": "unicodefffe utf16be windows1201",
    "utf_32": "ucs4 iso10646ucs4 utf32",
    "cp1252": "xansi ansi ansix31101983 iso88591windows31latin1 windows1252 win1252 xcp1252 userdefined xuserdefined",
    "cp1250": "win1250 xcp1250",
    "cp1251": "win1251 xcp1251 ansi1251",
    "cp874": "windows874 dos874 iso885911",
    "koi8_u": "koi8u koi8ru",
    "koi8_r": "koi8 koi cskoi8r",
    "koi8_t": "koi8t",
    "iso8859_8": "iso88598i iso88598e csiso88598i logical visual",
    "iso8859_6": "iso88596i iso88596e",
    "gb18030": "chinese gb231280 gb2312801 csgb231280 euccn xeuccn xgbk xgb cngb windows936 ms936 gb180302000 gb180302005",
    "cp950": "cnbig5 xxbig5 csbig5 big5 windows950 big5eten",
    "big5hkscs": "big5hkscs big5hkscs2004",
    "cp949": "ksc56011987 ksc56011989 ksc5601 korean windows949 uhc xwindows949 iseuckr",
    "cp932": "windows31j windows932 mskanji xsjis sjis xmscp932 cp943 cp943c ibm943 ibm943c csshiftjis shiftjis",
    "euc_jp": "xeucjp xeuc eucjpwin eucjpms cp51932",
    "iso2022_jp": "iso2022jp csiso2022jp cp50220 cp50221 cp50222 jis",
    "mac_roman": "xmacroman macroman macintosh mac xmac",
    "mac_cyrillic": "xmaccyrillic xmacukrainian",
    "cp037": "ibm1047 cp1047 ebcdicus ebcdic ebcdiccpus ebcdicinternational",
    "cp273": "ebcdicde ebcdiccpde ibm1141 cp1141",
    "cp875": "ibm875 ebcdicgr",
    "cp720": "cp720 dos720",
    "cp737": "cp737 ibm737",
    "cp856": "cp856 ibm856",
}
"""Names met in mail that Python's own table lacks, or reads otherwise; squashed as `_squashed` does."""

_WESTERN: Final = frozenset({"ascii", "cp1252", "iso8859_15"})
"""What programs claim without looking. Text in them is practically never valid UTF-8 by chance, so then it is UTF-8."""

_EBCDIC: Final = frozenset({"cp037", "cp273", "cp424", "cp500", "cp875", "cp1026", "cp1140"})
_WIDE: Final = frozenset({"utf_16", "utf_16_be", "utf_16_le", "utf_32", "utf_32_be", "utf_32_le"})
_NOT_ASCII_TRANSPARENT: Final = _EBCDIC | _WIDE | {"utf_7", "hz", "iso2022_jp"}

_MARKS: Final = (
    (codecs.BOM_UTF8, "utf_8"),
    (codecs.BOM_UTF32_LE, "utf_32_le"),
    (codecs.BOM_UTF32_BE, "utf_32_be"),
    (codecs.BOM_UTF16_LE, "utf_16_le"),
    (codecs.BOM_UTF16_BE, "utf_16_be"),
)
"""Byte order marks. UTF-32 stands first: its little-endian mark begins with that of UTF-16."""

_PLAIN_RUN: Final = re.compile(rb"[\t\n\r -~]{16}")
"""Where so many octets follow each other that all are ASCII, a text is not in UTF-16, whatever else has zero octets in it."""

_seen_octets_min: Final = 8
"""Fewer octets show no pattern."""

_name_characters_max: Final = 80
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:+-]{0,39}")
_good_per_bad: Final = 3
"""A multi-octet text with some broken characters stays in its declared charset while at least so many good ones stand
against each broken one."""

_ISO_2022_JP_SHIFT: Final = re.compile(rb"\x1b(\$[@B]|\$\(D|\([BJIH])")
_JAPANESE: Final = re.compile(rb"\x1b\$[@B]")
_SHIFTED: Final = frozenset({"iso2022_jp", "iso2022_jp_1", "iso2022_jp_2", "iso2022_jp_2004", "iso2022_jp_3", "iso2022_jp_ext"})
_ASCII_CONTROLS: Final = bytes((*range(0x09), 0x0B, *range(0x0E, 0x20), 0x7F))
_FURTHER_CONTROLS: Final = re.compile(b"\xc2[\x80-\x9f]")
"""U+0080 to U+009F in UTF-8."""
_AS_LINE_FEED: Final = ("\r\n", "\r", "\x0b", "\x85")
"""A vertical tab is a line break of Word; NEL is one of EBCDIC. A form feed is a page break, which is white space."""
_LONE_SURROGATE: Final = re.compile("[\ud800-\udfff]")
_C1_IN_WINDOWS_1252: Final = {octet: bytes([octet]).decode("cp1252", "ignore") or chr(octet) for octet in range(0x80, 0xA0)}
"""The five holes of windows-1252 are control characters, as in browsers."""


def _squashed(name: str) -> str:
    return "".join(letter for letter in name.casefold() if letter.isalnum())


def _table() -> dict[str, str]:
    """Squashed charset name -> the codec to read it with."""
    table = {}
    for alias, codec in aliases.items():
        if _CODECS.match(codec):
            table[_squashed(alias)] = table[_squashed(codec)] = _SUPERSETS.get(codec, codec)
    for codec, names in _FURTHER_NAMES.items():
        table.update(dict.fromkeys((*names.split(), _squashed(codec)), codec))
    return table


_BY_NAME: Final = _table()


def decoded_text(payload: bytes, declared: str | None) -> str:
    """The text of a body: decoded, line ends as LF, without byte order mark and control characters.

    A byte order mark counts first, then the declared charset, then UTF-8, then windows-1252. A declaration that the octets
    contradict is set aside: UTF-16 or EBCDIC that is plain ASCII, Latin-1 that is valid UTF-8, anything that shifts to Japanese.
    """
    codec = codec_named(declared)
    if codec is not None and payload.isascii() and (codec in _EBCDIC or (codec in _WIDE and b"\0" not in payload)):
        codec = None
    elif codec in _WESTERN and not payload.isascii() and _strictly(payload, "utf_8") is not None:
        codec = "utf_8"
    elif codec not in _SHIFTED and payload.isascii() and _JAPANESE.search(payload) is not None:
        codec = "iso2022_jp"
    text = _decoded(payload, codec)
    for end in _AS_LINE_FEED:
        text = text.replace(end, "\n")
    return without_controls(text)


def without_controls(text: str) -> str:
    """`text` without the control characters that no program shows: ESC moves the cursor of a terminal, and any of them may
    stand inside an address (LEAK-29). Tabs, line ends and form feeds are white space, and stay."""
    if text.isprintable() or text.replace("\n", "").isprintable():
        return text
    octets = text.encode("utf-8", "surrogatepass").translate(None, _ASCII_CONTROLS)  # a pattern takes ten times as long
    return _FURTHER_CONTROLS.sub(b"", octets).decode("utf-8", "surrogatepass")


def decoded_octets(octets: bytes, declared: str | None) -> str:
    """The characters of a piece of a header field, by its declared charset, or by guess; line ends are kept, NUL is not.

    Nothing is second-guessed here: two octets of UTF-16 may well look like ASCII.
    """
    return _decoded(octets, codec_named(declared))


def codec_named(declared: str | None) -> str | None:
    """The Python codec to read a declared charset with; None where there is none of that name, or it says nothing."""
    if not declared:
        return None
    name = declared[:_name_characters_max]
    return _BY_NAME.get(_squashed(name)) or next(
        (
            _BY_NAME[tried]
            for word in re.findall(r"[\w.:-]+", name)
            for tried in (_squashed(word), _squashed(word).removeprefix("x"), _squashed(word).removeprefix("cs"))
            if tried in _BY_NAME
        ),
        None,
    )


def charset_name(declared: str | None) -> str | None:
    """The name of a declared charset as it may be written again, in lower case; None where there is none of that name."""
    if declared is None or not _NAME.fullmatch(declared) or _squashed(declared) not in _BY_NAME:
        return None
    return declared.lower()


def _decoded(octets: bytes, codec: str | None) -> str:
    if octets.isascii() and codec not in _NOT_ASCII_TRANSPARENT and b"\x1b" not in octets and b"\0" not in octets:
        return octets.decode("ascii")
    text = _by_mark(octets)
    if text is None and codec == "utf_8" and b"\0" not in octets and (plain := _strictly(octets, codec)) is not None:
        return plain  # surrogates are none of it
    if text is None:
        text = _guessed(octets) if codec is None or codec == "ascii" else _in_codec(octets, codec)
    return _without_surrogates(text).replace("\0", "")


def _without_surrogates(text: str) -> str:
    try:
        text.encode("utf-8")  # a pattern takes ten times as long
    except UnicodeEncodeError:
        return _LONE_SURROGATE.sub("\ufffd", text)
    return text


def _by_mark(octets: bytes) -> str | None:
    for mark, codec in _MARKS:
        if octets.startswith(mark):
            text = _strictly(octets[len(mark) :], codec)
            if text is not None:
                return text
    return octets[2:].decode("utf_16_le", "replace") if octets.startswith(codecs.BOM_UTF16_LE) and b"\0" in octets else None


def _in_codec(octets: bytes, codec: str) -> str:
    if codec in _WIDE:
        return octets.decode(_in_byte_order(octets, codec), "replace").removeprefix("\ufeff")
    if codec == "utf_7":
        return octets.decode(codec, "replace") if octets.isascii() else _guessed(octets)
    if codec == "iso2022_jp":
        text = _strictly(octets, "iso2022_jp_ext")
        return _shifted_japanese(octets) if text is None else text
    if codec == "cp1252":
        return _western(octets)
    if b"\0" in octets and (seen := _width_seen(octets)) is not None:
        return octets.decode(seen, "replace")
    text = _strictly(octets, codec)
    if text is None and codec != "utf_8":
        text = _strictly(octets, "utf_8")
    return _mended(octets, codec) if text is None else text


def _guessed(octets: bytes) -> str:
    """Without any declaration: by zero octets, by the shifts of ISO-2022-JP, as UTF-8, else as windows-1252."""
    if b"\0" in octets and (seen := _width_seen(octets)) is not None:
        return octets.decode(seen, "replace")
    if b"\x1b$" in octets and octets.isascii():
        return _in_codec(octets, "iso2022_jp")
    text = _strictly(octets, "utf_8")
    return _western(octets) if text is None else text


def _mended(octets: bytes, codec: str) -> str:
    """The text in `codec` with marks for what is broken, where most of it is sound; else as windows-1252."""
    text = octets.decode(codec, "replace")
    bad = text.count("\ufffd")
    good = len(text) - len(text.encode("ascii", "ignore")) - bad
    return text if bad * _good_per_bad <= good else _western(octets)


def _strictly(octets: bytes, codec: str) -> str | None:
    try:
        return octets.decode(codec)
    except UnicodeError:
        return None


def _western(octets: bytes) -> str:
    text = _strictly(octets, "cp1252")
    return octets.decode("latin_1").translate(_C1_IN_WINDOWS_1252) if text is None else text


def _width_seen(octets: bytes) -> str | None:
    """UTF-16 or UTF-32 and its byte order, by where the zero octets stand; None where they stand anywhere."""
    if len(octets) < _seen_octets_min or _PLAIN_RUN.search(octets) is not None:
        return None
    zeros = _zeros(octets)
    if min(zeros[2], zeros[3]) > 0.9 and zeros[0] < 0.5:
        return "utf_32_le"
    if min(zeros[0], zeros[1]) > 0.9 and zeros[3] < 0.5:
        return "utf_32_be"
    even, odd = zeros[0] + zeros[2], zeros[1] + zeros[3]
    if odd > 0.6 and even < odd / 4:
        return "utf_16_le"
    if even > 0.6 and odd < even / 4:
        return "utf_16_be"
    return None


def _in_byte_order(octets: bytes, codec: str) -> str:
    """The codec for a declaration without byte order: high octets, and those of spaces and line ends, are zero."""
    zeros = _zeros(octets)
    if codec == "utf_16":
        return "utf_16_be" if zeros[0] + zeros[2] > zeros[1] + zeros[3] else "utf_16_le"
    if codec == "utf_32":
        return "utf_32_be" if zeros[0] > zeros[3] else "utf_32_le"
    return codec


def _zeros(octets: bytes) -> list[float]:
    """How much of each fourth octet is zero, from 0 to 1, over the whole text."""
    phases = (octets[phase::4] for phase in range(4))
    return [one.count(0) / (len(one) or 1) for one in phases]


def _shifted_japanese(octets: bytes) -> str:
    """ISO-2022-JP with the vendor characters that Python's codec refuses, by way of their places in Shift_JIS (cp932)."""
    pieces = _ISO_2022_JP_SHIFT.split(octets)
    text = [_guessed_plain(pieces[0])]
    for shift, piece in zip(pieces[1::2], pieces[2::2], strict=True):
        if shift in {b"$@", b"$B"}:
            text.append(_as_shift_jis(piece).decode("cp932", "replace"))
        elif shift == b"$(D":
            text.append((b"\x1b$(D" + piece).decode("iso2022_jp_ext", "replace"))
        elif shift == b"(I":
            text.append(bytes(octet | 0x80 for octet in piece).decode("cp932", "replace"))
        else:
            text.append(_guessed_plain(piece))
    return "".join(text)


def _guessed_plain(octets: bytes) -> str:
    text = _strictly(octets, "utf_8")
    return octets.decode("cp932", "replace") if text is None else text


def _as_shift_jis(pairs: bytes) -> bytes:
    """JIS X 0208 pairs moved to where Shift_JIS has them; octets that are no pair (a line end) stay."""
    moved = bytearray()
    place = 0
    while place < len(pairs):
        row = pairs[place]
        column = pairs[place + 1] if place + 1 < len(pairs) else 0
        if 0x21 <= row <= 0x7E and 0x21 <= column <= 0x7E:
            first = (row - 0x21 >> 1) + 0x81
            second = column + 0x1F + (column >= 0x60) if row & 1 else column + 0x7E
            moved += bytes((first if first <= 0x9F else first + 0x40, second))
            place += 2
        else:
            moved.append(row)
            place += 1
    return bytes(moved)
