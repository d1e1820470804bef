"""Octets become the characters that mail programs show (LEAK-28, CASE-42, CASE-46, CASE-56)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.message.charsets import charset_name, codec_named, decoded_octets, decoded_text

POLISH = "Zażółć gęślą jaźń\n"
RUSSIAN = "Привет, как дела? Ёлка\n"
JAPANESE = "こんにちは、世界\n"
CHINESE = "石室诗士施氏,嗜狮\n"
KOREAN = "키스의 고유조건은\n"


@pytest.mark.parametrize(
    ("text", "codec", "declared"),
    [
        (POLISH, "iso8859_2", "ISO-8859-2"),
        (POLISH, "cp1250", "Windows-1250"),
        (POLISH, "cp1250", "x-cp1250"),
        (RUSSIAN, "koi8_r", "koi8-r"),
        (RUSSIAN, "cp1251", "cp-1251"),
        (RUSSIAN, "utf_8", '"utf8"'),
        (RUSSIAN, "utf_8", "UTF-8; format=flowed"),
        (RUSSIAN, "utf_8", " utf_8 "),
        (JAPANESE, "iso2022_jp", "ISO-2022-JP"),
        (JAPANESE, "cp932", "x-sjis"),
        (JAPANESE, "euc_jp", "EUC-JP"),
        (CHINESE, "gb18030", "gb2312"),
        (CHINESE, "gbk", "GB_2312-80"),
        (KOREAN, "cp949", "ks_c_5601-1987"),
        (POLISH, "utf_7", "unicode-1-1-utf-7"),
        (RUSSIAN, "utf_16_be", "utf-16be"),
        (RUSSIAN, "utf_16_le", "UTF-16"),
        (RUSSIAN, "utf_16_be", "UTF-16"),
        (RUSSIAN, "utf_32_be", "utf-32"),
        ("plain\n", "cp037", "ebcdic-cp-us"),
        ("plain\n", "cp500", "IBM500"),
    ],
)
def test_a_declared_charset_is_found_under_the_names_in_use(text: str, codec: str, declared: str) -> None:
    assert decoded_text(text.encode(codec), declared) == text


@pytest.mark.parametrize("codec", ["utf_8_sig", "utf_16", "utf_32"])
@pytest.mark.parametrize("declared", [None, "us-ascii", "windows-1252", "x-unknown"])
def test_a_byte_order_mark_counts_more_than_the_declaration(codec: str, declared: str | None) -> None:
    assert decoded_text(RUSSIAN.encode(codec), declared) == RUSSIAN


@pytest.mark.parametrize(
    ("octets", "declared", "text"),
    [
        ("Grüße".encode(), "us-ascii", "Grüße"),
        ("Grüße".encode(), "iso-8859-1", "Grüße"),
        ("Grüße".encode("cp1252"), "utf-8", "Grüße"),
        ("Grüße – “so”".encode("cp1252"), "iso-8859-1", "Grüße – “so”"),
        ("Grüße".encode("cp1252"), None, "Grüße"),
        ("Grüße".encode(), "x-nobody-knows", "Grüße"),
        (b"all ASCII", "utf-16", "all ASCII"),
        (b"all ASCII", "ibm037", "all ASCII"),
        ("undeclared".encode("utf_16_le"), None, "undeclared"),
        ("undeclared".encode("utf_16_be"), "us-ascii", "undeclared"),
        (JAPANESE.encode("iso2022_jp"), None, JAPANESE),
        (JAPANESE.encode("iso2022_jp"), "us-ascii", JAPANESE),
        (JAPANESE.encode("iso2022_jp"), "utf-8", JAPANESE),
        (JAPANESE.encode("iso2022_jp"), "iso-8859-1", JAPANESE),
    ],
)
def test_a_declaration_that_lies_is_set_aside(octets: bytes, declared: str | None, text: str) -> None:
    assert decoded_text(octets, declared) == text


def test_vendor_characters_in_iso_2022_jp_are_read() -> None:
    assert decoded_text(b"\x1b$B-!|b\x1b(B abc \x1b(I1\x1b(B", "iso-2022-jp") == "①髙 abc ｱ"


def test_one_broken_character_does_not_spoil_the_others() -> None:
    assert decoded_text((KOREAN * 3).encode("cp949") + b"\xff\n", "euc-kr") == KOREAN * 3 + "\ufffd\n"


@pytest.mark.parametrize("ends", ["\r\n", "\r", "\n"])
def test_line_ends_become_line_feeds(ends: str) -> None:
    assert decoded_text(f"a{ends}b{ends}".encode(), "utf-8") == "a\nb\n"


@pytest.mark.parametrize(
    ("octets", "declared", "text"),
    [
        (b"\x1b[31mred\x1b[0m\x07", "us-ascii", "[31mred[0m"),
        (b"jo\x08hn@exa\x7fmple.com", None, "john@example.com"),
        (b"\x81\x8d-", "iso-8859-1", "-"),
        ("a\x9b\x80b\x85c".encode(), "utf-8", "ab\nc"),
        (b"one\x0btwo\x0cthree\tfour", "utf-8", "one\ntwo\x0cthree\tfour"),
        (JAPANESE.encode("iso2022_jp") + b"\x1b[2J", "iso-2022-jp", f"{JAPANESE}[2J"),
    ],
)
def test_control_characters_are_left_out_and_white_space_stays(octets: bytes, declared: str | None, text: str) -> None:
    """LEAK-29: nobody sees them, and any of them may stand inside an address. ESC counts where it shifts to Japanese."""
    assert decoded_text(octets, declared) == text


def test_nul_is_left_out_so_that_an_address_around_it_stays_one() -> None:
    """LEAK-55, CASE-56."""
    assert decoded_text(b"jo\0hn@example.com", "utf-8") == "john@example.com"


@pytest.mark.parametrize("declared", [None, "utf-8", "iso-8859-1", "gb18030"])
def test_nul_between_the_letters_of_an_address_does_not_make_a_page_wide(declared: str | None) -> None:
    """LEAK-55: wherever it stands, and however much of the text it is."""
    address = "marta.brandauer.touren@brandauer-bergreisen.example"
    torn = "\0".join(address).encode()
    page = "<p>The meeting point is the fountain.</p>"
    assert decoded_text(torn * 200 + page.encode(), declared) == address * 200 + page
    assert decoded_text(page.encode() + torn, declared) == page + address


@pytest.mark.parametrize(
    "name", ["punycode", "idna", "unicode_escape", "zlib", "hex", "rot13", "base64", "undefined", "../x", ""]
)
def test_codecs_that_are_no_charsets_cannot_be_had_by_name(name: str) -> None:
    assert codec_named(name) is None


def test_a_piece_of_a_header_is_not_second_guessed() -> None:
    assert decoded_octets(bytes.fromhex("6f225b57"), "utf-16be") == "漢字"


NAMES = [
    "utf-8",
    "utf-7",
    "utf-16",
    "utf-32",
    "iso-2022-jp",
    "gb18030",
    "hz",
    "big5",
    "euc-kr",
    "cp932",
    "ibm037",
    "koi8-r",
    None,
]


@given(st.binary(max_size=200), st.sampled_from(NAMES) | st.text(max_size=20))
def test_any_octets_become_text_that_can_be_written_as_utf_8(octets: bytes, declared: str | None) -> None:
    for text in (decoded_text(octets, declared), decoded_octets(octets, declared)):
        assert "\0" not in text
        text.encode("utf-8")


@pytest.mark.parametrize(
    ("declared", "written"),
    [
        ("ISO-8859-2", "iso-8859-2"),
        ("Windows-1250", "windows-1250"),
        ("x-sjis", "x-sjis"),
        ("utf-8; name=marco.bellini", None),
        ("marco.bellini-utf-8", None),
        ("no-such-charset", None),
        (None, None),
    ],
)
def test_only_names_of_charsets_are_written_again(declared: str | None, written: str | None) -> None:
    """GW-43: a text file without its charset shows other characters. LEAK-50: nothing else may stand in that place."""
    assert charset_name(declared) == written
