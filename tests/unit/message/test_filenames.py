"""File names as they may cross (LEAK-51)."""

from __future__ import annotations

import pytest

from relay.message.filenames import crossing_file_name, file_name_characters_max


def masked(text: str) -> str:
    return text.replace("marco@bellini.example", "[address removed]").replace("bellini", "[name removed]")


def told(text: str) -> bool:
    return "bellini.example" in text


@pytest.mark.parametrize(
    ("written", "crossed"),
    [
        (None, None),
        ("voucher.pdf", "voucher.pdf"),
        ("C:\\Users\\marco\\Desktop\\voucher.pdf", "voucher.pdf"),
        ("/home/marco/voucher.pdf", "voucher.pdf"),
        ("bellini-voucher.pdf", "[name removed]-voucher.pdf"),
        ("marco@bellini.example", "[address removed]"),  # its ending is none
        ("marco@bellini.example.pdf", "[address removed].pdf"),
        ("photo@2x.png", "photo@2x.png"),
        ("zażółć gęślą.pdf", "zażółć gęślą.pdf"),
        ("a\r\nContent-Type: text/html\r\n.pdf", "html.pdf"),
        ("invoice\u202efdp.exe", "invoicefdp.exe"),
        ('a"b<c>.txt', "abc.txt"),
        ("   ", None),
        ("/", None),
    ],
)
def test_a_name_crosses_without_path_controls_and_identity(written: str | None, crossed: str | None) -> None:
    assert crossing_file_name(written, masked, told) == crossed


def test_a_long_name_keeps_its_ending() -> None:
    name = crossing_file_name("x" * 500 + ".pdf", masked, told)
    assert name is not None
    assert len(name) == file_name_characters_max
    assert name.endswith("xx.pdf")
