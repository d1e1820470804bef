"""Where large octets are kept when the database is not to hold them: objects under keys of ours, written once, never changed.

The order is what makes it safe: an object is there before the row that names it is committed, and is removed only when no row
names it (FAULT section 2). What a crash leaves behind is an object that nobody names: see `orphans`.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol

KEY: Final = re.compile(r"blobs/[0-9A-Za-z.]{1,80}-[0-9a-f]{16}")
"""What a key of ours looks like. Nothing else is ever removed, whatever lies in the same bucket."""


@dataclass(frozen=True, slots=True)
class Stored:
    """An object. `at`: when it was written, in UTC."""

    key: str
    at: datetime


class Objects(Protocol):
    """An object store. Every method raises Unavailable for "later", within a bounded time; may be called from any thread."""

    def put(self, key: str, octets: bytes) -> None:
        """Keep `octets`. When this returns they are durable."""
        ...

    def get(self, key: str) -> bytes | None:
        """What is kept under `key`; None when there is nothing."""
        ...

    def stored(self) -> Iterator[Stored]:
        """Everything whose key could be ours."""
        ...

    def remove(self, keys: Collection[str]) -> None:
        """Forget these; what is not there is no matter."""
        ...


def new_key(name: str) -> str:
    """A key for the octets of the blob `name` that was never used before: so nothing is ever written in the place of another."""
    return f"blobs/{name}-{secrets.token_hex(8)}"
