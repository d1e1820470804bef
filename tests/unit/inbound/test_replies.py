"""The replies of our sessions."""

from __future__ import annotations

import pytest

from relay.inbound import replies
from relay.policy.reply import Reply

EVERY = [value for value in vars(replies).values() if isinstance(value, Reply)]


@pytest.mark.parametrize("reply", EVERY, ids=lambda reply: reply.text)
def test_every_constant_fits_on_a_line_and_has_a_code_of_its_class(reply: Reply) -> None:
    """RFC 5321 §4.5.3.1.5, RFC 2034."""
    assert len(reply.line("x" * 26)) <= 512
    assert reply.enhanced.startswith(f"{reply.code // 100}.") or reply is replies.GO_AHEAD
    assert (reply.is_positive, reply.is_permanent) == (reply.code < 400, reply.code >= 500)
