"""Replies as they cross the wire."""

from __future__ import annotations

import pytest

from relay.inbound import replies
from relay.inbound.replies import Reply

EVERY = [value for value in vars(replies).values() if isinstance(value, Reply)]


def test_a_reply_is_code_enhanced_code_text_and_trace() -> None:
    assert Reply(250, "2.6.0", "Accepted").line("01h") == b"250 2.6.0 Accepted [01h]\r\n"
    assert replies.GO_AHEAD.line() == b"354 End data with <CR><LF>.<CR><LF>\r\n"


@pytest.mark.parametrize("reply", EVERY, ids=lambda reply: reply.text)
def test_every_constant_fits_on_a_line_and_has_a_code_of_its_class(reply: Reply) -> None:
    """RFC 5321 §4.5.3.1.5, RFC 2034."""
    assert len(reply.line("x" * 26)) <= 512
    assert reply.enhanced.startswith(f"{reply.code // 100}.") or reply is replies.GO_AHEAD
    assert (reply.is_positive, reply.is_permanent) == (reply.code < 400, reply.code >= 500)


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
