"""What arrived in one SMTP transaction: the envelope (RFC 5321 §2.3.1) and the octets."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from relay.transit.evidence import Evidence
from relay.values import Alias, MessageId


@dataclass(frozen=True, slots=True)
class Envelope:
    """One message as received, before anybody looked into it.

    `content` has CRLF line ends, no NUL, and the dots unstuffed. `return_path` is the reverse-path as given, empty for `<>`.
    `aliases` are the distinct recipients at existing aliases, in the order given. `evidence` is what speaks for its author; None
    where nobody looked for any.
    """

    id: MessageId
    received_at: datetime
    return_path: str = field(repr=False)
    aliases: tuple[Alias, ...]
    content: bytes = field(repr=False)
    client_ip: str = field(repr=False)
    helo: str = field(repr=False)
    tls: bool = False
    smtputf8: bool = False
    evidence: Evidence | None = field(default=None, repr=False)
