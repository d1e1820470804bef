"""An SMTP reply is one line."""

from __future__ import annotations

import pytest

from relay.policy.reply import Reply


def test_a_reply_is_code_enhanced_code_text_and_trace() -> None:
    assert Reply(250, "2.6.0", "Accepted").line("01h") == b"250 2.6.0 Accepted [01h]\r\n"
    assert Reply(354, "", "Go on").line() == b"354 Go on\r\n"


@pytest.mark.parametrize(
    ("code", "enhanced", "text"),
    [
        (99, "", "x"),
        (600, "", "x"),
        (250, "5.0.0", "x"),
        (250, "2.0.0", "two\r\nlines"),
        (250, "2.0.0", "grün"),
        (250, "2.0.0", "\0"),
        (250, "2.0.0", "x" * 401),
    ],
)
def test_what_is_no_line_of_ascii_is_no_reply(code: int, enhanced: str, text: str) -> None:
    with pytest.raises(ValueError, match="SMTP reply"):
        Reply(code, enhanced, text)
