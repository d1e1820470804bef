from __future__ import annotations

import dns.name
import pytest

from relay.lookup import is_name


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("example.com", True),
        ("_dmarc.xn--w-uga1v8h.example", True),
        ("com", True),
        ("JUMPIN' JUPITER", True),
        ("foo:bar/baz.[1.2]", True),
        ("a" * 63 + ".com", True),
        ("a" * 64 + ".com", False),
        ("a." * 126 + "a", True),
        ("a." * 126 + "aa", False),
        ("", False),
        (".", False),
        ("example.com.", False),
        (".example.com", False),
        ("a..b", False),
        ("a\\.b", False),
        ("a\x00b", False),
        ("a\nb", False),
        ("a.b\n", False),
        ("żółw.example", False),
    ],
)
def test_a_name_is_what_can_be_asked_for(text: str, expected: bool) -> None:
    assert is_name(text) is expected
    if expected:  # and it is asked for as it is written
        assert dns.name.from_text(text).labels == (*(label.encode() for label in text.split(".")), b"")
