"""The words everything else speaks: ids, addresses, roles, languages, intervals."""

from __future__ import annotations

import encodings.idna
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum
from typing import Final, NewType

Clock = Callable[[], datetime]
"""Tells the present instant, aware and in UTC. Edges are given one; the core is given its answer."""

Tell = Callable[[str, int, int], None]
"""Is told what a long command is doing, how much of that is done, and of how much."""

NewId = Callable[[], str]
"""Makes an id that was never used: 26 characters of Crockford's base 32 in lower case, growing with time."""

NewSecret = Callable[[], str]
"""Draws what nobody can guess, from a secure random source: at least 128 bits, in letters, digits, hyphen and underscore."""

ConversationId = NewType("ConversationId", str)
PartyId = NewType("PartyId", str)
MessageId = NewType("MessageId", str)
"""Our id of a message as received: in every SMTP reply, log line, notice and archive row. Not the Message-ID field."""
DeliveryId = NewType("DeliveryId", str)
NotificationId = NewType("NotificationId", str)
"""Of one mail about a booking, from the step that causes it on."""

MsgId = NewType("MsgId", str)
"""The content of a Message-ID field without its angle brackets (RFC 5322 §3.6.4)."""


class Role(Enum):
    """The two parties of a conversation."""

    PARTNER = "partner"
    CUSTOMER = "customer"

    @property
    def other(self) -> Role:
        return Role.CUSTOMER if self is Role.PARTNER else Role.PARTNER


class Language(Enum):
    """A language in which we write to people (ISO 639-1)."""

    EN = "en"
    FR = "fr"
    ES = "es"
    PL = "pl"
    DE = "de"
    IT = "it"


class NameShown(Enum):
    """How much of a party's name the other side sees (the `names` setting, GW-40)."""

    FIRST = "first"
    FULL = "full"
    NONE = "none"


_ADDRESS: Final = re.compile(r"[^\s@<>\"(),:;\[\]\\\x00-\x1f\x7f]+@[^\s@<>\"(),:;\\\x00-\x1f\x7f]+")
_DOTS_MEAN_NOTHING: Final = frozenset({"gmail.com", "googlemail.com"})
SELF_TEST_DOMAIN: Final = "self-test.invalid"
"""Below it lie the mailboxes of the self-test's parties, and nobody else's: `.invalid` will never exist (RFC 2606 §2)."""
address_octets_max: Final = 320
"""A local part of 64, an at sign, a domain of 255 (RFC 5321 §4.5.3.1)."""


@dataclass(frozen=True, slots=True)
class RealAddress:
    """Somebody's own mailbox. It prints masked; `reveal` is for the SMTP envelope, and easy to search for.

    Two are equal when they are written alike; `key` says whether they reach the same mailbox (GW-5).
    Raises ValueError for what is no address.
    """

    _text: str = field(repr=False)

    def __post_init__(self) -> None:
        if len(self._text.encode("utf-8", "replace")) > address_octets_max or not _ADDRESS.fullmatch(self._text):
            raise ValueError("not a mail address")

    def __str__(self) -> str:
        return "<real address>"

    def reveal(self) -> str:
        return self._text

    @property
    def domain(self) -> str:
        """The domain in its ASCII form."""
        return ascii_domain(self._text.rpartition("@")[2])

    @property
    def key(self) -> str:
        """The mailbox behind the spelling: no case, no `+tag`, no dots at Gmail, domain in its ASCII form (GW-5)."""
        local, _, domain = self._text.rpartition("@")
        local, domain = local.lower(), ascii_domain(domain)
        local = local.split("+", 1)[0] or local
        if domain in _DOTS_MEAN_NOTHING:
            return f"{local.replace('.', '')}@gmail.com"
        return f"{local}@{domain}"

    @property
    def is_of_self_test(self) -> bool:
        """Whether it is a mailbox of the self-test, which exists on no machine but this one."""
        return f".{self.domain}".endswith(f".{SELF_TEST_DOMAIN}")


_LABEL_ENDS: Final = re.compile("[.\u3002\uff0e\uff61]")
_DEVIATIONS: Final = re.compile("([ß\u03c2\u200c\u200d])")
"""Sharp s, final sigma, and the two that join letters or part them (UTS #46 §4)."""
label_octets_max: Final = 63
"""Of a part of a domain, as an A-label (RFC 1035 §2.3.4)."""


def ascii_domain(domain: str) -> str:
    """A domain as DNS carries it: lower case, A-labels (RFC 5890), no trailing dot; unchanged where IDNA refuses it.

    What IDNA of 2003 made another letter of, or nothing, stays what it is (UTS #46 §4, without the transitional processing that
    nobody does any more): `straße.example` and `strasse.example` are two people's.
    """
    bare = domain.rstrip(".").lower()
    if bare.isascii():
        return bare
    try:
        return ".".join(map(_a_label, _LABEL_ENDS.split(domain.rstrip("."))))
    except UnicodeError:
        return bare


def _a_label(label: str) -> str:
    """Raises UnicodeError where there is none."""
    pieces = _DEVIATIONS.split(label.replace("ẞ", "ß"))
    prepared = "".join(one if _DEVIATIONS.fullmatch(one) else encodings.idna.nameprep(one) for one in pieces)
    if not _DEVIATIONS.search(prepared):
        return encodings.idna.ToASCII(prepared).decode("ascii")
    a_label = f"xn--{prepared.encode('punycode').decode('ascii')}"
    if len(a_label) > label_octets_max:
        raise UnicodeError("a label is too long")
    return a_label


@dataclass(frozen=True, slots=True)
class Alias:
    """The address on the reply domain at which a party is reached; it belongs to that party (GW-1). Lower case."""

    local: str
    domain: str

    def __str__(self) -> str:
        return f"{self.local}@{self.domain}"


@dataclass(frozen=True, slots=True)
class Rate:
    """At most `count` in any length of time `span`."""

    count: int
    span: timedelta


@dataclass(frozen=True, slots=True)
class Window:
    """When the parties may write: half-open, [opens_at, closes_at), both in UTC (GW-3).

    `opens_at` is None until the booking is confirmed.
    """

    opens_at: datetime | None
    closes_at: datetime
