"""What cleaning a file comes to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum

Tells = Callable[[str], bool]
"""Whether a text holds an identifier of a party: an address, a name or a host that masking would take out of it."""


@dataclass(frozen=True, slots=True)
class Cleaned:
    """A file as it may cross. `taken` names what was taken out of it, in short words for people, and never what that said."""

    octets: bytes = field(repr=False)
    taken: tuple[str, ...] = ()


Cleaner = Callable[[bytes, Tells], Cleaned]
"""Cleans files of one kind, in time and memory linear in them. Raises Unreadable for one that is not what it begins like."""

Inside = Callable[[bytes], Cleaned]
"""Cleans a file that is inside another one, by the rules of its own kind."""

DocumentCleaner = Callable[[bytes, Tells, Inside], Cleaned]
"""A cleaner of files that have files in them."""


class DocumentMetadata(Enum):
    """When what a PDF says about people goes (the `document_metadata` setting, LEAK-61)."""

    IDENTIFYING = "identifying"
    """When any of it holds an identifier of a party; else the document keeps its octets."""
    ALWAYS = "always"
    """Whenever there is any."""
