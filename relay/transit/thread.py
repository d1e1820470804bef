"""How a thread continues on the other side: each program knows its own ids, and never sees the other's (GW-41)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from relay.values import MsgId, Role


@dataclass(frozen=True, slots=True)
class ThreadIds:
    """The ids of a thread by the party in whose program they are to be used. Keys are in either side's form.

    For each role: what an id, known to the other side, is called there. What is not in the table is unknown and is dropped.
    """

    for_partner: Mapping[MsgId, MsgId] = field(repr=False)
    for_customer: Mapping[MsgId, MsgId] = field(repr=False)

    @classmethod
    def nothing(cls) -> ThreadIds:
        return cls({}, {})

    def mapped(self, ids: Sequence[MsgId], reader: Role) -> tuple[MsgId, ...]:
        """`ids` as `reader`'s program knows them, in their order, each once."""
        table = self.for_partner if reader is Role.PARTNER else self.for_customer
        return tuple(dict.fromkeys(table[one] for one in ids if one in table))
