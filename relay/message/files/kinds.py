"""The kinds of file that can be cleaned: one row each, told by what the octets are. A declared type is not trusted (LEAK-60)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from relay.errors import Unreadable
from relay.message.files.cleaned import Cleaned, Cleaner, Tells
from relay.message.files.jpeg import clean_jpeg, is_jpeg

KINDS: Final[tuple[tuple[Callable[[bytes], bool], Cleaner], ...]] = ((is_jpeg, clean_jpeg),)
"""(is it of that kind, by its first octets; its cleaner). The first that says yes cleans the file."""


def cleaned(octets: bytes, tells: Tells) -> Cleaned:
    """`octets` without what software wrote into them about people (LEAK-60 to LEAK-63); cleaning that again changes nothing.

    The very same octets, and nothing taken, for a file that has nothing of the sort, for one of an unknown kind, and for a
    broken one: of that the second reading finds what can be found. Never raises.
    """
    cleaner = _cleaner_of(octets)
    if cleaner is None:
        return Cleaned(octets)
    try:
        after = cleaner(octets, tells)
    except Unreadable:
        return Cleaned(octets)
    return Cleaned(octets) if after.octets == octets else after


def is_known(octets: bytes) -> bool:
    """Whether these are the octets of a file that has a cleaner, however it is declared."""
    return _cleaner_of(octets) is not None


def _cleaner_of(octets: bytes) -> Cleaner | None:
    return next((cleaner for is_it, cleaner in KINDS if is_it(octets)), None)
