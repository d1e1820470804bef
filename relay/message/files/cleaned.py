"""What cleaning a file comes to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

Tells = Callable[[str], bool]
"""Whether a text holds an identifier of a party: an address, a name or a host that masking would take out of it."""


@dataclass(frozen=True, slots=True)
class Cleaned:
    """A file as it may cross. `taken` names what was taken out of it, in short words for people, and never what that said."""

    octets: bytes = field(repr=False)
    taken: tuple[str, ...] = ()


Cleaner = Callable[[bytes, Tells], Cleaned]
"""Cleans files of one kind, in time and memory linear in them. Raises Unreadable for one that is not what it begins like."""
