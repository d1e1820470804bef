"""What the walk through a message hands to the search: octets, and where they stood."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum


class Context(Enum):
    """What kind of place it is: it decides what counts there."""

    HEADER = "header"
    """Header fields, parameters, names of files and of members of archives."""
    TEXT = "text"
    """What a person wrote, or a file of text: last names count as spelled, or in capitals."""
    METADATA = "metadata"
    """What software wrote about a person into a file."""
    OCTETS = "octets"
    """A file that is no text, as it is: addresses, domains and hosts in the clear, also with NULs between (UTF-16)."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Octets of one place. `path`: the encodings already taken off; `charset` as declared."""

    context: Context
    place: str
    octets: bytes = field(repr=False)
    path: tuple[str, ...] = ()
    charset: str | None = None


@dataclass(frozen=True, slots=True)
class Beyond:
    """A place that was not read to its end, because a bound was reached there."""

    place: str
