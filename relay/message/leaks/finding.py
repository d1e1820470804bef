"""What the second reading reports: a kind, a place and a layer, never the thing itself."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What was found."""

    ADDRESS = "address"
    DOMAIN = "domain"
    """The party's own domain, without the address before it."""
    WORD = "word"
    """A last name, or the name of a company."""
    HOST = "host"
    """A machine of the party: its name or its IP address."""
    UNREADABLE = "unreadable"
    """A bound was exceeded where something could hide."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that must not cross. Fit for logs and operators: neither field holds anything from the message.

    `place` is for people ("part 2 text/html", "nested message 1 header From"); `layer` names the encodings that were
    taken off, the outermost first ("base64 > percent"), or is "raw".
    """

    kind: Kind
    place: str
    layer: str
