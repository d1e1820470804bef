"""What is hashed of something that happened: nothing by which a person could be known, so that it stays when they are erased."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Final

from relay.record.tree import Hash, leaf_hash

_CANONICAL: Final = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)


@dataclass(frozen=True, slots=True)
class Leaf:
    """An entry of a timeline, as the record has it (AR-1).

    `at` counts microseconds since 1970-01-01 in UTC. `hash` is the entry's own, which covers its facts and the entry before it;
    of what was written and sent, the facts hold salted commitments. Raises ValueError for a hash that is none.
    """

    conversation: str
    entry: int
    at: int
    kind: str
    hash: bytes

    def __post_init__(self) -> None:
        if len(self.hash) != 32:
            raise ValueError("hash: 32 octets are needed")

    @property
    def octets(self) -> bytes:
        """As it is hashed: JSON that is written in one way only."""
        told = {
            "at": self.at,
            "conversation": self.conversation,
            "entry": self.entry,
            "hash": self.hash.hex(),
            "kind": self.kind,
        }
        return _CANONICAL.encode(told).encode("ascii")

    @property
    def leaf_hash(self) -> Hash:
        return leaf_hash(self.octets)
