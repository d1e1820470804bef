from __future__ import annotations

import pytest

from relay.lookup import is_name


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("example.com", True),
        ("_dmarc.example.com", True),
        ("a" * 63 + ".com", True),
        ("a" * 64 + ".com", False),
        (".".join(["a" * 49] * 5), True),
        (".".join(["a" * 50] * 5), False),
        ("", False),
        ("example..com", False),
        ("example.com.", False),
        ("exa\\mple.com", False),
        ("exämple.com", False),
        ("example\n.com", False),
    ],
)
def test_what_can_be_asked_for(text: str, expected: bool) -> None:
    """RFC 1035 §3.1, RFC 2181 §11."""
    assert is_name(text) is expected
