"""Mail to a role address, handed on to an operator as it came (GW-8, RFC 2142)."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from datetime import datetime

from relay.correspondence.house import House
from relay.correspondence.letter import Part, date, letter, mailbox, multipart, text_part, unstructured
from relay.values import MessageId, MsgId, RealAddress


def forwarded(
    content: bytes,
    *,
    roles: Sequence[str],
    operator: RealAddress,
    message: MessageId,
    house: House,
    now: datetime,
    message_id: MsgId,
) -> bytes:
    """A complete, unsigned mail to `operator` with `content`, the message as received, attached octet by octet.

    It goes as a file and not as message/rfc822, because nothing may be encoded inside that (RFC 2046 §5.2.1), and what strangers
    send need not be seven bits.
    """
    to = ", ".join(f"{role}@{house.domain}" for role in roles)
    lines = base64.encodebytes(content).replace(b"\n", b"\r\n")
    attached = Part('application/octet-stream; name="message.eml"', lines, "base64")
    body = multipart(
        "mixed",
        (text_part("plain", f"Mail to {to} is attached as it came.\n\nMessage id: {message}\n"), attached),
        message_id,
    )
    fields = (
        ("From", mailbox(house.brand, house.noreply)),
        ("To", mailbox("", operator.reveal())),
        ("Subject", unstructured("Subject", f"Mail to {to}")),
        ("Date", date(now)),
        ("Message-ID", f"<{message_id}>"),
        ("Auto-Submitted", "auto-generated"),
    )
    return letter(fields, body)
