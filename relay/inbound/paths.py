"""What stands in MAIL and RCPT: a path and its parameters (RFC 5321 §4.1.2), read strictly and in linear time.

Two liberties, because real senders need them: a local part may have dots in a row or at its ends, and a domain may have
underscores. A source route is read and ignored (RFC 5321 appendix C, FAULT-24).
"""

from __future__ import annotations

import math
import re
import string
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from relay.values import address_octets_max, ascii_domain


def _these(ascii_allowed: str) -> str:
    """A character class: `ascii_allowed`, and all that lies beyond ASCII (RFC 6531 §3.3). Its negative form compiles fast."""
    return "[^" + "".join(rf"\x{code:02x}" for code in range(128) if chr(code) not in ascii_allowed) + "]"


_ALPHANUMERIC: Final = string.ascii_letters + string.digits
_EDGE: Final = _these(_ALPHANUMERIC + "_")
_INSIDE: Final = _these(_ALPHANUMERIC + "_-")
_LABEL: Final = rf"{_EDGE}(?:{_INSIDE}*{_EDGE})?"
_DOMAIN: Final = rf"{_LABEL}(?:\.{_LABEL})*"
_LOCAL: Final = _these(_ALPHANUMERIC + "!#$%&'*+/=?^_`{|}~.-") + "+"
_VISIBLE: Final = string.ascii_letters + string.digits + string.punctuation
_PLAIN: Final = _these(_VISIBLE.replace('"', "").replace("\\", "") + " ")
_QUOTED: Final = rf"(?:{_PLAIN}|\\[ -~])*"
_PATH: Final = re.compile(
    rf"""<(?:@{_DOMAIN}(?:,@{_DOMAIN})*:)?(?:(?P<local>{_LOCAL})|"(?P<quoted>{_QUOTED})")"""
    rf"""@(?:(?P<domain>{_DOMAIN})|(?P<literal>\[[A-Za-z0-9:.-]+\]))>"""
)
_KEYWORD: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]*")
_VALUE: Final = re.compile(_these(_VISIBLE.replace("=", "")) + "+")
_DIGITS: Final = re.compile(r"[0-9]{1,20}")


@dataclass(frozen=True, slots=True)
class Path:
    """A mailbox as given in the envelope. `local` is without quotes; `text` is the whole address as it was written."""

    text: str = field(repr=False)
    local: str = field(repr=False)
    domain: str = field(repr=False)
    """As A-labels in lower case; an address literal with its brackets."""

    @property
    def is_literal(self) -> bool:
        return self.domain.startswith("[")

    @property
    def points_elsewhere(self) -> bool:
        """Whether the local part asks to be relayed on, the way of UUCP or of the percent hack (FAULT-26)."""
        return any(sign in self.local for sign in "%!@")


Parameters = Mapping[str, str | None]
"""Keywords in upper case; values as they were written, None where there is no equals sign."""


def path_and_rest(text: str) -> tuple[Path, str] | None:
    """The path at the start of `text`, and what follows it; None when there is none (FAULT-23), or it is no UTF-8 (FAULT-20).

    Octets that are no UTF-8 stand in `text` as surrogates.
    """
    found = _PATH.match(text)
    if found is None:
        return None
    quoted, domain = found["quoted"], found["domain"]
    local: str = found["local"] if quoted is None else re.sub(r"\\(.)", r"\1", quoted)
    # The route is not part of the address: it starts after it.
    start = found.start("local") if quoted is None else found.start("quoted") - 1
    address = text[start : found.end() - 1]
    if _octets(address) > address_octets_max:
        return None
    return Path(address, local, found["literal"] if domain is None else ascii_domain(domain)), text[found.end() :]


def parameters(text: str) -> Parameters | None:
    """What follows a path, as keywords and values; None for a malformed or a repeated one (RFC 5321 §4.1.2, FAULT-16)."""
    if not text:
        return {}
    if text[0] != " ":
        return None
    read: dict[str, str | None] = {}
    for word in text.split():
        keyword, equals, value = word.partition("=")
        key = keyword.upper()
        if not _KEYWORD.fullmatch(keyword) or key in read or (equals and not _VALUE.fullmatch(value)):
            return None
        read[key] = value if equals else None
    return read


def declared_octets(value: str | None) -> int | None:
    """The figure of SIZE=figure (RFC 1870 §6.1); None when it is none."""
    return int(value) if value is not None and _DIGITS.fullmatch(value) else None


def _octets(address: str) -> float:
    """Its length on the wire; more than any when it cannot be written in UTF-8."""
    try:
        return len(address) if address.isascii() else len(address.encode())
    except UnicodeEncodeError:
        return math.inf
