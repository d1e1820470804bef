"""Which messages were put off, and since when (GW-27)."""

from __future__ import annotations

from collections import OrderedDict
from datetime import datetime
from typing import Final

deferrals_max: Final = 10_000


class Deferrals:
    """When each message that was put off came for the first time, by its fingerprint; the last `deferrals_max` of them.

    One process remembers for itself, and forgets when it ends: whoever is put off again by another is told that much later.
    """

    __slots__ = ("_first",)

    def __init__(self) -> None:
        self._first: OrderedDict[bytes, datetime] = OrderedDict()

    def since(self, fingerprint: bytes) -> datetime | None:
        return self._first.get(fingerprint)

    def note(self, fingerprint: bytes, at: datetime) -> None:
        """It is put off at `at`; what counts is the first time."""
        self._first.setdefault(fingerprint, at)
        self._first.move_to_end(fingerprint)
        if len(self._first) > deferrals_max:
            self._first.popitem(last=False)
